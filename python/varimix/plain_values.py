"""Models as plain values of Python, which JSON holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ARRAYS = ("mu", "gamma", "sigma")
OF_Y = {
    "NormalInverseGaussian": ("mu_ig", "lam"),
    "VarianceGamma": ("alpha", "beta"),
    "NormalInverseGamma": ("alpha", "beta"),
    "GeneralizedHyperbolic": ("p", "a", "b"),
}
"""Names of the parameters of Y, by family."""


def family_of(model: Any) -> str:
    """Return the name of a model's family, also of a class that a user derived."""
    return next(of.__name__ for of in type(model).__mro__ if of.__name__ in OF_Y)


def model_to_dict(model: Any) -> dict[str, Any]:
    """Return family, names of columns, and classical parameters."""
    family = family_of(model)
    columns = None if model.columns is None else list(model.columns)
    return {
        "family": family,
        "columns": columns,
        "mu": model.mu.tolist(),
        "gamma": model.gamma.tolist(),
        "sigma": model.sigma().tolist(),
        **{name: getattr(model, name) for name in OF_Y[family]},
    }


def model_from_dict(family: Any, values: Mapping[str, Any]) -> Any:
    """Return the model of the class ``family`` that `model_to_dict` gave as ``values``.

    Raises
    ------
    TypeError
        If ``values`` is no mapping.
    ValueError
        For another family, or keys that are missing or unknown.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"values: a dict expected, got {type(values).__name__}")
    name = family.__name__
    if values.get("family") != name:
        raise ValueError(f"family must be {name!r}, got {values.get('family')!r}")
    wanted = [*ARRAYS, *OF_Y[name]]
    missing = [key for key in wanted if key not in values]
    unknown = [key for key in values if key not in (*wanted, "family", "columns")]
    if missing or unknown:
        raise ValueError(f"values must have {wanted}, got {list(values)}")
    model = family.from_classical(**{key: values[key] for key in wanted})
    return model.with_columns(values.get("columns"))
