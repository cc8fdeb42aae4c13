"""The layouts, in the order in which they are looked for: what says most about itself first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from schemaguard.sources.sql import (
    dbmate,
    diesel,
    flyway,
    golang_migrate,
    goose,
    hasura,
    liquibase,
    node_pg_migrate,
    pg_dump,
    plain,
    pop,
    prisma,
    sqitch,
    sqlx,
    supabase,
)

if TYPE_CHECKING:
    from schemaguard.sources.sql.migration import SqlMigration
    from schemaguard.sources.sql.selection import Selection


class Layout(Protocol):
    """A module of this package."""

    NAME: str

    def detect(self, selection: Selection) -> bool:
        """Whether the files look like it."""

    def load(self, selection: Selection) -> list[SqlMigration]:
        """The migrations in the order they run in; what is wrong goes to the selection's reader."""


LAYOUTS: dict[str, Layout] = {
    module.NAME: module
    for module in (
        sqitch,
        liquibase,
        goose,
        dbmate,
        node_pg_migrate,
        flyway,
        prisma,
        supabase,
        diesel,
        hasura,
        pop,
        sqlx,
        golang_migrate,
        pg_dump,
        plain,
    )
}


def recognise(selection: Selection) -> Layout | None:
    """The first layout that the files look like; None where they are none of SQL."""
    return next((layout for layout in LAYOUTS.values() if layout.detect(selection)), None)
