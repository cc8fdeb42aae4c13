"""A migration written in SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.sql.reader import Program

if TYPE_CHECKING:
    from schemaguard.sources.migration import Target
    from schemaguard.sources.sql.blanking import Blanked
    from schemaguard.text import SourceFile


class Runs(NamedTuple):
    """How a tool runs its migrations.

    `transactional`: each in a transaction. `shares_session`: all over one connection, so that SET outlives a file.
    `knows_down`: there is such a thing as a down program, so that the lack of one is a fact. `once`: none is run again.
    """

    transactional: bool = True
    shares_session: bool = True
    knows_down: bool = True
    once: bool = True


class SqlMigration:
    """One step of a history in SQL files; the fields are those of `sources.migration.Migration`.

    `up_program`, `down_program`: what it runs, in either direction; no down program is None.
    """

    __slots__ = (
        "down_program",
        "file",
        "has_down",
        "name",
        "once",
        "origin",
        "role",
        "shares_session",
        "title",
        "transactional",
        "up_program",
    )

    def __init__(
        self,
        name: str,
        file: SourceFile,
        up: Program,
        down: Program | None = None,
        runs: Runs = Runs(),  # noqa: B008 - immutable
        title: str = "",
    ) -> None:
        """Make a migration of a file (its up program's first)."""
        self.name = name
        self.title = title or title_of(name)
        self.file = file
        self.up_program = up
        self.down_program = down
        self.has_down = (down is not None and not down.is_empty) if runs.knows_down else None
        self.transactional = runs.transactional
        self.shares_session = runs.shares_session
        self.once = runs.once
        self.origin = ""
        self.role = "postgres"

    @property
    def after(self) -> None:
        """Files of SQL name no others."""

    @property
    def blanked(self) -> tuple[Blanked, ...]:
        """What was not SQL in its files."""
        return self.up_program.blanked + (self.down_program or Program()).blanked

    def up(self, target: Target) -> None:
        """Apply the up program to `target`."""
        for sql in self.up_program.sql:
            target.execute(sql)

    def down(self, target: Target) -> None:
        """Apply the down program to `target`; nothing where there is none."""
        for sql in (self.down_program or Program()).sql:
            target.execute(sql)

    def __repr__(self) -> str:
        """Name it."""
        return f"<SqlMigration {self.origin}:{self.name}>"


def title_of(name: str) -> str:
    """What a migration's name says in words: `20240102_add_users` → `add users`."""
    words = re.sub(r"^[VUR]?[\d._-]*", "", name)
    return re.sub(r"[_-]+", " ", words).strip() or name
