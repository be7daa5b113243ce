"""What the commands of LaTeX mean: tables of names, arguments, signs and fences.

The one rule kept here: a command stands in one of these tables, or is refused.
"""

from __future__ import annotations

_FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
ACCENTS = ("hat", "tilde", "bar", "dot", "ddot", "vec")
_STYLES = ("mathbf", "boldsymbol", "bm", "mathcal", "mathsf", "mathtt", "bf", "mathbb")
_BINOMIALS = ("binom", "dbinom", "tbinom")
_LETTERS = ("mathrm", "mathit", "text", "textrm", "textit", "mbox")
ARGUMENTS = {
    **dict.fromkeys((*_FRACTIONS, *_BINOMIALS), "{{"),
    "sqrt": "[{",
    "operatorname": "{",
    **dict.fromkeys((*ACCENTS, *_LETTERS, *_STYLES), "{"),
    "widehat": "{",
    "overline": "{",
}
ALIASES = {
    **dict.fromkeys(_FRACTIONS, "frac"),
    **dict.fromkeys(_BINOMIALS, "binom"),
    **dict.fromkeys(_STYLES, "styled"),
    "widehat": "hat",
    "overline": "bar",
    **dict.fromkeys(("text", "textrm", "mbox"), "text"),
    **dict.fromkeys(("mathrm", "mathit", "textit"), "letters"),
}
NOTHING = frozenset(
    "left right bigl bigr Bigl Bigr biggl biggr Biggl Biggr big Big bigg Bigg "
    "displaystyle textstyle limits nolimits mathclose".split()
)
GAPS = frozenset([",", ";", ":", " ", "quad", "qquad", "thinspace", ">"])
SIGNS = {
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    "div": "/",
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    "lt": "<",
    "gt": ">",
    **dict.fromkeys(("land", "wedge"), "and"),
    **dict.fromkeys(("lor", "vee"), "or"),
    **dict.fromkeys(("vert", "mid"), "|"),
    **{"}": ")", "rbrace": ")", "rbrack": ")"},
    "prime": "'",
}
BOXES = frozenset(["{", "lbrace", "lbrack"])
MARKS = ("mathopen", "!")
BIG = {"sum": "sum", "prod": "product", "int": "integral"}
LETTER_COMMANDS = frozenset(["ell", "hbar"])
SHEETS = frozenset(
    f"{name}{star}"
    for name in ("align", "aligned", "equation", "split", "gather", "gathered")
    for star in ("", "*")
)
FENCES = {"lfloor": "rfloor", "lceil": "rceil", "lvert": "rvert"}
GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa "
    "lambda mu nu xi pi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
FUNCTIONS = {
    **{name: name for name in "exp log ln sin cos tan cot sec csc".split()},
    **{name: name for name in "sinh cosh tanh coth max min".split()},
    **{name: name for name in "arcsin arccos arctan".split()},
}
DERIVATIVE = (
    "derivatives are taken, not read; give the formula alone and call "
    "differentiate(formula, 'x')"
)
UNREAD = {
    **dict.fromkeys(("partial", "nabla"), DERIVATIVE),
    **dict.fromkeys(("oint", "iint", "iiint", "lim"), "not read"),
    **dict.fromkeys(
        ("top", "intercal", "|", "lVert", "Vert", "odot", "otimes"),
        "vectors and matrices are not read; write their elements",
    ),
    "pm": "two formulas in one; write each",
    "mp": "two formulas in one; write each",
    "lg": "read in two ways; write \\log_2 or \\log_{10}",
}
