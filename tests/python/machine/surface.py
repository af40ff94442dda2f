"""A list of everything public, each once, for the machine and its own tests."""

import datetime
from collections.abc import Callable
from typing import Any

import varimix as vx
from machine.user_rules import Averaging, Emitting, Halving

# Every family has parameters of its law of Y, and a number of free ones (the gauge is none).
FAMILIES: dict[str, tuple[dict[str, float], int]] = {
    "NormalInverseGaussian": ({"mu_ig": 1.0, "lam": 1.5}, 1),
    "VarianceGamma": ({"alpha": 2.5, "beta": 2.0}, 1),
    "NormalInverseGamma": ({"alpha": 3.0, "beta": 2.5}, 1),
    "GeneralizedHyperbolic": ({"p": 1.5, "a": 2.0, "b": 1.0}, 2),
}

# Other shapes of the same laws have a density that is infinite at mu, no moments, or are near a
# Gaussian.
EDGES: dict[str, list[dict[str, float]]] = {
    "NormalInverseGaussian": [{"mu_ig": 1.0, "lam": 0.01}, {"mu_ig": 1.0, "lam": 1e6}],
    "VarianceGamma": [{"alpha": 0.3, "beta": 0.3}, {"alpha": 1.0, "beta": 1.0}],
    "NormalInverseGamma": [{"alpha": 0.8, "beta": 1.0}, {"alpha": 1.7, "beta": 1.0}],
    "GeneralizedHyperbolic": [{"p": -2.0, "a": 0.0, "b": 2.0}, {"p": 0.4, "a": 1.0, "b": 0.0}],
}

SECOND = datetime.timedelta(seconds=1)

Make = Callable[[Any], Any]


def target(model: Any) -> vx.Eta:
    """Return a target for Shrinkage: moments like the model's, of a law that has them all."""
    steady = type(model).from_classical(
        mu=model.mu, gamma=model.gamma, sigma=model.sigma(), **FAMILIES[type(model).__name__][0]
    )
    return vx.eta0_from_model(steady)


def strengths(model: Any, tau: float = 0.3) -> vx.Eta:
    """Return a strength for every field of eta."""
    d = model.d
    log_y = target(model).E_log_Y
    return vx.Eta(tau, tau, None if log_y is None else tau, [tau] * d, [tau] * d, [[tau] * d] * d)


# Every update rule, nested ones and users' own included, is a function of the initial model.
RULES: dict[str, Make] = {
    "default": lambda model: None,
    "identity": lambda model: vx.IdentityUpdate(),
    "robbins_monro": lambda model: vx.RobbinsMonroUpdate(tau0=10.0),
    "robbins_monro_slow": lambda model: vx.RobbinsMonroUpdate(tau0=1.0, exponent=0.6),
    "sample_weighted": lambda model: vx.SampleWeightedUpdate(),
    "sample_weighted_n0": lambda model: vx.SampleWeightedUpdate(n0=20.0),
    "ewma": lambda model: vx.EWMAUpdate(w=0.1),
    "ewma_one": lambda model: vx.EWMAUpdate(w=1.0),
    "ewma_half_life": lambda model: vx.EWMAUpdate(half_life=50.0),
    "ewma_half_life_in_time": lambda model: vx.EWMAUpdate(half_life=SECOND),
    "affine": lambda model: vx.AffineUpdate(b=0.5, c=0.5),
    "affine_two": lambda model: vx.AffineUpdate(b=1.0, c=1.0),
    "affine_away": lambda model: vx.AffineUpdate(b=2.0, c=-1.0),
    "affine_a": lambda model: vx.AffineUpdate(a=target(model), b=-0.5, c=0.5),
    "polyak_ruppert": lambda model: vx.PolyakRuppertUpdate(exponent=0.7, n0=5.0),
    "natural_gradient": lambda model: vx.NaturalGradientUpdate(n0=5.0),
    "natural_gradient_half_life": lambda model: vx.NaturalGradientUpdate(half_life=50.0),
    "natural_gradient_time": lambda model: vx.NaturalGradientUpdate(half_life=SECOND),
    "shrinkage_natural": lambda model: vx.Shrinkage(vx.NaturalGradientUpdate(), target(model)),
    "polyak_average": lambda model: vx.PolyakAverage(vx.RobbinsMonroUpdate(), start=2),
    "polyak_average_time": lambda model: vx.PolyakAverage(vx.EWMAUpdate(half_life=SECOND)),
    "shrinkage_time": lambda model: vx.Shrinkage(vx.EWMAUpdate(half_life=SECOND), target(model)),
    "block_incremental": lambda model: vx.BlockIncrementalUpdate(blocks=3),
    "shrinkage": lambda model: vx.Shrinkage(vx.SampleWeightedUpdate(), target(model), tau=0.3),
    "shrinkage_fields": lambda model: vx.Shrinkage(
        vx.IdentityUpdate(), target(model), tau=strengths(model)
    ),
    "shrinkage_feedback": lambda model: vx.Shrinkage(
        vx.RobbinsMonroUpdate(), target(model), tau=0.3, feedback=True
    ),
    "shrinkage_default": lambda model: vx.Shrinkage(vx.PolyakRuppertUpdate(), target(model)),
    "shrinkage_of_average": lambda model: vx.Shrinkage(
        vx.PolyakAverage(vx.EWMAUpdate(w=0.3)), target(model)
    ),
    "shrinkage_of_blocks": lambda model: vx.Shrinkage(
        vx.BlockIncrementalUpdate(blocks=2), target(model)
    ),
    "own": lambda model: Averaging(),
    "own_halving": lambda model: Halving(),
    "own_emitting": lambda model: Emitting(),
    "shrinkage_of_own": lambda model: vx.Shrinkage(Averaging(), target(model)),
    "shrinkage_of_emitting": lambda model: vx.Shrinkage(Emitting(), target(model), tau=0.2),
    "average_of_own": lambda model: vx.PolyakAverage(Averaging()),
    "shrinkage_of_average_of_own": lambda model: vx.Shrinkage(
        vx.PolyakAverage(Emitting(), start=1), target(model)
    ),
}

