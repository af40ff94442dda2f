"""Every page that is executed runs in a folder of its own, which has the project's data in it."""

import atexit
import os
import tempfile
from pathlib import Path

import numpy as np

_folder = tempfile.TemporaryDirectory()
atexit.register(_folder.cleanup)
for _name in ("data", "tests/data"):
    _link = Path(_folder.name, _name)
    _link.parent.mkdir(exist_ok=True)
    _link.symlink_to(Path(os.environ["VARIMIX_ROOT"], _name))
os.chdir(_folder.name)
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # pictures go into the page
np.set_printoptions(precision=4, suppress=True)
