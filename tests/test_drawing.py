"""Pictures: valid SVG, nothing overlaps, the marked paths are the chain rule's."""

from __future__ import annotations

import itertools
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from sympy import Symbol, sin

import symgrad as sg
from symgrad.derivation import Picture
from symgrad.errors import BoundError, UnknownNameError
from symgrad.layout import MAX_PICTURE_NODES, picture_of
from symgrad.layout.scene import NODE_RADIUS, name_parts
from symgrad.pictures.marks import FACTORS
from symgrad.renderers.names import GREEK, read_name

SVG = "{http://www.w3.org/2000/svg}"

NETWORKS = {
    "2-2-1": [2, 2, 1],
    "2-2-2-1": [2, 2, 2, 1],
    "3-4-4-2": [3, 4, 4, 2],
    "1-1": [1, 1],
    "4-12-3": [4, 12, 3],
}
FORMULAS = {
    "one stage": "w*x",
    "neuron": "tanh(w*x + b)",
    "skip": "z = x*y; y = x^2",
    "long way round": "y = a*x; a = sin(b); b = cos(c); c = exp(x)",
    "shared weight": "y = tanh(w*h); h = tanh(w*x)",
    "constant": "y = x + 2*pi",
}
PICTURES = {
    **{name: (sg.network(sizes), "w_111") for name, sizes in NETWORKS.items()},
    **{name: (sg.formula(text), "x") for name, text in FORMULAS.items()},
}
each_picture = pytest.mark.parametrize(
    ("graph", "wrt"), PICTURES.values(), ids=PICTURES
)
each_network = pytest.mark.parametrize("sizes", NETWORKS.values(), ids=NETWORKS)


@each_picture
@pytest.mark.parametrize("marked", [True, False], ids=["marked", "plain"])
def test_svg_is_valid_and_stands_alone(graph: sg.Graph, wrt: str, marked: bool) -> None:
    text = sg.draw(graph, wrt if marked else None)
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert root.find(f"{SVG}title").text == root.get("aria-label")
    assert root.find(f"{SVG}desc").text
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    allowed = {"svg", "title", "desc", "rect", "circle", "path", "text", "tspan", "g"}
    assert tags <= allowed
    names = {key for element in root.iter() for key in element.attrib}
    assert not any("href" in name or name.startswith("on") for name in names)
    assert "id" not in names, "two pictures on one page would share it"
    assert "url(" not in text


@each_network
def test_every_weight_and_bias_is_written_once(sizes: list[int]) -> None:
    graph = sg.network(sizes)
    picture = picture_of(graph)
    labels = [edge.label for edge in picture.edges]
    labels += [node.bias for node in picture.nodes if node.bias is not None]
    assert sorted(labels, key=str) == sorted(graph.parameters, key=str)


@each_network
def test_a_label_names_the_weight_of_its_edge(sizes: list[int]) -> None:
    graph = sg.network(sizes)
    for edge in picture_of(graph).edges:
        # The coefficient of the source in the weighted sum, read off its terms.
        weighted = graph.stage_of[edge.target].expr.args[0]
        (term,) = [t for t in weighted.args if edge.source in t.free_symbols]
        assert term == edge.label * edge.source


def _boxes(picture: Picture) -> list[tuple[str, float, float, float, float]]:
    """Name, left, top, right, bottom of every label and node."""
    found = []
    for node in picture.nodes:
        half = node.width / 2 or NODE_RADIUS
        tall = node.height / 2 if node.width else NODE_RADIUS
        found.append(
            (node.name.name, node.x - half, node.y - tall, node.x + half, node.y + tall)
        )
        if node.bias is not None:
            top = node.y - NODE_RADIUS
            found.append((node.bias.name, node.x - 14, top - 38, node.x + 14, top))
        if node.label is not None and node.kind == "output":
            right = node.x + half + 28
            found.append((node.label.name, right, node.y - 10, right + 22, node.y + 10))
    for edge in picture.edges:
        if edge.label is not None:
            # At 17 pixels an italic letter is at most 12 wide, an index digit 6.
            base, index = name_parts(edge.label.name)
            half = 6 * len(base) + 3 * len(index)
            x, y = edge.label_x, edge.label_y
            found.append((edge.label.name, x - half, y - 9, x + half, y + 10))
    return found


