"""
The interpreter against Python: what code comes to that only computes.
"""

from __future__ import annotations

import warnings
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.sources.alembic.python import (
    FILES,
    FOLDER,
    Outcome,
    by_interpreter,
    by_python,
    interpreter,
    run_by_python,
    unlike,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES = [(file, name) for file in FILES for name in run_by_python(file)]


@pytest.mark.parametrize(("file", "name"), CASES, ids=[f"{file.stem}.{name}" for file, name in CASES])
def test_computes_what_python_computes(file: Path, name: str) -> None:
    """A function of `fixtures/python` returns or raises what it does when Python runs it."""
    wanted = by_python(run_by_python(file)[name])

    found = by_interpreter(interpreter(FOLDER), file.stem, name)

    assert found.raised == wanted.raised
    assert list(unlike(found.value, wanted.value)) == []


VALUES = (
    "None True 0 -3 7 2.5 'a' '%s' b'a' [1] [] (1,'a') {'a':1} {1,2} range(3) frozenset((1,)) date(2024,2,29) "
    "timedelta(days=1) Decimal('1.5') PurePosixPath('a')"
)
OPERANDS = VALUES.split(" ")
BINARY = [*"+-*/%|^&@<>", "//", "**", "<<", ">>", "<=", ">=", "==", "!=", "in", "not in", "and", "or"]
BUILTIN = (
    "len str repr bool list sorted set tuple dict int float iter next sum max abs hash callable type reversed any "
    "enumerate bytes"
)
UNARY = ["-", "+", "~", "not ", *BUILTIN.split(" ")]
SUBSCRIPTS = ["0", "-1", "5", "'a'", "1:", "::-1", "None", "(0, 1)"]
HEAD = """from datetime import date, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
"""
BINARIES = [f"{left} {sign} {right}" for left, sign, right in product(OPERANDS, BINARY, OPERANDS)]
UNARIES = [f"{sign}({value})" for sign, value in product(UNARY, OPERANDS)]
ITEMS = [f"({value})[{key}]" for value, key in product(OPERANDS, SUBSCRIPTS)]


def outcomes(tmp_path: Path, expressions: list[str]) -> list[tuple[str, Outcome, Outcome]]:
    """Each expression, what it comes to in Python, and what the interpreter says; where that is data."""
    project = tmp_path / "project"
    project.mkdir()
    bodies = "".join(f"def f{number}():\n    return {code}\n" for number, code in enumerate(expressions))
    (project / "many.py").write_text(HEAD + bodies)
    names: dict[str, Callable[[], object]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        exec(compile(HEAD + bodies, "many.py", "exec"), names)  # noqa: S102 - the text above
    machine = interpreter(project)
    return [
        (code, by_python(names[f"f{number}"]), by_interpreter(machine, "many", f"f{number}"))
        for number, code in enumerate(expressions)
    ]


@pytest.mark.parametrize("expressions", [BINARIES, UNARIES, ITEMS], ids=["binary", "unary", "items"])
def test_operators_and_builtins_on_all_kinds_of_values(tmp_path: Path, expressions: list[str]) -> None:
    """Every operator and built-in function on every kind of value: the same value, or the same exception."""
    wrong = []
    for code, wanted, found in outcomes(tmp_path, expressions):
        differs = list(unlike(found.value, wanted.value)) if _is_data(wanted.value) else []
        if found.raised != wanted.raised or differs:
            wrong.append((code, wanted, found))
    assert wrong == []


def _is_data(value: object) -> bool:
    """Whether a value can be compared: iterators, functions and types of Python stand for themselves."""
    return (
        isinstance(value, (str, int, float, bytes, list, tuple, dict, set, frozenset, range)) or value is None
    )
