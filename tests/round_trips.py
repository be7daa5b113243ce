"""What leaves symgrad and comes back: text, LaTeX, modules, pickles, documents.

The one rule kept here: what comes back is judged by its meaning, never by its look.
"""

from __future__ import annotations

import json
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sympy.printing.str import StrPrinter

import symgrad as sg
from symgrad.renderers.notation import layout, notation_of
from symgrad.renderers.tex import tex


class Fault(AssertionError):
    """Something that must hold of a formula does not."""


def claim(true: bool, what: str, *told: Any) -> None:
    if not true:
        raise Fault(f"{what}: {', '.join(map(str, told))}")


class ExplicitPrinter(StrPrinter):
    """SymPy's own text with the words of a formula's conditions."""

    def _print_Piecewise(self, expr: Any) -> str:
        pairs = (f"({self._print(u)}, {self._print(c)})" for u, c in expr.args)
        return f"piecewise({', '.join(pairs)})"

    def _print_Relational(self, expr: Any) -> str:
        return f"({self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)})"

    def _print_And(self, expr: Any) -> str:
        return "(" + " and ".join(map(self._print, expr.args)) + ")"

    def _print_Or(self, expr: Any) -> str:
        return "(" + " or ".join(map(self._print, expr.args)) + ")"

    def _print_Not(self, expr: Any) -> str:
        return f"(not {self._print(expr.args[0])})"

    def _print_BooleanTrue(self, expr: Any) -> str:
        return "true"

    def _print_BooleanFalse(self, expr: Any) -> str:
        return "false"


def printed(graph: Any) -> str:
    """The stages of a graph as a text that can be read back."""
    write = ExplicitPrinter({"full_prec": False}).doprint
    return "; ".join(f"{s.symbol.name} = {write(s.expr)}" for s in graph.stages)


def read_back(graph: Any, users: list[Any], told: Counter[str]) -> list[Any]:
    """The graphs that its own text and its own LaTeX are read as."""
    name = str(graph.outputs[0].name)
    told["text read back"] += 1
    found = [sg.formula(printed(graph), name=name, functions=users)]
    if users:
        return found
    notation = notation_of(graph)
    lines = [
        f"{tex(layout(stage.symbol, notation))} = {tex(layout(stage.expr, notation))}"
        for stage in graph.stages
    ]
    try:
        again = sg.formula(r" \\ ".join(lines), name=name, syntax="latex")
    except sg.SymgradError as error:
        reason = re.sub(r"['\"].*?['\"]|\d+|line .*", "…", str(error))[:60]
        told[f"LaTeX not read back: {reason}"] += 1
        return found
    told["LaTeX read back"] += 1
    return [*found, again]


# --- documents --------------------------------------------------------------------

_PAIRS = ((r"\left", r"\right"), (r"\begin", r"\end"))


def is_well_formed(format: str, text: str) -> None:
    """A document that its own readers can read."""
    claim(bool(text), format)
    if format == "json":
        json.loads(text)
    elif format == "mathml":
        ElementTree.fromstring(text)
    elif format == "html":
        for part in re.findall(r"(?s)<(?:math|svg)\b.*?</(?:math|svg)>", text):
            ElementTree.fromstring(part)
    elif format == "latex":
        bare = re.sub(r"\\[\\{}]", "", text)
        claim(bare.count("{") == bare.count("}"), "braces")
        for opens, closes in _PAIRS:
            one, other = (
                len(re.findall(re.escape(w) + r"\b", bare)) for w in (opens, closes)
            )
            claim(one == other, f"{opens} and {closes}")


# --- modules ----------------------------------------------------------------------

_CHILD = """
import importlib.util, pickle, sys, warnings
warnings.simplefilter("error")
bad = []
for name in sorted(__import__("os").listdir(sys.argv[1])):
    if not name.endswith(".py"):
        continue
    spec = importlib.util.spec_from_file_location(name[:-3], sys.argv[1] + "/" + name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with open(sys.argv[1] + "/" + name + ".pickle", "rb") as file:
        point, wanted = pickle.load(file)
    found = module.f(**{each: point[each] for each in module.ARGS})
    if repr(found) != wanted:
        bad.append(f"{name}: {found!r}, not {wanted}")
if "symgrad" in sys.modules:
    bad.append("a module imports symgrad")
print(chr(10).join(bad))
"""


class Modules:
    """Numeric functions saved as modules, to be run in a process without symgrad."""

    def __init__(self) -> None:
        self.folder, self.count = Path(), 0

    def clear(self) -> None:
        """Forget what was saved."""
        if self.count:
            shutil.rmtree(self.folder)
        self.folder, self.count = Path(), 0

    def add(self, f: Any, point: Any, result: Any, told: Counter[str]) -> None:
        """Save one, with what it gives here; its pickle must give the same."""
        copy = pickle.loads(pickle.dumps(f))
        given = {name: point[name] for name in f.args}
        claim(repr(copy(**given)) == repr(result), "pickled function", f.source)
        if not self.count:
            self.folder = Path(tempfile.mkdtemp(prefix="modules_"))
        path = self.folder / f"m{self.count:05}.py"
        f.save(path)
        with open(f"{path}.pickle", "wb") as file:
            pickle.dump((point, repr(result)), file)
        self.count += 1
        told["modules"] += 1

    def run(self) -> None:
        """Run all modules in a fresh process, and forget them."""
        if not self.count:
            return
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD, str(self.folder)],
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.clear()
        claim(done.returncode == 0, "modules", done.stderr[-2000:])
        claim(not done.stdout.strip(), "modules", done.stdout)


MODULES = Modules()
"""What the judges save; ``MODULES.run()`` tries all of it."""
