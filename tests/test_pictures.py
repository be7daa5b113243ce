"""Kinds of pictures, the numbers in them, and the formats in which they are written."""

from __future__ import annotations

import itertools
import os
import pickle
import random
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import sympy as sp
from sympy import Symbol

import symgrad as sg
from symgrad.derivation import Picture
from symgrad.drawing import FORMATS
from symgrad.errors import (
    ArgumentTypeError,
    GraphError,
    MissingPackageError,
    UnknownNameError,
)
from symgrad.layout import picture_of
from symgrad.layout.operations import operation_graph
from symgrad.layout.scene import NODE_RADIUS, name_parts
from symgrad.pictures import conversion

SVG = "{http://www.w3.org/2000/svg}"
BELL = "y = exp(-(x-m)^2/(2*s^2))/(s*sqrt(2*pi))"
LSTM = (
    "h = o*tanh(c); c = f_1*c_0 + i_1*g_1; f_1 = logistic(w_f*x + b_f); "
    "i_1 = logistic(w_i*x + b_i); o = logistic(w_o*x + b_o); g_1 = tanh(w_g*x + b_g)"
)


def point(graph: sg.Graph, seed: int = 1) -> dict[str, float]:
    """A number of two decimals for every input and parameter."""
    numbers = random.Random(seed)
    names = (*graph.inputs, *graph.parameters)
    return {name.name: round(numbers.uniform(0.1, 1.5), 2) for name in names}


CASES: dict[str, tuple[sg.Graph, str | None, str]] = {
    "notes": (sg.network([2, 2, 1]), "w_111", "network"),
    "3-4-2": (sg.network([3, 4, 2]), "w_111", "network"),
    "16-32-32-1": (sg.network([16, 32, 32, 1]), "w_20_5_1", "network"),
    "60-40-1": (sg.network([60, 40, 1]), None, "network"),
    "neuron": (sg.network([2, 2, 1]), "w_121", "neuron"),
    "neuron of text": (sg.formula("tanh(w_1*x_1 + w_2*x_2 + b)"), "w_1", "neuron"),
    "long activation": (sg.network([3, 1], "leaky_relu"), None, "neuron"),
    "bell, stages": (sg.formula(BELL), "x", "stages"),
    "bell, operations": (sg.formula(BELL), "s", "operations"),
    "notes, operations": (sg.network([2, 2, 1]), "w_111", "operations"),
    "notes, stages": (sg.network([2, 2, 1]), "w_111", "stages"),
    "lstm": (sg.formula(LSTM), "x", "operations"),
    "many arguments": (sg.formula("a + b + c + d + x*y + z^2"), "x", "operations"),
}
each_case = pytest.mark.parametrize(("graph", "wrt", "kind"), CASES.values(), ids=CASES)
with_numbers = pytest.mark.parametrize("numbers", [False, True], ids=["names", "at"])
SMALL = {name: case for name, case in CASES.items() if name[:2] not in ("16", "60")}
each_small = pytest.mark.parametrize(
    ("graph", "wrt", "kind"), SMALL.values(), ids=SMALL
)

# The widths of Helvetica and its like, in em (Adobe Font Metrics; Liberation Sans).
EM = {" ": 0.278, ".": 0.278, "=": 0.584, "−": 0.584, "∂": 0.52}


def _wide(words: str, size: float = 12) -> float:
    return sum(EM.get(char, 0.556) for char in words) * size


def _boxes(svg: str, picture: Picture) -> list[tuple[str, float, float, float, float]]:
    """Name, left, top, right, bottom of all that is drawn: nodes, labels, numbers."""
    found = []
    for node in picture.nodes:
        if node.kind != "ellipsis":
            half = node.width / 2 or NODE_RADIUS
            tall = node.height / 2 or NODE_RADIUS
            box = (node.x - half, node.y - tall, node.x + half, node.y + tall)
            found.append((node.name.name, *box))
    root = ET.fromstring(svg)
    for group in root.iter(f"{SVG}g"):
        kind = str(group.get("class")).split()[0]
        for text in group.iter(f"{SVG}text"):
            words, size = "".join(text.itertext()), float(text.get("font-size", 17))
            if kind == "node" and text.get("class") not in ("value", "adjoint"):
                continue
            x, y = float(text.get("x", 0)), float(text.get("y", 0))
            wide = _wide(words, size)
            if text.get("class") == "name":
                value = "".join(t.text or "" for t in text if t.get("class"))
                name = group.get("data-weight") or group.get("data-by") or ""
                base, index = name_parts(name)
                wide = 12 * len(base) + 6 * len(index) + _wide(value)
            left, top = x - wide / 2, y - 0.7 * size
            found.append((words, left, top, x + wide / 2, y + 0.2 * size))
    return found


