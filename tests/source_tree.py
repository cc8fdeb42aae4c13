"""
The project's own Python, read as text: its modules and what each imports.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "schemaguard"
RULES = ROOT / "rules"


@dataclass(frozen=True)
class Import:
    """One imported name, and when it is loaded."""

    target: str
    """Dotted and absolute; of `from a.b import c` it is `a.b.c`, a module or a name in one."""

    line: int

    at_top: bool
    """Loaded as soon as the module is: not inside a function, not for type checkers only."""


@dataclass(frozen=True)
class Module:
    """One Python file, under the name it is imported by."""

    name: str
    path: Path
    source: str

    @property
    def is_package(self) -> bool:
        """Whether this is the `__init__.py` of a folder."""
        return self.path.name == "__init__.py"

    @cached_property
    def tree(self) -> ast.Module:
        """The module's syntax tree."""
        return ast.parse(self.source, filename=str(self.path))

    @cached_property
    def imports(self) -> list[Import]:
        """Every import anywhere in the module, in the order of its lines."""
        package = self.name if self.is_package else self.name.rpartition(".")[0]
        visitor = _ImportVisitor(package)
        visitor.visit(self.tree)
        return visitor.found

    def at(self, line: int) -> str:
        """Name a line of the module the way editors understand."""
        path = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        return f"{path}:{line}"


class _ImportVisitor(ast.NodeVisitor):
    """Collects imports, and knows which of them run when the module is loaded."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.found: list[Import] = []
        self._at_top = True

    def visit_Import(self, node: ast.Import) -> None:
        self.found += (Import(alias.name, node.lineno, self._at_top) for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        origin = node.module or ""
        if node.level:
            parents = self.package.split(".")[: self.package.count(".") + 2 - node.level]
            origin = ".".join([*parents, origin] if origin else parents)
        self.found += (Import(f"{origin}.{alias.name}", node.lineno, self._at_top) for alias in node.names)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_later(node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_later(node.body)

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            self._visit_later(node.body)
            for statement in node.orelse:
                self.visit(statement)
        else:
            self.generic_visit(node)

    def _visit_later(self, body: list[ast.stmt]) -> None:
        """Visit statements that loading the module does not run."""
        outside, self._at_top = self._at_top, False
        for statement in body:
            self.visit(statement)
        self._at_top = outside


def modules(folder: Path, name: str) -> list[Module]:
    """Every module under a folder that is importable as the package `name`, sorted by path."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        dotted = ".".join([name, *(part for part in parts if part != "__init__")])
        found.append(Module(dotted, path, path.read_text(encoding="utf-8")))
    return found


def is_standard_library(target: str) -> bool:
    """Whether a dotted name belongs to Python itself."""
    return target.partition(".")[0] in sys.stdlib_module_names
