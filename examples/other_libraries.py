"""One formula as a function for JAX or PyTorch, where they are installed.

Run it with:  python examples/other_libraries.py
"""

from importlib.util import find_spec

import symgrad as sg

formula = "tanh(w*x + b)"

if find_spec("jax"):
    import jax

    f = sg.lambdify(formula, ["w", "b"], backend="jax")
    value, grad = jax.jit(f)(0.5, 2.0, 0.1)
    print("JAX:", round(float(value), 5), [round(float(g), 5) for g in grad])
    curvature = jax.grad(jax.grad(lambda w: f(w, 2.0, 0.1)[0]))(0.5)
    print("its second derivative by w:", round(float(curvature), 4))

if find_spec("torch"):
    import torch

    f = sg.lambdify(formula, ["w", "b"], backend="torch")
    w = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    value, grad = f(w, 2.0, 0.1)
    value.backward()
    print("PyTorch:", round(value.item(), 6), "and by autograd:", w.grad)

f = sg.lambdify(formula, ["w", "b"])
print("NumPy:", *f(0.5, 2.0, 0.1))
