"""Named claims that the machine tests on the library, and the exceptions that are documented."""

import os
import traceback
from collections.abc import Callable
from typing import Any

import varimix as vx


def _listed(variable: str) -> frozenset[str]:
    return frozenset(filter(None, os.environ.get(variable, "").split(",")))


SKIPPED = _listed("VARIMIX_MACHINE_SKIP")
ONLY = _listed("VARIMIX_MACHINE_ONLY")

DOCUMENTED = (ValueError, TypeError, vx.CheckpointError, OSError)


class BrokenClaimError(AssertionError):
    """The library did what it says it does not do."""


class DeliberateError(Exception):
    """Raised by the machine's own rules, callbacks and iterators."""


def claim(name: str, holds: Any, detail: object = "") -> None:
    """Fail, naming the claim, unless it holds. ``detail`` may be a function without arguments."""
    if holds or name in SKIPPED:
        return
    raise BrokenClaimError(f"{name}: {detail() if callable(detail) else detail}")


def kept(names: Any) -> list[Any]:
    """Return the names that are not to be left out."""
    return [name for name in names if name not in SKIPPED]


class Refused:
    """The result of a call that raised a documented exception."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def attempt(
    call: Callable[[], Any], *, valid: bool | None, allowed: tuple[type[BaseException], ...] = ()
) -> Any:
    """Make the call; return its value, or Refused if it raised what is documented.

    ``valid`` tells whether it is to succeed; it is None where the documents leave that open. The
    machine itself raises exceptions of ``allowed``, which may come whatever ``valid`` says.
    """
    try:
        value = call()
    except allowed as error:
        return Refused(error)
    except DOCUMENTED as error:
        claim("valid_input_is_taken", valid is not True, _described(error))
        return Refused(error)
    except Exception as error:
        claim("only_documented_exceptions", False, _described(error))
        return Refused(error)
    claim("bad_input_is_refused", valid is not False, lambda: f"got {value!r}")
    return value


def _described(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} (in {frame.name})"
