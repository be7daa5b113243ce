"""The notes' general rule, z = f(x, y) with y = g(x) and x = k(t), on real functions.

python examples/formula.py
"""

import symgrad as sg

definitions = """
    z = x*y
    y = sin(x)
    x = t^2
"""
gradient = sg.differentiate(definitions, "t")

print("dz/dt =", gradient["t"])
for path in gradient.paths("t"):
    print("path:", " · ".join(str(factor) for factor in path))

print()
print(sg.explain(gradient, at={"t": 1.5}))
