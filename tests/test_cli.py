"""The command line: what it writes, one line for each mistake, exit statuses."""

from __future__ import annotations

import io
import json
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import mpmath
import pytest

import symgrad as sg
from symgrad.cli import main
from symgrad.terminal import page_width, print_page, styled

NETWORK = sg.network([2, 2, 1])


def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "symgrad", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        input=stdin,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


PRINTS = {
    "order": (
        ["derive", "x^2*sin(x)", "--order", "2"],
        lambda: sg.explain(sg.derivative("x^2*sin(x)", "x", order=2)),
    ),
    "mixed": (
        ["derive", "x^2*y", "--wrt", "x,y", "--order", "2"],
        lambda: sg.explain(sg.derivative("x^2*y", ["x", "y"])),
    ),
    "logarithmic": (
        ["derive", "x^x", "--method", "logarithmic"],
        lambda: sg.explain("x^x", method="logarithmic"),
    ),
    "implicit": (
        ["implicit", "x^2 + y^2 = 25", "--of", "y", "--order", "2", "--at", "x=3,y=4"],
        lambda: sg.explain(
            sg.implicit("x^2 + y^2 = 25", "y", "x", 2), at={"x": 3.0, "y": 4.0}
        ),
    ),
    "inverse": (
        ["inverse", "x = y + exp(y)", "-d", "brief"],
        lambda: sg.explain(sg.inverse("x = y + exp(y)"), detail="brief"),
    ),
    "differential": (
        ["differential", "z = x^2*y", "--along", "x=3, y=4"],
        lambda: sg.explain(sg.directional("z = x^2*y", {"x": 3.0, "y": 4.0})),
    ),
    "jacobian": (
        ["jacobian", "p = r*cos(t)", "q = r*sin(t)", "--wrt", "r,t", "-d", "brief"],
        lambda: sg.explain(
            sg.jacobian(["p = r*cos(t)", "q = r*sin(t)"], ["r", "t"]), detail="brief"
        ),
    ),
    "jacobian of one": (
        ["jacobian", "p = x*y"],
        lambda: sg.explain(sg.jacobian("p = x*y")),
    ),
    "hessian": (
        ["hessian", "x^2*sin(y)", "--at", "x=2, y=1"],
        lambda: sg.explain(sg.hessian("x^2*sin(y)"), at={"x": 2.0, "y": 1.0}),
    ),
    "notes": (["notes"], lambda: sg.explain(sg.differentiate(NETWORK))),
    "one weight": (
        ["notes", "--weight", "w_111"],
        lambda: sg.explain(NETWORK, ["w_111"]),
    ),
    "derive": (
        ["derive", "tanh(w*x + b)", "--wrt", "w"],
        lambda: sg.explain("tanh(w*x + b)", ["w"]),
    ),
    "two names": (
        ["derive", "tanh(w*x + b)", "-w", "w, b", "-d", "brief"],
        lambda: sg.explain("tanh(w*x + b)", ["w", "b"], detail="brief"),
    ),
    "forward": (
        ["derive", "z = x*y; y = x^2", "--mode", "forward", "--detail", "full"],
        lambda: sg.explain(
            sg.differentiate("z = x*y; y = x^2", mode="forward"), detail="full"
        ),
    ),
    "numbers": (
        ["derive", "w*x", "--at", "w=2, x=-0.5", "--notation", "notes", "--no-check"],
        lambda: sg.explain(
            "w*x", at={"w": 2.0, "x": -0.5}, notation="notes", check=False
        ),
    ),
    "network": (
        ["network", "2", "3", "1", "-a", "relu,identity", "--wrt", "w_111"],
        lambda: sg.explain(sg.network([2, 3, 1], ["relu", "identity"]), ["w_111"]),
    ),
    "two outputs": (
        ["network", "1", "2", "--output-activation", "sin", "-d", "brief"],
        lambda: sg.explain(
            sg.jacobian(sg.network([1, 2], output_activation="sin")), detail="brief"
        ),
    ),
}


