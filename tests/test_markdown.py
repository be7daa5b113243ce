"""Markdown that GitHub and Jupyter show: what reaches the formula is what was written.

GitHub reads a page as CommonMark first and looks for dollars in what is left, so that
nothing in a formula may mean anything to CommonMark; and it refuses some macros.
"""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from sample_pages import nasty_page, notes_page

import symgrad as sg
from symgrad.renderers.markdown import REFUSED

PAGES = {
    "by hand": lambda: notes_page(numbers=True),
    "nasty names": nasty_page,
    "network": lambda: sg.explain(sg.network([2, 2, 1]), detail="full"),
    "kinks": lambda: sg.explain("abs(x)*exp(-x^2)/sqrt(1+x^2) + max(x, 3*t)", "x"),
    "operators": lambda: sg.explain("sech(x)*gelu(x) + besselj(2, x)*airyai(x)"),
    "long names": lambda: sg.explain("softplus(rate_max*x_init)"),
    "sum": lambda: sg.explain("sum((w*x_i + b - y_i)^2, i, 1, n)", "w"),
    "held": lambda: sg.explain("z = x^2*y; y = x/(1 + x)", "x"),
}


@pytest.fixture(scope="module", params=PAGES)
def markdown(request):
    return sg.render(PAGES[request.param](), "markdown")


def seen(source):
    """The texts that CommonMark leaves, one for each paragraph, heading or cell."""
    for token in MarkdownIt("commonmark").enable("table").parse(source):
        assert token.type not in ("html_block", "code_block", "fence"), token.content
        if token.type == "inline":
            kinds = {child.type for child in token.children}
            kinds -= {"text", "softbreak", "strong_open", "strong_close"}
            # the checks are in italics
            assert kinds <= {"em_open", "em_close", "text_special"}, token.content
            yield "".join(
                "\n" if child.type == "softbreak" else child.content
                for child in token.children
            )


def test_commonmark_leaves_every_formula_as_it_is(markdown):
    left = "\n\n".join(seen(markdown))
    blocks = re.findall(r"^\$\$\n.*?\n\$\$$", markdown, re.S | re.M)
    rest = re.sub(r"^\$\$\n.*?\n\$\$$", "", markdown, flags=re.S | re.M)
    inline = re.findall(r"(?<!\\)\$.+?(?<!\\)\$", rest)
    assert inline
    for formula in inline:
        assert formula in left
    for block in blocks:
        assert block.replace("\\\\\n", "\\\n") in left or block in left
        # of two backslashes at a line's end CommonMark takes one: GitHub's own
        # reading of blocks of $$ on lines of their own comes before


def test_dollars_stand_where_github_sees_them(markdown):
    lines = markdown.splitlines()
    for before, line, after in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
        if "$$" in line:
            assert line == "$$"
            assert "" in (before, after)  # a blank line around a block
        else:
            for found in re.finditer(r"(?<!\\)\$(.+?)(?<!\\)\$", line):
                assert found[1] == found[1].strip()
                outside = line[: found.start()][-1:], line[found.end() :][:1]
                assert not any(c.isalnum() or c == "$" for c in outside), line


def test_no_macro_that_github_refuses(markdown):
    assert not set(re.findall(r"\\[A-Za-z]+", markdown)) & REFUSED


def test_operators_are_set_upright_all_the_same():
    shown = sg.render(PAGES["operators"](), "markdown")
    assert r"\mathop{\mathrm{sech}}" in shown and r"\mathop{\mathrm{Ai}}" in shown
