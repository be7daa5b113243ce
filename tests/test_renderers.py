"""Pages in every format: whole, escaped, inside their width, the same every time."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from html import escape
from itertools import pairwise
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from sample_pages import NASTY, nasty_page, notes_page

from symgrad.derivation import Derivation, Line, Section, Step
from symgrad.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    FormulaError,
    UnknownNameError,
)
from symgrad.explanation import explain
from symgrad.graph import Graph, Stage
from symgrad.networks import network
from symgrad.renderers import RENDERERS, load, render, save
from symgrad.renderers.json import dump
from symgrad.renderers.json import load as load_json
from symgrad.renderers.mathml_core import ELEMENTS, NAMESPACE, math_pieces
from symgrad.renderers.nodes import Cases, Name, Number, Product, Relation
from symgrad.renderers.plain import columns
from symgrad.symbols import Chain, LocalDerivative, Partial, Total, symbol

SNAPSHOTS = Path(__file__).parent / "snapshots"
PAGES = {
    "by hand": lambda: notes_page(),
    "by hand, as the notes write": lambda: notes_page("notes"),
    "by hand, with numbers": lambda: notes_page(numbers=True),
    "nasty names": nasty_page,
    "the notes' network": lambda: explain(network([2, 2, 1]), detail="full"),
    "2-2-2-1": lambda: explain(network([2, 2, 2, 1]), "w_111", detail="full"),
    "3-4-4-2": lambda: explain(network([3, 4, 4, 2])),
    "kinks": lambda: explain("abs(x)*exp(-x^2)/sqrt(1+x^2) + max(x, 3*t)", "x"),
    "forward": lambda: explain("z = x*y; y = x^2", "x", at={"x": -1.5}),
}
_made: dict[str, Derivation] = {}


@pytest.fixture(params=PAGES)
def page(request):
    """Each page of the table, made once."""
    name = request.param
    if name not in _made:
        _made[name] = PAGES[name]()
    return _made[name]


# --- text -------------------------------------------------------------------------


WIDE = "tan_theta = 2*cot(beta)*(M^2*sin(beta)^2 - 1)/(M^2*(gamma + cos(2*beta)) + 2)"


def test_a_wide_table_fits_in_100_columns():
    lines = str(explain(WIDE, ["beta", "M", "gamma"], check=False)).splitlines()
    assert any("(∂tan_theta/∂beta)_{u_1, u_2}" in line for line in lines)
    assert max(map(columns, lines)) <= 100


def test_text_fits_in_100_columns(page):
    for line in render(page, "text").splitlines():
        assert columns(line) <= 100, line
        assert line == line.rstrip()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_is_as_wide_as_asked(width):
    page = explain(network([2, 2, 1]), "w_111", detail="full", check=False)
    narrow = render(page, width=width)
    assert max(map(columns, narrow.splitlines())) <= width
    words = sorted(re.findall(r"\w+", render(page)))
    if width > 60:  # at 60 columns a cell of the table goes on in a second line
        assert sorted(re.findall(r"\w+", narrow)) == words


@pytest.mark.parametrize(
    ("format", "width", "message"),
    [
        ("text", 20, "width is 20; expected a whole number of columns, at least 60"),
        ("text", 80.0, "width is 80.0; expected a whole number"),
        ("html", 80, "width is for text; html has no columns"),
    ],
)
def test_a_width_that_cannot_be(format, width, message):
    with pytest.raises(ArgumentValueError, match=message):
        render(notes_page(), format, width=width)


def test_text_of_the_notes_page():
    shown = render(notes_page(), "text")
    for words in (
        "w_111 reaches y_hat only through f_3",
        "∂y_hat/∂w_111 = ∂f_1/∂f_3 · ∂f_3/∂w_111",
        "let u_1 = w_311 f_3 + w_321 f_2 + b_3",
        "d tanh(u_1)/du_1 · ∂u_1/∂f_3",
        "(1 − f_1²) · w_311",
        "w_311 x_1 (1 − f_1²)(1 − f_3²)",
        "derivative of tanh; coefficient of f_3",
        "✓ 6 equalities recomputed",
    ):
        assert words in shown


def test_equals_signs_stand_under_each_other():
    lines = render(notes_page(), "text").splitlines()
    first = next(k for k, line in enumerate(lines) if "d tanh(u_1)/du_1 ·" in line)
    assert lines[first].index(" = ") == lines[first + 1].index("= ") - 1


def test_numbers_stand_under_the_symbols():
    shown = render(notes_page(numbers=True), "text")
    assert "≈ 0.5 · 0.25 · (1 − 0²) · (1 − (−0.25)²) ≈ 0.0123457" in shown
    assert "≈" in render(notes_page(numbers=True), "html")
    assert r"\approx" in render(notes_page(numbers=True), "latex")
    assert r"\approx" in render(notes_page(numbers=True), "markdown")


def test_a_page_without_checks_says_so():
    page = notes_page()
    bare = Derivation(page.title, page.sections, (), page.program)
    for name in RENDERERS:
        if name != "json":
            assert "not checked" in render(bare, name)


# --- Markdown ---------------------------------------------------------------------


def math_of(markdown):
    """The formulas of a Markdown page, and the page without them."""
    blocks = re.findall(r"^\$\$\n(.*?)\n\$\$$", markdown, re.S | re.M)
    rest = re.sub(r"^\$\$\n.*?\n\$\$$", "", markdown, flags=re.S | re.M)
    inline = re.findall(r"(?<!\\)\$(.+?)(?<!\\)\$", rest)
    return blocks, inline, re.sub(r"(?<!\\)\$.+?(?<!\\)\$", "MATH", rest)


def test_markdown_reads_nothing_inside_formulas(page):
    blocks, inline, rest = math_of(render(page, "markdown"))
    assert inline
    for formula in (*blocks, *inline):
        assert not re.search(r"\}_[^ ]|[<>|*`#]|\\[_{}%&$#,]|\$", formula), formula
        assert formula.isprintable() or formula in blocks
    for block in blocks:
        body = block.splitlines()
        assert body[0] == r"\begin{aligned}" and body[-1] == r"\end{aligned}"
        assert all(line.endswith(r"\\") for line in body[1:-2])
        assert block.count("{") == block.count("}")
    assert not re.search(r"(?<!\\)[<$]", rest)


def test_markdown_tables_keep_their_columns(page):
    rows = [line for line in render(page, "markdown").splitlines() if line[:1] == "|"]
    for section in page.sections:
        if section.table is None:
            continue
        count = 2 + len(section.table.rows)
        table, rows = rows[:count], rows[count:]
        counts = {len(re.findall(r"(?<!\\)\|", row)) for row in table}
        assert counts == {len(section.table.header) + 1}
    assert rows == []


# --- LaTeX ------------------------------------------------------------------------


def test_latex_is_ascii_and_balanced(page):
    for name in ("latex", "latex-fragment"):
        source = render(page, name)
        assert source.isascii()
        bare = re.sub(r"\\[\\{}$%]", "", source)
        assert bare.count("{") == bare.count("}")
        assert r"\left" not in source.replace(r"\leftarrow", "")
    assert source in render(page, "latex")
    assert "documentclass" not in source


def test_latex_needs_amsmath_alone():
    assert re.findall(r"\\usepackage.*", render(notes_page(), "latex")) == [
        r"\usepackage{amsmath}"
    ]


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_latex_compiles_inside_its_margins(page, tmp_path):
    (tmp_path / "page.tex").write_text(render(page, "latex"), encoding="ascii")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=100,
    )
    log = (tmp_path / "page.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-2000:]
    overfull = [float(x) for x in re.findall(r"Overfull \\hbox \((.*?)pt", log)]
    if page is not _made.get("nasty names"):  # twelve words of one letter each
        assert max(overfull, default=0) <= 10
    assert "Overfull \\vbox" not in log
    if shutil.which("pdftotext") and page is not _made.get("nasty names"):
        assert _right_edge(tmp_path / "page.pdf") <= 72 + 469.75 + 10


def _right_edge(path):
    """Where the rightmost word ends, in points: what an rlap hides from the log."""
    shown = subprocess.run(
        ["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True
    ).stdout.decode()
    return max(float(edge) for edge in re.findall(r'xMax="([\d.]+)"', shown))


# --- MathML and HTML --------------------------------------------------------------


def test_mathml_is_xml_of_core_elements(page):
    source = render(page, "mathml")
    root = etree.fromstring(source.encode())
    inside = root.xpath("//m:math/descendant-or-self::*", namespaces={"m": NAMESPACE})
    assert len(inside) > 20
    for element in inside:
        name = etree.QName(element)
        assert name.namespace == NAMESPACE
        assert name.localname in ELEMENTS
    for element in root.iter(f"{{{NAMESPACE}}}math"):
        assert element.get("display") is None or element.get("alttext")
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#)", source)


SCHEMA = {"mfrac": 2, "msup": 2, "msub": 2, "mover": 2, "mroot": 2, "msubsup": 3}


def test_every_mathml_element_has_its_children(page):
    for name in ("mathml", "html"):
        parser = etree.HTMLParser(encoding="utf-8") if name == "html" else None
        root = etree.fromstring(render(page, name).encode(), parser)
        for element in root.iter():
            if isinstance(element.tag, str):
                local = element.tag.split("}")[-1]
                if local in SCHEMA:
                    assert len(element) == SCHEMA[local], etree.tostring(element)
                if local in ("mi", "mn", "mo", "mtext"):
                    assert len(element) == 0


def test_html_is_alone_and_runs_its_own_script_only(page):
    source = render(page, "html")
    root = lxml_html.document_fromstring(source)
    assert root.get("lang") == "en"
    assert root.findtext(".//title")
    assert len(root.findall(".//main")) == len(root.findall(".//h1")) == 1
    for element in root.iter():
        if isinstance(element.tag, str):
            assert element.tag not in ("link", "img", "iframe", "object")
            names = set(element.attrib)
            assert not names & {"src", "style"}
            assert element.get("href", "#").startswith("#")
            assert not any(name.startswith("on") for name in names)
    style = re.search(r"<style>(.*?)</style>", source, re.S)[1]
    assert "url(" not in style and "@import" not in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = root.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    assert policy.startswith("default-src 'none'")
    assert f"style-src 'sha256-{digest}'" in policy
    data, script = root.findall(".//script")
    assert data.get("type") == "application/json"
    assert json.loads(data.text)["names"] is not None
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_headings_go_down_one_level_at_a_time(page):
    root = lxml_html.document_fromstring(render(page, "html"))
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch(r"h\d", str(e.tag))]
    assert levels[0] == 1
    for before, after in pairwise(levels):
        assert after <= before + 1


def test_long_formulas_can_be_broken():
    page = explain(network([2, 2, 1]), "w_111")
    root = lxml_html.document_fromstring(render(page, "html"))
    longest = max(len("".join(m.itertext())) for m in root.iter("math"))
    assert longest < 60  # 390 pixels hold about 45 narrow letters of a formula
    assert root.findall(".//wbr")


def test_the_fragment_keeps_its_style_to_itself(page):
    source = render(page, "html-fragment")
    style = re.search(r"<style>(.*?)</style>", source, re.S)[1]
    bare = re.sub(r"@media[^{]*", "", style)
    for selector in re.findall(r"([^{}]+)\{", bare):
        for part in selector.split(","):
            assert not part.strip() or part.strip().startswith(".symgrad"), part
    assert "<html" not in source and "<body" not in source
    assert page._repr_html_() == source


def rows_of(page, css):
    """The pieces of each right side that has exactly the classes ``css``."""
    root = lxml_html.document_fromstring(render(page, "html"))
    for row in root.iter("div"):
        if row.get("class") == css:
            yield [m.xpath("string()") for m in row.iter("math")]


def test_a_term_and_a_short_bracket_are_never_broken():
    terms = " + ".join(f"a_{k} x^{k} log(x + {k})" for k in range(2, 12))
    pieces = next(rows_of(explain(terms, "x", check=False), "right"))
    assert len(pieces) > 5
    assert all(piece[0] == "+" for piece in pieces[1:])


def test_a_wide_fraction_is_one_where_there_is_room():
    page = explain("(x^2 + 3*x + 1)/(x^3 - 2*x + 7)", "x", check=False)
    broad, narrow = (next(rows_of(page, f"right {c}")) for c in ("broad", "narrow"))
    assert len(broad) == 1 and len(narrow) > 1
    assert "/(" in "".join(narrow) and "/(" not in broad[0]


def test_fractions_in_fractions_stay_legible():
    nested = "1/(1 + 1/(2 + 1/(3 + x/(4 + x))))"
    shown = render(explain(nested, "x", check=False), "html")
    assert shown.count('displaystyle="true" scriptlevel="0"') > 2
    assert r"}{\displaystyle \frac" in render(
        explain(nested, "x", check=False), "latex"
    )
    flat = explain("1/(1 + x/(4 + x))", "x", check=False)
    assert "scriptlevel" not in render(flat, "html")
    assert r"\displaystyle \frac" not in render(flat, "latex")


def test_cases_before_a_factor_stand_in_brackets():
    cases = Cases(((Number("1"), Relation((Number("2"), Number("1")), ">")),))
    before, after = (
        math_pieces(Product(factors))[0].split(">", 1)[1]  # without the alttext
        for factors in ((cases, Name("x", "x")), (Name("x", "x"), cases))
    )
    assert 0 < before.find("(") < before.find("<mtable>")
    assert "(" not in after


def test_a_short_reason_is_not_broken():
    shown = render(explain("x - 2", "x", detail="full", check=False), "latex")
    assert r"\text{a number}" in shown


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_the_page_never_scrolls_sideways_at_390_pixels(tmp_path):
    page = render(explain(network([2, 2, 2, 1]), "w_111", detail="full"), "html")
    measure = (
        "const root = this.contentDocument.documentElement;"
        "document.title = root.clientWidth + ' ' + root.scrollWidth"
    )
    (tmp_path / "page.html").write_text(
        f'<iframe width="390" height="800" onload="{measure}" '
        f'srcdoc="{escape(page)}" style="border: 0"></iframe>',
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu"),
            *("--no-first-run", "--disable-background-networking", "--dump-dom"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--window-size=500,800"),
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    found = re.search(r"<title>(\d+) (\d+)</title>", done.stdout)
    assert found, done.stderr[-500:]
    assert found[1] == found[2]
    assert 300 < int(found[1]) <= 390


# --- escaping ---------------------------------------------------------------------


def test_every_nasty_word_arrives_in_html_and_mathml():
    page = nasty_page()
    for name in ("html", "mathml"):
        root = lxml_html.document_fromstring(render(page, name).encode())
        words = "".join(root.itertext())
        for word in NASTY:
            assert word in words or word == "ŷ"
        assert len(root.findall(".//script")) == (2 if name == "html" else 0)


def test_every_nasty_word_is_defused_in_markdown():
    _, _, rest = math_of(render(nasty_page(), "markdown"))
    assert r"\<script\>" in rest and r"\*e\*" in rest and r"a\&b" in rest


# --- JSON -------------------------------------------------------------------------


def test_json_comes_back_equal(page):
    source = render(page, "json")
    again = load_json(source)
    assert again == page
    assert dump(again) == source
    assert pickle.loads(pickle.dumps(page)) == page
    for name in RENDERERS:
        assert render(again, name) == render(page, name)


x, y, f = symbol("x"), symbol("y"), symbol("f")
_leaves = st.sampled_from(
    [
        *(x, y, sp.Symbol("plain"), sp.Symbol("n", integer=True), sp.pi, sp.E, sp.oo),
        *(Partial(f, x), Total(f, x), sp.Rational(-2, 7), sp.Float("0.1", 40)),
    ]
) | st.integers(-9, 9).map(sp.Integer)
_exprs = st.recursive(
    _leaves,
    lambda e: st.one_of(
        st.tuples(e, e).map(lambda p: sp.Add(*p, evaluate=False)),
        st.tuples(e, e).map(lambda p: sp.Mul(*p, evaluate=False)),
        st.tuples(e, e).map(lambda p: Chain(*p)),
        e.map(lambda u: sp.tanh(u, evaluate=False)),
        e.map(lambda u: sp.Pow(u, 2, evaluate=False)),
        e.map(lambda u: LocalDerivative(u, x)),
        e.map(lambda u: sp.Piecewise((u, x > 0), (y, True), evaluate=False)),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_exprs, st.floats(), st.text())
def test_json_keeps_any_expression_number_and_word(expr, value, words):
    graph = Graph((Stage(f, x + y),), (f,), (x, y))
    step = Step(words, f, (Line(expr, (words, expr), value),), ((y, expr),))
    page = Derivation((words,), (Section((expr,), (), (step,)),), (), graph)
    again = load_json(dump(page))
    assert dump(again) == dump(page)
    line = again.sections[0].steps[0].lines[0]
    assert line.expr == expr and line.expr.func is expr.func
    assert sp.srepr(line.expr) == sp.srepr(expr)
    assert line.value == value or value != value


def _broken(change):
    data = json.loads(dump(notes_page()))
    change(data)
    return json.dumps(data)


BAD_JSON = {
    "no JSON": ("{", "not JSON"),
    "empty": ("", "not JSON"),
    "a list": ("[]", "expected the format"),
    "too deep": ("[" * 100_000, "not JSON"),
    "another format": ('{"format": "other"}', "expected the format"),
    "another version": (_broken(lambda d: d.update(version=99)), "version 99"),
    "no page": (_broken(lambda d: d.pop("page")), "wrong shape"),
    "a field missing": (_broken(lambda d: d["page"].pop("title")), "wrong shape"),
    "a field too many": (_broken(lambda d: d["page"].update(u=1)), "wrong shape"),
    "an unknown type": (_broken(lambda d: d["page"].update(type="os")), "wrong shape"),
    "another type": (
        _broken(lambda d: d.update(page=d["page"]["program"])),
        "expected a Derivation",
    ),
    "an unknown node": (
        _broken(lambda d: d["page"].update(title=[{"expr": ["eval", "x"]}])),
        "unknown node 'eval'",
    ),
    "an empty tree": (
        _broken(lambda d: d["page"].update(title=[{"expr": []}])),
        "wrong shape",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_JSON.values(), ids=BAD_JSON)
def test_bad_json_is_one_clear_error(text, message):
    with pytest.raises(FormulaError, match=message) as caught:
        load_json(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


# --- depth ------------------------------------------------------------------------


def _nested(levels, wrap):
    expr = x
    for _ in range(levels):
        expr = wrap(expr)
    return expr


ONE = sp.Integer(1)
DEEP = {
    "calls": _nested(118, lambda e: sp.tanh(e, evaluate=False)),
    "exponents": _nested(118, lambda e: sp.exp(e, evaluate=False)),
    "towers": _nested(118, lambda e: sp.Pow(2, e, evaluate=False)),
    "fractions": _nested(58, lambda e: sp.Pow(ONE + e, -1, evaluate=False)),
    "roots": _nested(58, lambda e: sp.Pow(ONE + e, sp.S.Half, evaluate=False)),
    "bars": _nested(58, lambda e: sp.Abs(e - 1, evaluate=False)),
    "cases": _nested(38, lambda e: sp.Piecewise((e, x > 0), (y, True), evaluate=False)),
}


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("expr", DEEP.values(), ids=DEEP)
def test_formulas_as_deep_as_the_bound_are_printed(expr, name):
    graph = Graph((Stage(f, x),), (f,), (x,))
    step = Step("rule", f, (Line(expr, (expr,)),))
    page = Derivation((expr,), (Section((expr,), (), (step,)),), (), graph)
    assert render(page, name)


# --- files and formats ------------------------------------------------------------

SUFFIXES = {row.suffix: name for name, row in RENDERERS.items() if row.suffix}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_suffix_chooses_the_format(tmp_path, suffix):
    page = notes_page()
    path = page.save(tmp_path / f"page{suffix}")
    assert path.read_text(encoding="utf-8") == render(page, SUFFIXES[suffix])
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_saved_page_is_loaded(tmp_path):
    page = notes_page()
    assert load(save(page, str(tmp_path / "page.json"))) == page


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "page.txt"
    target.write_text("old", encoding="utf-8")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        save(notes_page(), target)
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.txt"]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda p: render(notes_page(), "latx"), UnknownNameError, "mean 'latex'"),
        (lambda p: render("x", "text"), ArgumentTypeError, "make one with explain"),
        (lambda p: save(notes_page(), p / "a.htm"), UnknownNameError, "mean '.html'"),
        (lambda p: save(notes_page(), p / "a"), UnknownNameError, "known: .txt"),
        (lambda p: load(p / "a.tex"), ArgumentValueError, "only .json"),
    ],
    ids=["format", "no derivation", "suffix", "no suffix", "load another format"],
)
def test_errors_name_the_value_and_the_way_out(tmp_path, call, kind, message):
    with pytest.raises(kind, match=message):
        call(tmp_path)


def test_a_binary_file_is_not_a_page(tmp_path):
    (tmp_path / "page.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArgumentValueError, match="not a text file"):
        load(tmp_path / "page.json")


def test_every_process_writes_the_same(tmp_path):
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from sample_pages import notes_page, nasty_page\n"
        "from symgrad.renderers import RENDERERS, render\n"
        "for page in (notes_page(numbers=True), nasty_page()):\n"
        "    for name in RENDERERS:\n"
        "        print(hashlib.sha256(render(page, name).encode()).hexdigest())\n"
    )
    outputs = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(outputs.pop().split()) == 2 * len(RENDERERS)


def test_a_root_within_a_line_is_drawn():
    """The bare sign hangs below the line in Chromium."""
    page = explain("cbrt(sqrt(x) + 1)", "x", detail="full")
    for suffix in ("html", "mathml"):
        shown = render(page, suffix)
        assert "<mo>√</mo>" not in shown and "<mo>∛</mo>" not in shown
    inline = re.search(r"square root: <.*", render(page, "html"))
    assert inline is not None and "<msqrt>" in inline[0]


def test_no_line_of_a_page_begins_with_the_sign_after_a_formula():
    shown = render(explain(network([2, 2, 2, 1]), "w_111"), "html")
    assert re.search(r'<span class="whole"><math.*</math>;</span> through', shown)
    assert not re.search(r"</math>[,;.:)]", re.sub(r"(?s)<span.*?</span>", "", shown))
    assert "&lt;" not in shown


# --- snapshots --------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [s for s in SUFFIXES if s != ".json"])
def test_the_page_looks_as_it_did(suffix):
    """Set SYMGRAD_SNAPSHOTS=write, look at the new files, and commit them."""
    path = SNAPSHOTS / f"notes_w_111{suffix}"
    shown = render(notes_page(numbers=True), SUFFIXES[suffix])
    if os.environ.get("SYMGRAD_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == shown


@pytest.mark.parametrize("name", ["hbar", "ħ"])
def test_the_reduced_planck_constant_has_its_letter(name: str) -> None:
    page = explain(f"E = {name}*omega", name)
    assert r"\hbar" in render(page, "latex") and "<mi>ħ</mi>" in render(page, "mathml")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x^2/3.7", "= x/1.85"),
        ("0.5x^2", "dy/dx = 0.5 · d/dx (x²)"),
        ("0.5x^2", "      = x  "),
        ("x^2.0", "dy/dx = 2 x  "),
        ("exp(-x/0.7)", "u_1 = −x/0.7"),
        ("x^(1/0.7)", "x^(3/7)/0.7"),
        ("0.123456789012x^2", "0.246913578024 x"),
        ("x^1.5/1.5", "x^0.5"),
    ],
)
def test_decimals_stay_as_they_are_written(text: str, wanted: str) -> None:
    assert wanted in str(explain(text))


def test_html_escapes_words_once() -> None:
    derivation = explain("besselj(n, x)", "x", check=False)
    page = render(derivation, "html")
    assert "&amp;gt;" not in page and "an argument &gt; 0" in page


def test_brackets_around_fractions_grow_in_lines_that_may_break():
    page = explain("besselj(2, x)*sin(x) + a*besselj(1, x)*cos(x)*tan(x)/x^2", "x")
    shown = render(page, "html")
    tall = re.findall(r'<mo minsize="2.4em" maxsize="2.4em">(.)</mo>', shown)
    assert "(" in tall and tall.count("(") == tall.count(")")


def test_a_prime_stands_beside_its_letter():
    """Raised once more it hangs far above the line in Chromium."""
    shown = render(explain("airyai(x)", "x"), "html")
    assert '<mi>Ai</mi><mo form="postfix" lspace="0" rspace="0">′</mo>' in shown
    assert "<mo>′</mo></msup>" not in shown


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("besselj(2, x)", "derivative of the Bessel function J"),
        ("bessely(0, x)", "the Bessel function Y needs"),
        ("max(x, y)", "derivative of the maximum"),
        ("gamma(x)", "the gamma function needs"),
    ],
)
def test_a_function_is_called_by_words_where_it_is_printed_by_a_letter(formula, words):
    assert words in str(explain(formula, "x"))


@pytest.mark.parametrize("form", ["latex", "markdown", "mathml", "html"])
def test_words_call_inverse_functions_as_the_formulas_do(form: str) -> None:
    page = render(explain("asin(x) + acosh(x)"), form)
    said = page.replace("\u00a0", " ")
    assert "arcsin needs" in said and "derivative of arcsin" in said
    assert "acosh needs" in said and "asin needs" not in said.replace("arcsin", "")
    assert "asin needs" in str(explain("asin(x) + acosh(x)"))
