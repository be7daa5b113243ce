"""Functions that are short formulas under a name: versin, logit, logsumexp, P_3.

The one rule kept here: such a function is a definition that the text is given, as if
its writer had added it; so the page shows the formula, and every back end has it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction

from symgrad.tokens import Token, fail, tokenize

MAX_DEGREE = 30
MAX_WRITTEN_DEGREE = 6
MAX_ARGUMENTS = 20

NAMED_FORMULAS: dict[str, str] = {
    # trigonometry: in half angles, so that no digits are lost near 0
    "versin": "versin(t) = 2 sin(t/2)^2",
    "coversin": "coversin(t) = 1 - sin(t)",
    "haversin": "haversin(t) = sin(t/2)^2",
    "gd": "gd(t) = 2 atan(tanh(t/2))",
    # probability
    "logit": "logit(t) = log(t) - log1p(-t)",
    "normpdf": "normpdf(t) = exp(-t^2/2)/sqrt(2 pi)",
    "normcdf": "normcdf(t) = erfc(-t/sqrt(2))/2",
    "logaddexp": "logaddexp(s, t) = t + softplus(s - t)",
    # powers
    "exp2": "exp2(t) = 2^t",
    "exp10": "exp10(t) = 10^t",
    # the exponential integral of order 1, DLMF 6.2.6
    "exp1": "exp1(t) = piecewise((-Ei(-t), t > 0))",
    # pieces
    "step": "step(t) = Heaviside(t)",
    "rect": "rect(t) = 1 if abs(t) < 1/2 else (1/2 if abs(t) == 1/2 else 0)",
    "tri": "tri(t) = max(0, 1 - abs(t))",
    "clip": "clip(t, a, b) = min(max(t, a), b)",
    "lerp": "lerp(a, b, t) = a + (b - a)*t",
    # activations, as PyTorch has them
    "logsigmoid": "logsigmoid(t) = -softplus(-t)",
    "mish": "mish(t) = t*tanh(softplus(t))",
    "selu": "selu(t) = 1.0507009873554805*(t if t > 0 else "
    "1.6732632423543772*expm1(t))",
    "relu6": "relu6(t) = min(max(0, t), 6)",
    "hardtanh": "hardtanh(t) = max(-1, min(1, t))",
    "hardsigmoid": "hardsigmoid(t) = min(max(0, t + 3), 6)/6",
    "hardswish": "hardswish(t) = t*min(max(0, t + 3), 6)/6",
    "tanhshrink": "tanhshrink(t) = t - tanh(t)",
}
"""name -> its definition, in the language of formulas"""

_OTHER_NAMES = {
    **dict.fromkeys(("vers", "versine"), "versin"),
    **dict.fromkeys(("hav", "haversine"), "haversin"),
    **{"gudermannian": "gd", "clamp": "clip", "log_expit": "logsigmoid"},
    **{"unitstep": "step", "UnitStep": "step", "ndtr": "normcdf"},
    **dict.fromkeys(("chebyshevt", "ChebyshevT", "chebyt", "eval_chebyt"), "T"),
    **dict.fromkeys(("chebyshevu", "ChebyshevU", "chebyu", "eval_chebyu"), "U"),
    **dict.fromkeys(("legendre", "LegendreP", "eval_legendre"), "P"),
    **dict.fromkeys(("hermite", "HermiteH", "eval_hermite"), "H"),
    **dict.fromkeys(("hermite_prob", "eval_hermitenorm"), "He"),
    **dict.fromkeys(("laguerre", "LaguerreL", "eval_laguerre"), "L"),
    **{"logsumexp": "lse", "LogSumExp": "lse"},
}

_Three = tuple[Fraction, Fraction, Fraction]


def _of(a: Fraction | int, b: Fraction | int, c: Fraction | int) -> _Three:
    return Fraction(a), Fraction(b), Fraction(c)


_FIRST: dict[str, tuple[str, Fraction, Fraction]] = {
    "T": ("chebyshevt", Fraction(1), Fraction(0)),
    "U": ("chebyshevu", Fraction(2), Fraction(0)),
    "P": ("legendre", Fraction(1), Fraction(0)),
    "H": ("hermite", Fraction(2), Fraction(0)),
    "He": ("hermite_prob", Fraction(1), Fraction(0)),
    "L": ("laguerre", Fraction(-1), Fraction(1)),
}
"""letter -> the name of its functions, and the polynomial of degree 1 (slope, value)"""

_NEXT: dict[str, Callable[[int], _Three]] = {
    "T": lambda n: _of(2, 0, 1),
    "U": lambda n: _of(2, 0, 1),
    "P": lambda n: _of(Fraction(2 * n + 1, n + 1), 0, Fraction(n, n + 1)),
    "H": lambda n: _of(2, 0, 2 * n),
    "He": lambda n: _of(1, 0, n),
    "L": lambda n: _of(
        Fraction(-1, n + 1), Fraction(2 * n + 1, n + 1), Fraction(n, n + 1)
    ),
}
"""letter -> n -> a, b, c with p_{n+1} = (a t + b) p_n − c p_{n−1} (DLMF 18.9.1)"""


def is_named_formula(name: str) -> bool:
    """Whether a name before a bracket is a function of this module.

    >>> is_named_formula("legendre"), is_named_formula("sin")
    (True, False)
    """
    return name in NAMED_FORMULAS or name in _OTHER_NAMES


def completed(
    text: str, tokens: Sequence[Token], defined: Collection[str]
) -> tuple[str, list[Token]]:
    """Add the definitions of the functions that a text uses and does not define.

    >>> text = "x*versin(x)"
    >>> completed(text, tokenize(text), ())[0]
    'x*versin(x); versin(t) = 2 sin(t/2)^2'

    Raises ``FormulaError`` where a polynomial has no whole number as its degree.
    """
    made: dict[str, str] = {}
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token, after = tokens[at], tokens[at + 1 : at + 2]
        at += 1
        is_call = token.kind == "name" and bool(after) and after[0].text in "(["
        if not is_call or token.text in defined or not is_named_formula(token.text):
            found.append(token)
            continue
        name = _OTHER_NAMES.get(token.text, token.text)
        if name in _FIRST:
            degree = _degree(text, tokens, at - 1)
            name = _polynomial(name, degree, made)
            found += [token._replace(text=name), after[0]]
            at += 3  # the bracket, the degree, the comma
        elif name == "lse":
            name = _logsumexp(text, token, _arguments(tokens, at), made)
            found.append(token._replace(text=name))
        else:
            made[name] = NAMED_FORMULAS[name]
            found.append(token._replace(text=name))
    for name, definition in made.items():
        if name in defined:
            continue
        text += "; "
        shift = len(text) - 2
        text += definition
        added = [Token("end", ";", 0, 1), *tokenize(definition)]
        for k, token in enumerate(added):
            move = shift if k == 0 else shift + 2
            found.append(token._replace(start=token.start + move, end=token.end + move))
    return text, found


def _degree(text: str, tokens: Sequence[Token], at: int) -> int:
    """The whole number that is the first argument of a polynomial."""
    name, given = tokens[at], [t.text for t in tokens[at + 2 : at + 4]]
    is_whole = len(given) == 2 and given[0].isdecimal() and given[1] == ","
    if not is_whole or int(given[0]) > MAX_DEGREE:
        fail(
            text,
            name.start,
            f"{name.text} takes its degree first, a whole number from 0 to "
            f"{MAX_DEGREE}, as in {name.text}(3, x)",
        )
    return int(given[0])


def _arguments(tokens: Sequence[Token], at: int) -> int:
    """The number of arguments in the bracket that opens here."""
    depth, count = 0, 1
    for token in tokens[at:]:
        depth += {"open": 1, "floor": 1, "close": -1}.get(token.kind, 0)
        if depth == 0:
            break
        count += token.kind == "comma" and depth == 1
    return count


def _logsumexp(text: str, token: Token, count: int, made: dict[str, str]) -> str:
    """log(exp(a) + exp(b) + …) that neither overflows nor has a kink."""
    if not 2 <= count <= MAX_ARGUMENTS:
        fail(
            text,
            token.start,
            f"{token.text} takes 2 to {MAX_ARGUMENTS} arguments, not {count}",
        )
    letters = [f"t_{k}" for k in range(1, count + 1)]
    formula = letters[0]
    for letter in letters[1:]:
        formula = f"{letter} + softplus({formula} - {letter})"
    name = "logsumexp" if count == 2 else f"logsumexp_{count}"
    made[name] = f"{name}({', '.join(letters)}) = {formula}"
    return name


# --- polynomials --------------------------------------------------------------------


def _polynomial(letter: str, degree: int, made: dict[str, str]) -> str:
    """Define a polynomial, written out or by its recurrence; give its name."""
    stem = _FIRST[letter][0]
    name = f"{stem}_{degree}"
    if degree <= MAX_WRITTEN_DEGREE:
        made[name] = f"{name}(t) = {_written(_coefficients(letter, degree))}"
        return name
    for each in range(degree, MAX_WRITTEN_DEGREE, -1):
        a, b, c = _NEXT[letter](each - 1)
        scale = a.denominator * b.denominator * c.denominator
        scale = next(k for k in range(1, scale + 1) if _is_whole(k, a, b, c))
        factor = _written([b * scale, a * scale])
        before, last = f"{stem}_{each - 1}(t)", f"{stem}_{each - 2}(t)"
        formula = f"(({factor})*{before} - {c * scale}*{last})/{scale}"
        made[f"{stem}_{each}"] = f"{stem}_{each}(t) = {formula}"
    for low in (MAX_WRITTEN_DEGREE, MAX_WRITTEN_DEGREE - 1):
        _polynomial(letter, low, made)
    return name


def _is_whole(scale: int, *numbers: Fraction) -> bool:
    return all((scale * number).denominator == 1 for number in numbers)


def _coefficients(letter: str, degree: int) -> list[Fraction]:
    """The coefficients of a polynomial, from the constant upwards."""
    _, slope, value = _FIRST[letter]
    before, now = [Fraction(1)], [value, slope]
    if degree == 0:
        return before
    for n in range(1, degree):
        a, b, c = _NEXT[letter](n)
        found = [Fraction(0)] * (n + 2)
        for k, number in enumerate(now):
            found[k + 1] += a * number
            found[k] += b * number
        for k, number in enumerate(before):
            found[k] -= c * number
        before, now = now, found
    return now


def _written(coefficients: Sequence[Fraction]) -> str:
    """Write a polynomial in t over one bar."""
    scale = math.lcm(*(number.denominator for number in coefficients))
    terms = "".join(_terms([int(number * scale) for number in coefficients]))
    terms = terms.removeprefix("+") or "0"
    return terms if scale == 1 else f"({terms})/{scale}"


def _terms(coefficients: Sequence[int]) -> Iterator[str]:
    for power in range(len(coefficients) - 1, -1, -1):
        number = coefficients[power]
        if number:
            yield f"{number:+d}" + ("" if power == 0 else f"*t^{power}")
