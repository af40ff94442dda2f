#!/usr/bin/env python3
"""Save states of every family, and their contents.

Usage: make_states.py FOLDER SET, a SET of SETS. No state that is there is made anew.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import varimix as vx

Rows = NDArray[np.float64]

FAMILIES = (
    vx.NormalInverseGaussian,
    vx.VarianceGamma,
    vx.NormalInverseGamma,
    vx.GeneralizedHyperbolic,
)


def rules() -> dict[str, object]:
    """Return every rule that a state can be made with, by a name."""
    target = vx.eta0_from_model(
        vx.NormalInverseGaussian.from_classical(
            mu=[0, 0], gamma=[0.1, 0], sigma=[[1, 0.2], [0.2, 1]], mu_ig=1.0, lam=2.0
        )
    )
    return {
        "default": vx.PolyakRuppertUpdate(),
        "natural_gradient": vx.NaturalGradientUpdate(),
        "identity": vx.IdentityUpdate(),
        "robbins_monro": vx.RobbinsMonroUpdate(tau0=5.0, exponent=0.7),
        "sample_weighted": vx.SampleWeightedUpdate(n0=20.0),
        "ewma": vx.EWMAUpdate(half_life=200.0),
        "affine": vx.AffineUpdate(a=None, b=0.5, c=0.5),
        "average": vx.PolyakAverage(vx.RobbinsMonroUpdate(exponent=0.7), start=1),
        "blocks": vx.BlockIncrementalUpdate(blocks=3),
        "shrinkage": vx.Shrinkage(vx.PolyakRuppertUpdate(), target, tau=0.3),
        "shrunk_average": vx.Shrinkage(vx.PolyakAverage(vx.EWMAUpdate(w=0.3)), target, tau=0.3),
    }


def states_of_rules(family: Any, init: Any, rows: Rows) -> Iterator[tuple[str, Any]]:
    """Yield a state of every rule, by the rule's name."""
    for name, rule in rules().items():
        state = vx.OnlineEM(init, rule, key=[1, 2])
        for batch in np.array_split(rows, 5):
            state.update(batch)
        if name == "sample_weighted":
            state = state.fork()
            state.update(rows[:50], weights=np.arange(50.0))
        yield name, state


def learned_and_forked(name: str, state: Any, family: Any, rows: Rows) -> Iterator[tuple[str, Any]]:
    """Yield a state that has learned the rows and, of one family, a fork of it."""
    for batch in np.array_split(rows, 5):
        state.update(batch)
    yield name, state
    if family is vx.NormalInverseGaussian:
        forked = state.fork()
        forked.update(rows[:50])
        yield f"{name}_forked", forked


def states_of_gaussian_test(family: Any, init: Any, rows: Rows) -> Iterator[tuple[str, Any]]:
    """Yield states that test their rows against a Gaussian: one, and one with an ancestor."""
    state = vx.OnlineEM(init, key=[1, 2], gaussian_test=True)
    yield from learned_and_forked("gaussian_test", state, family, rows)


def states_of_portfolios(family: Any, init: Any, rows: Rows) -> Iterator[tuple[str, Any]]:
    """Yield states that backtest portfolios: one, and one with an ancestor."""
    portfolios = {"equal": [0.5, 0.5], "Zürich": {"Zürich": 1.0}}
    state = vx.OnlineEM(init, key=[1, 2], portfolios=portfolios, portfolio_alpha=0.05)
    yield from learned_and_forked("portfolios", state, family, rows)


SETS = {
    "rules": states_of_rules,
    "gaussian_test": states_of_gaussian_test,
    "portfolios": states_of_portfolios,
}


def main(of: str, which: str) -> None:
    """Write the states of this build."""
    folder = Path(__file__).parent / of
    folder.mkdir(exist_ok=True)
    rows = np.random.default_rng(1).standard_t(5, (300, 2))
    for family in FAMILIES:
        init = family.default_init(rows).with_columns(["AAPL", "Zürich"])
        for name, state in SETS[which](family, init, rows):
            path = folder / f"{family.__name__}-{name}"
            if path.with_suffix(".state").exists():
                raise FileExistsError(path)
            state.save(path.with_suffix(".state"))
            path.with_suffix(".json").write_text(json.dumps(contents(state), indent=1) + "\n")


def backtests_of(state: Any) -> dict[str, list[Any]]:
    """Return the numbers of each backtest that a file holds: they are the same on any machine."""
    return {
        name: [of.weights.tolist(), of.alpha, *of.counts.transitions, of.fz0_score, of.log_e]
        for name, of in state.backtests.items()
    }


def contents(state: Any) -> dict[str, Any]:
    """Return the contents of a state that a reader can check."""
    model = state.model
    tested = state.gaussian_test
    of_test = {"tested": tested.n, "statistic": tested.statistic} if tested else {}
    backtests = backtests_of(state)
    return {
        "family": type(model).__name__,
        "columns": list(state.columns),
        "step": state.step,
        "total_weight": state.total_weight,
        "log_score": state.log_score.total,
        "mu": model.mu.tolist(),
        "gamma": model.gamma.tolist(),
        "L_Sigma": model.L_Sigma.tolist(),
        "E_Y": state.eta.E_Y,
        "E_XXT_inv_Y": state.eta.E_XXT_inv_Y.tolist(),
        "status": str(state.status),
        **of_test,
        **({"backtests": backtests} if backtests else {}),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
