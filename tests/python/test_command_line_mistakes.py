"""A user's mistake gives one line on standard error and a documented exit code, no traceback."""

import re
from pathlib import Path

import numpy as np
import pytest
from command import csv_of, prices_of, varimix, write_parquet
from conftest import ROOT

from varimix.command_line.exits import DEGENERATE_STATUSES

PRICES = prices_of(600)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.csv").write_text(csv_of(PRICES))
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("A,B\n")
    (tmp_path / "text.csv").write_text("A,B\nx,y\n")
    (tmp_path / "twice.csv").write_text("A,A\n1.5,2\n")
    (tmp_path / "no_names.csv").write_text("1.5,2\n2,3\n")
    (tmp_path / "ragged.csv").write_text("A,B\n1,2\n1,2,3\n")
    (tmp_path / "data.tsv").write_text("A\tB\n1\t2\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY")
    (tmp_path / "broken.vmx").write_bytes(b"\x89VMX\r\n\x1a\n and no more")
    (tmp_path / "a folder").mkdir()
    write_parquet(tmp_path / "good.parquet", PRICES)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("fit",), 2, "Missing argument"),
        (("fit", "nothing.csv"), 2, "there is no file 'nothing.csv'"),
        (("fit", "no*.parquet"), 2, "no file matches"),
        (("fit", "a folder"), 2, "is a folder"),
        (("fit", "data.tsv"), 2, "must end in one of"),
        (("fit", "good.csv", "good.parquet"), 2, "files of one format"),
        (("fit", "good.csv", "good.csv"), 2, "more than once"),
        (("fit", "good.csv", "-"), 2, "must be the only source"),
        (("fit", "good.parquet", "--delimiter", ";"), 2, "is of CSV files"),
        (("fit", "good.csv", "-o", "a folder"), 2, "is a folder"),
        (("fit", "good.csv", "-o", "nowhere/model.vmx"), 2, "no folder 'nowhere'"),
        (("fit", "good.csv", "-o", "good.csv"), 2, "--output is a model file"),
        (("fit", "good.csv", "--batch-size", 0), 2, "--batch-size"),
        (("fit", "good.csv", "--threads", -1), 2, "--threads"),
        (("fit", "good.csv", "--treads", 1), 2, "No such option"),
        (("fti", "good.csv"), 2, "No such command"),
        (("fit", "empty.csv"), 3, "Empty CSV"),
        (("fit", "header.csv"), 3, "no rows"),
        (("fit", "text.csv"), 3, "no column of numbers"),
        (("fit", "twice.csv"), 3, "more than one column is named 'A'"),
        (("fit", "no_names.csv"), 3, "--no-header"),
        (("fit", "ragged.csv"), 3, "Expected 2 columns, got 3"),
        (("fit", "broken.parquet"), 3, "broken.parquet"),
        (("fit", "broken.npy"), 3, "broken.npy"),
        (("inspect", "broken.vmx"), 3, "broken.vmx"),
        (("inspect", "nothing.vmx"), 2, "no model file"),
        (("inspect", "a folder"), 2, "is a folder"),
        (("score", "nothing.vmx", "good.csv"), 2, "no model file"),
        (("update", "broken.vmx", "good.csv"), 3, "broken.vmx"),
        (("sample", "broken.vmx"), 3, "broken.vmx"),
        (("sample", "broken.vmx", "-o", "x.txt"), 2, "must end in one of"),
        (("sample", "broken.vmx", "--json"), 2, "both want standard output"),
        (("compare", "good.csv", "--held-out", 1), 2, "--held-out"),
        (("compare", "broken.vmx"), 2, "needs data"),
        (("compare", "broken.vmx", "good.csv"), 2, "two models"),
        (("convert", "broken.vmx", "x.txt"), 2, "must end in one of"),
        (("convert", "broken.vmx", "x.json"), 3, "broken.vmx"),
        (("convert", "nothing.json", "x.vmx"), 2, "no file 'nothing.json'"),
    ],
)
def test_a_mistake_has_a_code_and_words(
    arguments: tuple[object, ...], code: int, words: str
) -> None:
    ran = varimix(*arguments)
    assert ran.code == code, ran
    assert words in ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", ["good.parquet", "broken.vmx", "broken.npy"])
def test_what_cannot_be_piped_is_named(folder: Path, name: str) -> None:
    ran = varimix("fit", "-", stdin=(folder / name).read_bytes())
    assert (ran.code, "'-' reads CSV or an Arrow IPC stream" in ran.err) == (3, True)


def test_an_empty_pipe_is_bad_data() -> None:
    assert varimix("fit", "-", stdin=b"").code == 3


def degenerate_rows() -> dict[str, str]:
    normal = np.random.default_rng(0).normal(size=(500, 2))
    tied = np.where(np.random.default_rng(1).random(600) < 0.5, 0.0, normal[:, 0].repeat(2)[:600])
    return {
        "constant_column": csv_of(normal * [1, 0] + [0, 5]),
        "too_few_rows": csv_of(normal[:2]),
        "mode_trap": csv_of(tied[:, None], ("A",)),
    }


@pytest.mark.parametrize(("status", "text"), degenerate_rows().items())
def test_a_degenerate_fit_is_written_and_ends_with_4(folder: Path, status: str, text: str) -> None:
    (folder / "x.csv").write_text(text)
    options = ("--family", "vg", "--to-maximum") if status == "mode_trap" else ()
    ran = varimix("fit", "x.csv", "--json", *options)
    assert ran.code == 4
    assert status in [entry["code"] for entry in ran.json["status"]]
    assert f"degenerate ({status}" in ran.err or status in ran.err
    assert (folder / "model.vmx").exists()


@pytest.mark.parametrize("options", [(), ("--family", "best"), ("--to-maximum",)])
def test_outcomes_speak_of_columns_by_name(folder: Path, options: tuple[str, ...]) -> None:
    for file in ("x.csv", "y.csv"):
        (folder / file).write_text(degenerate_rows()["constant_column"])
    assert "(column 'MSFT')" in varimix("fit", "x.csv", *options).out
    assert "(column 'MSFT')" in varimix("update", "model.vmx", "y.csv").out


def test_degenerate_are_the_outcomes_after_which_a_fit_is_not_to_be_used() -> None:
    text = (ROOT / "docs/when_a_fit_fails.md").read_text()
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", text, re.M)
    told = {
        name for names, fit in rows if fit.startswith("not to be used") for name in
        re.findall(r"`(\w+)`", names)
    }  # fmt: skip
    assert told == set(DEGENERATE_STATUSES)