# States with these rules merge; OTHER_SETTING has rules of the same kind with another setting.
MERGING = {"default", "sample_weighted", "sample_weighted_n0", "polyak_ruppert", "shrinkage"}
MERGING |= {"shrinkage_default", "natural_gradient", "shrinkage_natural"}
# Rules that move the model: they are refused in frozen states and with inner_iter > 1.
MOVING = {"default", "natural_gradient", "natural_gradient_half_life", "natural_gradient_time"}
MOVING |= {"shrinkage_natural"}
OTHER_SETTING = {
    "ewma": vx.EWMAUpdate(w=0.9),
    "sample_weighted": vx.SampleWeightedUpdate(n0=3.0),
    "robbins_monro": vx.RobbinsMonroUpdate(tau0=3.0),
    "polyak_ruppert": vx.PolyakRuppertUpdate(exponent=0.9),
    "natural_gradient": vx.NaturalGradientUpdate(n0=50.0),
    "affine": vx.AffineUpdate(b=0.4, c=0.6),
    "ewma_half_life": vx.EWMAUpdate(half_life=500.0),
    "block_incremental": vx.BlockIncrementalUpdate(blocks=4),
}


def is_timed(rule: str) -> bool:
    """Return whether a rule of this name needs times."""
    return rule.endswith("_time")


def is_own(rule: str) -> bool:
    """Return whether a class of the machine's own is in a rule of this name."""
    return "own" in rule or "emitting" in rule


def own_rule(rule: str) -> Any:
    """Return the machine's own rule in a rule of this name, which load needs; or None."""
    if not is_own(rule):
        return None
    emits = "emitting" in rule or rule == "shrinkage_of_average_of_own"
    return Emitting() if emits else Halving() if "halving" in rule else Averaging()


# With PLAIN_OPTIONS of a state every input stays valid; for OPEN_OPTIONS the documents leave open
# whether it does.
PLAIN_OPTIONS: list[dict[str, Any]] = [
    {},
    {"missing": "exact"},
    {"frozen": True},
    {"score": False},
    {"missing": "exact", "frozen": True},
    {"inner_iter": 3},
    {"regularization": "det_sigma_one"},
    {"regularization": "mean_y_one", "score_half_life": 10.0},
    {"regularization": "det_sigma_x"},
]
OPEN_OPTIONS: list[dict[str, Any]] = [
    {"regularization": "a_eq_b", "missing": "exact"},
    {"symmetric": True},
    {"fixed": ("mu",)},
    {"fixed": ("gamma", "sigma")},
    {"fixed": ("lam",)},
    {"fixed": ("alpha",), "symmetric": True},
    {"fixed": ("p",)},
    {"alpha_min": "density"},
    {"alpha_min": "inverse_moment", "missing": "exact"},
    {"fixed": ("nothing",)},
    {"inner_iter": 0},
    {"regularization": "other"},
    {"missing": "maybe"},
]
BAD_OPTIONS = OPEN_OPTIONS[-4:]

