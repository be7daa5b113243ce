"""A gradient in other languages, one file each, the same numbers in all.

python examples/other_languages.py
"""

import symgrad as sg

f = sg.lambdify("tanh(w*x + b)", ["w", "b"])
for name in ("neuron.c", "neuron.hpp", "neuron.mjs", "neuron.rs", "neuron.f90"):
    path = f.save(name, name="neuron")
    print(path.name, len(path.read_text(encoding="utf-8").splitlines()), "lines")

print()
print(f.to_source("c-header", name="neuron"))
