"""Progress is shown on a terminal to those who ask for it, and nowhere else."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from varimix.progress import progress_bar, rows_bar

# The child takes enough steps for several reports of progress, which are at least 50 ms apart.
CHILD = """
import sys
from varimix import IncrementalEMFitter, NormalInverseGaussian

X = NormalInverseGaussian.from_classical([0], [0.4], [[1]], 1.0, 1.5).rvs(1000, seed=0)
init = NormalInverseGaussian.default_init(X)
result = IncrementalEMFitter(batch_size=500, max_steps=10_000, verbose=VERBOSE).fit(init, X, key=0)
sys.exit(0 if result.n_iter == 10_000 else 1)
"""

# A terminal gets these sequences beside text: colours, cursor movements.
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def environment() -> dict[str, str]:
    return {**os.environ, "TERM": "xterm", "COLUMNS": "80", "PYTHONWARNINGS": "error"}


def chunks(descriptor: int) -> Iterator[bytes]:
    """Yield all that is written to a pseudo-terminal until its other end is closed."""
    while True:
        try:
            data = os.read(descriptor, 65536)
        except OSError:  # EIO, by which Linux says that the other end was closed
            return
        if not data:
            return
        yield data


def run_on_terminal(verbose: int, child: str = CHILD) -> tuple[str, str]:
    """Return a child's standard output, which is a pipe, and standard error, a terminal."""
    try:
        master, slave = os.openpty()
    except OSError as reason:  # this root has no /dev/pts
        pytest.skip(f"this machine gives no pseudo-terminal: {reason}")
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", child.replace("VERBOSE", str(verbose))],
            stdout=subprocess.PIPE,
            stderr=slave,
            env=environment(),
        )
    finally:
        os.close(slave)
    try:
        error = b"".join(chunks(master)).decode()
        out, _ = process.communicate()
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert process.returncode == 0, error
    return out.decode(), error


def test_verbose_shows_progress_on_a_terminal() -> None:
    out, error = run_on_terminal(verbose=1)
    text = ESCAPE.sub("", error)
    assert out == ""
    assert "incremental EM" in text
    percentages = [int(p) for p in re.findall(r"(\d+)%", text)]
    assert percentages == sorted(percentages)
    assert any(0 < p < 100 for p in percentages), text


def test_without_verbose_a_terminal_stays_silent() -> None:
    assert run_on_terminal(verbose=0) == ("", "")


@pytest.mark.parametrize("verbose", [0, 1])
def test_a_pipe_stays_silent(verbose: int) -> None:
    result = subprocess.run(
        [sys.executable, "-c", CHILD.replace("VERBOSE", str(verbose))],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_what_is_not_shown_has_no_callback() -> None:
    with progress_bar("work", 3, shown=False) as progress:
        assert progress is None


def test_rows_that_are_not_shown_have_no_callback() -> None:
    with rows_bar("work", lambda: 1, shown=False) as bar:
        assert bar is None


# IPython's shell of a notebook, here one that is derived from it, and its display.
NOTEBOOK = """
import builtins, sys, types
class ZMQInteractiveShell: pass
class Shell(ZMQInteractiveShell): pass
builtins.get_ipython = Shell
shown = []
class Handle:
    def update(self, what, raw): shown.append(what["text/plain"])
def display(what, raw, display_id):
    shown.append(what["text/plain"])
    return Handle()
sys.modules["IPython"] = types.ModuleType("IPython")
sys.modules["IPython.display"] = types.ModuleType("IPython.display")
sys.modules["IPython.display"].display = display
sys.modules["rich"] = None  # a notebook needs it not
from varimix.progress import progress_bar, rows_bar
with rows_bar("learning", lambda: 200, shown=True) as bar:
    bar(100, 0, -1.5)
    bar(200, 0, -1.25)
with progress_bar("work", 4, shown=True) as bar:
    bar(1)
print(*shown, sep=chr(10))
"""


def test_a_notebook_shows_rows() -> None:
    result = subprocess.run(
        [sys.executable, "-c", NOTEBOOK], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    half, whole, work = result.stdout.splitlines()
    assert re.fullmatch(r"learning: 50%, 100 rows, \S+ rows/s, log score -1.5000, \S+ s left", half)
    assert re.fullmatch(r"learning: 100%, 200 rows, \S+ rows/s, log score -1.2500, 0 s left", whole)
    assert work == "work: 25%"


ROWS_CHILD = """
import numpy as np
from varimix import NormalInverseGaussian, OnlineEM, fit_stream

X = np.random.default_rng(0).standard_t(5, size=(12_000, 1))
init = NormalInverseGaussian.default_init(X)
fit_stream(OnlineEM(init), X, batch_size=1, verbose=VERBOSE)
fit_stream(OnlineEM(init), iter([X]), batch_size=1, verbose=VERBOSE)
"""


def test_a_stream_shows_rows_and_a_percentage_where_their_number_is_known() -> None:
    out, error = run_on_terminal(verbose=1, child=ROWS_CHILD)
    lines = [line for line in re.split(r"[\r\n]+", ESCAPE.sub("", error)) if "rows/s" in line]
    known = [line for line in lines if "%" in line]
    assert out == ""
    assert 0 < len(known) < len(lines), error
    for line in lines:
        assert re.search(r"[\d,]+ rows, \S+ rows/s, log score -\d\.\d{4}", line), line


def test_a_stream_stays_silent_without_verbose() -> None:
    assert run_on_terminal(verbose=0, child=ROWS_CHILD) == ("", "")
