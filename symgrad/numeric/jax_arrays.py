"""The back end ``jax``: a pure function for jit, vmap, grad and all that JAX has.

The one rule kept here: JAX never differentiates a formula; every derivative that it
asks for, of any order, is a program of our own tape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any

from symgrad.errors import MissingPackageError, RuleError
from symgrad.numeric.codegen.root_programs import write_roots
from symgrad.numeric.derived_tapes import adjoint_tape, obstacles, tangent_tape
from symgrad.numeric.package_calls import (
    Job,
    compiled,
    refused_dtype,
    taken,
    unequal_shapes,
)
from symgrad.numeric.package_data import checked
from symgrad.numeric.package_sums import Arrays, run_pieces
from symgrad.numeric.tape import Tape


@cache
def load_jax() -> Any:
    """Load JAX; raises ``MissingPackageError``."""
    try:
        import jax
        import jax.custom_derivatives
        import jax.numpy
    except ImportError:
        raise MissingPackageError(
            "the back end 'jax' needs JAX; pip install 'symgrad[jax]'"
        ) from None
    return jax


class Rows:
    """All values of one tape as JAX arrays of one shape, with their derivative.

    A single value is differentiated by its gradient, several along a direction: what
    JAX transposes, where it goes backwards, is then a sum of products.
    """

    def __init__(self, tape: Tape, program: Callable[..., Any] | None = None) -> None:
        jax = load_jax()
        self.tape = tape
        if program is None:
            program = compiled(write_roots({"rows": tape}, "jax"))["rows"]
        self.program = program
        self.rule = jax.custom_jvp(self.plain)
        self.rule.defjvp(self.pushed, symbolic_zeros=True)

    def __call__(self, *args: Any) -> Any:
        """Give an array of shape (values, *S)."""
        return self.rule(*args)

    def plain(self, *args: Any) -> Any:
        jnp = load_jax().numpy
        shape = jnp.broadcast_shapes(*(a.shape for a in args))
        real = jnp.result_type(*args) if args else jnp.result_type(float)
        rows = [jnp.asarray(row, real) for row in self.program(*args)]
        if not rows:
            return jnp.zeros((0, *shape), real)
        return jnp.stack([jnp.broadcast_to(row, shape) for row in rows])

    def pushed(self, primals: Any, tangents: Any) -> tuple[Any, Any]:
        """The rule: values and how fast they move."""
        is_zero = load_jax().custom_derivatives.SymbolicZero
        for k, t in enumerate(tangents):
            if self.obstacles[k] and not isinstance(t, is_zero):
                raise RuleError(self.obstacles[k])
        moving = [k for k in self.free if not isinstance(tangents[k], is_zero)]
        value = self(*primals)
        jnp = load_jax().numpy
        if not moving:
            return value, jnp.zeros_like(value)
        if len(self.tape.values) == 1:
            rows = self.gradient(*primals)
            place = {k: i for i, k in enumerate(self.free)}
            moved = sum(rows[place[k]] * tangents[k] for k in moving)
            return value, jnp.broadcast_to(moved, value.shape[1:])[None]
        dense = [
            jnp.zeros_like(primals[k]) if isinstance(t, is_zero) else t
            for k, t in enumerate(tangents)
        ]
        return value, self.direction(*primals, *(dense[k] for k in self.free))

    @cached_property
    def obstacles(self) -> tuple[str, ...]:
        return obstacles(self.tape)

    @cached_property
    def free(self) -> list[int]:
        """The arguments by which there is a derivative."""
        return [k for k, problem in enumerate(self.obstacles) if not problem]

    @cached_property
    def gradient(self) -> Rows:
        return Rows(adjoint_tape(self.tape, self.free))

    @cached_property
    def direction(self) -> Rows:
        return Rows(tangent_tape(self.tape, self.free))


def jax_call(job: Job) -> Callable[..., Any]:
    """Make the function that users call."""
    jax = load_jax()
    names, tape = job.tape.arguments, job.tape
    if tape.data:
        program = _sums(job)

        def sums(*args: Any, **named: Any) -> Any:
            values = job.settled(args, named)
            counts, _ = checked(tape, values)
            return program(counts)(*_arrays(names, values))

        return sums
    fast = jax.jit(_rows(job))

    def call(*args: Any, **named: Any) -> Any:
        return fast(*_arrays(names, job.settled(args, named)))

    return call


def _arrays(names: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """Bring arguments to arrays of real numbers."""
    jnp = load_jax().numpy
    arrays = []
    for name, value in zip(names, values, strict=True):
        array = taken(name, value, "jax", jnp.asarray)
        if jnp.issubdtype(array.dtype, jnp.complexfloating):
            raise refused_dtype(name, array.dtype)
        if not jnp.issubdtype(array.dtype, jnp.floating):
            array = array.astype(float)
        arrays.append(array)
    return arrays


def _batch(job: Job, args: Sequence[Any]) -> tuple[int, ...]:
    """The shape that arguments have in common, the indices of data left out."""
    shapes = job.batch_shapes(args)
    try:
        shape: tuple[int, ...] = load_jax().numpy.broadcast_shapes(*shapes)
    except ValueError:
        raise unequal_shapes(job.tape.arguments, shapes) from None
    return shape


def _rows(job: Job) -> Callable[..., Any]:
    """The function of arrays, without sums."""
    programs = compiled(job.source)
    parts = {name: Rows(tape, programs[name]) for name, tape in job.parts.items()}

    def both(*args: Any) -> Any:
        shape = _batch(job, args)
        found = [rows(*args) for rows in parts.values()]
        return job.results(found, shape)

    return both


def _sums(job: Job) -> Callable[[tuple[float, ...]], Callable[..., Any]]:
    """Functions of arrays with sums over an index: one for each set of bounds."""
    jax = load_jax()
    jnp, tape = jax.numpy, job.tape
    pieces = [(piece, Rows(piece.tape)) for piece in job.pieces]

    @lru_cache(maxsize=64)
    def program(counts: tuple[float, ...]) -> Callable[..., Any]:
        def both(*args: Any) -> Any:
            shape = _batch(job, args)
            values = [*args]
            for (place, _), count in zip(tape.data[1], counts, strict=True):
                values[place] = count
            like = checked(tape, values)[1]
            real = jnp.result_type(*args)
            package = Arrays(jnp, lambda a: jnp.asarray(a, real), jnp.asarray)
            rows = run_pieces(tape, pieces, args, like, package)
            rows = jnp.broadcast_to(rows, (len(rows), *shape))
            return job.given(rows, shape)

        return jax.jit(both)

    return program
