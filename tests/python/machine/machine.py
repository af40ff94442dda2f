"""The machine with all its steps."""

import inspect

from hypothesis.stateful import Rule

from machine.claims import ONLY, SKIPPED
from machine.fitting import Fitting


class Machine(Fitting):
    """Makes random sequences of calls over the public surface."""


def steps() -> list[str]:
    """Return the names of all steps but the first."""
    marks = (
        (name, vars(step).values())
        for name, step in inspect.getmembers(Machine, inspect.isfunction)
        if name != "begin"
    )
    return [name for name, values in marks if any(isinstance(value, Rule) for value in values)]


for _name in steps():
    if _name in SKIPPED or (ONLY and _name not in ONLY):
        setattr(Machine, _name, None)
