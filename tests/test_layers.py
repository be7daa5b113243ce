"""Imports run downward only, optional packages have one door, text is never run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import symgrad

ROOT = Path(symgrad.__file__).parent
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(
        ".__init__"
    ): path
    for path in sorted(ROOT.rglob("*.py"))
}

LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("exercise_commands", "train_commands"),
    ("commands",),
    ("options", "terminal"),
    ("__init__",),
    ("learning_rates",),
    ("fitting", "estimators", "training"),
    ("fit_inputs", "fit_reports", "fit_starts", "histories"),
    ("descent", "initialization", "plots"),
    ("displays",),
    ("drawing",),
    ("renderers", "pictures"),
    ("answers",),
    ("exercises",),
    ("explanation",),
    ("arrangement",),
    ("equation_pages", "hessian_pages", "method_pages"),
    ("interaction",),
    ("list_scripts",),
    ("chosen_views", "delta_view", "book_notations"),
    ("views", "page_parts", "numbers"),
    ("detail",),
    ("chain_lines",),
    ("page", "bodies", "function_definitions"),
    ("adapters", "equation_solvers"),
    ("solver_inputs",),
    ("numeric",),
    ("higher", "counting", "equations", "differentials", "filling"),
    ("chain_rule", "sides"),
    ("gradient",),
    ("torch_networks",),
    (
        "formulas",
        "networks",
        "accumulation",
        "partials",
        "layout",
        "elements",
        "samples",
    ),
    ("definitions",),
    ("python", "latex"),
    ("reading", "expressions"),
    ("sympy_checks",),
    ("sympy_reading",),
    ("misconceptions",),
    ("cutting", "rules"),
    ("forms",),
    (
        "abstract_functions",
        "undefined_functions",
        "sympy_forms",
        "sympy_sums",
        "tidying",
    ),
    ("factoring",),
    ("graph",),
    ("vocabulary", "derivatives", "derivation", "named_formulas", "losses"),
    ("tokens", "trees", "ordering", "spellings"),
    ("lengths",),
    ("function_forms",),
    ("integrals", "identities"),
    ("functions", "indexed", "user_functions"),
    ("named_functions",),
    ("symbols", "torch_package", "characters", "decimals"),
    ("substitution",),
    ("errors", "progress"),
)
"""From the top down; a module may import from its own row and from rows below it."""

ROW = {name: row for row, names in enumerate(LAYERS) for name in names}

# Renderers only write: they may not reach what derives, evaluates or compiles.
FORBIDDEN_TO_RENDERERS = {"rules", "chain_rule", "gradient", "numeric"}
FORBIDDEN_TO_RENDERERS |= {"derivatives", "views", "chosen_views", "delta_view"}

OPTIONAL = {"llvmlite", "jax", "torch", "cupy", "pandas", "scipy", "sklearn", "IPython"}
OPTIONAL |= {"pylatexenc", "dask", "distributed", "cairosvg", "pypandoc"}
# Tools of one job, each behind one module (rich colours, typer reads the options).
ONE_DOOR = {"jinja2", "rich"}


def imports_of(path: Path, deep: bool = False) -> set[str]:
    """The modules that a file imports when it is loaded (or at all, when ``deep``)."""
    found: set[str] = set()
    todo: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            base = node.module or ""
            names = {f"{base}.{alias.name}" for alias in node.names}
            within = {name for name in names if name.removeprefix("symgrad.") in FILES}
            found |= within if within else {base}
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        elif deep or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += ast.iter_child_nodes(node)
    return found


def top(module: str) -> str:
    """``symgrad.numeric.tape`` is of the layer ``numeric``, ``symgrad`` of the door."""
    return [*module.split("."), "__init__"][1]


def own_imports(path: Path) -> set[str]:
    return {name for name in imports_of(path) if name.split(".")[0] == "symgrad"}


@pytest.mark.parametrize("name", FILES)
def test_every_module_has_a_layer(name: str) -> None:
    assert name.split(".")[0] in ROW


@pytest.mark.parametrize("name", FILES)
def test_imports_run_downward(name: str) -> None:
    own = ROW[name.split(".")[0]]
    upward = {m for m in own_imports(FILES[name]) if ROW[top(m)] < own}
    assert not upward


def test_no_circle_of_modules() -> None:
    graph = {
        f"symgrad.{name}".removesuffix(".__init__"): own_imports(path)
        for name, path in FILES.items()
    }
    state: dict[str, int] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " > ".join((*trail, name))
        if name in state:
            return
        for other in sorted(graph[name]):
            visit(other, (*trail, name))
        state[name] = 1

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("name", [n for n in FILES if n.startswith("renderers")])
def test_renderers_only_write(name: str) -> None:
    reached = {top(module) for module in own_imports(FILES[name])}
    assert not reached & FORBIDDEN_TO_RENDERERS


@pytest.mark.parametrize("package", sorted(OPTIONAL | ONE_DOOR))
def test_a_package_is_imported_in_one_module(package: str) -> None:
    users = [
        name
        for name, path in FILES.items()
        if any(m.split(".")[0] == package for m in imports_of(path, deep=True))
    ]
    assert len(users) <= 1, users
    assert users or package in OPTIONAL


@pytest.mark.parametrize("name", FILES)
def test_text_is_never_executed(name: str) -> None:
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    called = {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
    }
    assert not called & {"eval", "sympify", "parse_expr", "S", "simplify"}
    if not name.startswith("numeric"):
        assert not called & {"exec", "compile"} - (
            {"compile"} if uses_re(tree) else set()
        )


def uses_re(tree: ast.AST) -> bool:
    """Whether a file imports ``re``, whose ``compile`` runs nothing."""
    return any(
        isinstance(node, ast.Import) and node.names[0].name == "re"
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("name", FILES)
def test_derivatives_come_from_one_table(name: str) -> None:
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    attributes = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    assert not attributes & {"fdiff"}
    assert not any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "diff"
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("name", FILES)
def test_every_module_says_why_it_exists(name: str) -> None:
    source = FILES[name].read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring
    assert len(docstring) > 40
