"""Recipes of rows, weights and times, which look like data in public, and worse."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from machine.claims import kept

Array = np.ndarray[Any, Any]
SIZES = (1, 2, 3, 5, 30, 64, 100, 150)


def _one(x: Array, value: Any) -> Array:
    x[len(x) // 2] = value
    return x


def _cell(x: Array, value: float) -> Array:
    x[len(x) // 2, -1] = value
    return x


def _constant_column(x: Array) -> Array:
    x[:, -1] = 3.0
    return x


def _half_zero(x: Array) -> Array:
    x[::2] = 0.0
    return x


def _column_gap(x: Array) -> Array:
    x[:, -1] = np.nan
    return x


def _scattered_gaps(x: Array) -> Array:
    x[::3, 0] = np.nan
    return x


# Every state has to take these rows; each function changes rows in place, and is also given the
# location of the law.
SPOILS: dict[str, Callable[[Array, Array], Array]] = {
    "one_1e200": lambda x, mu: _one(x, 1e200),
    "one_1e300": lambda x, mu: _one(x, 1e300),
    "cell_1e300": lambda x, mu: _cell(x, -1e300),
    "cell_1e160": lambda x, mu: _cell(x, 1e160),
    "all_1e300": lambda x, mu: np.full_like(x, 1e300),
    "ties": lambda x, mu: x * 0.0 + x[0],
    "zeros": lambda x, mu: x * 0.0,
    "half_zero": lambda x, mu: _half_zero(x),
    "constant_column": lambda x, mu: _constant_column(x),
    "collinear": lambda x, mu: np.repeat(x[:, :1], x.shape[1], axis=1),
    "whole_numbers": lambda x, mu: np.round(x),
    "tiny": lambda x, mu: x * 1e-200,
    "subnormal": lambda x, mu: np.full_like(x, 5e-324),
    "large": lambda x, mu: x * 1e8,
    "offset": lambda x, mu: x + 1e8,
    "scales": lambda x, mu: x * np.logspace(-8, 8, x.shape[1]),
    "at_mu": lambda x, mu: x * 0.0 + mu,
    "one_at_mu": lambda x, mu: _one(x, mu),
}
GAPS: dict[str, Callable[[Array, Array], Array]] = {
    "cell_gap": lambda x, mu: _cell(x, np.nan),
    "row_gap": lambda x, mu: _one(x, np.nan),
    "column_gap": lambda x, mu: _column_gap(x),
    "scattered_gaps": lambda x, mu: _scattered_gaps(x),
    "all_gaps": lambda x, mu: x * np.nan,
}
WRONG: dict[str, Callable[[Array, Array], Array]] = {
    "infinity": lambda x, mu: _cell(x, np.inf),
    "column_more": lambda x, mu: np.column_stack([x, x[:, 0]]),
    "column_less": lambda x, mu: x[:, :-1],
    "no_rows": lambda x, mu: x[:0],
}
MILD = frozenset({"constant_column", "whole_numbers", *GAPS})


@dataclass(frozen=True)
class Rows:
    """A recipe of spoiled rows of a law: ``build(model)`` gives the same rows every time."""

    n: int = 30
    seed: int = 0
    spoil: tuple[str, ...] = ()

    def build(self, model: Any, mu: Any = None) -> Array:
        """Return rows of ``model``; ``at_mu`` puts them at ``mu``, or at the model's own."""
        centre = np.asarray(model.mu if mu is None else mu)
        x = np.array(model.rvs(self.n, seed=self.seed))
        x = np.where(np.isfinite(x) & (np.abs(x) < 1e6), x, 7.0)  # for laws with endless tails
        for name in self.spoil:
            x = np.array((SPOILS | GAPS | WRONG)[name](x, centre))
        return x

    @property
    def is_sane(self) -> bool:
        """True if arithmetic on these rows is ordinary."""
        return set(self.spoil) <= MILD

    def is_valid(self, missing: str) -> bool:
        """Return whether a state with this option has to take the rows."""
        gaps = bool(set(self.spoil) & set(GAPS))
        return not set(self.spoil) & set(WRONG) and (missing == "exact" or not gaps)


def rows(*, wrong: bool = True, sizes: tuple[int, ...] = SIZES) -> st.SearchStrategy[Rows]:
    """Return a strategy of recipes; about half of them are of sound rows."""
    names = kept([*SPOILS, *GAPS, *(WRONG if wrong else ())])
    spoil = st.one_of(
        st.just(()),
        st.sampled_from(kept(GAPS) or [""]).map(lambda name: (name,) if name else ()),
        st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
        .filter(lambda chosen: len(set(chosen) & set(WRONG)) <= 1)  # two may undo each other
        .map(lambda chosen: tuple(sorted(chosen, key=names.index))),
    )
    return st.builds(Rows, st.sampled_from(sizes), st.integers(0, 999), spoil)


sound_rows = st.builds(
    Rows,
    st.sampled_from(SIZES),
    st.integers(0, 999),
    st.sampled_from([(), (), *((name,) for name in kept(sorted(MILD)))]),
)

# Weights of n rows; None stands for no weights.
WEIGHTS: dict[str, Callable[[int], Any]] = {
    "none": lambda n: None,
    "ones": lambda n: np.ones(n),
    "whole": lambda n: np.arange(n) % 4.0,
    "ends": lambda n: np.array([1.0, *[0.0] * (n - 2), 1.0][:n]),
    "first": lambda n: np.array([1.0] + [0.0] * (n - 1)),
    "all_zero": lambda n: np.zeros(n),
    "fractions": lambda n: 0.25 + np.arange(n) % 3,
    "heavy": lambda n: np.full(n, 1e6),
    "light": lambda n: np.full(n, 1e-3),
}
WRONG_WEIGHTS: dict[str, Callable[[int], Any]] = {
    "negative": lambda n: -np.ones(n),
    "not_a_number": lambda n: np.full(n, np.nan),
    "infinite_weight": lambda n: np.full(n, np.inf),
    "too_many": lambda n: np.ones(n + 1),
}

# Times of n rows, given that of the last row before, in half-lives of the rules that need times.
TIMES: dict[str, Callable[[int, float], Any]] = {
    "same": lambda n, last: np.full(n, last),
    "steady": lambda n, last: last + 0.1 * np.arange(1, n + 1),
    "gap_before": lambda n, last: np.full(n, last + 100.0),
    "gap_inside": lambda n, last: last + np.where(np.arange(n) < n - 1, np.arange(n), 2000.0 + n),
    "long_steps": lambda n, last: last + 30.0 * np.arange(n),
}
WRONG_TIMES: dict[str, Callable[[int, float], Any]] = {
    "absent": lambda n, last: None,
    "falling": lambda n, last: last - 1.0 - np.arange(n),
    "time_nan": lambda n, last: np.full(n, np.nan),
}

weights = st.sampled_from(kept([*WEIGHTS]))
any_weights = st.one_of(st.just("none"), weights, st.sampled_from(kept([*WEIGHTS, *WRONG_WEIGHTS])))
times = st.sampled_from(kept([*TIMES]))
any_times = st.one_of(times, st.sampled_from(kept([*TIMES, *WRONG_TIMES])))
