"""LLVM itself: text in, machine code out, through llvmlite.

The one rule kept here: this is the only module that imports llvmlite, and it does so
when something is compiled.
"""

from __future__ import annotations

import functools
import itertools
import threading
from dataclasses import dataclass
from typing import Any

from symgrad.errors import MissingPackageError
from symgrad.numeric.llvm import cache

_LOCK = threading.Lock()
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Machine:
    """Compiled code: the addresses of its functions, alive as long as this is."""

    addresses: dict[str, int]
    image: bytes
    tracker: Any


@functools.cache
def load_llvmlite() -> Any:
    """Load llvmlite; raises ``MissingPackageError``."""
    try:
        import llvmlite.binding as binding
    except ImportError:
        raise MissingPackageError(
            "the back end 'llvm' needs llvmlite; pip install 'symgrad[llvm]'"
        ) from None
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


@functools.cache
def versions() -> tuple[str, ...]:
    """What machine code depends on: LLVM's version and the processor."""
    binding = load_llvmlite()
    version = ".".join(map(str, binding.llvm_version_info))
    features = binding.get_host_cpu_features().flatten()
    triple = binding.get_process_triple()
    return version, triple, binding.get_host_cpu_name(), features


def _target(level: int) -> Any:
    binding = load_llvmlite()
    target = binding.Target.from_triple(binding.get_process_triple())
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=level,
        reloc="pic",
        codemodel="jitdefault",
        jit=True,
    )


def _optimized(text: str, level: int) -> tuple[Any, Any]:
    binding = load_llvmlite()
    machine = _target(level)
    module = binding.parse_assembly(text)
    module.triple = binding.get_process_triple()
    module.data_layout = str(machine.target_data)
    module.verify()
    options = binding.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = False
    options.slp_vectorization = False
    options.loop_unrolling = False
    passes = binding.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    return machine, module


def compile_text(text: str, level: int = 2) -> bytes:
    """Compile a module into the image of an object file."""
    with _LOCK:
        machine, module = _optimized(text, level)
        return bytes(machine.emit_object(module))


def assembly(text: str, level: int = 2) -> str:
    """Give the processor's instructions as text."""
    with _LOCK:
        machine, module = _optimized(text, level)
        return str(machine.emit_assembly(module))


@functools.cache
def _jit() -> Any:
    return load_llvmlite().create_lljit_compiler(_target(2))


def load(image: bytes, names: tuple[str, ...]) -> Machine:
    """Bring an object file to life."""
    with _LOCK:
        builder = load_llvmlite().JITLibraryBuilder().add_object_img(image)
        builder.add_current_process()
        for name in names:
            builder.export_symbol(name)
        tracker = builder.link(_jit(), f"symgrad{next(_NUMBERS)}")
        return Machine({name: tracker[name] for name in names}, image, tracker)


def machine(text: str, names: tuple[str, ...], level: int = 2) -> Machine:
    """Compile a module, or find it compiled on disk, and bring it to life."""
    name = cache.key((text, str(level), *versions()))
    image = cache.read(name)
    if image is None:
        image = compile_text(text, level)
        cache.write(name, image)
    return load(image, names)
