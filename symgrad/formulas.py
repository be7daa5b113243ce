"""Whatever a person has, a text, a SymPy expression or a function, as a Graph.

The one rule kept here: what the user named is one stage under that name, exactly as it
was written; where a formula is cut further stands in cutting.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from sympy import Expr, FunctionClass, Lambda, Symbol, Tuple
from sympy.core.relational import Relational
from sympy.matrices import MatrixBase
from sympy.polys import Poly

from symgrad.definitions import from_text, graph_of
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    FormulaError,
    check_name,
    short,
)
from symgrad.expressions import import_exprs
from symgrad.graph import Graph, as_graph
from symgrad.latex.formulas import plain_text
from symgrad.python.functions import read_function
from symgrad.symbols import fresh, name_of
from symgrad.tokens import is_name
from symgrad.user_functions import UserFunction
from symgrad.vocabulary import is_reserved

Name: TypeAlias = str | Symbol
_OUTPUT_NAMES = ("y", "f", "F")
_ACCEPTED = (
    "expected a text such as 'tanh(w*x + b)', a SymPy expression, a Python function or "
    "a Graph"
)

_RELATIONS = re.compile("==|[<>!]=")  # an equals sign of another kind

SYNTAXES: dict[str, Callable[[str], str]] = {"text": str, "latex": plain_text}
"""The notations of a text, each with what turns it into symgrad's own."""


def formula(
    source: Any,
    name: Name | Sequence[Name] | None = None,
    *,
    syntax: str = "text",
    functions: Sequence[UserFunction] = (),
) -> Graph:
    """Read a formula into a Graph of named stages.

    >>> for stage in formula("tanh(w*x + b)").stages:
    ...     print(stage.symbol, "=", stage.expr)
    u_1 = b + w*x
    y = tanh(u_1)
    >>> graph = formula("f = tanh(u); u = w*x + b")
    >>> graph.output, graph.inputs
    (f, (w, x, b))

    ``source`` is a text (a formula, or definitions ``name = formula`` parted by ``;``
    or line ends, in any order, ``f(x) = formula`` for a function; docs/formulas.md
    tells the language), a SymPy expression, a Python function, whose source is read
    and not run (parameters are inputs, assignments stages), or a Graph, which comes
    back as it is.

    A list of texts, or a list or matrix of SymPy expressions, is a Graph of many
    outputs, ``y_1``, ``y_2``, …, for ``jacobian``; a text may name its own
    (``a = x*y``).

    ``name`` names the output of a formula (by default ``y``, or ``f``, ``F``, … where
    the formula uses ``y``), or picks the output among definitions (by default the one
    that no other uses); a list of names gives a Graph of many outputs.

    Inputs stand in the order of their first appearance in a text, in natural order
    (``x_2`` before ``x_10``) for an expression, whose own symbols come back.

    ``functions`` are functions of your own, made by ``symgrad.function``, that a text
    may use.

    ``syntax="latex"`` reads a text as LaTeX; ``plain_text`` shows what was understood.

    Raises ``FormulaError`` with the column and the sub-expression for what cannot be
    read, ``BoundError`` where it is too long, too deep or its numbers too large,
    ``UnknownNameError`` for an unknown function or output, ``ArgumentTypeError`` for
    a source or a name of another type.
    """
    names = _names(name)
    check_name("syntax", syntax, SYNTAXES)
    if isinstance(source, str):
        text = SYNTAXES[syntax](source)
        return from_text(text, names, _output_name, _checked(functions))
    is_function = callable(source) and not isinstance(source, Expr | Graph)
    listed = isinstance(source, list | tuple)
    if functions and not is_function and not listed:
        raise ArgumentValueError(
            "functions= is for a text or a Python function; in a SymPy expression "
            "call them, as in sat(x)"
        )
    graph = as_graph(source)
    if graph is not None:
        return graph.select(*names) if names else graph
    if isinstance(source, list | tuple) and any(isinstance(s, str) for s in source):
        return _from_texts(source, names, syntax, functions)
    exprs = _expressions(source)
    if exprs:
        return _from_exprs(exprs, names)
    if isinstance(source, FunctionClass):
        raise FormulaError(
            f"{short(source)} is a function without its argument; give a formula, as "
            f"in {short(source)}(x)"
        )
    if any(c.__module__ == "torch.nn.modules.module" for c in type(source).__mro__):
        raise ArgumentTypeError(
            f"a {type(source).__name__} is a module of PyTorch; graph, weights = "
            "from_torch(module) reads it"
        )
    if callable(source):
        return read_function(
            source,
            names,
            lambda taken: _output_name(names, taken),
            _checked(functions),
        )
    raise ArgumentTypeError(f"{short(source)} is no formula; {_ACCEPTED}")


def _checked(functions: Any) -> Sequence[UserFunction]:
    """The user's functions: no two of one name, none of a name that means something."""
    if not isinstance(functions, list | tuple):
        raise ArgumentTypeError(
            f"functions is {short(functions)}; expected a list of functions made by "
            "symgrad.function"
        )
    for each in functions:
        if not isinstance(each, UserFunction):
            raise ArgumentTypeError(
                f"{short(each)} is no function made by symgrad.function"
            )
        if is_reserved(each.name):
            raise ArgumentValueError(f"{each.name} has a meaning already; rename it")
    if len({each.name for each in functions}) < len(functions):
        raise ArgumentValueError("two functions have the same name; rename one")
    return functions


