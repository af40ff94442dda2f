"""The machine: all its steps."""

from machine.fitting import Fitting


class Machine(Fitting):
    """Random sequences of calls over the public surface."""

    calls = 0
