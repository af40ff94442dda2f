"""Examples of every class whose values varimix hands out, for tests of what holds for all."""

import inspect
import pickle
from datetime import timedelta

import numpy as np
from users_rules import CountingRule

import varimix
from varimix import (
    AffineUpdate,
    BatchEMFitter,
    BlockIncrementalUpdate,
    CheckpointError,
    DegenerateDataWarning,
    EarlyStopping,
    EWMAUpdate,
    Gamma,
    GeneralizedHyperbolic,
    GeneralizedInverseGaussian,
    IdentityUpdate,
    IncrementalEMFitter,
    InverseGamma,
    InverseGaussian,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    PolyakAverage,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
    SampleWeightedUpdate,
    Shrinkage,
    VarianceGamma,
    eta0_from_model,
    fit_best,
)

NIG = NormalInverseGaussian.from_classical(
    [0.5, -1 / 3], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.5
)
ROWS = NIG.rvs(300, seed=1)
GAPS = np.where(np.arange(600).reshape(300, 2) % 7 == 0, np.nan, ROWS)
FAMILIES = (NormalInverseGaussian, VarianceGamma, NormalInverseGamma, GeneralizedHyperbolic)
CLASSES = sorted(
    {of for name in varimix.__all__ if inspect.isclass(of := getattr(varimix, name))}
    | {type(NIG.fit)},
    key=lambda of: of.__name__,
)


def states() -> list[object]:
    state = OnlineEM(NIG, Shrinkage(PolyakRuppertUpdate(), eta0_from_model(NIG)), key=3)
    state.update(ROWS)
    forked = state.fork()
    forked.update(ROWS[:50])
    timed = OnlineEM(NIG, EWMAUpdate(half_life=timedelta(hours=1)))
    timed.update(ROWS[:3], times=[0, 1, 7200])
    blocks = OnlineEM(NIG, PolyakAverage(BlockIncrementalUpdate(3), start=1))
    blocks.update(ROWS[:100])
    blocks.update(ROWS[100:])
    users = OnlineEM(NIG, Shrinkage(CountingRule(), eta0_from_model(NIG)))
    users.update(ROWS)
    users = users.fork()
    users.update(ROWS)
    return [OnlineEM(NIG), state, forked, timed, blocks, users]


def fitters() -> list[object]:
    prior = Shrinkage(IdentityUpdate(), eta0_from_model(NIG), tau=0.25)
    fitted = IncrementalEMFitter(PolyakAverage(CountingRule()), max_steps=3, verbose=1)
    fitted.fit(NIG, ROWS, key=0)
    return [
        BatchEMFitter(tol=1 / 3, eta_update=prior, fixed=["mu", "lam"], verbose=2),
        IncrementalEMFitter(EWMAUpdate(w=0.3), stop_when=EarlyStopping(3, 0.1), missing="exact"),
        fitted,
    ]


def shrinkages() -> list[object]:
    eta0 = eta0_from_model(NIG)
    return [
        Shrinkage(EWMAUpdate(half_life=3.0), eta0, tau=1 / 3, feedback=True),
        Shrinkage(PolyakAverage(Shrinkage(IdentityUpdate(), eta0)), eta0, tau=eta0_of_strengths()),
        Shrinkage(CountingRule(), eta0),
    ]


def eta0_of_strengths() -> varimix.Eta:
    return varimix.Eta(0.1, 0.2, 0.3, [0.4, 0.5], [0.6, 0.7], [[0.8, 0.9], [0.9, 1.0]])


def examples_of_all() -> dict[type, list[object]]:
    """Return values of every class, in every shape that they come in."""
    fits = [NIG.fit(ROWS), *(of.fit(ROWS, max_iter=3) for of in FAMILIES)]
    best = fit_best(ROWS, n_starts=1)
    state = OnlineEM(NIG, CountingRule())
    report = state.update(ROWS)
    learned = OnlineEM(NIG)
    learned.update(ROWS)
    info = pickle.loads(pickle.dumps(state)).__getstate__()[1][1][0].last
    laws = [Gamma(2.5, 1 / 3), InverseGamma(2, 3), InverseGaussian(1, 2)]
    laws += [GeneralizedInverseGaussian(-1, 2, 3), GeneralizedInverseGaussian(1.5, 2, 0)]
    values: list[object] = [
        *(NIG, NIG.project([1, 0]), *(of.default_init(ROWS) for of in FAMILIES)),
        *laws,
        *(type(law).fit(law.rvs(100, seed=1)) for law in laws),
        *(NIG.e_step(ROWS), NIG.e_step(GAPS, missing="exact"), NIG.conditional(GAPS[:20])),
        NIG.posterior(ROWS),
        NIG.monte_carlo_kl_divergence(fits[0].model, 10, 1),
        *(NIG.compute_eta_from_model(), VarianceGamma.default_init(ROWS).e_step(ROWS).eta),
        *(*fits, best, *best.table, fits[0].status, *fits[0].status.entries, OnlineEM(NIG).status),
        *(report, state.log_score, state.drift, info, EarlyStopping(7, 0.5)),
        *(IdentityUpdate(), RobbinsMonroUpdate(3, 2 / 3), SampleWeightedUpdate(n0=0.1)),
        *(EWMAUpdate(), EWMAUpdate(half_life=1 / 3), EWMAUpdate(half_life=timedelta(days=1))),
        *(AffineUpdate(), AffineUpdate(eta0_from_model(NIG), 0.5, -1e-3)),
        *(PolyakRuppertUpdate(), PolyakRuppertUpdate(2 / 3, 7), BlockIncrementalUpdate(4)),
        *(NaturalGradientUpdate(), NaturalGradientUpdate(timedelta(days=1), 7)),
        learned.cov_params(),
        *(PolyakAverage(EWMAUpdate(), start=3), PolyakAverage(CountingRule())),
        *shrinkages(),
        *states(),
        *fitters(),
        *(NIG.fit, NormalInverseGaussian.fit),
        *(CheckpointError("damaged"), DegenerateDataWarning("column 2")),
    ]
    by_class: dict[type, list[object]] = {}
    for value in values:
        by_class.setdefault(type(value), []).append(value)
    return by_class
