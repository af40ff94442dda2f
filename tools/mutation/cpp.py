"""Mutants of C++: a source with all of them in it, each asleep until its number is chosen.

No parser: the tokens of sources that clang-format laid out are enough, because operators keep
their precedence. `a < b` becomes `a < less<17>() < b`, whose left half holds a until b is there.
What does not compile for it, a constant expression say, is left out by the build (tree.py).
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass

from mutation.sites import COMPARISON, CONSTANT, DROPPED, SWAPPED, Numbers, Site
from mutation.tokens import Source, Token

COMPARE = {
    "<": ("less", "<="),
    "<=": ("at_most", "<"),
    ">": ("greater", ">="),
    ">=": ("at_least", ">"),
    "==": ("equal", "!="),
    "!=": ("unequal", "=="),
}
CONSTANT_EXPRESSION = {
    "case", "concept", "consteval", "constexpr", "enum", "requires", "static_assert", "template",
    "using", "namespace", "assert", "operator",
}  # fmt: skip
STATEMENT_SIGNS = {"(", ".", "->", "[", "=", "++", "--", ";"} | {f"{c}=" for c in "+-*/%&|^"}
JUMPS = {"break", "continue", "throw"}
KEYWORDS = {
    "alignas", "auto", "case", "class", "const", "constexpr", "decltype", "default", "delete",
    "do", "else", "enum", "explicit", "for", "friend", "if", "namespace", "new", "operator",
    "private", "public", "return", "static", "static_assert", "struct", "switch", "template",
    "try", "typedef", "typename", "using", "virtual", "void", "while", "catch",
}  # fmt: skip


@dataclass(frozen=True)
class Edit:
    """Text put in place of what lies between two offsets, for a site."""

    start: int
    end: int
    text: str
    site: Site


class Mutator:
    """Finds the mutants of one file and what each needs in it."""

    def __init__(self, file: str, text: str) -> None:
        self._text = text
        self._source = Source(text)
        self._numbers = Numbers(file, text)

    def _site(self, token: Token, kind: str, before: str, after: str) -> Site:
        line = self._text.count("\n", 0, token.start) + 1
        column = token.start - (self._text.rfind("\n", 0, token.start) + 1)
        return self._numbers.site(line, column, kind, before, after)

    def edits(self) -> Iterator[list[Edit]]:
        """Yield the edits of each mutant."""
        for i, token in enumerate(self._source.tokens):
            if token.kind == "number" or token.text in ("true", "false"):
                yield from self._constant(i, token)
            elif token.text in COMPARE:
                yield from self._comparison(i, token)
            elif token.text == "?":
                yield from self._choice(i, token)
            elif token.text == "if":
                yield from self._branches(i)
            if self._source.statement[i] == i:
                yield from self._statement(i, token)

    def _constant(self, i: int, token: Token) -> Iterator[list[Edit]]:
        words = self._source.words_before(i)
        first = self._source.tokens[self._source.statement[i]]
        is_named = first.text == "constexpr" and "(" not in words  # of a function's name or a type
        if i in self._source.in_template or words & (CONSTANT_EXPRESSION - {"constexpr"}):
            return
        if "constexpr" in words and not is_named:
            return
        after = {"true": "false", "false": "true"}.get(token.text, f"{token.text} + 1")
        site = self._site(token, CONSTANT, token.text, after)
        call = f"::mutation::pick<{site.number}U>({token.text}, {after})"
        edits = [Edit(token.start, token.end, call, site)]
        if is_named:
            edits.append(Edit(first.start, first.end, "const", site))
        yield edits

    def _comparison(self, i: int, token: Token) -> Iterator[list[Edit]]:
        words = self._source.words_before(i)
        if not (token.spaced and token.spaced_after) or i in self._source.in_template:
            return
        if words & CONSTANT_EXPRESSION:
            return
        name, other = COMPARE[token.text]
        site = self._site(token, COMPARISON, token.text, other)
        text = f"{token.text} ::mutation::{name}<{site.number}U>() {token.text}"
        yield [Edit(token.start, token.end, text, site)]

    def _choice(self, i: int, token: Token) -> Iterator[list[Edit]]:
        if self._source.words_before(i) & CONSTANT_EXPRESSION:
            return
        site = self._site(token, SWAPPED, "c ? a : b", "c ? b : a")
        yield [Edit(token.start, token.end, f"|| ::mutation::flip<{site.number}U>() ?", site)]

    def _branches(self, i: int) -> Iterator[list[Edit]]:
        tokens, source = self._source.tokens, self._source
        opening = i + 1
        if tokens[opening].text != "(":  # if constexpr
            return
        closing = source.partner[opening]
        here = [j for j in range(opening + 1, closing) if source.inside[j] == opening]
        first = max((j + 1 for j in here if tokens[j].text == ";"), default=opening + 1)
        if any(tokens[j].text == "=" for j in here if j >= first):  # a declaration
            return
        condition = self._text[tokens[first].start : tokens[closing].start]
        site = self._site(tokens[i], SWAPPED, f"if ({condition})", f"if (!({condition}))")
        yield [
            Edit(tokens[first].start, tokens[first].start,
                 f"::mutation::is<{site.number}U>() != static_cast<bool>(", site),
            Edit(tokens[closing].start, tokens[closing].start, ")", site),
        ]  # fmt: skip

    def _statement(self, i: int, token: Token) -> Iterator[list[Edit]]:
        source = self._source
        if not source.is_block(source.inside[i]):
            return
        if token.kind != "word" and token.text not in ("++", "--", "*"):
            return
        if token.text not in JUMPS and not self._is_expression(i, token):
            return
        end = source.end_of_statement(i)
        if end is None:  # a macro
            return
        statement = " ".join(self._text[token.start : end.end].split())
        site = self._site(token, DROPPED, statement, ";")
        yield [
            Edit(token.start, token.start,
                 f"{{ if (!::mutation::is<{site.number}U>()) {{ ", site),
            Edit(end.end, end.end, " } }", site),
        ]  # fmt: skip

    def _is_expression(self, i: int, token: Token) -> bool:
        tokens = self._source.tokens
        if token.kind == "sign":
            return True
        if token.text in KEYWORDS:
            return token.text == "return" and tokens[i + 1].text == ";"
        i += 1
        while tokens[i].text == "::":
            i += 2
        return tokens[i].text in STATEMENT_SIGNS


def instrument(file: str, text: str, left_out: Set[int]) -> tuple[str, list[Site]]:
    """Return the source with its mutants in it, line for line the same, and its mutants."""
    edits: dict[tuple[int, int, str], Edit] = {}
    sites = []
    for of_one in Mutator(file, text).edits():
        if of_one[0].site.number in left_out:
            continue
        sites.append(of_one[0].site)
        for edit in of_one:
            edits.setdefault((edit.start, edit.end, edit.text), edit)
    pieces = []
    at = 0
    for edit in sorted(edits.values(), key=lambda edit: (edit.start, edit.end)):
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    head = f'#include "mutation.hpp"\n#line 1 "{file}"\n'
    return head + "".join([*pieces, text[at:]]), sites
