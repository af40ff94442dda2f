"""``varimix update``: yesterday's state goes on with what is new, and learns nothing twice."""

from pathlib import Path

import numpy as np
import pytest
from command import RETURNS, csv_of, log_returns, prices_of, varimix, write_parquet

from varimix import NormalInverseGaussian, OnlineEM, fit_stream

PRICES = prices_of(4000)
OLD, NEW = 3000, 500  # rows of the first file, and of the next


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_parquet(tmp_path / "old.parquet", PRICES[:OLD], row_group=700)
    assert varimix("fit", "old.parquet", "--returns", "log").code == 0
    return tmp_path


def fitted(*stops: int) -> OnlineEM:
    """Return the state that has learned the returns of the prices up to each stop, in turn."""
    rows, start = log_returns(PRICES), 0
    state = OnlineEM(NormalInverseGaussian.default_init(rows[:2048]))
    for stop in stops:
        fit_stream(state, rows[start : stop - 1], batch_size=512)
        start = stop - 1
    return state


def test_a_new_file_follows_the_last_price(folder: Path) -> None:
    write_parquet(folder / "new.parquet", PRICES[OLD : OLD + NEW])
    ran = varimix("update", "model.vmx", "new.parquet", "--json")
    assert (ran.code, ran.json["new_rows"], ran.json["rows"]) == (0, NEW, OLD + NEW - 1)
    assert OnlineEM.load("model.vmx").model == fitted(OLD, OLD + NEW).model


def test_what_was_learned_is_nothing_new(folder: Path) -> None:
    write_parquet(folder / "new.parquet", PRICES[OLD:])
    varimix("update", "model.vmx", "new.parquet")
    before = OnlineEM.load("model.vmx").to_bytes()
    for data in (("new.parquet",), ("old.parquet",), ("new.parquet", "old.parquet")):
        ran = varimix("update", "model.vmx", *data)
        assert (ran.code, "nothing is new" in ran.out) == (0, True), data
        assert OnlineEM.load("model.vmx").to_bytes() == before


def test_a_file_that_has_grown_gives_its_new_rows(folder: Path) -> None:
    write_parquet(folder / "old.parquet", PRICES, row_group=700)
    assert varimix("update", "model.vmx", "old.parquet").code == 0
    assert OnlineEM.load("model.vmx").model == fitted(OLD, len(PRICES)).model
    assert "nothing is new" in varimix("update", "model.vmx", "old.parquet").out


def test_a_file_that_grows_after_it_came_second_gives_its_new_rows(folder: Path) -> None:
    for stop in (OLD + 100, OLD + NEW):
        write_parquet(folder / "new.parquet", PRICES[OLD:stop], row_group=70)
        assert varimix("update", "model.vmx", "new.parquet").code == 0
    assert OnlineEM.load("model.vmx").model == fitted(OLD, OLD + 100, OLD + NEW).model


def test_the_second_file_of_a_fit_may_grow_without_the_first(folder: Path) -> None:
    write_parquet(folder / "b.parquet", PRICES[OLD : OLD + 100], row_group=30)
    assert varimix("fit", "old.parquet", "b.parquet", "--returns", "log").code == 0
    (folder / "old.parquet").unlink()
    write_parquet(folder / "b.parquet", PRICES[OLD:], row_group=30)
    assert varimix("update", "model.vmx", "b.parquet").code == 0
    assert OnlineEM.load("model.vmx").model == fitted(OLD + 100, len(PRICES)).model


def test_several_new_files_follow_each_other(folder: Path) -> None:
    write_parquet(folder / "new1.parquet", PRICES[OLD : OLD + 100])
    write_parquet(folder / "new2.parquet", PRICES[OLD + 100 :])
    assert varimix("update", "model.vmx", "*.parquet").code == 0
    assert OnlineEM.load("model.vmx").model == fitted(OLD, len(PRICES)).model


def test_another_file_of_a_learned_name_is_learned_and_told(folder: Path) -> None:
    write_parquet(folder / "day.parquet", PRICES[OLD : OLD + NEW])
    varimix("update", "model.vmx", "day.parquet")
    write_parquet(folder / "day.parquet", PRICES[OLD + NEW :])
    ran = varimix("update", "model.vmx", "day.parquet")
    assert (ran.code, "learned as another file" in ran.err) == (0, True)
    assert OnlineEM.load("model.vmx").model == fitted(OLD, OLD + NEW, len(PRICES)).model
    assert "nothing is new" in varimix("update", "model.vmx", "day.parquet").out


