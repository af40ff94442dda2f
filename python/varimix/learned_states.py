"""The states that fit_stream teaches, and the columns that they learn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from varimix._varimix import BootstrapEM, EMResult, MeanVarianceMixture, OnlineEM
from varimix.arguments import MODELS
from varimix.names import NAMES_SHOWN, Names, require_same_names
from varimix.progress import RowsBar

if TYPE_CHECKING:
    from varimix.sources import Source

AnyModel = TypeVar("AnyModel", bound=MeanVarianceMixture)

CHOOSE = "; `columns` chooses among those of a table"


def require_state(state: object) -> None:
    """Raise a TypeError for anything but a state; of a model, or a fit, say how to make one."""
    if isinstance(state, OnlineEM | BootstrapEM):
        return
    how = ""
    if isinstance(state, MODELS):
        how = "; OnlineEM(model) is one"
    elif isinstance(state, EMResult):
        how = "; OnlineEM(result.model) is one"
    raise TypeError(f"state must be an OnlineEM or a BootstrapEM, got {type(state).__name__}{how}")


def fit_of(state: OnlineEM[AnyModel] | BootstrapEM[AnyModel]) -> OnlineEM[AnyModel]:
    """Return the fit with the rows' own weights; of a bootstrap a copy."""
    return state.state if isinstance(state, BootstrapEM) else state


def show(
    bar: RowsBar,
    state: OnlineEM[Any] | BootstrapEM[Any],
    learned_before: Sequence[int],
    _steps: int,
) -> None:
    """Show how far the pass in hand is; ``learned_before`` has the rows at the start of each."""
    fit = fit_of(state)
    score = fit.log_score.recent if fit.log_score.weight > 0 else None
    bar(fit.rows_read, learned_before[-1], score)


def columns_in_order(source: "Source", d: int, columns: Names | None) -> Names | None:
    """Return the names of a source's columns in the order in which a state learns them, or None.

    Raises
    ------
    ValueError
        For another number of columns than d, or other names than ``columns``, listing both.
    """
    names = source.names if columns is None else source.names_among(columns)
    if columns is not None and names is not None:
        require_same_names(names, columns, "source", CHOOSE)
        return columns
    if source.d != d:
        shown = ", ".join(map(repr, source.columns[:NAMES_SHOWN]))
        more = ", ..." if source.d > NAMES_SHOWN else ""
        raise ValueError(
            f"source must be of {d} columns, as the state, got {source.d}: {shown}{more}{CHOOSE}"
        )
    return names
