"""The documentation names all of varimix, and its checker sees what is broken."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import varimix
import varimix.distributed

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"

sys.path.insert(0, str(ROOT / "tools"))

from site_builder.check_site import broken_links, missing_twins  # noqa: E402
from site_builder.doxygen_xml import prepare  # noqa: E402


@pytest.mark.parametrize("module", [varimix, varimix.distributed], ids=lambda of: of.__name__)
def test_the_reference_describes_every_public_name_once(module: ModuleType) -> None:
    directive = re.compile(r"^\.\. auto(?:class|function|exception|data):: (\w+)$", re.MULTILINE)
    of_module = re.compile(rf"^\.\. currentmodule:: {re.escape(module.__name__)}$", re.MULTILINE)
    pages = [page.read_text() for page in REFERENCE.glob("*.rst")]
    named = [name for page in pages if of_module.search(page) for name in directive.findall(page)]
    assert sorted(named) == sorted(module.__all__)


def test_every_layer_of_headers_has_its_page() -> None:
    layers = {path.name for path in (ROOT / "include" / "varimix").iterdir() if path.is_dir()}
    assert {page.stem for page in (REFERENCE / "cpp").glob("*.rst")} == layers
    for layer in layers:
        page = (REFERENCE / "cpp" / f"{layer}.rst").read_text()
        assert f".. cpp-headers:: {layer}\n" in page


def test_every_page_is_in_the_tree_of_contents() -> None:
    entries = set()
    for page in (ROOT / "docs").glob("*.md"):
        for tree in re.findall(r"^```{toctree}\n(.*?)^```", page.read_text(), re.M | re.S):
            entries |= {line for line in tree.splitlines() if line and line[0] != ":"}
    listed = {
        path.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for entry in entries
        for suffix in (".md", ".rst")
        for path in (ROOT / "docs").glob(entry + suffix)
    }
    pages = {
        path.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for suffix in ("md", "rst")
        for path in (ROOT / "docs").rglob(f"*.{suffix}")
    }
    assert pages - listed == {"index"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "a.html").write_text('<a href="b.html#there">b</a> <a href="https://x.y/z">z</a>')
    (tmp_path / "b.html").write_text('<p id="there">b</p> <a href="#there">up</a>')
    (tmp_path / "a.md").write_text("[b](b.md#there)\n```text\n[no](link)\n```\n")
    (tmp_path / "b.md").write_text("[z](https://x.y/z)\n")
    return tmp_path


def test_a_sound_site_has_no_faults(site: Path) -> None:
    assert [*broken_links(site), *missing_twins(site)] == []


def test_links_to_no_file_and_to_no_place_are_named(site: Path) -> None:
    (site / "b.html").write_text('<a href="c.html">c</a> <img src="d.png">')
    assert list(broken_links(site)) == [
        "a.html: no place b.html#there",
        "b.html: no file c.html",
        "b.html: no file d.png",
    ]


def test_a_page_without_a_twin_and_a_twins_broken_link_are_named(site: Path) -> None:
    (site / "a.md").unlink()
    (site / "b.md").write_text("[c](c.md)")
    assert list(missing_twins(site)) == ["a.html has no twin in Markdown", "b.md: no file c.md"]


INDEX = """<doxygenindex><compound refid="missing_8hpp" kind="file"><name>missing.hpp</name>
</compound></doxygenindex>"""
HEADER = """<doxygen><compounddef kind="file"><innernamespace>lib</innernamespace>
<location file="include/core/missing.hpp"/></compounddef></doxygen>"""
NAMESPACE = """<doxygen><compounddef kind="namespace"><compoundname>lib</compoundname>
<sectiondef kind="func">
<memberdef kind="function"><type>int</type><name>f</name>
<location file="include/core/missing.hpp"/></memberdef>
<memberdef kind="function"><type>template int</type><name>f</name>
<location file="include/core/missing.hpp"/></memberdef>
</sectiondef></compounddef></doxygen>"""


def test_a_header_holds_its_own_declarations_with_full_names(tmp_path: Path) -> None:
    (tmp_path / "index.xml").write_text(INDEX)
    (tmp_path / "missing_8hpp.xml").write_text(HEADER)
    (tmp_path / "namespacelib.xml").write_text(NAMESPACE)
    prepare(tmp_path)
    assert "<name>include/core/missing.hpp</name>" in (tmp_path / "index.xml").read_text()
    header = (tmp_path / "missing_8hpp.xml").read_text()
    assert header.count("<name>lib::f</name>") == 1  # its explicit instantiation declares nothing
    assert "innernamespace" not in header
