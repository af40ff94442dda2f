"""The machine: all its steps."""

from machine.updating import Updating


class Machine(Updating):
    """Random sequences of calls over the public surface."""

    calls = 0
