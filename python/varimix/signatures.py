"""What inspect and typing read of compiled functions, made from the texts that nanobind keeps.

`python/bindings/bind_help.cpp` lets functions, methods and classes ask for it.
"""

import __future__

import collections.abc
import datetime
import os
import re
import typing
from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Any

import numpy
import numpy.random
import numpy.typing

from varimix import _varimix

AS_TEXT = __future__.annotations.compiler_flag
"""Annotations stay text, because some types are unions too long to read."""
MODULES = {
    "collections": collections,
    "datetime": datetime,
    "numpy": numpy,
    "os": os,
    "typing": typing,
}
"""Those that the texts name."""
IN_PYTHON = (
    (r"^def \w*", "def _"),  # a property's function has no name
    (r"numpy\.ndarray\[dtype=(\w+)[^]]*\]", r"numpy.typing.NDArray[numpy.\1]"),
    (r"\bvarimix\._varimix\.", ""),
    (r"\\(\d+)", r"_defaults[\1]"),  # values that nanobind keeps as objects
)
"""Patterns of nanobind's own notation, and what Python has for them; docstrings say the shapes."""


class Annotation(str):
    """The text of a type, which a signature shows without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def overloads(function: Any) -> list[Callable[..., Any]]:
    """Return Python functions with the parameters of a compiled one, one for each of its texts."""
    found = []
    for text, _, defaults in function.__nb_signature__:
        for pattern, replacement in IN_PYTHON:
            text = re.sub(pattern, replacement, text)
        namespace = {**vars(_varimix), **MODULES, "_defaults": defaults}
        exec(compile(f"{text}: ...", "<signature>", "exec", AS_TEXT, dont_inherit=True), namespace)
        found.append(namespace["_"])
    return found


def text_of(annotations: list[Any]) -> Any:
    """Return what shows the type that is one of these."""
    texts = dict.fromkeys(text for text in annotations if text is not Signature.empty)
    return Annotation(" | ".join(texts)) if texts else Signature.empty


def merged(parameters: list[Parameter], overloads: int) -> Parameter:
    """Return the parameter that stands for those of one name.

    Its default is the one that some have, or ``...`` if it may go because an overload lacks it.
    """
    defaults = [p.default for p in parameters if p.default is not Parameter.empty]
    if len(parameters) < overloads:
        defaults.append(...)
    annotation = text_of([p.annotation for p in parameters])
    return parameters[0].replace(default=(*defaults, Parameter.empty)[0], annotation=annotation)


def of_function(function: Any) -> Signature:
    """Return the signature of a compiled function; of several, one that takes the calls of all."""
    every = [signature(overload) for overload in overloads(function)]
    named: dict[str, list[Parameter]] = {}
    for one in every:
        for name, parameter in one.parameters.items():
            named.setdefault(name, []).append(parameter)
    return Signature(
        [merged(same, len(every)) for same in named.values()],
        return_annotation=text_of([one.return_annotation for one in every]),
    )


def of_bound_method(method: Any) -> Signature:
    """Return the signature of a compiled method of an object: its function's without ``self``."""
    whole = of_function(method.__func__)
    return whole.replace(parameters=list(whole.parameters.values())[1:])


def of_class(cls: type) -> Signature | None:
    """Return the signature of a compiled class; None if its constructor is Python's, or none."""
    for base in cls.__mro__:
        if "__init__" in vars(base):
            init = vars(base)["__init__"]
            if not hasattr(init, "__nb_signature__"):
                return None
            parameters = list(of_function(init).parameters.values())
            return Signature(parameters[1:])
    return None
