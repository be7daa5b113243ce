"""Functions of Python's own kind in machine code: calls without a Python frame.

The one rule kept here: the fast way is for exactly the right number of arguments, by
position, each a float or doubles as NumPy makes them, and nothing else; whatever
differs goes, unread, to ``general`` in Python, which checks it. So no argument can do
harm.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from symgrad.numeric.llvm.binding import machine
from symgrad.numeric.llvm.entry_code import TEXT

MAX_NUMBERS = 1 << 14
"""arguments, results and working memory of one point, which stand on the stack"""
ARGUMENTS, POINT, OUTPUTS, VARIABLES, LISTED, WORK, VECTOR, ARRAY, DOUBLE = range(9)
OUT, RUN, MASK, LONGEST, ROOM = range(9, 14)
"""places in the table of whole numbers that describes a formula; the last ones: the
name of out=, a batch's program, which arguments are arrays (bits), how many samples and
bytes it takes"""
_FLAGS = 0x1 | 0x100  # NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED
OUT_NAME = sys.intern("out")
_WRITEABLE = _FLAGS | 0x400

_FAST_CALL = 0x80 | 0x2  # METH_FASTCALL | METH_KEYWORDS


class _Method(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


def _offsets() -> dict[str, int] | None:
    """Where CPython keeps things, looked at in objects of this very process."""
    if platform.python_implementation() != "CPython":
        return None
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return None
    found = {
        "type": object.__basicsize__ - 8,
        "number": float.__basicsize__ - 8,
        "items": tuple.__basicsize__,
        "size": object.__basicsize__,
        "data": object.__basicsize__,
    }
    # NumPy's PyArrayObject: data, int nd, shape, strides, base, descr, int flags.
    parts = {"axes": 1, "shape": 2, "dtype": 5, "flags": 6}
    found |= {name: found["data"] + 8 * place for name, place in parts.items()}
    number, pair, array = 1234.5, (object(), "second"), np.arange(3.0)

    def word(owner: Any, offset: int) -> int:
        return ctypes.c_int64.from_address(id(owner) + offset).value

    sees = (
        ctypes.sizeof(ctypes.c_void_p) == 8
        and word(number, found["type"]) == id(float)
        and ctypes.c_double.from_address(id(number) + found["number"]).value == number
        and word(pair, found["items"]) == id(pair[0])
        and word(pair, found["items"] + 8) == id(pair[1])
        and word(pair, found["size"]) == 2
        and word(array, found["data"]) == array.ctypes.data
        and word(array, found["type"]) == id(np.ndarray)
        and word(array, found["axes"]) & 0xFFFFFFFF == 1
        and ctypes.c_int64.from_address(word(array, found["shape"])).value == 3
        and word(array, found["dtype"]) == id(np.dtype(np.float64))
        and word(array, found["flags"]) & 0xFFFFFFFF == array.flags.num
    )
    return found if sees else None


@cache
def _methods() -> tuple[Any, dict[str, _Method]] | None:
    """Compile the two entries; None where this Python is not as we know it."""
    offsets = _offsets()
    if offsets is None:
        return None
    places = {"ARGUMENTS": ARGUMENTS, "POINT": POINT, "OUTPUTS": OUTPUTS}
    places |= {"VARIABLES": VARIABLES, "LISTED": LISTED, "WORK": WORK}
    places |= {"VECTOR": VECTOR, "ARRAY": ARRAY, "DOUBLE": DOUBLE, "FLAGS": _FLAGS}
    places |= {"OUT": OUT, "RUN": RUN, "MASK": MASK, "LONGEST": LONGEST, "ROOM": ROOM}
    places |= {"WRITEABLE": _WRITEABLE}
    names = ("floats_entry", "arrays_entry")
    try:
        made = machine(TEXT.format(**offsets, **places), names)
    except RuntimeError:  # the process does not show Python's own functions
        return None
    methods = {
        name: _Method(b"f", made.addresses[name], _FAST_CALL, b"") for name in names
    }
    return made, methods


def entry(
    name: str, general: Callable[..., Any], told: Any, shapes: tuple[Any, Any]
) -> Callable[..., Any] | None:
    """Make a function of CPython's own kind, or None where that cannot be.

    ``told`` is the table of whole numbers that describes the formula; as long as the
    address of its program is 0 there, all calls go to ``general(values, names=())``.
    """
    found = _methods()
    if found is None:
        return None
    made, methods = found
    create = ctypes.pythonapi.PyCFunction_NewEx
    create.restype = ctypes.py_object
    create.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    owner = (general, np.empty, *shapes, told, made, methods[name])
    return create(ctypes.addressof(methods[name]), owner, None)
