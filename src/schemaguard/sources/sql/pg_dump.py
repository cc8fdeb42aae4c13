"""A schema dumped by pg_dump, as a starting point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.ordering import by_number, stem

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection

NAME = "pg_dump"
RUNS = Runs(transactional=False, shares_session=False, knows_down=False, once=False)


def detect(selection: Selection) -> bool:
    """Nothing but dumps."""
    heads = [head.lstrip() for head in selection.heads()]
    return bool(heads) and all(is_dump(head) for head in heads)


def is_dump(text: str) -> bool:
    """Whether a file's beginning is that of a dump."""
    return text[:200].lstrip().startswith("--") and "PostgreSQL database dump" in text[:400]


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a dump; its data and psql commands are blanked."""
    reader = selection.reader
    return [
        SqlMigration(stem(file.path), file, reader.program(file), None, RUNS)
        for file in reader.texts(sorted(selection.sql, key=by_number))
    ]
