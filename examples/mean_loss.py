"""The mean of a loss over 100,000 samples, and its gradient, without storing either.

Where llvmlite is installed this is machine code. python examples/mean_loss.py
"""

import numpy as np

import symgrad as sg

loss = sg.formula("(y - a*tanh(w*x + b))^2", name="loss")
mean = sg.lambdify(loss, ["a", "w", "b"], reduce="mean", layout="vector")
each = sg.lambdify(loss, ["a", "w", "b"])

x = np.random.default_rng(0).uniform(-2, 2, 100_000)
y = 1.5 * np.tanh(0.7 * x - 0.2)
learned = np.array([1.0, 1.0, 0.0])
for step in range(300):
    value, grad = mean(learned, y=y, x=x)
    if step % 100 == 0:
        print(f"step {step:3}: loss {float(value):.6f}")
    learned -= 0.5 * grad
print("a, w, b:", np.round(learned, 2))

# The same from the samples one by one, which takes memory for all of them.
a, w, b = learned
values, grads = each(y=y, x=x, a=a, w=w, b=b)
value, grad = mean(learned, y=y, x=x)
print("samples", grads.shape, "mean", grad.shape)
print("the same:", np.allclose(grads.mean(axis=1), grad, rtol=1e-9, atol=1e-15))
