"""Keys of random draws from what users of numpy and scikit-learn give."""

from numbers import Integral
from typing import TypeAlias

import numpy as np

RandomState: TypeAlias = int | np.random.Generator | np.random.RandomState | None
SEED_END = 2**64  # varimix's keys are below it
DRAWN_KEY_END = 2**63 - 1  # what both of numpy's generators can draw below


def check_seed(
    seed: object, name: str, generators: tuple[type, ...], end: int | None = None
) -> None:
    """Raise unless ``seed`` is None, an integer >= 0 and below ``end``, or one of the generators.

    It draws nothing.

    Raises
    ------
    TypeError
        For anything else, booleans included. ValueError for another integer.
    """
    if seed is None or isinstance(seed, generators):
        return
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, Integral):
        kinds = " or ".join(["numpy.random.Generator", *(g.__name__ for g in generators[1:])])
        raise TypeError(f"{name} must be an integer, a {kinds}, or None, got {seed!r}")
    if int(seed) < 0 or (end is not None and int(seed) >= end):
        below = "" if end is None else f" and below 2^{end.bit_length() - 1}"
        raise ValueError(f"{name} must be >= 0{below}, got {seed!r}")


def check_random_state(random_state: object) -> None:
    """Raise unless ``random_state`` is a seed as scikit-learn takes it, and a key is made of it."""
    generators = (np.random.Generator, np.random.RandomState)
    check_seed(random_state, "random_state", generators, SEED_END)


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