@pytest.mark.parametrize(("arguments", "page"), PRINTS.values(), ids=PRINTS)
def test_pages_in_a_pipe_are_the_text_renderers(
    arguments: list[str], page: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out.rstrip("\n") == str(page()).rstrip("\n")


@pytest.mark.parametrize("name", sg.RENDERERS)
def test_every_format_is_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "w*x", "--wrt", "w", "--format", name]) == 0
    expected = sg.render(sg.explain("w*x", ["w"]), name)
    assert capsys.readouterr().out.rstrip("\n") == expected.rstrip("\n")


@pytest.mark.parametrize(
    ("name", "row"),
    [pytest.param(n, r, id=n) for n, r in sg.RENDERERS.items() if r.suffix],
)
def test_the_suffix_chooses_the_format(
    name: str, row: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"page{row.suffix}"
    assert main(["notes", "-w", "b_3", "-o", str(target)]) == 0
    expected = sg.render(sg.explain(NETWORK, ["b_3"]), name)
    assert target.read_text(encoding="utf-8") == expected
    assert capsys.readouterr().out == ""


def test_the_format_overrules_the_suffix(tmp_path: Path) -> None:
    target = tmp_path / "page.txt"
    assert main(["notes", "-w", "b_3", "-f", "json", "-o", str(target)]) == 0
    assert json.loads(target.read_text(encoding="utf-8"))


def test_code_is_printed_and_saved_as_a_module(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["code", "tanh(w*x + b)", "--wrt", "w,b", "--backend", "math"]
    assert main(arguments) == 0
    function = sg.lambdify("tanh(w*x + b)", ["w", "b"], backend="math")
    assert capsys.readouterr().out.rstrip("\n") == function.source.rstrip("\n")
    target = tmp_path / "gradient.py"
    assert main([*arguments, "-o", str(target)]) == 0
    code = "import gradient; print(gradient.f(0.5, 2.0, -1.0))"
    printed = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout
    # tanh(0) = 0 with slope 1: the partials are x = 2 and 1.
    assert printed.strip() == "(0.0, (2.0, 1.0))"


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(
            {"results": "gradient", "rows": "sample"}, id="gradient by sample"
        ),
        pytest.param({"reduce": "mean"}, id="mean"),
        pytest.param({"layout": "vector", "results": "value"}, id="vector"),
    ],
)
def test_code_takes_what_lambdify_takes(
    options: dict[str, str], tmp_path: Path
) -> None:
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    target, other = tmp_path / "one.py", tmp_path / "two.py"
    assert main(["code", "tanh(w*x + b)", "-w", "w,b", *words, "-o", str(target)]) == 0
    sg.lambdify("tanh(w*x + b)", ["w", "b"], **options).save(other)
    assert target.read_text("utf-8") == other.read_text("utf-8")


EVALUATED = {
    "a point": (
        ["tanh(w*x + b)", "--at", "w=0.5, x=2, b=0", "--wrt", "w"],
        {"y": math.tanh(1.0), "∂y/∂w": 2 / math.cosh(1.0) ** 2},
    ),
    "one variable": (["x^3", "--at", "x=2"], {"y": 8.0, "dy/dx": 12.0}),
    "data": (
        ["sum(w*x_i, i, 1, n)", "--at", "w=2, x=[1, 2.5]"],
        {"y": 7.0, "∂y/∂w": 3.5},
    ),
    "a network": (
        ["-n", "1-2", "--wrt", "b_1", "--at", "x_1=0, w_111=1, w_211=1, b_1=0, b_2=0"],
        {"y_hat_1": 0.0, "y_hat_2": 0.0} | {"∂y_hat_1/∂b_1": 1.0, "∂y_hat_2/∂b_1": 0.0},
    ),
}


