"""Optional packages: an absent one is an error that names the extra which brings it."""

import importlib


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
