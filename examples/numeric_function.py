"""A gradient that runs: on many samples, in an optimizer, in a module of its own.

python examples/numeric_function.py
"""

import numpy as np

import symgrad as sg

graph = sg.network([2, 2, 1])
f = sg.lambdify(graph)
print(f)
print(f.to_source("python"))

# A million-sample call works as this one with five does: value (5,), grad (9, 5).
samples = np.linspace(-1.0, 1.0, 5)
weights = dict.fromkeys(f.wrt, 0.5)
value, grad = f(x_1=samples, x_2=1.0 - samples, **weights)
print("value", value.shape, "grad", grad.shape)
print("d y_hat/d w_111 at the samples:", np.round(grad[0], 4))

print()
print(sg.check_gradient(f))

f.save("network_gradient.py")
print("network_gradient.py needs NumPy only")
