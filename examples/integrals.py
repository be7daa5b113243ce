"""Integrals: Leibniz' rule to read, and fast derivatives of integrals to run.

Run it with: python examples/integrals.py
"""

import symgrad as sg

# Both bounds move and so does the integrand: three terms, each a step of its own.
print(sg.explain("integral(sin(x t)/t, t, x, x^2)", "x"), end="\n\n")

# The rule itself, for a function without a formula.
print(sg.differentiate("integral(f(x, t), t, g(x), h(x))", "x")["x"], end="\n\n")

# The gamma function and its derivative, from its integral to infinity.
gamma = sg.lambdify("integral(t^(s - 1) exp(-t), t, 0, ∞)")
value, (slope,) = gamma([1.0, 2.0, 3.5])
print("gamma", value.round(12), "derivative", slope.round(12))

# The period of a pendulum of length l for an amplitude a, and how it moves with both.
period = "4 sqrt(l/g) integral(1/sqrt(1 - sin(a/2)^2 sin(t)^2), t, 0, π/2)"
value, grad = sg.lambdify(period, ["l", "a"])(l=1.0, g=9.81, a=0.5)
print("period", value.round(10), "gradient", grad.round(10))
print(sg.check_gradient(period, at={"l": 1.0, "g": 9.81, "a": 0.5}).passed)