@each_picture
def test_nothing_overlaps_and_nothing_leaves_the_picture(
    graph: sg.Graph, wrt: str
) -> None:
    picture = picture_of(graph, wrt)
    boxes = _boxes(picture)
    for name, left, top, right, bottom in boxes:
        assert 0 <= left and right <= picture.width, name
        assert 0 <= top and bottom <= picture.height, name
    for a, b in itertools.combinations(boxes, 2):
        apart = a[3] <= b[1] or b[3] <= a[1] or a[4] <= b[2] or b[4] <= a[2]
        assert apart, (a, b)


@each_picture
def test_marked_edges_are_the_factors_of_the_chain_rule(
    graph: sg.Graph, wrt: str
) -> None:
    picture = picture_of(graph, wrt)
    marked = {(e.source, e.target) for e in picture.edges if e.on_path}
    weights = {e.label: (e.source, e.target) for e in picture.edges if e.label}
    expected = set()
    for output in graph.outputs:
        gradient = sg.differentiate(graph.select(output), wrt)
        for path in gradient.paths(wrt):
            for factor in path:
                pair = (factor.by, factor.of)
                expected.add(weights.get(factor.by, pair))
    assert marked == expected


def test_marked_bias_has_no_edge_of_its_own() -> None:
    picture = picture_of(sg.network([2, 2, 1]), "b_1")
    assert [str(e.label) for e in picture.edges if e.on_path] == ["w_311"]
    assert [str(n.name) for n in picture.nodes if n.on_path] == ["f_3", "f_1"]
    assert picture.chosen == (sg.network([2, 2, 1]).symbol("b_1"),)


def test_marks_show_in_black_and_white() -> None:
    root = ET.fromstring(sg.draw(sg.network([2, 2, 2, 1]), "w_111"))
    lines = [p for p in root.iter(f"{SVG}path") if p.get("fill") == "none"]
    widths = {float(p.get("stroke-width")) for p in lines}
    assert len(widths) == 2
    assert max(widths) > 2 * min(widths)
    thick = [p for p in lines if float(p.get("stroke-width")) == max(widths)]
    assert len(thick) == len({p.get("stroke-dasharray") for p in thick}) == 5
    bold = [t for t in root.iter(f"{SVG}text") if t.get("font-weight") == "bold"]
    assert ["".join(t.itertext()) for t in bold] == ["w111"]


