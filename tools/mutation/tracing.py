"""A pytest plugin: writes into the trace which test begins, and how it ended in how long."""

import ctypes
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

import varimix
from varimix import _mutation

(EXTENSION,) = Path(varimix.__file__).parent.glob("_varimix*.so")
LIBRARY = ctypes.CDLL(str(EXTENSION))


def _seconds() -> float:
    """Return processor time, of child processes too."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _write(line: str) -> None:
    if _mutation.TRACE is not None:
        with open(_mutation.TRACE, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Mark off what a test and its fixtures reach."""
    _mutation.REACHED.clear()
    LIBRARY.varimix_mutation_next_test()
    start = _seconds()
    _write(f"> {item.nodeid}")
    yield
    _write(f"< {_seconds() - start}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Mark what does not pass even without a mutant."""
    if report.outcome != "passed":
        _write(f"! {report.outcome}")
