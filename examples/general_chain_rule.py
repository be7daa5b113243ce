"""The general chain rule: z = f(x, y), y = g(x), x = k(t), without any formula.

Run it with: python examples/general_chain_rule.py
"""

import symgrad as sg

graph = sg.formula("z = f(x, y); y = g(x); x = k(t)")

# As the notes write it: first by x, where ∂x/∂x = 1 is told, then by t.
for name in ("x", "t"):
    page = sg.explain(graph, name, notation="notes", detail="brief")
    print(page, end="\n\n")

# As a textbook writes it: d where one variable is left, ∂ for the function f.
print(sg.explain(graph, "t"), end="\n\n")

# Second derivatives of f stay abstract too; the mixed ones are equal.
hessian = sg.hessian("z = f(x, y)")
print("∂²z/∂x∂y =", hessian["x", "y"], "=", hessian["y", "x"])

# Formulas may be filled in later, and the derivation carries on.
gradient = sg.differentiate(graph, "t")
filled = sg.fill(gradient, f="x*y", g="sin(x)", k="t^2")
print("dz/dt =", filled.closed_form("t"))
print(sg.check_gradient(filled).passed)
