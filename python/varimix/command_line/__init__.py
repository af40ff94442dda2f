"""The command ``varimix``; needs typer and cbor2, which ``pip install 'varimix[cli]'`` brings."""

import os
import sys
from importlib.util import find_spec

INTERRUPTED = 130
NEEDED = ("typer", "cbor2")


def main() -> None:
    """Run the command line, and leave the process with its exit code (docs/command_line.md)."""
    for package in NEEDED:
        if find_spec(package) is None:
            print(
                f"varimix: the command line needs {package}, which is not installed: "
                "pip install 'varimix[cli]'",
                file=sys.stderr,
            )
            sys.exit(1)
    try:
        from varimix.command_line.app import run

        code = run()
    except KeyboardInterrupt:  # before a command has begun, or as it ends
        code = INTERRUPTED
    if code == INTERRUPTED:
        # A thread of pyarrow may wait for a silent pipe; the end of the interpreter would abort it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