@each_case
@with_numbers
def test_nothing_overlaps_and_nothing_leaves_the_picture(
    graph: sg.Graph, wrt: str | None, kind: str, numbers: bool
) -> None:
    if numbers and len(graph.parameters) > 1000:
        graph = sg.network([16, 20, 2])
        wrt = "w_111"
    at = point(graph) if numbers else None
    drawing = sg.draw(graph, wrt, kind=kind, at=at)
    picture = drawing.picture
    boxes = _boxes(drawing, picture)
    assert len(boxes) >= len(picture.nodes)
    for name, left, top, right, bottom in boxes:
        assert 0 <= left and right <= picture.width, name
        assert 0 <= top and bottom <= picture.height, name
    for a, b in itertools.combinations(boxes, 2):
        apart = a[3] <= b[1] or b[3] <= a[1] or a[4] <= b[2] or b[4] <= a[2]
        assert apart, (a, b)


@each_small
def test_numbers_are_the_functions_and_its_derivatives(
    graph: sg.Graph, wrt: str | None, kind: str
) -> None:
    at = point(graph)
    picture = sg.draw(graph, wrt, kind=kind, at=at).picture
    values = {name.name: value for name, value in picture.values}
    numbers = sg.evaluate(graph, at)
    for name in set(values) & set(numbers):
        assert values[name] == pytest.approx(numbers[name], rel=1e-12)
    if len(graph.outputs) > 1:
        assert not picture.adjoints
        return
    top = next(node.name for node in picture.nodes if node.kind == "output")
    # sympy.diff of the closed form is the oracle; the drawn neuron may be an inner one.
    form = sp.expand_func(graph.closed_form(top))
    exact = {Symbol(n, real=True): sp.Float(v, 30) for n, v in at.items()}
    adjoints = dict(picture.adjoints)
    leaves = [name for name in adjoints if name in form.free_symbols]
    assert leaves
    for name in leaves:
        expected = float(form.diff(name).subs(exact))
        assert adjoints[name] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@each_small
def test_what_flows_back_adds_up(graph: sg.Graph, wrt: str | None, kind: str) -> None:
    picture = sg.draw(graph, wrt, kind=kind, at=point(graph)).picture
    adjoints = dict(picture.adjoints)
    flows: dict[Symbol, float] = {}
    for edge in picture.edges:
        if edge.adjoint is not None:
            flows[edge.source] = flows.get(edge.source, 0.0) + edge.adjoint
    assert bool(flows) == (kind in ("stages", "operations"))
    for name, total in flows.items():
        assert adjoints[name] == pytest.approx(total, rel=1e-9)


def test_numbers_are_written_at_names_and_edges() -> None:
    at = {"w": 0.5, "x": 2, "b": -1}
    root = ET.fromstring(sg.draw("y = w*x + b", at=at))
    texts = ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
    assert {"= 0.5", "= 2", "= −1", "= 0", "∂ = 2", "∂ = 0.5", "∂ = 1"} <= set(texts)
    assert "(y = 0), and after ∂ the derivatives of y by them" in root[1].text


def test_a_batch_is_no_point() -> None:
    with pytest.raises(ArgumentTypeError, match="one number for a name"):
        sg.draw("w*x", at={"w": [1.0, 2.0], "x": 1.0})


def test_the_neuron_of_the_notes() -> None:
    picture = sg.draw(sg.network([2, 2, 1]), "w_111", kind="neuron").picture
    assert [node.text or node.name.name for node in picture.nodes] == [
        *("x_1", "x_2", "Σ", "tanh"),
    ]
    labels = [(e.source.name, str(e.label), e.factor) for e in picture.edges]
    assert labels == [("x_1", "w_111", 2), ("x_2", "w_121", 0), ("u_3", "u_3", 1)]
    assert [str(node.bias) for node in picture.nodes if node.bias] == ["b_1"]
    words = [words for _, words in picture.captions]
    assert words == ["inputs", "weighted sum", "activation"]


