"""
Small projects in memory, checked as the command line does it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from schemaguard.config import Policy, parse_config
from schemaguard.linting.pipeline import check
from schemaguard.linting.registry import registry
from schemaguard.linting.selection import Choice
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from schemaguard.linting.baseline import Baseline
    from schemaguard.linting.registry import Registry
    from schemaguard.linting.result import Result

TODAY = date(2026, 1, 1)
RULES = registry()
KEYLESS = "primary-key-missing"
"""A rule that needs no config: a table without a primary key is one finding, at its CREATE TABLE."""


def lint(
    files: dict[str, str],
    config: str = 'sources: [{sql: "*.sql"}]',
    choice: Choice | None = None,
    *,
    rules: Registry = RULES,
    known: Baseline | None = None,
    strict: bool = False,
) -> Result:
    """Check a project given as path to text."""
    policy = parse_config(SourceFile("schemaguard.yaml", config)) if config else Policy()
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    return check(tree, policy, rules, choice, today=TODAY, known=known, strict=strict)


def found(result: Result) -> set[tuple[str, int, str]]:
    """Return path, line and rule of each finding."""
    return {(each.location.path, each.location.line, each.rule) for each in result.findings}


def keyless(text: str, path: str = "a.sql", *also: str) -> set[tuple[int, str]]:
    """Return line and rule of what is left after suppressions, of the rule KEYLESS and those that guard comments."""
    only = (KEYLESS, "suppression-invalid", "suppression-unused", "suppression-expired", *also)
    result = lint({path: text}, f"sources: [{{sql: {path}}}]", Choice(only=only))
    return {(each.location.line, each.rule) for each in result.findings}
