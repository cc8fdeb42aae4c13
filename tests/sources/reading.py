"""
Loading small projects, and looking at what came of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.config.policy import Policy, Source
from schemaguard.sources.load import Sources, load_sources
from schemaguard.sources.sql.migration import SqlMigration
from schemaguard.statements.parse import Unparsed, parse
from tests.sources.memory import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.text import SqlText


def loaded(files: dict[str, str | bytes], *sources: Source) -> Sources:
    """Load a project in memory; without sources they are looked for."""
    return load_sources(MemoryTree(files), Policy(sources=sources))


def sql_migrations(sources: Sources) -> list[SqlMigration]:
    """The migrations, which are all of SQL."""
    found = [each for each in sources.migrations if isinstance(each, SqlMigration)]
    assert len(found) == len(sources.migrations)
    return found


def names(sources: Sources) -> list[str]:
    """The migrations' names, in order."""
    return [each.name for each in sources.migrations]


def problems(sources: Sources) -> list[tuple[str, str, int, str]]:
    """Each problem's rule, path, line and message."""
    return [(each.rule, each.span.path, each.span.line, each.message) for each in sources.problems]


def statements(programs: Iterable[SqlText]) -> list[str]:
    """The statements of some SQL, each on one line; what does not parse is an error here."""
    found = []
    for sql in programs:
        for parsed in parse(sql):
            assert not isinstance(parsed, Unparsed), parsed.message
            found.append(" ".join(parsed.sql.split()))
    return found


def ups(sources: Sources) -> list[str]:
    """The statements of all up programs, in order."""
    return [each for migration in sql_migrations(sources) for each in statements(migration.up_program.sql)]


def downs(sources: Sources) -> list[str]:
    """The statements of all down programs, the last migration's first."""
    programs = [
        each.down_program for each in reversed(sql_migrations(sources)) if each.down_program is not None
    ]
    return [each for program in programs for each in statements(program.sql)]
