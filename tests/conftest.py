"""What all tests share: repeatable random examples, and skips that may not hide."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

# The same examples in every run; no test may depend on how fast the machine is.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

# Compiled code is kept where it harms nobody and is gone at the end.
if "SYMGRAD_CACHE" not in os.environ:
    os.environ["SYMGRAD_CACHE"] = tempfile.mkdtemp(prefix="symgrad-tests-")
    atexit.register(shutil.rmtree, os.environ["SYMGRAD_CACHE"], ignore_errors=True)

REQUIRE_TOOLS = "SYMGRAD_REQUIRE_TOOLS"
"""Where this variable is set, a test that is skipped counts as failed."""

MAY_BE_MISSING = ("PyTorch is not installed", "julia is not installed")
"""Skips that never count as failed: PyTorch is too large to install for one test, and
Debian has no package of Julia."""


SKIPS = {
    "llvm": ("llvmlite", "llvmlite is not installed"),
    "torch": ("torch", "PyTorch is not installed"),
}
"""back end -> its package, and why the rows of that back end are skipped without it"""


@pytest.fixture(autouse=True)
def _packages_where_they_are_needed(request: pytest.FixtureRequest) -> None:
    """Skip the rows of a back end whose package is not installed."""
    given = getattr(request.node, "callspec", None)
    for value in map(str, given.params.values() if given is not None else ()):
        if value in SKIPS:
            package, reason = SKIPS[value]
            pytest.importorskip(package, reason=reason)


def _forbid_skip(report: Any) -> Any:
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and REQUIRE_TOOLS in os.environ
        and not any(reason in str(report.longrepr) for reason in MAY_BE_MISSING)
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped although {REQUIRE_TOOLS} is set: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return _forbid_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return _forbid_skip((yield))