@pytest.mark.parametrize(("arguments", "wanted"), EVALUATED.values(), ids=EVALUATED)
@pytest.mark.parametrize("digits", [None, 30])
def test_evaluate_prints_the_value_and_the_partials(
    arguments: list[str],
    wanted: dict[str, float],
    digits: int | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = [] if digits is None else ["--digits", str(digits)]
    assert main(["evaluate", *arguments, *more]) == 0
    found = dict(line.split(" = ") for line in capsys.readouterr().out.splitlines())
    assert {k: float(v) for k, v in found.items()} == pytest.approx(wanted, rel=1e-14)


def test_digits_are_those_of_the_decimals_that_are_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["evaluate", "exp(x^2)", "--at", "x=0.1", "--digits", "40"]) == 0
    mpmath.mp.dps, before = 60, mpmath.mp.dps
    wanted = mpmath.nstr(mpmath.exp(mpmath.mpf("0.1") ** 2), 40)
    mpmath.mp.dps = before
    assert capsys.readouterr().out.splitlines()[0] == f"y = {wanted}"


@pytest.mark.parametrize(
    "arguments",
    [["tanh(w*x + b)"], ["--network", "2-2-1"], ["log(x)*y", "--at", "x=2, y=3"]],
    ids=["formula", "network", "point"],
)
def test_check_reports_and_passes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments]) == 0
    assert capsys.readouterr().out.startswith("passed: ")


def test_a_failed_check_has_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Failed:
        passed = False

        def __str__(self) -> str:
            return "failed: 1 derivative"

    monkeypatch.setattr(sg, "check_gradient", lambda function, at: Failed())
    assert main(["check", "x^2"]) == 1
    assert capsys.readouterr().out == "failed: 1 derivative\n"


