"""The notes' network exactly, and to a hundred digits.

Run it with:  python examples/exact_numbers.py
"""

import mpmath

import symgrad as sg

graph = sg.network([2, 2, 1])
names = (*graph.inputs, *graph.parameters)
point = {name.name: f"{k}/10" for k, name in enumerate(names, start=1)}

exact = sg.lambdify(graph, backend="sympy")
value, grad = exact(**point)
print("y_hat =", value)
print(f"by {exact.wrt[6]}:", grad[6])

precise = sg.lambdify(graph, backend="mpmath", digits=100)
value, grad = precise(**point)
print("y_hat =", mpmath.nstr(value, 100))

# Digits that cancel are made good: here floats have none left.
formula = "(1 - cos(x))/x^2"
print("float: ", sg.lambdify(formula, [])(1e-9))
print("mpmath:", mpmath.nstr(sg.lambdify(formula, [], backend="mpmath")(1e-9), 30))
