"""The tokens of C++ sources that clang-format laid out: brackets, templates, statements."""

import re
from collections.abc import Set
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<directive>^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
    |(?P<string>(?:u8|L)?R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|(?:u8|L)?"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)+')
    |(?P<number>\.?\d(?:[eEpP][+-]|'\w|[\w.])*)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<sign><=>|<<=|>>=|\.\.\.|->|::|\+\+|--|<<|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
BEFORE_BLOCK = {")", "]", "const", "noexcept", "override", "mutable", "else", "do", "try"}


@dataclass
class Token:
    """A word or a sign, with where it is, and whether a space stands before and after it."""

    kind: str
    text: str
    start: int
    spaced: bool
    spaced_after: bool = False

    @property
    def end(self) -> int:
        """Offset of what follows it."""
        return self.start + len(self.text)


def tokens_of(text: str) -> list[Token]:
    """Return what the compiler sees, without directives."""
    tokens: list[Token] = []
    spaced = True
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        kind = "string" if kind == "mark" else kind
        if kind in ("space", "comment", "directive"):
            spaced = True
            if tokens:
                tokens[-1].spaced_after = True
            continue
        tokens.append(Token(kind, match[0], match.start(), spaced))
        spaced = False
    return tokens


class Source:
    """The tokens of a file, with the bracket that each is in and the statement that it is of."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens_of(text)
        self.partner: dict[int, int] = {}  # of a bracket
        self.inside: list[int] = []  # of a token, the innermost bracket that is open; or -1
        self.in_template: set[int] = set()
        self.statement: list[int] = []  # of a token, the first one of its statement
        self._match_brackets()
        self._find_templates()
        self._find_statements()

    def _match_brackets(self) -> None:
        still_open: list[int] = []
        for i, token in enumerate(self.tokens):
            if token.kind == "sign" and token.text in ")]}" and still_open:
                self.partner[still_open[-1]] = i
                self.partner[i] = still_open.pop()
            self.inside.append(still_open[-1] if still_open else -1)
            if token.kind == "sign" and token.text in "([{":
                still_open.append(i)

    def _find_templates(self) -> None:
        for i, token in enumerate(self.tokens):
            if token.text != "<" or token.spaced_after or i in self.in_template:
                continue
            depth = 0
            for j in range(i, len(self.tokens)):
                depth += {"<": 1, ">": -1}.get(self.tokens[j].text, 0)
                self.in_template.add(j)
                if depth == 0 or self.tokens[j].text == ";":
                    break

    def _find_statements(self) -> None:
        first = 0
        for i in range(len(self.tokens)):
            if i and self._ends_statement(i - 1, self.tokens[i - 1]):
                first = i
            self.statement.append(first)

    def _ends_statement(self, i: int, token: Token) -> bool:
        if token.text in ("{", "}"):
            return True
        if token.text == ";":  # not in the head of a loop
            return self.inside[i] < 0 or self.tokens[self.inside[i]].text == "{"
        if token.text == ")":
            opening = self.partner.get(i, 0)
            return self.tokens[max(opening - 1, 0)].text in ("if", "for", "while", "switch")
        if token.text == ":":
            return self.tokens[self.statement[i]].text in ("case", "default", "public", "private")
        return token.text in ("else", "do")

    def is_block(self, i: int) -> bool:
        """Whether token i opens a block of statements."""
        if i < 1 or self.tokens[i].text != "{":
            return False
        before = self.tokens[i - 1].text
        return before in BEFORE_BLOCK or "->" in self.words_before(i)

    def words_before(self, i: int) -> Set[str]:
        """Return the words of the statement of token i, up to it."""
        return {token.text for token in self.tokens[self.statement[i] : i]}

    def end_of_statement(self, i: int) -> Token | None:
        """Return the `;` that ends the statement of token i; None where its block ends first."""
        while self.tokens[i].text != ";":
            if self.tokens[i].text == "}":
                return None
            i = self.partner[i] if self.tokens[i].text in ("(", "[", "{") else i
            i += 1
        return self.tokens[i]
