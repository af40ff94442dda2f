"""varimix as its stub has it: with the types that the compiled module holds only as text."""

import __future__

import ast
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

import numpy as np
import numpy.typing

NOT_EVALUATED = __future__.annotations.compiler_flag
"""Annotations may then name classes that come later, as stubs do."""


def type_variables(tree: ast.Module) -> list[str]:
    """Return the names of the type variables that a module defines."""
    return [
        statement.targets[0].id
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and statement.value.func.id == "TypeVar"
    ]


class ArrayLike:
    """Stands for numpy's type of the same name, which is a union of many."""

    __module__ = "numpy.typing"


class FirstArgument:
    """Stands for a generic type of which only the first argument is to be shown."""

    def __class_getitem__(cls, arguments: Any) -> Any:
        return arguments[0] if isinstance(arguments, tuple) else arguments


class Array:
    """Stands for NDArray[float64]."""

    def __class_getitem__(cls, element: Any) -> Any:
        return np.ndarray


def shorten_types_of_arrays() -> None:
    """Let signatures say ArrayLike and ndarray; shapes are in the docstrings."""
    vars(np.typing).update(ArrayLike=ArrayLike, NDArray=Array)


def fit_of(descriptor: type) -> Callable[..., Any]:
    """Return the method that the descriptor ``fit`` of a family is to its users."""

    def fit(self, X, weights=None, **options): ...

    fit.__annotations__ = get_type_hints(descriptor.__call__)
    fit.__doc__ = f"{inspect.getdoc(descriptor)}\n\n{inspect.getdoc(descriptor.__call__)}"
    return fit


def import_with_stub() -> ModuleType:
    """Import varimix with _varimix.pyi in the place of the compiled module; nothing can be fitted.

    Its classes are then said to be of ``varimix``, from where users import them.
    """
    spec = importlib.util.find_spec("varimix")
    if spec is None or spec.origin is None:
        raise ImportError("varimix is not installed: run ./scripts/setup")
    stub = Path(spec.origin).parent / "_varimix.pyi"
    compiled = ModuleType("varimix._varimix")
    compiled.__file__ = str(stub)
    tree = ast.parse(stub.read_text(), stub)
    # A stub may use a type variable above its definition.
    vars(compiled).update({name: TypeVar(name) for name in type_variables(tree)})
    shorten_types_of_arrays()
    sys.modules[compiled.__name__] = compiled
    exec(compile(tree, stub, "exec", NOT_EVALUATED, dont_inherit=True), vars(compiled))
    vars(compiled)["Annotated"] = FirstArgument
    for value in list(vars(compiled).values()):
        if getattr(value, "__module__", None) == compiled.__name__:
            value.__module__ = "varimix"
    for value in list(vars(compiled).values()):
        if isinstance(value, type) and "fit" in inspect.get_annotations(value):
            value.fit = fit_of(compiled.Fit)
    return importlib.import_module("varimix")
