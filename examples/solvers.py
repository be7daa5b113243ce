"""SciPy's solvers on formulas, each in one line, with exact derivatives passed on.

Run: python examples/solvers.py   (needs SciPy: pip install "symgrad[scipy]")
"""

import numpy as np

import symgrad as sg


def shown(at):
    return "  ".join(f"{name} = {value:.4f}" for name, value in at.items())


# A minimum, with bounds, by a method that uses Hessian-vector products.
rosenbrock = "(1 - x)^2 + 100*(y - x^2)^2"
best = sg.minimize(rosenbrock, {"x": -1.2, "y": 1}, method="trust-ncg")
print("minimize:", shown(best.at), "after", best.nit, "steps")
best = sg.minimize(rosenbrock, {"x": 0, "y": 0}, bounds={"x": (None, 0.5)})
print("within bounds:", shown(best.at))

# Least squares and a fit with standard deviations.
x = np.linspace(0, 4, 50)
y = 2.5 * np.exp(-1.3 * x) + 0.05 * np.random.default_rng(0).normal(size=50)
found = sg.least_squares("y - a*exp(-b*x)", {"a": 1, "b": 1}, {"x": x, "y": y})
print("least_squares:", shown(found.at))
print("curve_fit:", *str(sg.curve_fit("a*exp(-b*x)", {"x": x}, y)).splitlines())

# Equations.
found = sg.root(["x^2 + y^2 = r^2", "y = x/2"], {"x": 1, "y": 1}, {"r": 2})
print("root:", shown(found.at))

# Differential equations, stiff ones with their Jacobian: Robertson's reactions.
robertson = {
    "a": "-0.04*a + 1e4*b*c",
    "b": "0.04*a - 1e4*b*c - 3e7*b^2",
    "c": "3e7*b^2",
}
path = sg.solve_ivp(robertson, (0, 40), {"a": 1, "b": 0, "c": 0}, method="BDF")
print("solve_ivp:", shown({name: row[-1] for name, row in path.at.items()}))

# The same derivatives for a solver of your own: a Hessian-vector product, and the
# Hessian of a chain of springs, of which only what is not zero is computed.
f = sg.hvp(rosenbrock, ["x", "y"], layout="vector", results="product")
print("hvp:", f([1.0, 1.0], [1.0, 0.0]))
energy = " + ".join(f"(x_{k} - x_{k + 1})^4" for k in range(1, 50))
h = sg.lambdify(sg.hessian(energy), layout="vector", results="gradient", sparse=True)
matrix = h(np.arange(50) ** 2 / 50)
print("sparse Hessian:", matrix.shape, "with", matrix.nnz, "entries computed")
