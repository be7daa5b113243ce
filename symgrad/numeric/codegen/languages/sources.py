"""A compiled formula written as a program in another language.

The one rule kept here: what is translated is the program for one point that runs here
too (python.py); this module only decides which helpers and names it needs.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from symgrad.errors import RuleError
from symgrad.graph import Graph
from symgrad.numeric.codegen.dialects import DIALECTS
from symgrad.numeric.codegen.languages.data_arguments import (
    BATCH,
    DataArguments,
    told_columns,
)
from symgrad.numeric.codegen.languages.doc_comments import doc_comment
from symgrad.numeric.codegen.languages.expressions import Expressions
from symgrad.numeric.codegen.languages.indexed import (
    IndexedExpressions,
    IndexedTranslator,
)
from symgrad.numeric.codegen.languages.language import Language, Program
from symgrad.numeric.codegen.languages.loops import PortableLoops
from symgrad.numeric.codegen.languages.portable import helper
from symgrad.numeric.codegen.languages.spelling import Spelling, plain_name
from symgrad.numeric.codegen.languages.table import LANGUAGES
from symgrad.numeric.codegen.languages.translation import (
    Translator,
    assigned,
    translate_helper,
)
from symgrad.numeric.codegen.python import Writer
from symgrad.numeric.interpreter import fold_constants
from symgrad.numeric.tape import Tape

if TYPE_CHECKING:
    from symgrad.numeric.kernels import Kernel

_RESULTS = ("value", "grad", "at", "row", "n", "i", "k")


def write_program(
    graph: Graph, kernel: Kernel, wrt: Sequence[str], language: Language, name: str
) -> Program:
    """Put together all that a program in a language says.

    Raises ``RuleError`` where it has no code for something in the formula.
    """
    check_able(kernel, language)
    tape = fold_constants(kernel.tape)
    writer = Writer(tape, DIALECTS["math"])
    free = BATCH if tape.data else frozenset()
    own = [name, *({f"{name}_batch", f"{name}_result", *_RESULTS} - free)]
    spelling = Spelling(language, own, free)
    texts = _python_lines(writer, tape)
    trees = ast.parse("\n".join(texts[0])).body
    spelled = _spelled(writer, tape, trees, spelling)
    arguments = [spelled[each] for each in writer.arguments]
    data = None
    if tape.data:
        given = writer.arguments, arguments
        data = DataArguments(tape, language, *given, kernel.vector)
    translator = _translator(language, name, spelled, trees, writer, data, spelling)
    expressions = translator.expressions
    vector = None
    start: list[str] = []
    if kernel.vector:
        vector = (spelling.claim("variables"), kernel.vector)
        start = _unpacked(translator, vector[0], arguments[: kernel.vector])
    if data is not None:
        assert isinstance(translator, IndexedTranslator)
        start += data.start(translator)
    lines = start + translator.block(trees, 0)
    results = [_result(expressions, text) for text in texts[1]]
    values, rows, listed = _parted(kernel, results, len(wrt))
    helpers, used = _helpers(language, expressions.prefix, list(expressions.used))
    known = {entry[1] for entry in tape.entries if entry[0] == "argument"}
    told = data.told if data is not None else set()
    places = [k for k in range(kernel.vector, len(arguments)) if k not in told]
    return Program(
        language,
        name,
        doc_comment(graph, kernel, wrt, arguments, vector, data),
        helpers,
        used,
        [arguments[k] for k in places],
        frozenset(arguments[k] for k in tape.parameters),
        vector,
        [arguments[k] for k in places if k not in known],
        lines,
        translator.locals,
        values,
        rows,
        listed,
        None if data is None else data.indexed(translator.tables),  # type: ignore[attr-defined]
    )


def _parted(
    kernel: Kernel, results: Sequence[str], count: int
) -> tuple[Sequence[str], list[Sequence[str]], bool]:
    """Part the results into values and rows of partials; whether outputs are listed."""
    form, listed = kernel.form, kernel.listed
    outputs = len(kernel.tape.values)
    if form is not None:
        lead = form.parts[0][2]
        has_partials = form.results == "gradient"
        listed = len(lead) > has_partials
        outputs = 0 if has_partials else outputs
    partials = results[outputs:]
    starts = range(0, len(partials), count) if count else ()
    return results[:outputs], [partials[k : k + count] for k in starts], listed


def _translator(
    language: Language,
    name: str,
    spelled: dict[str, str],
    trees: Sequence[ast.stmt],
    writer: Writer,
    data: DataArguments | None,
    spelling: Spelling,
) -> Translator:
    """What translates the statements; with loops where there are data or indices."""
    prefix = f"{name}_" if language.prefixed else ""
    spell = spelled.__getitem__
    if data is None:
        types = dict.fromkeys(writer.arguments, "float")
        return Translator(Expressions(language, spell, prefix, types), assigned(trees))
    columns = told_columns(data.claim_columns(spelling))
    expressions = IndexedExpressions(
        language, spell, prefix, data.types(), columns=columns
    )
    return IndexedTranslator(expressions, assigned(trees))


def check_able(kernel: Kernel, language: Language) -> None:
    """Refuse what a language has no code for."""
    tape = kernel.tape
    if kernel.reduce:
        raise RuleError(
            f"code in {language.title} adds nothing over samples; leave reduce out"
        )
    form = kernel.form
    if form is not None and (form.by_sample or form.sparse or form.vectors):
        raise RuleError(
            f"code in {language.title} gives partials by variable; leave rows, sparse "
            "and products out"
        )
    lacks = {e[0] for e in tape.entries} & {*DIALECTS["math"].lacks, "integral"}
    if "integral" in lacks:
        raise RuleError(
            f"{language.title} has no code for integrals; use language 'python'"
        )
    if lacks:
        raise RuleError(
            f"{language.title} has no code for {', '.join(sorted(lacks))}; "
            "use language 'python' with backend='scipy'"
        )


def _python_lines(writer: Writer, tape: Tape) -> tuple[list[str], list[str]]:
    """The lines of the program for one point, and the text of each result."""
    uses = list(writer.uses)
    for root in tape.roots:
        uses[root] += 1
    if tape.data:
        lines = PortableLoops(writer, uses).lines()
    else:
        lines = writer.lines(range(len(tape.entries)), uses)
    return lines, [writer.texts[root].code for root in tape.roots]


def _spelled(
    writer: Writer,
    tape: Tape,
    trees: Sequence[ast.stmt],
    spelling: Spelling,
) -> dict[str, str]:
    """Python name -> identifier; arguments have the first choice."""
    original = dict(zip(writer.arguments, tape.arguments, strict=True))
    names = dict(tape.names)
    original.update({name: names[k] for k, name in writer.names.items()})
    assigned_names = [
        node.id
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    wanted = list(dict.fromkeys((*writer.arguments, *assigned_names)))
    used = {
        node.func.id
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    spelling.reserve(used)
    chosen = spelling.claim_all([original.get(name, name) for name in wanted])
    return dict(zip(wanted, chosen, strict=True))


def _unpacked(t: Translator, vector: str, names: Sequence[str]) -> list[str]:
    """The variables out of the vector that holds them."""
    lines = []
    for k, name in enumerate(names):
        value = t.language.forms["member"].format(vector, k)
        lines += t.form("declare", 0, name=name, value=value)
        t.locals.append((name, "float"))
    return lines


def _result(expressions: Expressions, text: str) -> str:
    tree = ast.parse(text, mode="eval").body
    return expressions.number(tree).text


def _helpers(
    language: Language, prefix: str, used: list[str]
) -> tuple[list[list[str]], list[str]]:
    """The helpers that a program uses, each after those that it uses itself."""
    known: dict[str, tuple[list[str], list[str]]] = {}
    todo = list(used)
    while todo:
        name = todo.pop()
        if name in known:
            continue
        if name in language.own:
            text = language.own[name].replace("{name}", prefix + name)
            known[name] = text.split("\n"), []
        elif name not in language.functions and name not in language.constants:
            node = helper(name)
            assert node is not None, (name, language.name)
            known[name] = translate_helper(node, language, prefix)
        else:
            known[name] = [], []
        todo += known[name][1]
    order: dict[str, None] = {}
    stack = [(name, False) for name in sorted(known, reverse=True)]
    while stack:
        name, ready = stack.pop()
        if ready:
            order[name] = None
        elif name not in order:
            stack.append((name, True))
            stack += [(each, False) for each in sorted(known[name][1], reverse=True)]
    return [known[name][0] for name in order if known[name][0]], sorted(known)


def write_source(
    graph: Graph, kernel: Kernel, wrt: Sequence[str], language: str, name: str = "f"
) -> str:
    """Write a program in a language; ``name`` is that of its function."""
    row = LANGUAGES[language]
    program = write_program(graph, kernel, wrt, row, plain_name(name))
    return row.program(program)


def write_files(
    graph: Graph, kernel: Kernel, wrt: Sequence[str], language: str, name: str = "f"
) -> dict[str, str]:
    """Write a program and, where the language has one, the file beside it.

    Gives suffix -> text; the program itself has the suffix "".
    """
    row = LANGUAGES[language]
    program = write_program(graph, kernel, wrt, row, plain_name(name))
    files = {"": row.program(program)}
    if row.companion is not None:
        suffix, write = row.companion
        files[suffix] = write(program)
    return files
