"""The HTML page in a real browser: what lights up, folds, is recomputed and copied."""

from __future__ import annotations

import math
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from sample_pages import NASTY, nasty_page

import symgrad as sg
from symgrad.functions import FUNCTIONS
from symgrad.interaction import MAX_ARGUMENTS, MAX_FACTORS
from symgrad.numbers import steps_of
from symgrad.renderers import render
from symgrad.renderers.mathml_core import NAMESPACE
from symgrad.renderers.python_lines import python_line
from symgrad.symbols import Partial, Total, symbol

playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed"
)
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")

AT = {"x_1": 0.5, "x_2": -1.0, "w_111": 0.3, "w_121": 0.2, "b_1": 0.1, "w_211": -0.5}
AT |= {"w_221": 0.7, "b_2": 0.0, "w_311": 1.2, "w_321": -0.8, "b_3": 0.25}
NET = sg.network([2, 2, 1])
LOSS = sg.network([1, 2, 1], loss="mean_squared_error")
PAGES = {
    "gradient": lambda: sg.explain(NET),
    "one weight": lambda: sg.explain(NET, "w_111"),
    "full with numbers": lambda: sg.explain(NET, "w_111", detail="full", at=AT),
    "two paths": lambda: sg.explain(sg.network([2, 2, 2, 1]), "w_111"),
    "neuron": lambda: sg.explain("tanh(w*x + b)", ["w", "b"]),
    "no numbers": lambda: sg.explain("z = f(x, y); y = g(x)", "x"),
    "formula": lambda: sg.explain("x^2*sin(x) + exp(-x*y)/sqrt(y^2 + 1)", ["x", "y"]),
    "hessian": lambda: sg.explain(sg.hessian("x^2*y + sin(x*y)", ["x", "y"])),
    "differential": lambda: sg.explain(sg.total_differential("x^2*exp(y)")),
    "logarithmic": lambda: sg.explain("x^x", "x", method="logarithmic"),
    "jacobian": lambda: sg.explain(["x*y", "sin(x) + y^2"], ["x", "y"]),
    "kinks": lambda: sg.explain("relu(x)*abs(x - 1) + x^lambda", ["x", "lambda"]),
    "nasty names": nasty_page,
    "loss": lambda: sg.explain(LOSS),
}
each_page = pytest.mark.parametrize("name", PAGES)
ULP = 4  # V8's tanh and NumPy's are each within one; products add one each


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        # as root, in a container, Chromium has no sandbox of its own
        started = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Each page of the table as a file, made once: name -> path."""
    folder = tmp_path_factory.mktemp("pages")
    made: dict[str, Path] = {}

    def file(name: str) -> Path:
        if name not in made:
            path = folder / f"{name.replace(' ', '_')}.html"
            made[name] = PAGES[name]().save(path)
        return made[name]

    return file


@pytest.fixture
def visit(browser, files):
    """Open a page from its file; faults it reports fail the test at the end."""
    contexts, faults = [], []

    def opened(name, width=1600, **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        requests: list[str] = []
        page.goto(files(name).as_uri())
        assert requests == [files(name).as_uri()]
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def texts(page, css):
    return page.eval_on_selector_all(css, "found => found.map(e => e.textContent)")


def factor_classes(page, css):
    """The colours of the elements found, as the places of their factors."""
    classes = page.eval_on_selector_all(css, "found => found.map(e => e.className)")
    return [re.findall(r"factor-(\d)", str(text)) for text in classes]


# --- the page by itself -----------------------------------------------------------


@each_page
def test_a_page_opens_at_every_width(visit, name):
    """No fault, no request, every formula laid out, nothing wider than the page."""
    page = visit(name)
    assert page.is_visible(".tools")
    sizes = page.eval_on_selector_all(
        "math",
        "all => all.filter(m => m.checkVisibility()).map(m => "
        "[m.getBoundingClientRect().width, m.getBoundingClientRect().height])",
    )
    assert len(sizes) > 5
    assert all(width > 2 and height > 4 for width, height in sizes)
    if page.is_visible("[data-do=numbers]"):
        page.click("[data-do=numbers]")
    for width in (1600, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        wide, room = page.evaluate(
            "() => { const e = document.documentElement; "
            "return [e.scrollWidth, e.clientWidth]; }"
        )
        assert wide <= room == width
    if name == "nasty names":
        shown = page.inner_text("body")
        assert all(word in shown for word in NASTY if word.isalnum())


def test_without_scripts_the_page_reads_well(visit):
    page = visit("gradient", java_script_enabled=False)
    assert not page.is_visible(".tools")
    assert not page.is_visible(".panel")
    assert page.is_visible("figure svg")
    assert page.locator("details[open]").count() == page.locator("details.step").count()


@pytest.mark.parametrize("name", ["gradient", "full with numbers"])
def test_the_page_of_the_notes_is_small(files, name):
    assert 20_000 < files(name).stat().st_size < 400_000


AXE = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-core is not installed"
).Axe()


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("gradient", 1600, "light"),
        ("gradient", 390, "dark"),
        ("full with numbers", 1024, "dark"),
        ("full with numbers", 390, "light"),
        ("jacobian", 1600, "dark"),
    ],
)
def test_axe_finds_no_serious_fault(visit, name, width, scheme):
    page = visit(name, width, color_scheme=scheme)
    page.locator("svg [role=button]").first.focus()
    faults = [
        (fault["id"], fault["nodes"][0]["html"][:200])
        for fault in AXE.run(page).response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert faults == []


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "page.html"
    net = sg.network([16, 32, 32, 1])
    return sg.explain(net, check=False).save(path)


def test_a_large_network_opens_and_says_what_it_leaves_out(browser, large):
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(large.as_uri())
    assert page.is_visible("h1") and not faults
    said = page.inner_text(".text")
    assert "1,649 inputs and weights" in said
    assert "too many lines to be copied" in said
    assert f"more than {MAX_FACTORS:,} factors" in said
    assert page.locator(".panel, .copy").count() == 0
    assert MAX_ARGUMENTS < 1649
    page.close()


# --- paths ------------------------------------------------------------------------


def check_lit(page):
    """w_111 of the notes: two factors, each of one colour in picture and text."""
    for of, by, weight, place in (
        ("f_1", "f_3", "w_311", "1"),
        ("f_3", "x_1", "w_111", "2"),
    ):
        edge = f"svg .edge.lit[data-of={of}][data-by={by}][data-weight={weight}]"
        assert f"factor-{place}" in page.get_attribute(edge, "class")
    assert page.locator("svg .edge.lit").count() == 2
    assert page.locator("svg .node.lit").count() == 2
    colours = page.eval_on_selector_all(
        ".text mfrac.lit",
        "all => all.map(e => [e.textContent, e.className, getComputedStyle(e).color])",
    )
    by_text: dict[str, set[tuple[str, str]]] = {}
    for text, name, colour in colours:
        place = re.search(r"factor-(\d)", name)
        by_text.setdefault(text, set()).add((place[1] if place else "", colour))
    assert {place for place, _ in by_text["∂f1∂f3"]} == {"1"}
    assert {place for place, _ in by_text["∂f3∂w111"]} == {"2"}
    assert all(len(found) == 1 for found in by_text.values())
    assert by_text["∂f1∂f3"] != by_text["∂f3∂w111"]
    steps = page.eval_on_selector_all(
        "details.step.lit", "all => all.map(e => e.querySelector('math').textContent)"
    )
    assert len(steps) >= 2
    assert "w_111" in page.inner_text(".status")


def check_dark(page):
    assert page.locator(".lit").count() == 0
    assert page.inner_text(".status") == ""


def test_pointing_at_a_weight_of_the_picture_lights_its_path(visit):
    page = visit("gradient")
    check_dark(page)
    page.hover("svg .weight[data-weight=w_111]")
    check_lit(page)
    lit = page.eval_on_selector_all(
        "tr.lit", "all => all.map(e => e.cells[0].innerText)"
    )
    assert len(lit) == 3  # f_1, f_3 and w_111
    page.hover("h1")
    assert page.locator(".lit").count() == 0


def test_the_keyboard_lights_pins_and_clears(visit):
    page = visit("gradient")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.weight") == "w_111":
            break
    check_lit(page)
    page.keyboard.press("Enter")
    page.hover("h1")
    check_lit(page)
    page.keyboard.press("Escape")
    check_dark(page)


def test_a_heading_and_a_row_of_the_table_light_the_same(visit):
    page = visit("gradient")
    places = page.eval_on_selector_all(
        "tbody tr", "all => all.map(e => e.cells[0].textContent)"
    )
    row = page.locator("tbody tr").nth(places.index("w111"))
    row.locator("[role=button]").focus()
    check_lit(page)
    page.keyboard.press("Escape")
    check_dark(page)
    heading = page.locator("details.step > summary").filter(has_text="chain rule")
    heading.nth(-9).hover()  # the first of nine weights
    check_lit(page)


def test_a_tap_pins_the_path(visit):
    page = visit("gradient", 390, has_touch=True)
    page.tap("svg .weight[data-weight=w_111]")
    check_lit(page)
    page.tap("svg .weight[data-weight=w_111]")
    page.keyboard.press("Escape")
    check_dark(page)


def test_the_only_variable_is_lit_from_the_start(visit):
    page = visit("two paths")
    parts = texts(page, "svg .edge.lit")
    assert len(parts) == 5  # f_1·f_3·f_5 and f_1·f_2·f_5 share the weight's own edge
    places = factor_classes(page, "details.step.lit")
    assert sorted(places) == [["1"], ["2"], ["3"], ["4"], ["5"]]
    drawn = page.eval_on_selector_all(
        "svg .edge.lit", "all => all.map(e => e.className.baseVal)"
    )
    assert all(len(set(re.findall(r"factor-\d", name))) == 1 for name in drawn)


# --- steps ------------------------------------------------------------------------


def test_steps_fold_and_unfold(visit):
    page = visit("gradient")
    step = page.locator("details.step").first
    step.locator("summary").first.click()
    assert step.get_attribute("open") is None
    page.click("text=Fold all")
    assert page.locator("details.step[open]").count() == 0
    page.click("text=Unfold all")
    assert page.locator("details.step:not([open])").count() == 0


def test_steps_are_shown_one_after_the_other(visit):
    page = visit("one weight")
    count = page.locator(".step").count()
    shown = page.locator(".step:visible")
    page.keyboard.press("n")
    assert shown.count() == 1
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert shown.count() == 3
    page.keyboard.press("p")
    assert shown.count() == 2
    assert page.inner_text(".status") == f"step 2 of {count}"
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    for _ in range(count):
        page.click("text=Next step")
    assert shown.count() == count
    page.keyboard.press("p")
    page.keyboard.press("a")
    assert shown.count() == count
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.evaluate("document.cookie") == ""


def test_keys_are_left_alone_in_a_field(visit):
    page = visit("gradient")
    page.locator(".field input[type=number]").first.focus()
    page.keyboard.press("n")
    assert page.get_attribute("[data-do=walk]", "aria-pressed") == "false"


# --- numbers ----------------------------------------------------------------------


def written(value):
    """A number as the page writes it: six digits, a real minus sign."""
    if math.isnan(value):
        return "no value"
    text = np.format_float_positional(float(f"{value:.6g}"), trim="-")
    return text.replace("-", "−")


def test_sliders_give_the_numbers_of_numpy(visit):
    page = visit("gradient")
    given = dict(AT)
    for name, value in given.items():
        label = "".join(str(name))
        page.fill(f'input[aria-label="{label}"]', repr(value))
    page.eval_on_selector(
        'input[aria-label="w_111, slider"]',
        "e => { e.value = 0.77; e.dispatchEvent(new Event('input')); }",
    )
    given["w_111"] = 0.77
    f = sg.lambdify(NET, backend="numpy")
    value, grad = f(**given)
    assert texts(page, ".outputs output") == [written(float(value))]
    assert texts(page, ".field output") == [written(float(g)) for g in grad]
    assert page.input_value('input[aria-label="w_111"]') == "0.77"


def test_fields_of_lists_give_the_numbers_of_numpy(visit):
    page = visit("loss")
    x, y = np.array([0.5, -1.25, 2.0, 0.75]), np.array([0.25, 1.0, -0.5, 0.125])
    page.fill('input[aria-label^="x_1"]', "0.5, -1.25  2;0.75")
    page.fill('input[aria-label^="y"]', ", ".join(map(str, y)))
    w = {"w_111": 0.3, "b_1": -0.2, "w_211": 0.7, "b_2": 0.1}
    w |= {"w_311": 1.1, "w_321": -0.4, "b_3": 0.05}
    for name, value in w.items():
        page.fill(f'input[aria-label="{name}"]', repr(value))

    def loss(w):
        inner = np.tanh(w["w_111"] * x + w["b_1"]), np.tanh(w["w_211"] * x + w["b_2"])
        outer = np.tanh(w["w_311"] * inner[0] + w["w_321"] * inner[1] + w["b_3"])
        return np.mean((y - outer) ** 2)

    assert page.locator(".field").count() == 2 + len(w)
    step = 1e-6
    slopes = [
        (loss({**w, n: v + step}) - loss({**w, n: v - step})) / (2 * step)
        for n, v in w.items()
    ]
    number = [float(t.replace("−", "-")) for t in texts(page, ".outputs output")]
    assert number == pytest.approx([loss(w)], rel=1e-5)
    partials = [float(t.replace("−", "-")) for t in texts(page, ".field output")]
    assert partials == pytest.approx(slopes, rel=1e-4)
    page.fill('input[aria-label^="y"]', "1, 2")
    assert set(texts(page, "output")) == {"no value"}
    assert "another length" in page.text_content(".status")


POINTS = [
    {name: 0.1 * ((7 * k + 3 * j) % 23 - 11) for j, name in enumerate(AT)}
    for k in range(5)
]


@pytest.mark.parametrize("detail", ["normal", "full"])
@pytest.mark.parametrize("wrt", [None, "w_111"], ids=["all", "one"])
def test_the_program_of_the_page_equals_numpy(browser, wrt, detail):
    derivation = sg.explain(NET, wrt, detail=detail, check=False)
    script = derivation.script
    assert script is not None
    names = [str(a) for a in script.arguments]
    gradient = sg.differentiate(NET, wrt)
    program = gradient.program
    numpy = sg.lambdify(
        program.select(*(s.symbol for s in program.stages)), [], backend="numpy"
    )
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate(
        f"() => {{ {script.source.replace('export ', '')} window.f = values; }}"
    )
    for point in POINTS:
        found = page.evaluate("point => f(...point)", [point[n] for n in names])
        by_name = dict(zip(script.results, found, strict=True))
        expected = dict(
            zip([s.symbol for s in program.stages], numpy(**point), strict=True)
        )
        shared = [name for name in by_name if name in expected]
        assert {type(name) for name in shared} >= {Partial, Total}
        for name in shared:
            assert math.isclose(
                by_name[name], expected[name], rel_tol=ULP * 2**-52, abs_tol=1e-16
            ), name
    page.close()


def test_numbers_stand_under_the_symbols_on_demand(visit):
    page = visit("one weight")
    assert page.locator(".now:visible").count() == 0
    for name, value in AT.items():
        page.fill(f'input[aria-label="{name}"]', repr(value))
    page.click("[data-do=numbers]")
    at = sg.evaluate(NET, AT)
    f_1, f_3 = float(at["f_1"]), float(at["f_3"])
    product = 1.2 * 0.5 * (1 - f_1**2) * (1 - f_3**2)
    short = [np.format_float_positional(float(f"{x:.4g}")) for x in (f_1, f_3)]
    inserted = f"1.2·0.5(1−{short[0]}2)(1−{short[1]}2)≈{written(product)}"
    shown = [re.sub(r"[\s\u2062\u2061]", "", text) for text in texts(page, ".now")]
    assert any(inserted in text.replace("·(", "(") for text in shown), shown
    assert page.locator("svg .value:visible").count() == 5
    assert short[1] in texts(page, "svg .value")
    page.click("[data-do=numbers]")
    assert page.locator(".now:visible, svg .value:visible").count() == 0


MARKS = {"−": "-", "·": "*", "\u2062": "*", "\u2061": "@", "≈": "==", "/": "/"}


def power(base, exponent):
    """tanh² is a function, 0.5² a number."""
    if callable(base):
        return lambda x: base(x) ** exponent
    return base**exponent


def as_python(node):
    """What a row of MathML says, as Python: an oracle that reads what a reader sees."""
    kind = etree.QName(node).localname
    inside = [as_python(child) for child in node]
    text = (node.text or "").strip("\u00a0 ")
    if kind == "mfrac":
        return f"(({inside[0]})/({inside[1]}))"
    if kind == "msup":
        return f"power({inside[0]}, {inside[1]})"
    if kind == "msqrt":
        return f"sqrt({''.join(inside)})"
    if kind in ("mo", "mi", "mn"):
        return f" {MARKS.get(text, text.replace('−', '-'))} "
    assert kind in ("math", "mrow", "div", "wbr", "mtext"), kind
    return "".join(inside)


@pytest.mark.parametrize(
    "name",
    [
        *("gradient", "two paths", "formula", "full with numbers"),
        *("hessian", "differential", "logarithmic"),
    ],
)
def test_what_is_substituted_is_true(visit, name):
    page = visit(name)
    if page.locator(".now:visible").count() == 0:
        page.click("[data-do=numbers]")
    shown = page.eval_on_selector_all(
        ".now", "all => all.map(e => new XMLSerializer().serializeToString(e))"
    )
    judged = 0
    for row in shown:
        text = as_python(etree.fromstring(row))
        text = re.sub(r"(\d|\))\s*(?=\(|[a-z])", r"\1 * ", text)
        text = re.sub(r"(\))\s*(?=\d)", r"\1 * ", text)
        _, *sides = text.replace("@", "").split("==")
        space = {**vars(math), "power": power}
        found = [eval(side.strip(), space) for side in sides]
        # numbers of four digits go in, sums of a few may cancel one of them
        assert all(math.isclose(x, found[0], rel_tol=2e-2, abs_tol=2e-3) for x in found)
        judged += len(found) - 1
    assert judged >= 3


def test_given_numbers_stand_at_once_and_move(visit):
    page = visit("full with numbers")
    value, _ = sg.lambdify(NET, backend="numpy")(**AT)
    assert texts(page, ".outputs output") == [written(float(value))]
    assert page.locator(".given:visible").count() == 0
    before = texts(page, ".now")
    page.fill('input[aria-label="x_1"]', "0.9")
    after = texts(page, ".now")
    assert len(before) == len(after) > 10 and before != after


def test_outside_the_domain_there_is_no_value(browser, tmp_path):
    page = browser.new_page()
    page.goto(sg.explain("log(x)", "x").save(tmp_path / "log.html").as_uri())
    page.fill('input[aria-label="x"]', "-1")
    assert texts(page, ".outputs output") == ["no value"]
    page.close()


# --- copies -----------------------------------------------------------------------


def copied(page, place, form):
    page.select_option("select", form)
    page.locator(".copy").nth(place).click(force=True)
    page.wait_for_function("document.querySelector('.status').textContent")
    return page.evaluate("navigator.clipboard.readText()")


def test_a_line_is_copied_in_three_forms(visit):
    page = visit("one weight", permissions=["clipboard-read", "clipboard-write"])
    lines = page.eval_on_selector_all(
        ".right[data-latex]", "all => all.map(e => e.dataset.latex)"
    )
    place = next(k for k, line in enumerate(lines) if r"\cdot" in line)
    assert page.locator(".copy").count() == len(lines)
    latex = copied(page, place, "LaTeX")
    assert latex == lines[place]
    assert latex.count("{") == latex.count("}") and r"\partial" in latex
    tree = etree.fromstring(copied(page, place, "MathML"))
    assert tree.tag == f"{{{NAMESPACE}}}math"
    assert "".join(tree.itertext()).startswith("∂ŷ∂w" if False else "∂")
    assert "=" in "".join(tree.itertext())
    assert not [e for e in tree.iter() if set(e.attrib) & {"data-n", "class"}]
    python = copied(page, place, "Python")
    assert python == "df_1_dw_111 = partial_f_1_f_3*partial_f_3_w_111"


NO_LINE = {"zeta", "Heaviside"}


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in NO_LINE])
def test_every_function_has_a_python_line(name):
    """Run, it gives what mpmath gives (``sg.evaluate`` at 30 digits)."""
    import scipy.integrate
    import scipy.special

    row = FUNCTIONS[name]
    letters = [symbol(c) for c in "abcd"][: row.arity or 3]
    graph = sg.formula(row.make(*letters))
    space = {"math": math, "scipy": scipy}
    point = dict(zip("abcd", (0.75, 0.625, 0.25), strict=False))
    if name in ("acosh", "asec", "acsc", "acoth"):
        point["a"] = 1.75
    if name in ("besselj", "bessely", "besseli", "besselk", "polygamma"):
        point["a"] = 2.0
    used = {x.name: point[x.name] for x in letters}
    line = python_line(symbol("y"), row.make(*letters))
    exec(compile(line, "line", "exec"), {**space, **used}, found := {})
    exact = sg.lambdify(graph, [], backend="mpmath", digits=30)
    wanted = float(exact(*(used[x.name] for x in graph.inputs)))
    assert math.isclose(float(found["y"]), wanted, rel_tol=1e-13)


def test_python_lines_of_sums_and_integrals():
    import scipy.integrate
    import scipy.special

    data = {"x": [0.5, 2.0, 3.0], "y": [1.0, 0.25, 4.0], "n": 3, "a": 0.5}
    cases = {
        "sum(a*x_i^2/i, i=1..n)": sum(
            0.5 * v**2 / k for k, v in enumerate(data["x"], 1)
        ),
        "prod(x_i + a, i=1..n)": 1.0 * 2.5 * 3.5,
        "sum(x_i*x_{i+1}, i=1..n-1)": 0.5 * 2 + 2 * 3,
        "sum(sum(x_i*y_j, j=1..n), i=1..n)": 5.5 * 5.25,
        "integral(exp(-a*t^2), t, 0, oo)": math.sqrt(math.pi / 0.5) / 2,
    }
    for text, wanted in cases.items():
        line = python_line(symbol("z"), sg.formula(text).closed_form())
        space = {"math": math, "scipy": scipy, **data}
        exec(compile(line, "line", "exec"), space)
        assert math.isclose(space["z"], wanted, rel_tol=1e-12), line


def test_python_lines_of_a_loss():
    graph = sg.network([1, 1, 1], loss="sum_of_squares")
    gradient = sg.differentiate(graph)
    lines = [python_line(t, step.expr) for t, step in gradient.totals.items()]
    told = [line for line in lines if "sum(" in line]
    assert told and all("[i - 1]" in line for line in told)
    assert all(compile(line, "line", "exec") for line in told)


@pytest.mark.parametrize(
    "name", ["gradient", "full with numbers", "two paths", "kinks"]
)
def test_python_lines_are_true(name):
    """Each line, run by Python itself, gives the number that the page has for it."""
    derivation = PAGES[name]()
    script = derivation.script
    assert script is not None
    point = {str(n): v for n, v in zip(script.arguments, script.start, strict=True)}
    graph = derivation.program
    known = {**point, **{k: float(v) for k, v in sg.evaluate(graph, point).items()}}
    known |= {"math": math, "lambda_": point.get("lambda")}
    ran = 0
    for step in steps_of(derivation.sections):
        pairs = [
            *step.definitions,
            *((step.lhs, line.expr) for line in step.lines[::-1]),
        ]
        results = []
        for lhs, expr in pairs:
            line = python_line(lhs, expr)
            assert line
            space = dict(known)
            try:
                exec(compile(line, "line", "exec"), space)
            except NameError:
                continue  # of a derivative that stands in a line further down
            left = line.split(" = ")[0]
            known.setdefault(left, space[left])
            results.append(space[left]) if lhs == step.lhs else None
            ran += 1
        # 1e-12: two forms of one value, some hundred operations at most
        assert all(
            math.isclose(r, results[0], rel_tol=1e-12, abs_tol=1e-15) for r in results
        )
    assert ran > 3


LISTS = {
    "from 0": ("sum(a_j*w^j, j, 0, n)", "w", 4),
    "with the next": ("sum(w*x_i*x_{i+1}, i, 1, n - 1)", "w", 3),
    "of a length": ("sum(w*x_i, i, 1, 5)", "w", 5),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_begins_as_long_as_the_formula_needs(case: str) -> None:
    text, by, length = LISTS[case]
    page = sg.explain(text, by)
    assert page.script is not None, page.remarks
    lists = [start for start in page.script.start if isinstance(start, tuple)]
    assert [len(start) for start in lists] == [length]


NO_LISTS = {
    "a long sum": ("w*sum(x_i, i, 1, n)*sum(1/k^2, k, 1, 10^9)", "w", "1,000 terms"),
    "too long": ("sum(w*x_i, i, 1, 40)", "w", "not known, or too long"),
    "tables": ("sum(sum(W_{i,j}*a, j, 1, n), i, 1, n)", "a", "it takes tables of data"),
    "one datum": ("sum(x_i^2, i, 1, n)", "x_k", "by one datum of a list"),
    "a place": ("sum(x_i*a, i, 1, n) + x_m", "a", "whole numbers beside its lists"),
}


@pytest.mark.parametrize("case", NO_LISTS)
def test_what_the_fields_cannot_take_is_said(case: str) -> None:
    text, by, said = NO_LISTS[case]
    page = sg.explain(text, by)
    assert page.script is None
    assert said in render(page, "html")


def test_the_numbers_of_a_list_begin_at_the_given_point() -> None:
    at = {"x": [1, 2], "y": [3, 5], "w": 1.5}
    page = sg.explain("sum((y_i - w*x_i)^2, i, 1, n)", "w", at=at)
    assert page.script is not None
    start = dict(zip(map(str, page.script.arguments), page.script.start, strict=True))
    assert start == {"x": (1.0, 2.0), "y": (3.0, 5.0), "w": 1.5}
    assert 'value="1.0, 2.0"' in render(page, "html")


def test_what_python_cannot_compute_has_no_python() -> None:
    page = render(PAGES["no numbers"](), "html")
    assert 'data-python=""' in page
    assert os.linesep not in re.search(r'data-python="(.*?)"', page)[1]
