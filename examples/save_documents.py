"""One derivation in every format, and a picture of the network.

    python examples/save_documents.py

The files are written into the folder in which it is run.
"""

import symgrad as sg

graph = sg.network([2, 2, 1])
page = sg.explain(graph, "w_111", detail="full")
for suffix in (".txt", ".md", ".tex", ".mathml", ".html", ".json"):
    print("wrote", page.save(f"w_111{suffix}"))
print("wrote", page.save("talk.tex", "beamer"))

print("wrote", sg.draw(graph, "w_111").save("w_111.svg"))

again = sg.load("w_111.json")
print("read back, the same text:", str(again) == str(page))
