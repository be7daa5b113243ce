"""Wrong arguments of every public function end in a SymgradError of one clear line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symgrad as sg

BAD: dict[str, Any] = {
    **{"none": None, "number": 3, "fraction": 2.5, "nan": float("nan")},
    **{"huge": 10**400, "empty-text": "", "text": "nope", "bytes": b"x"},
    **{"list": [], "list-of-none": [None], "tuple": (), "mapping": {}, "set": set()},
    **{"mapping-of-none": {"q": None}, "object": object(), "truth": True},
    **{"function": lambda: 1, "array": np.array([1.0, 2.0]), "complex": 1j},
}
GRADIENT = sg.differentiate("x*y")
CURVE = sg.implicit("x^2 + y^2 = 25", "y", "x")
PAGE = sg.explain("x*y", detail="brief", check=False)
F = sg.lambdify("x*y", backend="math")

CALLS: dict[str, Callable[[Any], Any]] = {
    "network-sizes": sg.network,
    "network-activation": lambda b: sg.network([2, 1], b),
    "network-output": lambda b: sg.network([2, 1], "tanh", b),
    "formula": sg.formula,
    "formula-name": lambda b: sg.formula("x^2", name=b),
    "formula-syntax": lambda b: sg.formula("x", syntax=b),
    "formula-functions": lambda b: sg.formula("x", functions=b),
    "plain_text": sg.plain_text,
    "evaluate": lambda b: sg.evaluate("x", b),
    "differentiate-wrt": lambda b: sg.differentiate("x*y", b),
    "differentiate-mode": lambda b: sg.differentiate("x*y", "x", b),
    "gradient-key": lambda b: GRADIENT[b],
    "gradient-paths": lambda b: GRADIENT.paths("x", limit=b),
    "derivative-order": lambda b: sg.derivative("x^2", "x", b),
    "jacobian": lambda b: sg.jacobian(["x", "x^2"], b),
    "hessian": lambda b: sg.hessian("x*y", b),
    "directional": lambda b: sg.directional("x*y", b),
    "directional-unit": lambda b: sg.directional("x", {"x": 1}, unit=b),
    "total_differential": lambda b: sg.total_differential("x*y", b),
    "implicit": lambda b: sg.implicit(b, "y"),
    "implicit-of": lambda b: sg.implicit("x = y^3", b),
    "implicit-wrt": lambda b: sg.implicit("x = y^3", "y", b),
    "implicit-order": lambda b: sg.implicit("x = y^3", "y", "x", b),
    "implicit-key": lambda b: CURVE[b],
    "inverse": sg.inverse,
    "fill": lambda b: sg.fill("f(x)", b),
    "explain-wrt": lambda b: sg.explain("x*y", b, check=False),
    "explain-at": lambda b: sg.explain("x*y", at=b, check=False),
    "explain-at-number": lambda b: sg.explain("x", at={"x": b}, check=False),
    "explain-check": lambda b: sg.explain("x", check=b),
    "render": sg.render,
    "render-format": lambda b: sg.render(PAGE, b),
    "save": PAGE.save,
    "load": sg.load,
    "draw": lambda b: sg.draw("x*y", b),
    "lambdify-wrt": lambda b: sg.lambdify("x*y", b),
    "lambdify-args": lambda b: sg.lambdify("x*y", args=b),
    "lambdify-sparse": lambda b: sg.lambdify("x*y", sparse=b),
    "function-save": F.save,
    "function-source": F.to_source,
    "check_gradient": lambda b: sg.check_gradient("x", b),
    "rewrite-form": lambda b: sg.rewrite("x", b),
}
NUMBERS = {"number", "fraction"}
EMPTY = {"list", "tuple", "mapping"}
NOTHING = {"none"}
FINE: dict[str, set[str]] = {  # what is no mistake; no call of another name is
    "network-output": NOTHING,
    "explain-at": NOTHING,
    "check_gradient": NOTHING,
    "differentiate-wrt": NOTHING,
    "hessian": NOTHING,
    "total_differential": NOTHING,
    "jacobian": NOTHING,
    "implicit-wrt": NOTHING,
    "explain-wrt": NOTHING,
    "formula": {"text"},
    "inverse": {"text"},
    "plain_text": {"text"},
    "explain-check": {"truth"},
    "lambdify-sparse": {"truth"},
    "directional-unit": {"truth"},
    "formula-name": {"none", "text"},
    "formula-functions": {"list", "tuple"},
    "gradient-paths": {*NUMBERS, "nan", "huge"},
    "derivative-order": {"none", "number"},
    "implicit-order": {"number"},
    "fill": {"none", "mapping"},
    "explain-at-number": NUMBERS,
    "draw": {"none", "set", *EMPTY},
    "lambdify-wrt": {"none", *EMPTY},
    "lambdify-args": {"none"},
}


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_argument_is_told_in_one_line(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    accepted = set()
    for name, bad in BAD.items():
        try:
            CALLS[call](bad)
            accepted.add(name)
        except sg.SymgradError as error:
            message = str(error)
            assert message and "\n" not in message and len(message) < 600, name
            assert not message.endswith("."), (name, message)
    assert accepted == FINE.get(call, set())


WORDED: dict[str, tuple[Callable[[], Any], str]] = {
    "order-2.0": (
        lambda: sg.derivative("x^2", "x", order=2.0),  # type: ignore[arg-type]
        "order is 2.0; expected a whole number",
    ),
    "implicit-order-2.0": (
        lambda: sg.implicit("x = y^3", "y", "x", order=2.0),  # type: ignore[arg-type]
        "order is 2.0; expected a whole number",
    ),
    "inverse-of-a-number": (lambda: sg.inverse("x = 3"), "x = 3 has no variable"),
    "no-file": (lambda: sg.load("nofile.json"), "cannot read 'nofile.json': no such"),
    "no-folder": (
        lambda: PAGE.save("nowhere/page.txt"),
        "'nowhere/page.txt': no such folder",
    ),
    "if-then": (lambda: sg.formula("if c then a else b"), "write a if c else b"),
    "round": (lambda: sg.formula("round(x)"), r"write floor\(x \+ 1/2\)"),
    "near-a-named-formula": (lambda: sg.formula("logitt(x)"), "did you mean 'logit'"),
}


@pytest.mark.parametrize("case", WORDED)
def test_an_error_names_the_way_out(case: str) -> None:
    call, words = WORDED[case]
    with pytest.raises(sg.SymgradError, match=words):
        call()
