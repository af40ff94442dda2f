"""A user's program, which `mypy --strict` takes and which runs; test_typed_client.py does both.

What mypy must refuse is marked `type: ignore`: strict mode reports a mark that nothing needs.
"""

from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import varimix
from varimix import (
    BatchEMFitter,
    BatchReport,
    BestFit,
    EarlyStopping,
    EMResult,
    Eta,
    EWMAUpdate,
    GeneralizedHyperbolic,
    IncrementalEMFitter,
    MeanVarianceMixture,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    ParameterCovariance,
    Shrinkage,
    Status,
    StepInfo,
    VarianceGamma,
    eta0_from_model,
    fit_best,
    fit_stream,
    plotting,
)
from varimix.inference import BootstrapEM, BootstrapResult
from varimix.sklearn import MeanVarianceMixture as Estimator

Rows = NDArray[np.float64]


class Cautious:
    """A rule of the user's own: steps of w."""

    def __init__(self, w: float) -> None:
        self.w = w

    def accumulate(self, running: Eta, batch: Eta, info: StepInfo) -> Eta:
        return assert_type(running.blend(batch, self.w if info.step else 1.0), Eta)


def families(x: Rows) -> list[MeanVarianceMixture]:
    nig = NormalInverseGaussian.from_classical([0, 0], [0.1, 0], [[1, 0], [0, 1]], 1.0, lam=1.5)
    assert_type(nig, NormalInverseGaussian)
    assert_type(nig.mu_ig, float)
    assert_type(nig.mean(), Rows)
    assert_type(nig.rvs(10, seed=1), Rows)
    assert_type(nig.log_prob(x), Rows)
    assert_type(nig.project([0.5, 0.5]), NormalInverseGaussian)
    assert_type(nig.columns, tuple[str, ...] | None)
    assert_type(VarianceGamma.default_init(x), VarianceGamma)
    assert_type(NormalInverseGamma.default_init(x).m_step(nig.compute_eta_from_model()).d, int)
    assert_type(GeneralizedHyperbolic.fit(x), EMResult[GeneralizedHyperbolic])
    assert_type(nig.fit(x, max_iter=20).model, NormalInverseGaussian)
    return [nig, VarianceGamma.default_init(x)]


def fits(x: Rows) -> Status:
    init = NormalInverseGaussian.default_init(x)
    result = IncrementalEMFitter(batch_size=64, max_steps=5).fit(init, x, key=0)
    assert_type(result, EMResult[NormalInverseGaussian])
    assert_type(result.log_likelihood, float | None)
    assert_type(result.aic, float | None)
    assert_type(result.log_likelihoods, Rows)
    prior = Shrinkage(varimix.IdentityUpdate(), eta0_from_model(init), 0.1)
    fitter = BatchEMFitter(max_iter=5, eta_update=prior)
    assert_type(fitter.fit(init, x).model, NormalInverseGaussian)
    best = fit_best(x, families=["NormalInverseGaussian", VarianceGamma], n_starts=1)
    assert_type(best, BestFit)
    assert_type(best.model, MeanVarianceMixture)
    assert_type(best.best.bic, float)
    return assert_type(result.status, Status)


def stream(x: Rows, folder: Path) -> OnlineEM[VarianceGamma]:
    state = OnlineEM(VarianceGamma.default_init(x), NaturalGradientUpdate(), key=3, missing="exact")
    assert_type(state, OnlineEM[VarianceGamma])
    seen: list[float] = []

    def note(report: BatchReport) -> bool:
        seen.append(report.log_likelihood)
        return True

    result = fit_stream(
        state,
        iter([x[:100], x[100:]]),
        batch_size=32,
        max_steps=4,
        checkpoint=folder / "state",
        every=2,
        stop_when=EarlyStopping(patience=5),
        callback=note,
    )
    assert_type(result, EMResult[VarianceGamma])
    of_bootstrap = fit_stream(BootstrapEM(state.model, 3), x)
    assert_type(of_bootstrap, BootstrapResult[VarianceGamma])
    assert_type(of_bootstrap.state, BootstrapEM[VarianceGamma])
    assert_type(of_bootstrap.model, VarianceGamma)
    assert_type(state.update(x[:10]), BatchReport)
    assert_type(state.model, VarianceGamma)
    assert_type(state.cov_params(), ParameterCovariance)
    assert_type(state.cov_params().bse, Rows)
    assert_type(state.fork(), OnlineEM[VarianceGamma])
    assert_type(OnlineEM.load(folder / "state"), OnlineEM[Any])
    for rule in (EWMAUpdate(half_life=50), Cautious(0.1)):
        OnlineEM(state.model, rule).update(x[:10])
    return state


def sklearn_and_pictures(x: Rows, folder: Path) -> None:
    estimator = Estimator(family="nig", rule="ewma", random_state=0).fit(x)
    assert_type(estimator, Estimator)
    assert_type(estimator.score_samples(x), Rows)
    assert_type(estimator.score(x), float)
    model = NormalInverseGaussian.default_init(x)
    axes = plotting.qq(model, x, w=[0.5, 0.5], seed=0, n_simulations=40)
    axes.set_title("QQ")
    varimix.report(OnlineEM(model), x, folder / "report.html")


def is_refused(x: Rows, state: OnlineEM[VarianceGamma]) -> None:
    """Never called."""
    OnlineEM(state.model, inner_iters=2)  # type: ignore[call-arg]
    OnlineEM(x)  # type: ignore[type-var]
    state.update(x, weight=x)  # type: ignore[call-arg]
    print(state.mdoel)  # type: ignore[attr-defined]
    fit_stream(state, x, batchsize=32)  # type: ignore[call-overload]
    fit_stream(state, x, every="often")  # type: ignore[call-overload]
    fit_stream(state.model, x)  # type: ignore[call-overload]
    BatchEMFitter(max_iters=5)  # type: ignore[call-arg]
    BatchEMFitter(eta_update=EWMAUpdate())  # type: ignore[arg-type]
    IncrementalEMFitter(batch_size="all")  # type: ignore[arg-type]
    EWMAUpdate(w="0.1")  # type: ignore[arg-type]
    NormalInverseGaussian.from_classical([0], [0], [[1]], 1.0)  # type: ignore[call-arg]
    print(NormalInverseGaussian.default_init(x).alpha)  # type: ignore[attr-defined]
    fit_best(x, families=[OnlineEM])  # type: ignore[list-item]
    Estimator(famly="nig")  # type: ignore[call-arg]
    varimix.report(state)  # type: ignore[call-arg]


def main(folder: Path) -> None:
    x = families(np.random.default_rng(0).normal(size=(200, 2)))[0].rvs(300, seed=2)
    fits(x)
    stream(x, folder)
    sklearn_and_pictures(x, folder)