def _names(name: Name | Sequence[Name] | None) -> list[str]:
    """The names asked for; none where the choice is ours."""
    if name is None:
        return []
    if isinstance(name, str | Symbol):
        return [name_of(name)]
    if not isinstance(name, list | tuple):
        raise ArgumentTypeError(
            f"name is {short(name)}; expected a name or a list of names"
        )
    names = [name_of(each) for each in name]
    if not names:
        raise ArgumentValueError("name is an empty list; expected at least one name")
    if len(set(names)) < len(names):
        raise ArgumentValueError(f"name is {short(names)}; expected each name once")
    return names


def _expressions(source: Any) -> list[Expr]:
    """The SymPy expressions that a source is; none where it is anything else."""
    if isinstance(source, Lambda):
        source = source.expr
    if isinstance(source, Poly):
        source = source.as_expr()
    if isinstance(source, Relational):
        raise ArgumentTypeError(
            f"{short(source)} is a relation and no formula; of an equation, "
            "implicit( ) takes the derivatives"
        )
    if isinstance(source, Expr):
        return [source]
    if isinstance(source, list | tuple | Tuple | MatrixBase):
        found = list(source)
        if found and all(isinstance(each, Expr) for each in found):
            return found
    return []


def _from_texts(
    texts: Sequence[Any], names: list[str], syntax: str, functions: Any
) -> Graph:
    """Formulas as the outputs of one Graph; each may bring definitions after a ;."""
    whole, inner, taken, own = [], [], set(), []
    for text in texts:
        if not isinstance(text, str):
            raise ArgumentTypeError(
                f"{short(text)} stands in a list of texts; expected a text"
            )
        graph = formula(text, syntax=syntax, functions=functions)  # errors in his words
        first, *rest = SYNTAXES[syntax](text).replace("\n", ";").split(";")
        named, equals, _ = _RELATIONS.sub("", first).partition("=")
        if equals:
            if not is_name(named.strip()):
                raise FormulaError(
                    f"{short(first)} stands in a list and is no formula; expected "
                    "'name = formula', or the formula alone"
                )
            first = first.partition("=")[2]
        own.append(named.strip() if equals else "")
        whole.append(first)
        inner += [part for part in rest if part.strip() and part not in inner]
        taken |= {name.name for name in graph.inputs}
        taken |= {part.partition("=")[0].strip() for part in rest}
    if names:
        outputs = _several(names, len(texts), sorted(taken))
    else:
        free = _free_names(len(texts), sorted(taken | {*own}))
        outputs = [mine or other for mine, other in zip(own, free, strict=True)]
    if len({*outputs}) < len(outputs):
        raise FormulaError(f"{short(outputs)} are the names of a list; give each once")
    lines = [f"{name} = {text}" for name, text in zip(outputs, whole, strict=True)]
    return from_text(
        "; ".join([*lines, *inner]), outputs, _output_name, _checked(functions)
    )


def _from_exprs(exprs: Sequence[Expr], names: list[str]) -> Graph:
    def outputs(taken: Sequence[str]) -> list[str]:
        if len(exprs) == 1:
            return [_output_name(names, taken)]
        if names:
            return _several(names, len(exprs), taken)
        return _free_names(len(exprs), taken)

    inputs, stages, chosen = import_exprs(exprs, outputs)
    return graph_of(stages, chosen, inputs)


def _free_names(count: int, taken: Sequence[str]) -> list[str]:
    """``y_1``, ``y_2``, …, or with another letter where one of them is taken."""
    for letter in (*_OUTPUT_NAMES, "y_out"):
        found = [f"{letter}_{k}" for k in range(1, count + 1)]
        if not {*found} & {*taken}:
            break
    return [fresh(name, taken) for name in found]


def _several(names: list[str], count: int, taken: Sequence[str]) -> list[str]:
    if len(names) != count:
        raise ArgumentValueError(
            f"{len(names)} names for {count} formulas; give one for each"
        )
    return [_output_name([name], taken) for name in names]


def _output_name(names: list[str], taken: Sequence[str]) -> str:
    """The name of the one output of a formula that uses the names ``taken``."""
    if not names:
        free = (name for name in _OUTPUT_NAMES if name not in taken)
        return next(free, None) or fresh("y", taken)
    if len(names) > 1:
        raise FormulaError(
            f"{len(names)} outputs ({', '.join(names[:10])}) of one formula; give "
            "definitions, as in 'a = x + y; b = x*y'"
        )
    name = names[0]
    if name in taken:
        raise FormulaError(
            f"the output cannot be called {short(name)}: the formula uses that name; "
            "choose another one"
        )
    if not is_name(name):
        raise ArgumentValueError(
            f"{short(name)} is no name; expected a letter, then letters, digits or _"
        )
    return name
