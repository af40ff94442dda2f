"""Every ``varimix`` line of the documents runs, in the order of its page; options are all told."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from command import NAMES, Ran, csv_of, log_returns, prices_of, varimix, write_parquet
from conftest import ROOT
from documents import blocks_in

PAGE = "docs/command_line.md"
PRICES = prices_of(5000)
LINES = {
    document: [line for block in blocks_in("sh") if block.document == document
               for line in block.text.splitlines()]
    for document in (PAGE, "README.md")
}  # fmt: skip


def write_data(folder: Path) -> None:
    write_parquet(folder / "prices.parquet", PRICES[:3000])
    write_parquet(folder / "new.parquet", PRICES[3000:4000])
    write_parquet(folder / "newer.parquet", PRICES[4400:4500])
    (folder / "more.csv").write_text(csv_of(PRICES[4500:]))
    (folder / "returns.csv").write_text(csv_of(log_returns(PRICES)))
    (folder / "days").mkdir()
    for day in (1, 2, 10):
        write_parquet(folder / "days" / f"{day}.parquet", PRICES[4000 + 10 * day :][:10])
    euro = csv_of(PRICES).replace(",", ";").replace(".", ",").splitlines()
    euro[9] = "k.A.;5,5"
    (folder / "kurse.csv").write_text("\n".join(euro))
    plain = csv_of(PRICES).partition("\n")[2]
    (folder / "plain.csv").write_bytes(f"# Börse\n{plain}".encode("latin1"))


def run_line(line: str) -> Ran:
    """Run 'varimix ...', which may stand behind 'cat FILE |' and before '| head -n N'."""
    words = shlex.split(line, comments=True)
    commands = [list(part) for part in split(words, "|")]
    stdin = None
    if commands[0][0] == "cat":
        stdin = Path(commands.pop(0)[1]).read_bytes()
    if len(commands) > 1:
        assert commands.pop()[:2] == ["head", "-n"]
    assert len(commands) == 1
    assert commands[0][0] == "varimix"
    return varimix(*commands[0][1:], stdin=stdin)


def split(words: list[str], sign: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == sign:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


@pytest.mark.parametrize("document", LINES)
def test_every_line_of_a_document_runs(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path)
    assert LINES[document]
    for line in LINES[document]:
        ran = run_line(line)
        assert ran.code == 0, f"{line}\n{ran.err}"
        assert "nothing is new" not in ran.out, line


COMMANDS = ("fit", "update", "report", "score", "sample", "compare", "inspect", "convert")


def options_of(command: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    monkeypatch.setenv("COLUMNS", "200")
    return set(re.findall(r"--[a-z][a-z-]+", varimix(command, "--help").out)) - {"--help"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_on_the_page(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / PAGE).read_text()
    missing = [option for option in options_of(command, monkeypatch) if option not in text]
    assert not missing


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_json(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--json" in options_of(command, monkeypatch)


def test_the_page_names_no_option_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"--help", *(o for command in COMMANDS for o in options_of(command, monkeypatch))}
    told = re.findall(r"(?<![\w-])--[a-z][a-z-]+", (ROOT / PAGE).read_text())
    assert set(told) <= known


def test_the_piped_model_of_the_page_is_that_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path)
    piped = varimix("fit", "-", "--json", stdin=(tmp_path / "returns.csv").read_bytes()).json
    filed = varimix("fit", "returns.csv", "--json").json
    assert piped["columns"] == filed["columns"] == list(NAMES)
    np.testing.assert_array_equal(piped["parameters"]["mu"], filed["parameters"]["mu"])