def test_draw_writes_svg(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "network.svg"
    assert main(["draw", "-n", "2-2-1", "-w", "w_111", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == sg.draw(NETWORK, "w_111")
    assert main(["draw", "x*sin(x^2)"]) == 0
    assert ET.fromstring(capsys.readouterr().out).tag.endswith("svg")


def test_draw_writes_no_other_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "picture.jpg"
    assert main(["draw", "x^2", "-o", str(target)]) == 2
    assert "'.jpg'" in capsys.readouterr().err
    assert not target.exists()


def test_draw_takes_kind_numbers_and_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["draw", "tanh(w*x + b)", "-w", "w", "--at", "w=1, x=2, b=0.5"]
    options = ["--kind", "neuron", "--format", "tikz"]
    assert main([*given, *options]) == 0
    at = {"w": 1, "x": 2, "b": 0.5}
    expected = sg.draw("tanh(w*x + b)", "w", kind="neuron", at=at, format="tikz")
    assert capsys.readouterr().out == expected
    target = tmp_path / "neuron.tex"
    assert main([*given, "--kind", "neuron", "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == expected


MISTAKES = {
    "command": (["derve", "x"], "unknown command 'derve'; did you mean 'derive'?"),
    "option": (["derive", "x", "--formt", "a"], "did you mean '--format'?"),
    "minus": (["derive", "-x^2"], "put -- before a formula that begins with a minus"),
    "no formula": (["derive"], "missing argument 'FORMULA'; see symgrad derive --help"),
    "two formulas": (["derive", "x", "y"], "(y); see symgrad derive --help"),
    "empty formula": (["derive", ""], ""),
    "function": (["derive", "tnh(x)"], "'tnh'; did you mean 'tanh'?"),
    "variable": (["derive", "x^2", "--wrt", "z"], "unknown variable 'z'; known: x"),
    "format": (["notes", "-f", "latx"], "unknown format 'latx'; did you mean 'latex'?"),
    "detail": (["notes", "--detail", "ful"], "unknown detail 'ful'; did you mean"),
    "mode": (["notes", "--mode", "revers"], "unknown mode 'revers'; did you mean"),
    "notation": (["notes", "--notation", "note"], "did you mean 'notes'?"),
    "suffix": (["notes", "-o", "x.foo"], "unknown suffix '.foo'; known: .txt, .md"),
    "folder": (["notes", "-o", "no/where.tex"], "cannot write 'no/where.tex': no such"),
    "folder, format": (["notes", "-f", "html", "-o", "no/x"], "cannot write 'no/x'"),
    "size": (["network", "2", "x", "1"], "layer size 'x' is not a whole number"),
    "huge size": (["network", "2", "9" * 5000], "is not a whole number"),
    "large size": (["network", "2", "999999999"], "the bound MAX_PARAMETERS"),
    "one layer": (["network", "2"], "at least one layer of neurons"),
    "activation": (["network", "2", "1", "-a", "tahn"], "did you mean 'tanh'?"),
    "language": (["code", "x", "-l", "pyton"], "did you mean 'python'?"),
    "backend": (["code", "x", "-b", "nump"], "did you mean 'numpy'?"),
    "code suffix": (["code", "x", "-o", "x.txt"], "ends in .py"),
    "point": (["check", "x^2", "--at", "x"], "'x' in --at is not of the form x=0.5"),
    "nan": (["check", "x^2", "--at", "x=nan"], "is not of the form x=0.5"),
    "twice": (["check", "x^2", "--at", "x=1,x=2"], "'x' in --at is given twice"),
    "no source": (["code"], "expected either a formula or --network 2-2-1"),
    "two sources": (["draw", "x", "-n", "2-1"], "expected either a formula or"),
    "results": (["code", "x", "--results", "gradent"], "did you mean 'gradient'?"),
    "digits": (["evaluate", "x", "--at", "x=1", "--digits", "0"], "digits is 0"),
    "no point": (["evaluate", "x*y", "--at", "x=1"], "missing arguments: y"),
    "network": (["draw", "-n", "2-x"], "layer size 'x' is not a whole number"),
}


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_and_exit_status_2(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("symgrad: error: ")
    assert message in lines[0]
    assert not lines[0].endswith(".")
    assert not list(tmp_path.iterdir()), "a failed command leaves no file"


def test_as_a_process_a_mistake_shows_no_traceback() -> None:
    done = run("derive", "tanh(w*x", "--wrt", "w")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("symgrad: error: ")
    assert done.stderr.count("\n") == 1


COMMANDS = ["notes", "derive", "network", "code", "check", "draw"]
COMMANDS += ["jacobian", "hessian", "evaluate"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    printed = capsys.readouterr().out
    assert "Examples:" in printed
    assert f"symgrad {command}" in printed.split("Examples:")[1]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"symgrad {sg.__version__}\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "symgrad", "notes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
@pytest.mark.parametrize(
    ("target", "message"),
    [("> /dev/full", "no space left"), (">&-", "the standard output is closed")],
    ids=["full", "closed"],
)
def test_an_output_that_takes_nothing_is_one_line(target: str, message: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m symgrad derive "x^2" {target}'],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


def test_interruption_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sg, "explain", interrupt)
    assert main(["notes"]) == 130
    assert capsys.readouterr().err == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("colour", [True, False], ids=["colour", "NO_COLOR"])
def test_a_terminal_gets_the_same_characters_with_style(
    colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    text = str(sg.explain(NETWORK, "w_111"))
    print_page(text)
    shown = screen.getvalue()
    assert "\x1b[1m" in shown  # bold is no colour
    assert ("\x1b[32m" in shown) == colour  # the check mark is green
    plain = styled(text).plain
    assert plain.rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize(
    ("size", "wanted"), [("72", 72), ("300", 100), ("20", 60)], ids=str
)
def test_a_page_is_as_wide_as_the_terminal(
    size: str, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", size)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["notes", "--weight", "w_111"]) == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()
    assert 0.9 * wanted < max(map(len, lines)) <= wanted
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert page_width() is None  # a file is the same wherever it is made


def test_reasons_are_quiet_and_formulas_are_not() -> None:
    page = styled("  f_1   = tanh(u_1)\n       = 1 − f_1²        derivative of tanh\n")
    dim = [page.plain[s.start : s.end] for s in page.spans if s.style == "dim"]
    assert dim == ["derivative of tanh"]


def test_the_command_alone_is_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "derive" in capsys.readouterr().out
