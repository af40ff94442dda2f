"""What a misspelt word was meant to be."""

from collections.abc import Iterable

ALIKE = 0.6
"""The least likeness (difflib's ratio) of a word that is suggested; difflib's own default."""


def nearest_word(word: str, known: Iterable[str], alike: float = ALIKE) -> str | None:
    """Return the word of ``known`` that is most like ``word``, whatever the case, or None."""
    from difflib import get_close_matches  # only a mistake needs it

    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=alike)
    return by_lower[found[0]] if found else None


def suggestion(word: str, known: Iterable[str], alike: float = ALIKE) -> str:
    """Return "; did you mean ...?" as a message ends with, or "" where no word is alike."""
    nearest = nearest_word(word, known, alike)
    return "" if nearest is None else f"; did you mean {nearest!r}?"
