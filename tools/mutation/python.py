"""Mutants of Python: a module with all of them in it, each asleep until its number is chosen."""

import ast
from collections.abc import Set

from mutation.sites import COMPARISON, CONSTANT, DROPPED, SWAPPED, Numbers, Site

HEAD = "from varimix._mutation import is_chosen as _is_chosen"
COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def _unless(chosen: ast.expr, condition: ast.expr) -> ast.expr:
    truth = ast.Call(ast.Name("bool", ast.Load()), [condition], [])
    return ast.Compare(chosen, [ast.NotEq()], [truth])


class Mutator(ast.NodeTransformer):
    """Puts a choice at each place that has a mutant."""

    def __init__(self, file: str, text: str, left_out: Set[int]) -> None:
        self._numbers = Numbers(file, text)
        self._text = text
        self._left_out = left_out
        self.sites: list[Site] = []

    def _chosen(
        self, node: ast.stmt | ast.expr, kind: str, before: str, after: str
    ) -> ast.expr | None:
        """Return the call that says whether the new mutant is chosen."""
        site = self._numbers.site(node.lineno, node.col_offset, kind, before, after)
        if site.number in self._left_out or site in self.sites:
            return None
        self.sites.append(site)
        call = ast.Call(ast.Name("_is_chosen", ast.Load()), [ast.Constant(site.number)], [])
        return ast.copy_location(call, node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Mutate numbers and truth values."""
        if not isinstance(node.value, (bool, int, float)):
            return node
        other = not node.value if isinstance(node.value, bool) else node.value + 1
        chosen = self._chosen(node, CONSTANT, repr(node.value), repr(other))
        return node if chosen is None else ast.IfExp(chosen, ast.Constant(other), node)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Mutate `a < b`; chains are left as they are."""
        before = ast.unparse(node)
        self.generic_visit(node)
        if len(node.ops) != 1:
            return node
        other = ast.Compare(node.left, [COMPARE[type(node.ops[0])]()], node.comparators)
        after = type(other.ops[0]).__name__
        chosen = self._chosen(node, COMPARISON, before, after)
        return node if chosen is None else ast.IfExp(chosen, other, node)

    def visit_If(self, node: ast.If) -> ast.stmt:
        """Swap the branches."""
        condition = ast.unparse(node.test)
        self.generic_visit(node)
        chosen = self._chosen(node, SWAPPED, f"if {condition}", f"if not ({condition})")
        if chosen is not None:
            node.test = _unless(chosen, node.test)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """Swap the branches."""
        before = ast.unparse(node)
        self.generic_visit(node)
        chosen = self._chosen(node, SWAPPED, before, "the other")
        if chosen is not None:
            node.test = _unless(chosen, node.test)
        return node

    def _dropped(self, node: ast.stmt) -> ast.stmt:
        before = " ".join(ast.unparse(node).split())
        self.generic_visit(node)
        chosen = self._chosen(node, DROPPED, before, "pass")
        if chosen is None:
            return node
        return ast.If(ast.UnaryOp(ast.Not(), chosen), [node], [])

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """Drop a call; documentation stays."""
        return node if isinstance(node.value, ast.Constant) else self._dropped(node)

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """Drop what sets an attribute or an element; without a name's first value nothing runs."""
        if isinstance(node.targets[0], (ast.Attribute, ast.Subscript)):
            return self._dropped(node)
        self.generic_visit(node)
        return node

    visit_AugAssign = visit_Raise = visit_Delete = _dropped
    visit_Continue = visit_Break = _dropped

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        """Leave the type alone."""
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Leave the type alone."""
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        """Leave the types and the decorators alone."""
        node.args = self.visit(node.args)
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        """Leave the format of a text alone."""
        node.value = self.visit(node.value)
        return node

    def visit_Match(self, node: ast.Match) -> ast.stmt:
        """Leave patterns alone."""
        for case in node.cases:
            case.body = [self.visit(statement) for statement in case.body]
        return node


def instrument(file: str, text: str, left_out: Set[int]) -> tuple[str, list[Site]]:
    """Return the module with its mutants in it, and its mutants."""
    module = ast.parse(text)
    mutator = Mutator(file, text, left_out)
    module = mutator.visit(module)
    at = 0
    while at < len(module.body) and (
        isinstance(module.body[at], ast.Expr)
        or getattr(module.body[at], "module", None) == "__future__"
    ):
        at += 1
    module.body[at:at] = ast.parse(HEAD).body
    return ast.unparse(ast.fix_missing_locations(module)) + "\n", mutator.sites
