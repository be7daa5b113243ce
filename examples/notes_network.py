"""The notes' network: one weight derived by hand, all nine partials by the program.

python examples/notes_network.py
"""

import symgrad as sg

graph = sg.network([2, 2, 1])
print("y_hat =", graph.closed_form())
print()

print(sg.explain(graph, "w_111"))

gradient = sg.differentiate(graph)
for weight in graph.parameters:
    print(f"{weight!s:5}", gradient[weight])