@pytest.mark.parametrize(
    ("source", "wrt", "kind", "said"),
    [
        ("x^2 + y", None, "neuron", "the output is no neuron; expected an activation"),
        ("x*sin(x^2)", None, "network", "no network in layers; draw kind 'stages'"),
        ("tanh(w*x + b) + c", "c", "neuron", "'c' belongs to no neuron"),
    ],
    ids=["no neuron", "no network", "not in it"],
)
def test_a_graph_of_another_kind_is_an_error(
    source: str, wrt: str | None, kind: str, said: str
) -> None:
    with pytest.raises(GraphError, match=said):
        sg.draw(source, wrt, kind=kind)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "operation"}, "did you mean 'operations'"),
        ({"format": "tkz"}, "did you mean 'tikz'"),
    ],
    ids=["kind", "format"],
)
def test_an_unknown_name_says_the_nearest(options: dict[str, str], said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        sg.draw("w*x", **options)


def test_a_long_layer_is_shortened_and_says_so() -> None:
    drawing = sg.draw(sg.network([16, 32, 32, 1]), "w_20_5_1")
    picture = drawing.picture
    assert "5 of the 16 inputs are drawn; 5 of the 32 neurons of layer 1" in drawing
    assert "inputs (5 of 16)" in drawing
    assert "w_20_5_1" in [str(edge.label) for edge in picture.edges]
    dots = [node for node in picture.nodes if node.kind == "ellipsis"]
    assert len(dots) == 5
    assert drawing.count("⋮") == 5
    names = {node.name for node in picture.nodes}
    assert {"x_1", "x_2", "x_3", "x_5", "x_16"} <= {name.name for name in names}
    assert all(e.source in names and e.target in names for e in picture.edges)


OPERATIONS = [
    *("y = u^2 + 3*sin(u^2)", "y = a*x - b/c + 2*x^3; a = sin(b)", BELL, LSTM),
    *("relu(x)*max(x, y, 2)", "if(x > 0, x, sin(x)) + x", "log(1 + exp(x))"),
    *("2^x*x^y", "1/x^2", "-x", "z = y*x; y = x", "sum(x^i, i, 1, 4)*x"),
]


@pytest.mark.parametrize("text", OPERATIONS)
def test_operations_compute_the_same(text: str) -> None:
    graph = sg.formula(text)
    cut = operation_graph(graph)
    at = point(graph)
    expected, found = sg.evaluate(graph, at), sg.evaluate(cut, at)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("text", OPERATIONS)
def test_an_operation_is_drawn_once(text: str) -> None:
    cut = operation_graph(sg.formula(text))
    own = [s.expr for s in cut.stages if s.symbol.name.startswith("v_")]
    assert len(set(own)) == len(own)


def test_boxes_of_operations_say_what_they_compute() -> None:
    drawing = sg.draw("tanh(w*x + b)", "w", kind="operations")
    captions = [node.caption for node in drawing.picture.nodes if node.caption]
    assert captions == ["w x", "v₁ + b", "tanh(u₁)"]


# --- formats ----------------------------------------------------------------------


@each_case
def test_svg_says_its_title_and_description(
    graph: sg.Graph, wrt: str | None, kind: str
) -> None:
    drawing = sg.draw(graph, wrt, kind=kind)
    root = ET.fromstring(drawing)
    assert root[0].tag == f"{SVG}title"
    assert root[1].tag == f"{SVG}desc"
    assert root[0].text == drawing.picture.title
    assert root[1].text == drawing.picture.description


def _required(tool: str) -> None:
    """Skip where a tool is missing, unless all of them have to be there."""
    if shutil.which(tool) is None:
        assert not os.environ.get("SYMGRAD_REQUIRE_TOOLS"), f"{tool} is missing"
        pytest.skip(f"{tool} is not installed")


def _has_tikz() -> bool:
    found = subprocess.run(["kpsewhich", "tikz.sty"], capture_output=True, check=False)
    return found.returncode == 0


def test_tikz_compiles(tmp_path: Path) -> None:
    _required("pdflatex")
    if not _has_tikz():
        assert not os.environ.get("SYMGRAD_REQUIRE_TOOLS"), "TikZ is missing"
        pytest.skip("TikZ is not installed")
    strange = sg.formula("y = α*learning_rate^2 + x_k*λ_1")
    pictures = [
        *(sg.draw(g, w, kind=k, format="tikz") for g, w, k in CASES.values()),
        *(
            sg.draw(g, w, kind=k, at=point(g), format="tikz")
            for g, w, k in SMALL.values()
        ),
        sg.draw(strange, kind="operations", format="tikz"),
    ]
    assert all(picture.isascii() for picture in pictures)
    body = "\n\\newpage\n".join(pictures)
    (tmp_path / "all.tex").write_text(
        "\\documentclass{article}\n\\usepackage{tikz}\n"
        "\\pagestyle{empty}\\pdfpagewidth=5000bp\\pdfpageheight=5000bp\n"
        "\\textwidth=4900bp\\textheight=4900bp\n"
        f"\\begin{{document}}\n{body}\\end{{document}}\n"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert f"({len(pictures)} pages" in done.stdout
    assert "Overfull" not in done.stdout


@each_case
def test_dot_is_read_by_graphviz(
    graph: sg.Graph, wrt: str | None, kind: str, tmp_path: Path
) -> None:
    _required("dot")
    drawing = sg.draw(graph, wrt, kind=kind, format="dot")
    done = subprocess.run(
        ["dot", "-Tplain"], input=drawing, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split()[:3] for line in done.stdout.splitlines()]
    edges = {(a, b) for kind, a, b in (x for x in lines if x[0] == "edge")}
    expected = {(e.source.name, e.target.name) for e in drawing.picture.edges}
    assert {(a.strip('"'), b.strip('"')) for a, b in edges} >= expected


@pytest.mark.parametrize("format", FORMATS)
def test_strange_names_are_written(format: str) -> None:
    for name in ("a&b", '"', "<i>", "50%", "a_{", "#1", "\\", "π"):
        x, y = Symbol(name, real=True), Symbol("y", real=True)
        text = sg.draw(sg.Graph((sg.Stage(y, x**2),), (y,), (x,)), x, format=format)
        assert text


def test_strange_names_reach_graphviz() -> None:
    _required("dot")
    for name in ("a&b", '"', "<i>", "50%", "\\", "a\\", "π"):
        x, y = Symbol(name, real=True), Symbol("y", real=True)
        text = sg.draw(sg.Graph((sg.Stage(y, x**2),), (y,), (x,)), x, format="dot")
        done = subprocess.run(
            ["dot", "-Tplain"], input=text, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), name


def test_png_and_pdf_show_the_picture(tmp_path: Path) -> None:
    pytest.importorskip("cairosvg", reason="CairoSVG is not installed")
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    drawing = sg.draw(sg.network([2, 2, 1]), "w_111")
    png = drawing.save(tmp_path / "network.png")
    with image.open(png) as picture:
        size = (drawing.picture.width, drawing.picture.height)
        assert picture.size == pytest.approx([2 * side for side in size], abs=1)
        darkness = picture.convert("RGBA").convert("L").histogram()
        red = picture.convert("RGB").getpixel(
            (int(2 * (drawing.picture.edges[4].label_x + 60)), 0)
        )
    assert red == (255, 255, 255)
    # ink covers a few percent: neither an empty picture nor a black one
    share = sum(darkness[:128]) / sum(darkness)
    assert 0.005 < share < 0.2
    pdf = drawing.save(tmp_path / "network.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    if shutil.which("pdftotext"):
        done = subprocess.run(
            ["pdftotext", str(tmp_path / "network.pdf"), "-"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "tanh" in done.stdout


def test_names_stand_in_their_gaps_in_a_png() -> None:
    """CairoSVG alone would centre the letter, and leave its index over the line."""
    pytest.importorskip("cairosvg", reason="CairoSVG is not installed")
    drawing = sg.draw(sg.network([2, 2, 1]), "w_111")
    root = ET.fromstring(conversion._bare(drawing))
    space = "{http://www.w3.org/2000/svg}"
    checked = 0
    for group in root.iter(f"{space}g"):
        if "weight" not in group.get("class", "").split():
            continue
        ground, text = group.find(f"{space}rect"), group.find(f"{space}text")
        left, width = float(ground.get("x")), float(ground.get("width"))
        places = [float(piece.get("x")) for piece in text.iter()]
        assert text.get("text-anchor") == "start" and len(places) == 2
        assert left < places[0] < places[1] < left + width
        checked += 1
    assert checked == 6


def test_png_without_cairosvg_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'symgrad\[pictures\]'"):
        sg.draw("w*x").save(tmp_path / "picture.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("suffix", "format"),
    [("svg", "svg"), ("tex", "tikz"), ("tikz", "tikz"), ("dot", "dot"), ("gv", "dot")],
)
def test_the_suffix_chooses_the_format(
    suffix: str, format: str, tmp_path: Path
) -> None:
    path = sg.draw("tanh(w*x + b)", "w").save(tmp_path / f"picture.{suffix}")
    expected = sg.draw("tanh(w*x + b)", "w", format=format)
    assert path.read_text(encoding="utf-8") == expected


def test_an_unknown_suffix_names_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"'\.jpg'.*\.png"):
        sg.draw("w*x").save("picture.jpg")


def test_a_drawing_is_a_string_with_a_picture() -> None:
    drawing = sg.draw("w*x", format="tikz")
    assert isinstance(drawing, str)
    again = pickle.loads(pickle.dumps(drawing))
    assert again == drawing
    assert again.picture == drawing.picture
    assert drawing._repr_svg_() == sg.draw("w*x")
    assert drawing.picture == picture_of(sg.formula("w*x"))


SHOWN = {
    "network.svg": sg.draw(sg.network([2, 2, 1]), "w_111"),
    "neuron.svg": sg.draw("tanh(w_1*x_1 + w_2*x_2 + b)", "w_1", kind="neuron"),
    "operations.svg": sg.draw(
        "y = w^2*x + sin(w^2)", "w", kind="operations", at={"w": 2, "x": 3}
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_pictures_of_the_docs_are_those_drawn_now(name: str) -> None:
    path = Path(__file__).parent.parent / "docs" / "pictures" / name
    if os.environ.get("SYMGRAD_SNAPSHOTS") == "write":
        path.write_text(SHOWN[name], encoding="utf-8")
    assert path.read_text(encoding="utf-8") == SHOWN[name]
