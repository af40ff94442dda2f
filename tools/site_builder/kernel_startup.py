"""Every page that is executed runs in a folder of its own, which has the project's data/ in it."""

import atexit
import os
import tempfile
from pathlib import Path

import numpy as np

_folder = tempfile.TemporaryDirectory()
atexit.register(_folder.cleanup)
(Path(_folder.name) / "data").symlink_to(os.environ["VARIMIX_DATA"])
os.chdir(_folder.name)
np.set_printoptions(precision=4, suppress=True)
