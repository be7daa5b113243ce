"""The back end ``torch``: tensors in and out, with derivatives for autograd.

The one rule kept here: autograd never goes through a formula; every derivative that
it asks for, of any order, is a program of our own tape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from symgrad.errors import RuleError
from symgrad.numeric.codegen.root_programs import write_roots
from symgrad.numeric.derived_tapes import adjoint_tape, obstacles, tangent_tape
from symgrad.numeric.package_calls import (
    Job,
    Program,
    compiled,
    refused_dtype,
    taken,
    unequal_shapes,
)
from symgrad.numeric.package_data import checked
from symgrad.numeric.package_sums import Arrays, run_pieces
from symgrad.numeric.tape import Tape
from symgrad.torch_package import load_torch

Rows = Callable[..., Any]
WHAT = "the back end 'torch'"
ORDERS = 2
"""how many derivatives are made at once; torch.compile cannot make more on its way"""


@dataclass(frozen=True)
class Programs:
    """What computes all values of one tape as one tensor (values, *S).

    ``plain`` is the program alone, ``known`` an autograd function, ``both`` one with
    forward mode too.
    """

    plain: Rows
    known: Any
    both: Any


def rows_of(
    tape: Tape, program: Program | None = None, orders: int = ORDERS
) -> Programs:
    """Make the programs of a tape, with those of its derivatives up to ``orders``."""
    torch = load_torch(WHAT)
    if program is None:
        program = compiled(write_roots({"rows": tape}, "torch"))["rows"]
    problems = obstacles(tape)
    free = [k for k, problem in enumerate(problems) if not problem]

    @cache
    def adjoints() -> Programs:
        return rows_of(adjoint_tape(tape, free), orders=max(0, orders - 1))

    @cache
    def direction() -> Programs:
        return rows_of(tangent_tape(tape, free), orders=0)

    # torch.compile looks at all that a function holds, and cannot hold a tape
    if orders > 0:
        apart, again = adjoints().plain, adjoints().both.apply
    else:
        apart = again = lambda *args: adjoints().both.apply(*args)

    def handed(*args: Any) -> Any:
        # nor can it trace an autograd function in the backward pass of another
        return (apart if torch.compiler.is_compiling() else again)(*args)

    plain = _plain(torch, program)
    known = _function(torch, plain, handed, problems, len(tape.values))
    moved = lambda *args: direction().both.apply(*args)  # noqa: E731
    return Programs(plain, known, _with_forward_mode(known, moved, problems))


def _plain(torch: Any, program: Program) -> Rows:
    def rows(*args: Any) -> Any:
        shape = torch.broadcast_shapes(*[a.shape for a in args])
        if args:
            kind, place = args[0].dtype, args[0].device
        else:
            kind, place = torch.float64, torch.device("cpu")
        found = [
            torch.as_tensor(row, dtype=kind, device=place).expand(shape)
            for row in program(*args)
        ]
        if not found:
            return torch.zeros((0, *shape), dtype=kind, device=place)
        return torch.stack(found)

    return rows


def _function(
    torch: Any, plain: Rows, adjoints: Rows, problems: tuple[str, ...], count: int
) -> Any:
    """Make the autograd function of one tape."""

    class Backward(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(*args: Any) -> Any:
            return plain(*args)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx: Any, seed: Any) -> Any:
            args = ctx.saved_tensors
            for k, problem in enumerate(problems):
                if problem and ctx.needs_input_grad[k]:
                    raise RuleError(problem)
            if count == 1:
                rows = adjoints(*args) * seed
            else:
                rows = adjoints(*args, *seed.unbind())
            found: list[Any] = []
            place = 0
            for arg, problem in zip(args, problems, strict=True):
                if problem:
                    found.append(None)
                    continue
                found.append(rows[place].sum_to_size(arg.shape))
                place += 1
            return tuple(found)

    return Backward


def _with_forward_mode(
    function: Any, direction: Rows, problems: tuple[str, ...]
) -> Any:
    """Make the same autograd function with a rule for forward mode."""
    torch = load_torch(WHAT)

    class BothModes(function):
        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def jvp(ctx: Any, *tangents: Any) -> Any:
            args = ctx.saved_tensors
            dense = []
            for arg, tangent, problem in zip(args, tangents, problems, strict=True):
                if not problem:
                    dense.append(torch.zeros_like(arg) if tangent is None else tangent)
                elif tangent is not None:
                    raise RuleError(problem)
            return direction(*args, *dense)

    return BothModes


def torch_call(job: Job) -> Callable[..., Any]:
    """Make the function that users call."""
    if job.tape.data:
        return _sums_call(job)
    torch = load_torch(WHAT)
    programs = compiled(job.source)
    parts = [
        rows_of(tape, programs[name], ORDERS - (name == "grad"))
        for name, tape in job.parts.items()
    ]
    names = job.tape.arguments

    def call(*args: Any, **named: Any) -> Any:
        if names and args and all(isinstance(a, str) for a in args[: len(names)]):
            # torch.compile takes our ``args`` for those that a partial holds
            args = args[len(names) :]
        tensors = _tensors(torch, names, job.settled(args, named))
        try:
            shape = torch.broadcast_shapes(*[t.shape for t in tensors])
        except RuntimeError:
            raise unequal_shapes(names, [t.shape for t in tensors]) from None
        if torch.compiler.is_compiling():  # which cannot trace forward mode
            found = [part.known.apply(*tensors) for part in parts]
        else:
            found = [part.both.apply(*tensors) for part in parts]
        return job.results(found, shape)

    return call


def _sums_call(job: Job) -> Callable[..., Any]:
    """Make the function of a tape with sums over an index."""
    torch, tape = load_torch(WHAT), job.tape
    programs = [(piece, rows_of(piece.tape)) for piece in job.pieces]

    def call(*args: Any, **named: Any) -> Any:
        values = job.settled(args, named)
        _, like = checked(tape, values)
        tensors = _tensors(torch, tape.arguments, values)
        shapes = job.batch_shapes(tensors)
        try:
            shape = torch.broadcast_shapes(*shapes)
        except RuntimeError:
            raise unequal_shapes(tape.arguments, shapes) from None
        kind, place = tensors[0].dtype, tensors[0].device
        known = torch.compiler.is_compiling()  # which cannot trace forward mode
        pieces = [(p, (f.known if known else f.both).apply) for p, f in programs]
        package = Arrays(
            torch,
            lambda a: torch.as_tensor(a, dtype=kind, device=place),
            lambda a: torch.as_tensor(a, device=place),
        )
        rows = run_pieces(tape, pieces, tensors, like, package)
        return job.given(rows.expand(len(rows), *shape), shape)

    return call


def _tensors(torch: Any, names: Any, values: list[Any]) -> list[Any]:
    """Bring arguments to tensors of one dtype on one device."""
    given = [v for v in values if isinstance(v, torch.Tensor)]
    devices = [t.device for t in given if t.dim()] or [t.device for t in given]
    device = devices[0] if devices else torch.device("cpu")
    tensors = []
    for name, value in zip(names, values, strict=True):
        if type(value) in (int, float, bool):
            tensors.append(value)
            continue
        tensor = taken(name, value, "torch", torch.as_tensor)
        if tensor.is_complex():
            raise refused_dtype(name, tensor.dtype)
        tensors.append(tensor if tensor.is_floating_point() else tensor.double())
    real = None
    for tensor in tensors:
        if isinstance(tensor, torch.Tensor):
            kind = tensor.dtype
            real = kind if real is None else torch.promote_types(real, kind)
    return [
        torch.as_tensor(t, dtype=real or torch.float64, device=device) for t in tensors
    ]
