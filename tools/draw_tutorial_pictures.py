#!/usr/bin/env python3
"""Draw the pictures of docs/tutorials/pictures.md, by the code of that page, into docs/pictures/.

Run from the project's virtual environment, with varimix installed. tests/python/test_documents.py
runs the same code and compares.
"""

import os
import re
from pathlib import Path

import matplotlib

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/tutorials/pictures.md"

if __name__ == "__main__":
    matplotlib.use("Agg")
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    os.chdir(ROOT / "docs/pictures")
    exec(compile("\n".join(blocks), str(PAGE), "exec"), {})
