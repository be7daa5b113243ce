"""Formulas as people write them, and what an error about one shows.

python examples/notations.py
"""

import symgrad as sg

for text in [
    "2 sin x cos x",
    "A e^(-γ t) cos(ω t)",
    "x² if x > 0 else |x|",
    "area(r) = πr²; V = h*area(r)",
]:
    graph = sg.formula(text)
    name = graph.inputs[-1].name
    print(f"{text:30} d/d{name}: {sg.differentiate(graph, name)[name]}")

try:
    sg.formula("x + 1/2x")
except sg.FormulaError as error:
    print(error)
    print(error.caret)