# Every public name is driven by one of the machine's steps.
PUBLIC: dict[str, str] = {
    **dict.fromkeys(FAMILIES, "construct"),
    **dict.fromkeys(("Gamma", "GeneralizedInverseGaussian"), "law_of_y"),
    **dict.fromkeys(("InverseGamma", "InverseGaussian"), "law_of_y"),
    **dict.fromkeys(("AffineUpdate", "BlockIncrementalUpdate", "EWMAUpdate"), "construct"),
    **dict.fromkeys(("IdentityUpdate", "PolyakAverage", "PolyakRuppertUpdate"), "construct"),
    **dict.fromkeys(("NaturalGradientUpdate",), "construct"),
    "ParameterCovariance": "update",
    **dict.fromkeys(("RobbinsMonroUpdate", "SampleWeightedUpdate", "Shrinkage"), "construct"),
    **dict.fromkeys(("eta0_from_model", "eta0_isotropic"), "targets"),
    **dict.fromkeys(("eta0_diagonal", "eta0_with_sigma"), "targets"),
    **dict.fromkeys(("OnlineEM", "MeanVarianceMixture", "NormalMixture"), "construct"),
    **dict.fromkeys(("Eta", "NormalMixtureEta", "StepInfo"), "update"),
    **dict.fromkeys(("BatchReport", "LogScore", "Status", "StatusEntry"), "update"),
    "DriftDetector": "update",
    **dict.fromkeys(("fit_stream", "open_source", "EarlyStopping", "EMResult"), "stream"),
    **dict.fromkeys(("BatchEMFitter", "DegenerateDataWarning"), "batch_em"),
    **dict.fromkeys(("fit_best", "BestFit", "FamilyFit"), "best"),
    "CheckpointError": "damaged",
    "IncrementalEMFitter": "incremental",
    "LawFit": "law_of_y",
    **dict.fromkeys(("Conditional", "EStepResult", "RowPosteriors"), "rows_of_model"),
    "MonteCarloEstimate": "two_models",
    **dict.fromkeys(("set_threads", "threads"), "threads"),
}

# Every name of a model, the same for all families, is driven by one of the machine's steps.
OF_A_MODEL: dict[str, str] = {
    **dict.fromkeys(("d", "mu", "gamma", "L_Sigma", "sigma", "from_classical"), "construct"),
    **dict.fromkeys(("log_prob", "pdf", "log_pdf", "marginal_log_likelihood"), "rows_of_model"),
    **dict.fromkeys(
        ("e_step", "posterior", "impute", "conditional", "default_init"), "rows_of_model"
    ),
    **dict.fromkeys(("mean", "cov", "skewness", "kurtosis", "tail_weight", "project"), "moments"),
    "conditional_law": "moments",
    **dict.fromkeys(("log_det_sigma", "replace"), "moments"),
    **dict.fromkeys(("columns", "with_columns", "corr", "params"), "moments"),
    **dict.fromkeys(("to_dict", "from_dict", "describe"), "moments"),
    **dict.fromkeys(("cdf", "sf", "log_cdf", "log_sf", "ppf", "isf", "value_at_risk"), "tails"),
    **dict.fromkeys(("expected_shortfall", "rvs"), "tails"),
    **dict.fromkeys(("var", "std", "median", "interval"), "tails"),
    **dict.fromkeys(("squared_hellinger", "kl_divergence", "same_law"), "two_models"),
    **dict.fromkeys(("monte_carlo_squared_hellinger", "monte_carlo_kl_divergence"), "two_models"),
    **dict.fromkeys(("m_step", "compute_eta_from_model", "from_expectation"), "targets"),
    **dict.fromkeys(("rescale_y",), "targets"),
    "subordinator": "law_of_y",
    "fit": "batch_em",
}

# Every name of a state is driven by one of the machine's steps.
OF_A_STATE: dict[str, str] = {
    **dict.fromkeys(("model", "driving_model", "eta", "step", "total_weight"), "construct"),
    **dict.fromkeys(("log_score", "status", "drift", "changes", "cov_params"), "construct"),
    **dict.fromkeys(("backtests", "columns", "describe", "gaussian_test"), "construct"),
    "rows_read": "stopped_and_resumed",
    "update": "update",
    "fork": "fork",
    "merge": "merge",
    **dict.fromkeys(("save", "load", "to_bytes", "from_bytes"), "copy"),
}
