"""
Python code run twice: by Python itself, and by the interpreter that never runs it.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.sources.alembic.files import ROOT as TOP, ProjectFiles
from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.interpreter import Interpreter, deep_recursion
from schemaguard.sources.alembic.interpreter.values import Instance, Module, Raised
from schemaguard.sources.alembic.options import AlembicOptions
from schemaguard.sources.alembic.project import Project
from schemaguard.sources.tree import DiskTree
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "fixtures" / "python"
FILES = sorted(FOLDER.glob("*.py"))


class Outcome(NamedTuple):
    """What a call came to: its value, or the name of the exception that ended it."""

    value: object
    raised: str = ""


def run_by_python(file: Path) -> dict[str, Callable[[], object]]:
    """Import a file, and return its functions that take no arguments."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with _import_path(file.parent):
        spec.loader.exec_module(module)
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and not inspect.isgeneratorfunction(function)
        and function.__module__ == file.stem
        and not inspect.signature(function).parameters
    }


@contextmanager
def _import_path(folder: Path) -> Iterator[None]:
    """Import from a folder, and forget what came from there."""
    sys.path.insert(0, str(folder))
    known = set(sys.modules)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.path_importer_cache.pop(str(folder), None)
        sys.dont_write_bytecode = written
        for name in set(sys.modules) - known:
            if name.partition(".")[0] == "kit":
                del sys.modules[name]


def by_python(function: Callable[[], object]) -> Outcome:
    """Call a function."""
    try:
        with _import_path(FOLDER):
            return Outcome(function())
    except Exception as error:  # noqa: BLE001 - whatever it raises, the interpreter must raise the same
        return Outcome(None, _kind(type(error)))


def interpreter(folder: Path, **options: Any) -> Interpreter:
    """A machine for a folder of modules; the folder around it is the project."""
    files = ProjectFiles(DiskTree(folder.parent))
    return Interpreter(Project(files, AlembicOptions(**options), import_paths=[TOP / folder.name]))


def by_interpreter(machine: Interpreter, module: str, function: str) -> Outcome:
    """Interpret a call of a function of a module of the project."""
    loaded = machine.load(module, _NOWHERE, module)
    assert isinstance(loaded, Module)
    place = loaded.file.line_span(1)
    with deep_recursion():
        try:
            callee = machine.attribute(loaded, function, place)
            return Outcome(machine.call(callee, Call(machine, [], {}, place)))
        except Raised as raised:
            return Outcome(None, _raised(raised.value))


def _raised(value: object) -> str:
    if isinstance(value, Instance):
        return value.cls.name
    return _kind(value if isinstance(value, type) else type(value))


def _kind(kind: type) -> str:
    # A name that is not there is a NameError; Python knows a narrower class where the name is a local one.
    # Likewise of an import that fails.
    wider = next((wide for wide in (NameError, ImportError) if issubclass(kind, wide)), kind)
    return wider.__name__


def unlike(mine: object, wanted: object, path: str = "") -> Iterator[str]:
    """Where two values differ, in kind or content; a string of the interpreter's with its places is a string."""
    if isinstance(wanted, str) and isinstance(mine, str):
        if str(mine) != str(wanted):
            yield f"{path}: {mine!r}, not {wanted!r}"
    elif type(mine) is not type(wanted):
        yield f"{path}: {mine!r}, not {wanted!r}"
    elif isinstance(wanted, (list, tuple)) and isinstance(mine, (list, tuple)):
        if len(mine) != len(wanted):
            yield f"{path}: {mine!r}, not {wanted!r}"
            return
        for index, (one, other) in enumerate(zip(mine, wanted, strict=True)):
            yield from unlike(one, other, f"{path}[{index}]")
    elif isinstance(wanted, dict) and isinstance(mine, Mapping):
        yield from unlike(list(mine), list(wanted), f"{path}.keys")
        for key, value in wanted.items():
            if key in mine:
                yield from unlike(mine[key], value, f"{path}[{key!r}]")
    elif mine != wanted:
        yield f"{path}: {mine!r}, not {wanted!r}"


_NOWHERE: Any = None
