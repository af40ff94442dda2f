"""Fit heavy-tailed, skewed multivariate distributions to data that streams in.

The models are normal variance-mean mixtures, X = mu + gamma Y + sqrt(Y) Z; the method is EM on
running expectation parameters with pluggable update rules.
"""

import importlib as _importlib
import typing as _typing

from varimix import _varimix
from varimix._varimix import (
    AffineUpdate,
    BatchReport,
    BestFit,
    BlockIncrementalUpdate,
    CheckpointError,
    Conditional,
    DriftDetector,
    EarlyStopping,
    EMResult,
    EStepResult,
    Eta,
    EWMAUpdate,
    FamilyFit,
    Gamma,
    GeneralizedHyperbolic,
    GeneralizedInverseGaussian,
    IdentityUpdate,
    InverseGamma,
    InverseGaussian,
    LawFit,
    LogScore,
    MeanVarianceMixture,
    MonteCarloEstimate,
    NaturalGradientUpdate,
    NormalInverseGamma,
    NormalInverseGaussian,
    OnlineEM,
    ParameterCovariance,
    PolyakAverage,
    PolyakRuppertUpdate,
    RobbinsMonroUpdate,
    RowPosteriors,
    SampleWeightedUpdate,
    Shrinkage,
    Status,
    StatusEntry,
    StepInfo,
    VarianceGamma,
    eta0_diagonal,
    eta0_from_model,
    eta0_isotropic,
    eta0_with_sigma,
    fit_best,
    set_threads,
    threads,
)
from varimix.batch_em_fitter import BatchEMFitter
from varimix.incremental_em_fitter import IncrementalEMFitter
from varimix.reporting import report
from varimix.sources import open_source
from varimix.streaming import fit_stream
from varimix.warnings import DegenerateDataWarning

if _typing.TYPE_CHECKING:
    from varimix import inference as inference
    from varimix import parameterizations as parameterizations
    from varimix import risk as risk
    from varimix import special as special

NormalMixtureEta = Eta
"""The reference package's name for Eta."""
NormalMixture = MeanVarianceMixture
"""The reference package's name for MeanVarianceMixture; elsewhere it means a Gaussian mixture."""

__version__ = _varimix.version

__all__ = [
    "AffineUpdate",
    "BatchEMFitter",
    "BatchReport",
    "BestFit",
    "BlockIncrementalUpdate",
    "CheckpointError",
    "Conditional",
    "DegenerateDataWarning",
    "DriftDetector",
    "EMResult",
    "EStepResult",
    "EWMAUpdate",
    "EarlyStopping",
    "Eta",
    "FamilyFit",
    "Gamma",
    "GeneralizedHyperbolic",
    "GeneralizedInverseGaussian",
    "IdentityUpdate",
    "IncrementalEMFitter",
    "InverseGamma",
    "InverseGaussian",
    "LawFit",
    "LogScore",
    "MeanVarianceMixture",
    "MonteCarloEstimate",
    "NaturalGradientUpdate",
    "NormalInverseGamma",
    "NormalInverseGaussian",
    "NormalMixture",
    "NormalMixtureEta",
    "OnlineEM",
    "ParameterCovariance",
    "PolyakAverage",
    "PolyakRuppertUpdate",
    "RobbinsMonroUpdate",
    "RowPosteriors",
    "SampleWeightedUpdate",
    "Shrinkage",
    "Status",
    "StatusEntry",
    "StepInfo",
    "VarianceGamma",
    "eta0_diagonal",
    "eta0_from_model",
    "eta0_isotropic",
    "eta0_with_sigma",
    "fit_best",
    "fit_stream",
    "open_source",
    "report",
    "set_threads",
    "threads",
]


_LATER = ("inference", "parameterizations", "risk", "special")


def __getattr__(name: str) -> _typing.Any:
    """Import a module of ``_LATER`` when it is first asked for."""
    if name in _LATER:
        return _importlib.import_module(f"varimix.{name}")
    raise AttributeError(f"module 'varimix' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Name these modules too, imported or not."""
    return sorted({*globals(), *_LATER})
