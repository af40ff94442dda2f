"""The command line of the market report."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from market_report.key_figures import terminal_lines
from market_report.prices import PriceFileError, Returns, read_returns
from market_report.study import STAGES, Study, UnusableReturnsError, run_study
from varimix.progress import progress_bar

DESCRIPTION = """\
Stream daily prices, in order, through a Normal Inverse Gaussian: each batch of days is scored
before it is learned. Write one self-contained HTML page about it, and print its path and the five
figures that matter."""
PRICES_HELP = """\
csv file, gzipped if its name ends in .gz: a column Date (ISO), then one column of adjusted closing
prices for each stock"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; a caller's mistake exits with 2 and says why."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError:
        parser.error("the report draws with matplotlib: pip install 'varimix[plot]'")
    try:
        returns = read_returns(options.prices)
        study = _report(returns, options.output, options.picture)
    except (PriceFileError, UnusableReturnsError) as error:
        parser.error(f"{options.prices}: {error}")
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    print("\n".join([f"Report: {options.output}", "", *terminal_lines(study)]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m market_report", description=DESCRIPTION)
    parser.add_argument("prices", type=Path, help=PRICES_HELP)
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("out/report.html"),
        metavar="PATH",
        help="where to write the page (default: %(default)s)",
    )
    parser.add_argument(
        "--picture",
        type=Path,
        metavar="PATH",
        help="also write the report in one picture, a PNG, as in the README",
    )
    return parser


def _report(returns: Returns, output: Path, picture: Path | None) -> Study:
    """Study the returns and write the files, with progress on a terminal."""
    from market_report.page import PICTURES, readme_picture, render

    for path in filter(None, (output, picture)):
        path.parent.mkdir(parents=True, exist_ok=True)
    with progress_bar("market report", STAGES + len(PICTURES), shown=True) as progress:
        advance = _counter(progress)
        study = run_study(returns, advance)
        output.write_text(render(study, advance), encoding="utf-8")
        if picture is not None:
            picture.write_bytes(readme_picture(study))
    return study


def _counter(progress: Callable[[int], None] | None) -> Callable[[], None]:
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done)

    return advance


if __name__ == "__main__":
    sys.exit(main())
