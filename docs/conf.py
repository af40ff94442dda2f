"""The configuration of the documentation, which ./scripts/docs builds."""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from site_builder.stub import import_with_stub  # noqa: E402

import_with_stub()

project = "varimix"
author = "The varimix authors"
copyright = "The varimix authors, BSD-3-Clause"
release = re.search(r"project\(varimix VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "breathe",
    "site_builder.markdown_twins",
    "site_builder.cpp_headers",
    "site_builder.docstrings",
]
smartquotes = False  # quotes belong to code: missing="exact"
html_theme = "furo"
html_title = f"varimix {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False  # every page has a twin

# ---- Pages ----
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 600
nb_merge_streams = True
nb_mime_priority_overrides = [
    (builder, mime, priority)
    for builder in ("markdown", "linkcheck")
    for priority, mime in enumerate(("image/png", "text/plain"))
]
# Outputs belong to the code of varimix and to the data as well as to that of the page.
nb_execution_cache_path = os.environ["VARIMIX_EXECUTED_PAGES"]

# ---- Reference ----
autodoc_default_options = {"members": True, "undoc-members": True, "member-order": "groupwise"}
toc_object_entries_show_parents = "hide"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
breathe_projects = {"varimix": str(ROOT / "build/docs/doxygen/xml")}
breathe_default_project = "varimix"
breathe_show_include = False

# Names of C++ are links where they are known; concepts, macros and Eigen's are not. Nor are names
# of other packages, of type variables and private types, and words that describe a parameter.
# Overloads name a class by the module in which it is compiled.
nitpick_ignore_regex = [
    ("py:class", r"varimix\._varimix\..*"),
    ("cpp:identifier", r".*"),
    ("py:class", r"(numpy|np|pyarrow|pa|da|matplotlib|collections|datetime|os|pathlib|typing)\..*"),
    ("py:class", r"(.*\.)?(AnyModel|AnyRows|Law|Label|Source|Axes|Client|Path|RandomState|Value)"),
    ("py:class", r"[a-z ]+"),
]
