"""Every public function, and what the stub says of its signature."""

import ast
import inspect
import math
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import varimix
from varimix import _varimix as compiled
from varimix import parameterizations

STUB = ast.parse(Path(varimix.__file__).with_name("_varimix.pyi").read_text())
CLASSES = [
    cls
    for name in varimix.__all__
    if inspect.isclass(cls := getattr(varimix, name)) and not issubclass(cls, Exception)
]


def public_callables() -> dict[str, Any]:
    """Return all that users call, by its qualified name."""
    found = {name: getattr(varimix, name) for name in varimix.__all__}
    found = {name: value for name, value in found.items() if inspect.isroutine(value)}
    found |= {
        f"parameterizations.{name}": value
        for name, value in vars(parameterizations).items()
        if inspect.isfunction(value) and value.__module__ == parameterizations.__name__
    }
    for cls in CLASSES:
        for name in dir(cls):
            if not name.startswith("_") and callable(getattr(cls, name)):
                found[f"{cls.__name__}.{name}"] = getattr(cls, name)
    return found


CALLABLES = public_callables()
FAMILIES = [cls.__name__ for cls in typing.get_args(varimix.MeanVarianceMixture)]


class InShort(ast.NodeTransformer):
    """Writes a type without the modules of names and the shapes of arrays."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return ast.Name(node.attr)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        is_annotated = isinstance(node.value, ast.Name) and node.value.id == "Annotated"
        return node.slice.elts[0] if is_annotated and isinstance(node.slice, ast.Tuple) else node


def in_short(annotation: str) -> str:
    return ast.unparse(InShort().visit(ast.parse(annotation)))


def of_stub(*path: str) -> list[ast.FunctionDef]:
    """Return the functions of a name in the stub: several, if it is overloaded."""
    body: list[ast.stmt] = STUB.body
    for name in path[:-1]:
        body = next(s.body for s in body if isinstance(s, ast.ClassDef) and s.name == name)
    return [s for s in body if isinstance(s, ast.FunctionDef) and s.name == path[-1]]


def parameters_of_stub(function: ast.FunctionDef) -> Iterator[tuple[str, Any, str, str]]:
    """Yield name, kind, type and default, as text, of the parameters of a function."""
    arguments = function.args
    missing: list[ast.expr | None] = [None]
    plain = arguments.posonlyargs + arguments.args
    defaults = missing * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    kinds = [inspect.Parameter.POSITIONAL_ONLY] * len(arguments.posonlyargs)
    kinds += [inspect.Parameter.POSITIONAL_OR_KEYWORD] * len(arguments.args)
    every = list(zip(plain, kinds, defaults, strict=True))
    every += [
        (a, inspect.Parameter.KEYWORD_ONLY, default)
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg:
        every.append((arguments.kwarg, inspect.Parameter.VAR_KEYWORD, None))
    for argument, kind, default in every:
        of_type = in_short(ast.unparse(argument.annotation)) if argument.annotation else ""
        yield argument.arg, kind, of_type, "" if default is None else ast.unparse(default)


def evaluated(text: str) -> Any:
    return eval(text, {"inf": math.inf, "nan": math.nan}) if text else inspect.Parameter.empty


def shown(parameter: inspect.Parameter) -> tuple[str, Any, str]:
    """Return name, kind and type of a parameter, as the signature shows them."""
    annotation = parameter.annotation
    text = "" if annotation is inspect.Parameter.empty else in_short(repr(annotation))
    return parameter.name, parameter.kind, text


def require_as_in_stub(signature: inspect.Signature, functions: list[ast.FunctionDef]) -> None:
    assert functions, "the stub has no such function"
    expected: dict[str, list[tuple[str, Any, str, str]]] = {}
    for function in functions:
        for parameter in parameters_of_stub(function):
            expected.setdefault(parameter[0], []).append(parameter)
    assert list(signature.parameters) == list(expected)
    for name, parameter in signature.parameters.items():
        same = expected[name]
        types = " | ".join(dict.fromkeys(of_type for _, _, of_type, _ in same))
        assert shown(parameter) == (name, same[0][1], types)
        default = evaluated(same[0][3])
        if default is inspect.Parameter.empty and len(same) < len(functions):
            default = ...  # a call may leave it out
        assert parameter.default == default, name
    returned = [in_short(ast.unparse(f.returns)) for f in functions if f.returns]
    text = " | ".join(dict.fromkeys(returned))
    assert in_short(repr(signature.return_annotation)) == text


def owner_in_stub(cls: type, name: str) -> str | None:
    """Return the class of the stub that has a member; None if it is Python's."""
    for base in cls.__mro__:
        if name in vars(base):
            return base.__name__ if base.__module__ == compiled.__name__ else None
    return None


def functions_of_stub(name: str) -> list[ast.FunctionDef] | None:
    """Return what the stub has of a public name; None if Python makes it, and it needs no stub."""
    cls_name, _, member = name.rpartition(".")
    if cls_name in ("", "parameterizations"):
        is_compiled = type(CALLABLES[name]).__module__ == "nanobind"
        return of_stub(name) if is_compiled else None
    owner = owner_in_stub(getattr(varimix, cls_name), member)
    if member == "fit" and owner in FAMILIES:  # there it is an object that is called
        return of_stub("Fit", "__call__")
    return None if owner is None else of_stub(owner, member)
