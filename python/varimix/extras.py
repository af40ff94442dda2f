"""Packages that only some need: an absent one is an error that names the extra which brings it."""

import importlib
import sys


def require_extra(package: str, extra: str, what: str) -> None:
    """Import ``package``, which ``what`` needs and ``pip install 'varimix[extra]'`` brings.

    Raises
    ------
    ImportError
        If the package is not installed; the message names the extra. An error inside a package
        that is installed passes through as it is.
    """
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        text = f"{what} needs the package {package}: pip install 'varimix[{extra}]'"
        raise ImportError(text, name=package) from error


def is_a(value: object, module: str, name: str) -> bool:
    """Return whether ``value`` is of a class, without importing a module that nobody imported."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(value, kind)
