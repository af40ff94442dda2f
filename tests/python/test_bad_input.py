"""A bad parameter or option raises ValueError that names argument, constraint and value."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from varimix import (
    AffineUpdate,
    Eta,
    EWMAUpdate,
    IdentityUpdate,
    IncrementalEMFitter,
    InverseGaussian,
    NormalInverseGaussian,
    OnlineEM,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
    Shrinkage,
    eta0_diagonal,
    eta0_isotropic,
    eta0_with_sigma,
    set_threads,
)

NAN, INF, EYE = np.nan, np.inf, np.eye(2)
NOT_SYMMETRIC = [[1.0, 0.3], [0.2, 1.0]]
INDEFINITE = [[1.0, 2.0], [2.0, 1.0]]

MODEL = NormalInverseGaussian.from_classical([0, 0], [0.4, -0.3], [[1, 0.3], [0.3, 1]], 1.0, 1.5)
LINE = MODEL.project([1, 0])  # one-dimensional
ETA = MODEL.compute_eta_from_model()
LINE_ETA = LINE.compute_eta_from_model()
BASE = IdentityUpdate()


def classical(**changes: object) -> NormalInverseGaussian:
    good: dict[str, object] = {
        "mu": [0, 0],
        "gamma": [0, 0],
        "sigma": EYE,
        "mu_ig": 1.0,
        "lam": 1.0,
    }
    return NormalInverseGaussian.from_classical(**{**good, **changes})  # type: ignore[arg-type]


def eta(**changes: object) -> Eta:
    good: dict[str, object] = {
        "E_inv_Y": 2.0,
        "E_Y": 1.0,
        "E_log_Y": None,
        "E_X": [0.0, 0.0],
        "E_X_inv_Y": [0.0, 0.0],
        "E_XXT_inv_Y": EYE,
    }
    return Eta(**{**good, **changes})  # type: ignore[arg-type]


def assert_named(message: str, argument: str, constraint: str, value: str) -> None:
    pattern = (
        rf"{re.escape(argument)}\b.* must be .*{re.escape(constraint)}.*, got .*{re.escape(value)}"
    )
    assert re.match(pattern, message, re.DOTALL), message


Case = tuple[Callable[[], object], str, str, str]

PARAMETERS: dict[str, Case] = {
    "mu of no dimension": (lambda: classical(mu=[], gamma=[]), "mu", "dimension 1 or more", "0"),
    "mu not finite": (lambda: classical(mu=[0, NAN]), "mu", "finite", "nan"),
    "mu a matrix": (lambda: classical(mu=[[0, 0]]), "mu", "one-dimensional", "2 dimensions"),
    "mu of strings": (lambda: classical(mu=["a", "b"]), "mu", "real numbers", "<U1"),
    "gamma of another dimension": (lambda: classical(gamma=[0]), "gamma", "dimension 2", "1"),
    "gamma infinite": (lambda: classical(gamma=[0, -INF]), "gamma", "finite", "-inf"),
    "sigma of another dimension": (lambda: classical(sigma=np.eye(3)), "sigma", "d = 2", "3 x 3"),
    "sigma not square": (lambda: classical(sigma=[1, 1]), "sigma", "d = 2", "1 x 2"),
    "sigma not symmetric": (lambda: classical(sigma=NOT_SYMMETRIC), "sigma", "symmetric", "0.2"),
    "sigma singular": (
        lambda: classical(sigma=np.ones((2, 2))),
        "sigma",
        "positive definite",
        "[[1, 1], [1, 1]]",
    ),
    "sigma indefinite": (lambda: classical(sigma=INDEFINITE), "sigma", "positive definite", "2"),
    "sigma complex": (lambda: classical(sigma=EYE + 0j), "sigma", "real numbers", "complex128"),
    "mu_ig zero": (lambda: classical(mu_ig=0.0), "mu_ig", "> 0", "0"),
    "mu_ig negative": (lambda: classical(mu_ig=-1.5), "mu_ig", "> 0", "-1.5"),
    "lam zero": (lambda: classical(lam=0.0), "lam", "> 0", "0"),
    "lam negative": (lambda: classical(lam=-2.0), "lam", "> 0", "-2"),
    "lam not a number": (lambda: classical(lam=NAN), "lam", "finite", "nan"),
    "replaced mu": (lambda: MODEL.replace(mu=[1]), "mu", "dimension 2", "1"),
    "replaced sigma": (lambda: MODEL.replace(sigma=INDEFINITE), "sigma", "positive definite", "2"),
    "replaced lam": (lambda: MODEL.replace(lam=-1.0), "lam", "> 0", "-1"),
    "gauge zero": (lambda: MODEL.rescale_y(0.0), "s", "> 0", "0"),
    "gauge of eta": (lambda: ETA.rescale_y(-1.0), "s", "> 0", "-1"),
    "law of Y": (lambda: InverseGaussian(1.0, 0.0), "lam", "> 0", "0"),
    "w of another dimension": (lambda: MODEL.project([1, 2, 3]), "w", "dimension 2", "3"),
    "w zero": (lambda: MODEL.project([0, 0]), "w", "not zero", "0"),
    "w not finite": (lambda: MODEL.project([NAN, 0]), "w", "finite", "nan"),
    "q above one": (lambda: LINE.ppf(1.5), "q", "[0, 1]", "1.5"),
    "q negative": (lambda: LINE.ppf([0.5, -0.25]), "q", "[0, 1]", "-0.25"),
    "q not a number": (lambda: LINE.ppf(NAN), "q", "[0, 1]", "nan"),
    "x complex": (lambda: LINE.cdf(1j), "x", "real numbers", "complex"),
    "cdf of two dimensions": (lambda: MODEL.cdf(0.0), "the model", "one-dimensional", "2"),
    "sf of two dimensions": (lambda: MODEL.sf(0.0), "the model", "one-dimensional", "2"),
    "ppf of two dimensions": (lambda: MODEL.ppf(0.5), "the model", "one-dimensional", "2"),
    "n negative": (lambda: MODEL.rvs(-1, seed=0), "n", ">= 0", "-1"),
    "threads negative": (lambda: set_threads(-1), "threads", ">= 0", "-1"),
    "eta infeasible": (
        lambda: MODEL.from_expectation(eta(E_inv_Y=0.5)),
        "eta",
        "feasible",
        "E[1/Y] E[Y] > 1",
    ),
    "eta indefinite": (lambda: MODEL.m_step(eta(E_XXT_inv_Y=-EYE)), "eta", "feasible", "E[XX'/Y]"),
    "eta not finite": (lambda: MODEL.m_step(eta(E_X=[NAN, 0])), "eta", "finite", "E[X]"),
    "E_X_inv_Y": (lambda: eta(E_X_inv_Y=[0]), "E_X_inv_Y", "dimension 2", "1"),
    "E_XXT_inv_Y": (lambda: eta(E_XXT_inv_Y=np.eye(3)), "E_XXT_inv_Y", "d x d", "3 x 3"),
    "E_XXT_inv_Y not symmetric": (
        lambda: eta(E_XXT_inv_Y=NOT_SYMMETRIC),
        "E_XXT_inv_Y",
        "symmetric",
        "0.1",
    ),
    "merge of other dimensions": (lambda: ETA.merge(LINE_ETA), "eta", "dimension 2", "1"),
    "merge without weight": (lambda: ETA.merge(ETA), "weight", "> 0", "0"),
}

OPTIONS: dict[str, Case] = {
    "batch_size negative": (
        lambda: IncrementalEMFitter(batch_size=-5),
        "batch_size",
        ">= 1",
        "-5",
    ),
    "batch_size zero": (lambda: IncrementalEMFitter(batch_size=0), "batch_size", ">= 1", "0"),
    "max_steps": (lambda: IncrementalEMFitter(max_steps=-1), "max_steps", ">= 0", "-1"),
    "inner_iter": (lambda: IncrementalEMFitter(inner_iter=0), "inner_iter", ">= 1", "0"),
    "inner_iter of OnlineEM": (lambda: OnlineEM(MODEL, inner_iter=-1), "inner_iter", ">= 1", "-1"),
    "verbose": (lambda: IncrementalEMFitter(verbose=-1), "verbose", ">= 0", "-1"),
    "e_step_backend": (
        lambda: IncrementalEMFitter(e_step_backend="jax"),
        "e_step_backend",
        "'cpu'",
        "'jax'",
    ),
    "m_step_backend": (
        lambda: IncrementalEMFitter(m_step_backend="CPU"),
        "m_step_backend",
        "'cpu'",
        "'CPU'",
    ),
    "regularization": (
        lambda: IncrementalEMFitter(regularization="det_sigma"),
        "regularization",
        "'det_sigma_one'",
        "'det_sigma'",
    ),
    "regularization of OnlineEM": (
        lambda: OnlineEM(MODEL, regularization="None"),
        "regularization",
        "'none'",
        "'None'",
    ),
    "w zero": (lambda: EWMAUpdate(w=0.0), "w", "(0, 1]", "0"),
    "w above one": (lambda: EWMAUpdate(w=1.5), "w", "(0, 1]", "1.5"),
    "w not a number": (lambda: EWMAUpdate(w=NAN), "w", "(0, 1]", "nan"),
    "half_life": (lambda: EWMAUpdate(half_life=0.0), "half_life", "> 0", "0"),
    "w and half_life": (lambda: EWMAUpdate(w=0.5, half_life=9), "w", "half_life", "0.5"),
    "tau0 zero": (lambda: RobbinsMonroUpdate(tau0=0.0), "tau0", ">= 1", "0"),
    "tau0 negative": (lambda: RobbinsMonroUpdate(tau0=-1.0), "tau0", ">= 1", "-1"),
    "first step above one": (lambda: RobbinsMonroUpdate(tau0=0.5), "tau0", "exceed 1", "0.5"),
    "b": (lambda: AffineUpdate(b=NAN), "b", "finite", "nan"),
    "c": (lambda: AffineUpdate(c=-INF), "c", "finite", "-inf"),
    "a not finite": (lambda: AffineUpdate(a=eta(E_X=[NAN, 0])), "a", "finite", "E[X]"),
    "a of another dimension": (
        lambda: OnlineEM(MODEL, AffineUpdate(a=LINE_ETA)),
        "a",
        "dimension 2",
        "1",
    ),
    "exponent": (lambda: PolyakRuppertUpdate(exponent=0.5), "exponent", "(1/2, 1]", "0.5"),
    "n0": (lambda: PolyakRuppertUpdate(n0=0.0), "n0", "> 0", "0"),
    "tau negative": (lambda: Shrinkage(BASE, ETA, tau=-0.5), "tau", ">= 0", "-0.5"),
    "tau infinite": (lambda: Shrinkage(BASE, ETA, tau=INF), "tau", "finite", "inf"),
    "tau a field": (lambda: Shrinkage(BASE, ETA, tau=eta(E_Y=-2.0)), "tau", ">= 0", "-2"),
    "tau of another dimension": (
        lambda: Shrinkage(BASE, ETA, tau=Eta(1, 1, 1, [1], [1], [[1]])),
        "tau",
        "dimension 2",
        "1",
    ),
    "eta0 of another dimension": (
        lambda: OnlineEM(MODEL, Shrinkage(BASE, LINE_ETA)),
        "eta0",
        "dimension 2",
        "1",
    ),
    "eta0 not finite": (lambda: Shrinkage(BASE, eta(E_Y=NAN)), "eta0", "finite", "E[Y]"),
    "sigma2": (lambda: eta0_isotropic(MODEL, 0.0), "sigma2", "> 0", "0"),
    "diag of another dimension": (lambda: eta0_diagonal(MODEL, [1]), "diag", "dimension 2", "1"),
    "diag negative": (lambda: eta0_diagonal(MODEL, [1, -2]), "diag[1", "> 0", "-2"),
    "Sigma0 indefinite": (
        lambda: eta0_with_sigma(MODEL, INDEFINITE),
        "Sigma0",
        "positive definite",
        "2",
    ),
    "Sigma0 not symmetric": (
        lambda: eta0_with_sigma(MODEL, NOT_SYMMETRIC),
        "Sigma0",
        "symmetric",
        "0.2",
    ),
    "Sigma0 of another dimension": (
        lambda: eta0_with_sigma(MODEL, np.eye(3)),
        "Sigma0",
        "d = 2",
        "3 x 3",
    ),
}


@pytest.mark.parametrize("case", PARAMETERS)
def test_a_bad_parameter_is_named(case: str) -> None:
    call, argument, constraint, value = PARAMETERS[case]
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # the message is looked at below
        call()
    assert_named(str(raised.value), argument, constraint, value)


@pytest.mark.parametrize("case", OPTIONS)
def test_a_bad_option_is_named(case: str) -> None:
    call, argument, constraint, value = OPTIONS[case]
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        call()
    assert_named(str(raised.value), argument, constraint, value)


@pytest.mark.parametrize("tau", ["strong", [0.5, 0.5], {}], ids=["word", "list", "dict"])
def test_a_tau_that_is_no_number_is_named(tau: object) -> None:
    with pytest.raises((TypeError, ValueError), match=r"\btau\b"):
        Shrinkage(BASE, ETA, tau=tau)  # type: ignore[arg-type]
