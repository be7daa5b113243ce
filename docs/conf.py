"""The documentation site: ``sphinx-build -W docs site`` (extra ``docs``).

The one rule kept here: a page of the site asks nothing of the network, so formulas are
MathML, written while the site is built.
"""

from __future__ import annotations

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

import symgrad

project = "symgrad"
author = copyright = "The symgrad developers"
release = version = symgrad.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autodoc_default_options = {
    "members": True,
    # scikit-learn makes these and refers to its own glossary
    "exclude-members": "set_fit_request, set_predict_request, set_score_request",
}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
copybutton_exclude = ".linenos, .gp, .go"
copybutton_copy_empty_lines = False
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = "symgrad"
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = False


def _inline(writer, node: nodes.math) -> None:  # type: ignore[no-untyped-def]
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(writer, node: nodes.math_block) -> None:  # type: ignore[no-untyped-def]
    writer.body.append(convert(node.astext(), display="block"))
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Make MathML the way formulas are written."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
