"""Which mutant this process runs, and which it comes by; of the instrumented copy."""

import os

CHOSEN = int(os.environ.get("VARIMIX_MUTANT", "0"))
TRACE = os.environ.get("VARIMIX_MUTANT_TRACE")
REACHED: set[int] = set()  # by the test that is running


def is_chosen(number: int) -> bool:
    """Whether the mutant of this number is the one; notes that it was reached."""
    if TRACE is not None and number not in REACHED:
        REACHED.add(number)
        with open(TRACE, "a", encoding="ascii") as file:
            file.write(f"{number}\n")
    return number == CHOSEN