def _contrast(colour: str) -> float:
    """The contrast on white, as the Web Content Accessibility Guidelines define it."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_the_marks_of_the_factors_differ_in_colour_and_in_dashes() -> None:
    colours, dashes = zip(*FACTORS, strict=True)
    assert len(set(colours)) == len(set(dashes)) == len(FACTORS)
    assert min(map(_contrast, colours)) >= 4.5


@each_picture
def test_factors_are_numbered_as_the_paths_name_them(graph: sg.Graph, wrt: str) -> None:
    if len(graph.outputs) > 1:
        graph = graph.select(graph.outputs[0])
    order: dict[tuple[Symbol, Symbol], int] = {}
    for path in sg.differentiate(graph, wrt).paths(wrt):
        for factor in path:
            order.setdefault((factor.of, factor.by), len(order) + 1)
    picture = picture_of(graph, wrt)
    found = {}
    for edge in picture.edges:
        by = edge.label if edge.label in picture.chosen else edge.source
        found.update({(edge.target, by): edge.factor} if edge.factor else {})
    assert found == order


def test_parts_say_what_they_stand_for() -> None:
    root = ET.fromstring(sg.draw(sg.network([2, 2, 1]), "w_111"))
    groups = [dict(g.attrib) for g in root.iter(f"{SVG}g")]
    first = {"data-of": "f_3", "data-by": "x_1", "data-weight": "w_111"}
    assert {"class": "edge factor-2", **first} in groups
    assert {"class": "weight factor-2", **first} in groups
    assert {"class": "bias", "data-of": "f_3", "data-by": "b_1"} in groups
    assert {"class": "node stage on-path", "data-name": "f_3"} in groups
    kinds = [group["class"].split()[0] for group in groups]
    counts = {kind: kinds.count(kind) for kind in kinds}
    assert counts == {"edge": 6, "node": 5, "bias": 3, "weight": 6}


def test_a_marked_bias_is_a_factor() -> None:
    root = ET.fromstring(sg.draw(sg.network([2, 2, 1]), "b_1"))
    (bias,) = [g for g in root.iter(f"{SVG}g") if g.get("data-by") == "b_1"]
    assert bias.get("class") == "bias factor-2"


def test_description_tells_the_path() -> None:
    text = sg.draw(sg.network([2, 2, 2, 1]), "w_111")
    assert "the paths from w₁₁₁, through f₅, f₃, f₂, ŷ" in text


def test_one_stage_is_told_as_one() -> None:
    assert "<desc>1 stage, to the right of what it is made of.</desc>" in sg.draw("x*y")
    assert "<desc>2 stages, each to the right of" in sg.draw("z = x*y; y = sin(x)")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("x/y", "quotient"),
        ("f(x, y)", "f"),
        ("if(x > 0, x, sin(x))", "cases"),
        ("sum(a_i*x^i, i, 1, n)", "sum over i"),
        ("product(x + i, i, 1, n)", "product over i"),
        ("integral(exp(-s^2), s, 0, x)", "integral"),
    ],
)
def test_a_box_says_what_its_stage_does(text: str, word: str) -> None:
    assert f">{word}</text>" in sg.draw(text)
    # b reaches y, but the picture's output is another stage.
    graph = sg.formula("z = a*x; y = b*x", name="z")
    assert "No path leads from b" in sg.draw(graph, "b")


@pytest.mark.parametrize("name", ["<script>", "a&b", '"', "\x00", "]]>", "π", "x y"])
def test_strange_names_stay_text(name: str) -> None:
    x = Symbol(name, real=True)
    graph = sg.Graph(
        (sg.Stage(Symbol("y", real=True), x**2),), (Symbol("y", real=True),), (x,)
    )
    root = ET.fromstring(sg.draw(graph, x))
    texts = ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
    assert name.replace("\x00", "\ufffd") in texts


NAMES = [
    "w_111",
    "w_10_2_1",
    "y_hat",
    "y_hat_1",
    "x",
    "u_1",
    "learning_rate",
    "v_vec",
    "a_bar_2",
    "x'",
    "_x",
    "x__1",
    "2",
    "a_1'",
    *GREEK,
]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_split_as_on_the_page(name: str) -> None:
    read = read_name(name)
    base, index = name_parts(name)
    letters = unicodedata.normalize("NFD", base).replace("′", "")
    marks = [c for c in letters if unicodedata.combining(c)]
    assert letters.rstrip("".join(marks)) == GREEK.get(read.base, read.base)
    assert len(marks) == len(read.accents)
    assert base.count("′") == read.primes
    assert index == ",".join(read.indices)


def test_a_graph_too_large_names_the_bound() -> None:
    with pytest.raises(BoundError, match=r"MAX_PICTURE_NODES.*smaller graph"):
        sg.draw(sg.network([300, 200, 1]), kind="stages")
    names = [Symbol(f"s_{k}", real=True) for k in range(70)]
    stages = [sg.Stage(names[k], sum(names[:k])) for k in range(1, 70)]
    dense = sg.Graph(tuple(stages), (names[-1],), (names[0],))
    with pytest.raises(BoundError, match="MAX_PICTURE_EDGES"):
        sg.draw(dense)
    with pytest.raises(BoundError, match="draw kind 'stages'"):
        sg.draw(sg.network([16, 16, 1]), kind="operations")


def _chain(nodes: int) -> sg.Graph:
    names = [Symbol(f"s_{k}", real=True) for k in range(nodes)]
    stages = [sg.Stage(b, sin(a)) for a, b in itertools.pairwise(names)]
    return sg.Graph(tuple(stages), (names[-1],), (names[0],))


def test_the_bound_is_the_largest_picture() -> None:
    assert sg.draw(_chain(MAX_PICTURE_NODES)).count("<rect") == MAX_PICTURE_NODES + 1
    with pytest.raises(BoundError, match=f"{MAX_PICTURE_NODES + 1} nodes"):
        sg.draw(_chain(MAX_PICTURE_NODES + 1))


def test_an_unknown_name_is_an_error_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'w_111'"):
        sg.draw(sg.network([2, 2, 1]), "w_1111")


def test_a_gradient_of_one_variable_is_drawn_with_its_paths() -> None:
    graph = sg.network([2, 2, 1])
    assert sg.draw(sg.differentiate(graph, "w_111")) == sg.draw(graph, "w_111")
    assert sg.draw(sg.differentiate(graph)) == sg.draw(graph)


def test_pictures_are_the_same_in_every_process() -> None:
    code = (
        "import symgrad as sg; print(sg.draw(sg.network([3, 4, 4, 2]), 'w_111'),"
        "sg.draw('z = x*y; y = x^2 + w; w = sin(x)', 'x'))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": ":".join(filter(None, sys.path)),
            },
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(printed) == 1
