"""Derivatives of a circle's y by x, first and second: read, then run at two points.

python examples/implicit.py
"""

import symgrad as sg

circle = sg.implicit("x^2 + y^2 = 25", "y", "x", order=2)
print(sg.explain(circle))
print("dy/dx =", circle["x"], "  d²y/dx² =", circle["x", "x"])

curvature = sg.lambdify(circle, wrt=[])
print("at (3, 4) and (3, -4):", *curvature(x=3.0, y=[4.0, -4.0]))

inverse = sg.inverse("x = y + exp(y)")
print("the inverse of y + exp(y):", inverse.expr)
