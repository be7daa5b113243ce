"""Examples as notebooks: the words of a script as text, its paragraphs as cells.

Run from the root of the project: python examples/notebooks/make.py
The notebooks hold no results; a test runs them and compares what they print with what
the scripts print.
"""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.parent.glob("*.py"))


def cells_of(script: str) -> list[nbformat.NotebookNode]:
    """The docstring and comments between paragraphs as Markdown, the rest as code."""
    tree = ast.parse(script)
    title = ast.get_docstring(tree) or ""
    about, _, _ = title.partition("Run: python")
    cells = [nbformat.v4.new_markdown_cell(f"# {about.strip()}")]
    start = tree.body[0].end_lineno or 0
    lines = script.splitlines()[start:]
    inside = {
        k - start - 1
        for node in tree.body[1:]
        for k in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }
    paragraph: list[str] = []

    def close() -> None:
        if not paragraph:
            return
        said = []
        while paragraph and paragraph[0].startswith("#"):
            said.append(paragraph.pop(0).lstrip("# "))
        if said:
            cells.append(nbformat.v4.new_markdown_cell(" ".join(said)))
        if paragraph:
            cells.append(nbformat.v4.new_code_cell("\n".join(paragraph)))
        paragraph.clear()

    for place, line in enumerate(lines):
        if not line.strip() and place not in inside:
            close()
        elif line.strip() or place in inside:
            paragraph.append(line)
    close()
    return cells


def notebook(script: str) -> str:
    """A notebook without results, the same text every time."""
    cells = cells_of(script)
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return nbformat.writes(made) + "\n"


if __name__ == "__main__":
    for name in NAMES:
        script = (FOLDER.parent / f"{name}.py").read_text(encoding="utf-8")
        (FOLDER / f"{name}.ipynb").write_text(notebook(script), encoding="utf-8")
