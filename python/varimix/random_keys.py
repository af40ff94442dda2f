"""Keys of random draws from what users of numpy and scikit-learn give."""

from numbers import Integral
from typing import TypeAlias

import numpy as np

RandomState: TypeAlias = int | np.random.Generator | np.random.RandomState | None
SEED_END = 2**64  # varimix's keys are below it
DRAWN_KEY_END = 2**63 - 1  # what both of numpy's generators can draw below


def check_random_state(random_state: object) -> None:
    """Raise unless ``random_state`` is None, an integer, or a generator of numpy; draw nothing."""
    if random_state is None or isinstance(
        random_state, np.random.Generator | np.random.RandomState
    ):
        return
    if isinstance(random_state, bool | np.bool_) or not isinstance(random_state, Integral):
        raise TypeError(
            "random_state must be an integer, a numpy.random.Generator or RandomState, or None, "
            f"got {random_state!r}"
        )
    if not 0 <= int(random_state) < SEED_END:
        raise ValueError(f"random_state must be >= 0 and below 2^64, got {random_state!r}")


def key_of(random_state: RandomState) -> int:
    """Return the key of random draws: an integer itself, one drawn from a generator.

    None is fresh randomness of the operating system at every call.
    """
    check_random_state(random_state)
    if random_state is None:
        return int(np.random.default_rng().integers(DRAWN_KEY_END))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(DRAWN_KEY_END))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(DRAWN_KEY_END, dtype=np.int64))
    return int(random_state)
