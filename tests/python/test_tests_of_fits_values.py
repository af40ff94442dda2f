"""Results of tests of fits are immutable values."""

import json
import pickle
from typing import Any

import pytest
from fits_to_test import GH, NIG, VG, X

from varimix import inference
from varimix.inference import GoodnessOfFit, goodness_of_fit, likelihood_ratio, vuong


def values() -> list[Any]:
    return [
        likelihood_ratio(VG, GH),
        inference.test_symmetry(X),
        vuong(NIG, VG, X),
        vuong(NIG, VG, X, maxlags=3, correction="bic"),
        goodness_of_fit(NIG, X, replicates=3),
        goodness_of_fit(NIG.model, X, replicates=0),
    ]


@pytest.mark.parametrize("value", values(), ids=lambda value: type(value).__name__)
def test_a_result_is_an_immutable_value(value: Any) -> None:
    other = pickle.loads(pickle.dumps(value))
    assert other == value
    assert type(value).__name__ in repr(value)
    assert isinstance(value.summary(), str)
    assert value != 3
    with pytest.raises(AttributeError):
        value.statistic = 0.0
    if hasattr(value, "to_dict"):
        json.dumps(value.to_dict())
    if isinstance(value, GoodnessOfFit):
        for array in (value.statistics, other.statistics, other.directions):
            assert not array.flags.writeable
        assert "<table>" in value._repr_html_()


def test_pytest_does_not_take_the_function_for_a_test() -> None:
    assert inference.test_symmetry.__test__ is False  # type: ignore[attr-defined]
