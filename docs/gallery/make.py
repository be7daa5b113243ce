"""Make the gallery: for each entry its page, picture, LaTeX and code, and the index.

Run ``python docs/gallery/make.py`` to write all of it anew beside this file, with
``--pdf`` the PDFs too (they are not kept in the repository; pdflatex is needed). The
one rule kept here: nothing on the index is written by hand but one sentence an entry.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import symgrad as sg

HERE = Path(__file__).parent
MADE = HERE / "made"


@dataclass(frozen=True)
class Entry:
    """One piece: what it is, what is derived, by what and with what on the page."""

    name: str
    title: str
    words: str
    source: Callable[[], Any]
    wrt: Any = None
    page: dict[str, Any] = field(default_factory=dict)
    picture: dict[str, Any] = field(default_factory=dict)
    work: Callable[..., Any] = sg.differentiate


MORSE = "V = D*(1 - exp(-a*(r - r_0)))^2"
ENTRIES = (
    Entry(
        "notes",
        "The network of the notes",
        "How one weight reaches the output of a 2-2-1 network of tanh neurons.",
        lambda: sg.network([2, 2, 1]),
        "w_111",
        {"detail": "full"},
    ),
    Entry(
        "neuron",
        "One neuron",
        "A weighted sum, an activation, and the slope by each of its weights.",
        lambda: "tanh(w_1*x_1 + w_2*x_2 + b)",
        ["w_1", "w_2", "b"],
        {"at": {"w_1": 0.5, "x_1": 1.0, "w_2": -1.0, "x_2": 2.0, "b": 0.25}},
        {"kind": "neuron"},
    ),
    Entry(
        "deeper",
        "A deeper network",
        "With a layer more there are two paths, and the derivative is their sum.",
        lambda: sg.network([2, 2, 2, 1]),
        "w_111",
        {"views": ["paths", "delta"]},
    ),
    Entry(
        "nielsen",
        "Backpropagation as Nielsen writes it",
        "The same network of the notes with layers, z, a and δ.",
        lambda: sg.network([2, 2, 1]),
        None,
        {"views": ["delta"], "notation": "nielsen"},
    ),
    Entry(
        "product",
        "Product rule",
        "Two factors that both move.",
        lambda: "x^2*sin(x)",
        "x",
        {"detail": "full", "at": {"x": 2.0}},
        {"kind": "operations", "at": {"x": 2.0}},
    ),
    Entry(
        "quotient",
        "Quotient rule",
        "A quotient, and the domain it needs.",
        lambda: "(x^2 + 1)/(x - 3)",
        "x",
        {"detail": "full"},
        {"kind": "operations"},
    ),
    Entry(
        "bell",
        "The Gaussian",
        "The bell curve by its place and its width.",
        lambda: "p = exp(-(x - m)^2/(2*s^2))/(s*sqrt(2*pi))",
        ["x", "m", "s"],
    ),
    Entry(
        "likelihood",
        "A likelihood and its data",
        "The log-likelihood of a Poisson sample: a sum over an index, derived once.",
        lambda: "L = sum(x_i*log(w) - w, i, 1, n)",
        "w",
    ),
    Entry(
        "cross_entropy",
        "Softmax and cross-entropy",
        "Why the slope of this loss is softmax minus one.",
        lambda: "L = -log(p); p = exp(z_1)/(exp(z_1) + exp(z_2) + exp(z_3))",
        ["z_1", "z_2"],
    ),
    Entry(
        "logistic",
        "Logistic regression",
        "The loss of one sample, from the data to the weight.",
        lambda: "L = -t*log(p) - (1 - t)*log(1 - p); p = logistic(u); u = w*x + b",
        ["w", "b"],
    ),
    Entry(
        "lennard_jones",
        "Lennard-Jones potential",
        "The force between two atoms is minus this derivative.",
        lambda: "V = 4*epsilon*((sigma/r)^12 - (sigma/r)^6)",
        "r",
    ),
    Entry(
        "arrhenius",
        "Arrhenius' law",
        "How fast a reaction gets faster with temperature.",
        lambda: "k = A*exp(-E_a/(R*T))",
        "T",
    ),
    Entry(
        "spherical",
        "Spherical coordinates",
        "Nine partial derivatives as one matrix.",
        lambda: ["x = r*sin(t)*cos(p)", "y = r*sin(t)*sin(p)", "z = r*cos(t)"],
        ["r", "t", "p"],
        work=sg.jacobian,
    ),
    Entry(
        "rosenbrock",
        "A Hessian",
        "The second derivatives of Rosenbrock's valley.",
        lambda: "(1 - x)^2 + 100*(y - x^2)^2",
        ["x", "y"],
        work=sg.hessian,
    ),
    Entry(
        "circle",
        "A curve without a formula for y",
        "The slope of a circle: both sides derived, then solved.",
        lambda: "x^2 + y^2 = 25",
        work=lambda source, _: sg.implicit(source, "y", "x"),
    ),
    Entry(
        "integral",
        "An integral with a moving limit",
        "Leibniz' rule, each of its terms by name.",
        lambda: "integral(exp(-x*t), t, 0, x^2)",
        "x",
        {"detail": "full"},
    ),
    Entry(
        "kink",
        "A kink",
        "Where there is no derivative the page says so, and which number is used.",
        lambda: "relu(w*x + b)",
        ["w", "b"],
        {"detail": "full"},
        {"kind": "neuron"},
    ),
)


def files_of(entry: Entry) -> dict[str, str]:
    """file name -> text, of one entry."""
    source = entry.source()
    found = entry.work(source, entry.wrt)
    page = sg.explain(found, **entry.page)
    made = {
        f"{entry.name}.html": sg.render(page, "html"),
        f"{entry.name}.tex": sg.render(page, "latex"),
    }
    graph = source if isinstance(source, sg.Graph) else None
    if not isinstance(found, sg.Implicit):
        graph = graph or sg.formula(source)
        marked = entry.wrt if isinstance(entry.wrt, str) else None
        made[f"{entry.name}.svg"] = sg.draw(graph, marked, **entry.picture)
        numbers = found if entry.work is not sg.differentiate else graph
        function = sg.lambdify(numbers, entry.wrt, backend="numpy")
        made[f"{entry.name}.py"] = function.to_source("python")
    else:
        made[f"{entry.name}.svg"] = sg.draw("x^2 + y^2")
        made[f"{entry.name}.py"] = sg.lambdify(found, backend="numpy").to_source(
            "python"
        )
    return made


def index(entries: tuple[Entry, ...] = ENTRIES) -> str:
    """The page with a picture and a sentence for each entry."""
    parts = [
        "# Gallery\n",
        "Formulas and networks with the page, the picture, the LaTeX source and the",
        "code that symgrad makes of each. All is written by one command,",
        "`python docs/gallery/make.py`, with `--pdf` the PDFs too; a test looks for",
        "drift.\n",
    ]
    for entry in entries:
        links = ", ".join(
            f"[{kind}](made/{entry.name}.{suffix})"
            for kind, suffix in (("page", "html"), ("LaTeX", "tex"), ("code", "py"))
        )
        parts += [
            f"## {entry.title}\n",
            f"{entry.words} {links}.\n",
            f"![{entry.title}](made/{entry.name}.svg)\n",
        ]
    return "\n".join(parts)


def main() -> None:
    """Write the gallery."""
    for entry in ENTRIES:
        for name, text in files_of(entry).items():
            (MADE / name).write_text(text, encoding="utf-8")
        if "--pdf" in sys.argv:
            command = ["pdflatex", "-interaction=nonstopmode", f"{entry.name}.tex"]
            subprocess.run(command, cwd=MADE, check=True, stdout=subprocess.DEVNULL)
        print(entry.name)
    (HERE / "index.md").write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    main()
