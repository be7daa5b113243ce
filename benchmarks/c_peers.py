"""The notes' network in C written by hand, compiled where there is a compiler ``cc``.

The formula of tanh is our own, which gcc turns into vector instructions.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.util
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

TANH = r"""
#include <math.h>
#include <stdint.h>
#include <string.h>
static inline double tanh_(double x) {
  double z = fabs(x) * 2; z = z > 44 ? 44 : z;
  double t = fma(z, 1.4426950408889634, 6755399441055744.0), n = t - 6755399441055744.0;
  double r = fma(n, -2.3190468138462996e-17, fma(n, -0.6931471805599453, z));
  double p = 1.6059043836821613e-10;
  p = fma(p, r, 2.08767569878681e-09); p = fma(p, r, 2.505210838544172e-08);
  p = fma(p, r, 2.755731922398589e-07); p = fma(p, r, 2.7557319223985893e-06);
  p = fma(p, r, 2.48015873015873e-05); p = fma(p, r, 1.984126984126984e-04);
  p = fma(p, r, 1.388888888888889e-03); p = fma(p, r, 8.333333333333333e-03);
  p = fma(p, r, 4.1666666666666664e-02); p = fma(p, r, 1.6666666666666666e-01);
  p = fma(p, r, 0.5); p = fma(p, r * r, r);
  int64_t b; double s; memcpy(&b, &t, 8); b = (b + 1023) << 52; memcpy(&s, &b, 8);
  double e = fma(s, p, s - 1);
  return copysign(e / (e + 2), x);
}
"""
PASS = """
  double u = x1[i], v = x2[i];
  double a = tanh_(w[0]*u + w[1]*v + w[2]), b = tanh_(w[3]*u + w[4]*v + w[5]);
  double o = tanh_(w[6]*a + w[7]*b + w[8]);
  double g = {seed}, p = g*w[6]*(1 - a*a), q = g*w[7]*(1 - b*b);
"""
ROWS = ("p*u", "p*v", "p", "q*u", "q*v", "q", "g*a", "g*b", "g")
BATCH = (
    TANH
    + """
void batch(long n, const double *restrict x1, const double *restrict x2,
           const double *restrict w, double *restrict y, double *restrict d) {
  #pragma GCC ivdep
  for (long i = 0; i < n; i++) {"""
    + PASS.format(seed="1 - o*o")
    + "y[i] = o;\n"
    + "\n".join(f"d[{k}*n + i] = {row};" for k, row in enumerate(ROWS))
    + "}}\n"
)
LOSS = (
    TANH
    + """
void loss(long n, const double *restrict x1, const double *restrict x2,
          const double *restrict t, const double *restrict w, double *restrict out) {
  double l = 0"""
    + "".join(f", s{k} = 0" for k in range(9))
    + ";\n  for (long i = 0; i < n; i++) {"
    + PASS.format(seed="-2*(t[i] - o)*(1 - o*o)")
    + "l += (t[i] - o)*(t[i] - o);\n"
    + "\n".join(f"s{k} += {row};" for k, row in enumerate(ROWS))
    + "}\nout[0] = l;"
    + "".join(f"out[{k + 1}] = s{k};" for k in range(9))
    + "}\n"
)
EXTENSION = r"""
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
static PyObject *f(PyObject *self, PyObject *const *args, Py_ssize_t count) {
  double x[11], d[9];
  if (count != 11) return PyErr_Format(PyExc_TypeError, "expected 11 arguments");
  for (int k = 0; k < 11; k++) {
    x[k] = PyFloat_AsDouble(args[k]);
    if (x[k] == -1 && PyErr_Occurred()) return NULL;
  }
  const double u = x[0], v = x[1], *w = x + 2;
  double a = tanh(w[0]*u + w[1]*v + w[2]), b = tanh(w[3]*u + w[4]*v + w[5]);
  double o = tanh(w[6]*a + w[7]*b + w[8]);
  double g = 1 - o*o, p = g*w[6]*(1 - a*a), q = g*w[7]*(1 - b*b);
  double rows[9] = {p*u, p*v, p, q*u, q*v, q, g*a, g*b, g};
  memcpy(d, rows, sizeof d);
  PyObject *grad = PyTuple_New(9);
  for (int k = 0; k < 9; k++) PyTuple_SET_ITEM(grad, k, PyFloat_FromDouble(d[k]));
  PyObject *both = PyTuple_New(2);
  PyTuple_SET_ITEM(both, 0, PyFloat_FromDouble(o));
  PyTuple_SET_ITEM(both, 1, grad);
  return both;
}
static PyMethodDef methods[] = {{"f", (PyCFunction)(void *)f, METH_FASTCALL, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "byhand", "", -1, methods};
PyMODINIT_FUNC PyInit_byhand(void) { return PyModule_Create(&module); }
"""


def compiled(source: str, *options: str) -> Path | None:
    """Compile C into a shared library; None where there is no compiler."""
    if shutil.which("cc") is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="symgrad-peers-"))
    (folder / "byhand.c").write_text(source)
    command = ["cc", "-O3", "-march=native", "-mprefer-vector-width=512", "-shared"]
    command += ["-fPIC", "-fno-math-errno", "-fno-trapping-math", *options]
    command += ["byhand.c", "-o", "byhand.so", "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return folder / "byhand.so" if done.returncode == 0 else None


def c_batch() -> Callable[..., Any] | None:
    """C written by hand, into the memory of the first call."""
    path = compiled(BATCH)
    if path is None:
        return None
    call = ctypes.CDLL(str(path)).batch
    memory: dict[int, Any] = {}

    def batch(x_1: Any, x_2: Any, *parameters: float) -> Any:
        size = len(x_1)
        if size not in memory:
            memory[size] = np.empty(size), np.empty((9, size))
        value, grad = memory[size]
        w = np.array(parameters)
        pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in (x_1, x_2, w)]
        pointers += [a.ctypes.data_as(ctypes.c_void_p) for a in (value, grad)]
        call(ctypes.c_long(len(x_1)), *pointers)
        return value, grad

    return batch


def c_loss() -> Callable[..., Any] | None:
    path = compiled(LOSS, "-fassociative-math", "-fno-signed-zeros")
    if path is None:
        return None
    call = ctypes.CDLL(str(path)).loss

    def loss(x_1: Any, x_2: Any, y: Any, *parameters: float) -> Any:
        out = np.empty(10)
        arrays = (x_1, x_2, y, np.array(parameters), out)
        pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in arrays]
        call(ctypes.c_long(len(x_1)), *pointers)
        return out[0], out[1:]

    return loss


def c_point() -> Callable[..., Any] | None:
    """A C extension written by hand, floats in, floats out."""
    path = compiled(EXTENSION, f"-I{sysconfig.get_paths()['include']}")
    if path is None:
        return None
    loader = importlib.machinery.ExtensionFileLoader("byhand", str(path))
    spec = importlib.util.spec_from_loader("byhand", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module.f  # type: ignore[no-any-return]