def test_a_pipe_is_known_by_its_first_row(folder: Path) -> None:
    assert varimix("update", "model.vmx", "-", stdin=csv_of(PRICES[OLD:]).encode()).code == 0
    assert OnlineEM.load("model.vmx").model == fitted(OLD, len(PRICES)).model
    again = varimix("update", "model.vmx", "-", stdin=csv_of(PRICES[OLD:]).encode())
    assert "nothing is new" in again.out


def test_columns_may_come_in_another_order_and_with_others(folder: Path) -> None:
    both = np.column_stack([PRICES[OLD:, 1], np.arange(len(PRICES) - OLD), PRICES[OLD:, 0]])
    (folder / "new.csv").write_text(csv_of(both, ("MSFT", "volume", "AAPL")))
    assert varimix("update", "model.vmx", "new.csv").code == 0
    assert OnlineEM.load("model.vmx").model == fitted(OLD, len(PRICES)).model


def test_a_column_that_is_gone_is_named(folder: Path) -> None:
    (folder / "new.csv").write_text(csv_of(PRICES[OLD:], ("AAPL", "msft")))
    ran = varimix("update", "model.vmx", "new.csv")
    assert (ran.code, "did you mean 'msft'?" in ran.err) == (3, True)
    assert OnlineEM.load("model.vmx").model == fitted(OLD).model


def test_another_output_leaves_the_model_as_it_was(folder: Path) -> None:
    before = (folder / "model.vmx").read_bytes()
    write_parquet(folder / "new.parquet", PRICES[OLD:])
    assert varimix("update", "model.vmx", "new.parquet", "-o", "next.vmx").code == 0
    assert (folder / "model.vmx").read_bytes() == before
    assert OnlineEM.load("next.vmx").model == fitted(OLD, len(PRICES)).model
    assert varimix("inspect", "next.vmx", "--json").json["returns"] == "log"


def test_a_model_without_notes_is_not_updated_by_guesses(folder: Path) -> None:
    (folder / "model.vmx.source.json").unlink()
    write_parquet(folder / "new.parquet", PRICES[OLD:])
    ran = varimix("update", "model.vmx", "new.parquet")
    assert (ran.code, "--returns" in ran.err) == (2, True)
    ran = varimix("update", "model.vmx", "new.parquet", "--returns", "log")
    assert (ran.code, "prices before 'new.parquet' are not known" in ran.err) == (0, True)
    assert OnlineEM.load("model.vmx").total_weight == len(PRICES) - 2
    assert "nothing is new" in varimix("update", "model.vmx", "new.parquet").out
    write_parquet(folder / "new.parquet", np.vstack([PRICES[OLD:], PRICES[-1:] * 1.01]))
    assert varimix("update", "model.vmx", "new.parquet", "--json").json["new_rows"] == 1


def test_returns_of_another_kind_are_refused(folder: Path) -> None:
    ran = varimix("update", "model.vmx", "old.parquet", "--returns", "simple")
    assert (ran.code, "--returns is log for this model" in ran.err) == (2, True)


def test_damaged_notes_are_named(folder: Path) -> None:
    notes = folder / "model.vmx.source.json"
    for text in ("{", "[]", '{"columns": [], "else": 1}', '{"columns": ["A"]}'):
        notes.write_text(text)
        ran = varimix("update", "model.vmx", "old.parquet")
        assert (ran.code, "model" in ran.err) == (3, True), text


def test_a_state_of_python_that_was_fitted_in_two_passes_goes_on(folder: Path) -> None:
    rows = RETURNS.rvs(1000, seed=3)
    np.save(folder / "a.npy", rows[:600])
    np.save(folder / "b.npy", rows[600:])
    state = OnlineEM(NormalInverseGaussian.default_init(rows))
    fit_stream(state, folder / "a.npy", batch_size=100, passes=2, checkpoint=folder / "py.vmx")
    ran = varimix("update", "py.vmx", "b.npy", "--returns", "none", "--batch-size", 100)
    assert ran.code == 0, ran.err
    fit_stream(state, rows[600:], batch_size=100)
    assert OnlineEM.load("py.vmx").model == state.model


def test_a_fit_of_a_csv_passes_its_options_on(folder: Path) -> None:
    text = csv_of(PRICES).replace(",", ";").splitlines()
    (folder / "a.csv").write_text("\n".join(text[: OLD + 1]))
    (folder / "b.csv").write_text("\n".join([text[0], *text[OLD + 1 :]]))
    assert varimix("fit", "a.csv", "--returns", "log", "--delimiter", ";").code == 0
    assert varimix("update", "model.vmx", "b.csv").code == 0
    assert OnlineEM.load("model.vmx").model == fitted(OLD, len(PRICES)).model
