"""
Lineage held against a server: what a view depends on there, and what its rows do when one column changes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from schemaguard.catalog.model import FIRST_USER_OID
from schemaguard.lineage import Lineage
from schemaguard.lineage.words import column_name
from tests.catalog.analysis.differential import paragraphs
from tests.lineage.rows import Data, TableColumn
from tests.lineage.support import WORLD, cases, catalog_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import View
    from schemaguard.catalog.state import Catalog
    from schemaguard.postgres.server import Connection, Server

pytestmark = pytest.mark.postgres

WORLDS = {
    "cases": (WORLD, [case.query for case in cases()]),
    "corpus": (";\n".join(paragraphs("world")), paragraphs("views")),
}
DEPENDENCIES = """
    SELECT v.relname, r.oid::regclass::text || '.' || a.attname
    FROM pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid <> 0
        JOIN pg_class r ON r.oid = d.refobjid AND r.relkind <> 'c'
        JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.refobjsubid
    WHERE w.rulename = '_RETURN'"""


READS = """
    WITH RECURSIVE r AS (
        SELECT w.ev_class AS view, d.refclassid AS kind, d.refobjid AS on
        FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        UNION
        SELECT r.view, d.refclassid, d.refobjid FROM r JOIN pg_rewrite w ON w.ev_class = r.on AND w.ev_class <> r.view
            JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    )
    SELECT r.view::regclass::text, t.oid::regclass::text
    FROM r JOIN pg_class t ON t.relkind = 'r' AND t.oid >= 16384 AND (t.oid = r.on OR r.kind = 'pg_proc'::regclass)"""
"""The tables that a view may read: those it names, through other views, too, and any where it calls a function."""


class World(NamedTuple):
    """One schema on a server with data in it, the same schema replayed, and the views that the server takes."""

    connection: Connection
    catalog: Catalog
    views: list[View]
    data: Data
    depends: dict[str, set[str]]
    reads: dict[str, set[str]]

    def name(self, column: tuple[int, int]) -> str:
        """A column as the server's answers have it."""
        return column_name(self.catalog, *column)


@pytest.fixture(scope="module", params=WORLDS)
def world(server: Server, request: pytest.FixtureRequest) -> Iterator[World]:
    setting, queries = WORLDS[request.param]
    with server.database() as name, server.connect(name) as connection:
        connection.execute(setting.encode())
        taken = []
        for number, query in enumerate(queries):
            try:
                columns = connection.execute(f"SELECT * FROM ({query}) AS q LIMIT 0".encode()).description
                aliases = ", ".join(f"c{at}" for at in range(len(columns or ())))
                sql = f"CREATE VIEW asked_{number} ({aliases}) AS {query}"
                connection.execute(sql.encode())
                taken.append(sql)
            except psycopg.Error:  # a pseudo-type among the columns, or none at all
                continue
        catalog = catalog_with(setting.strip().rstrip(";"), *taken, version=server.version)
        depends: dict[str, set[str]] = {}
        for view, column in connection.execute(DEPENDENCIES.encode()).fetchall():
            depends.setdefault(view, set()).add(column.replace('"', ""))
        views = [
            view
            for view in catalog.views()
            if view.name.startswith("asked_")
            and "RangeTableSample" not in str(view.query)  # a matter of disk blocks
        ]
        assert len(views) > 0.9 * len(queries)
        yield World(connection, catalog, views, Data(connection), depends, _reads(connection))


def _reads(connection: Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for view, table in connection.execute(READS.encode()).fetchall():
        found[view].add(table)
    return found


def touched(world: World, lineage: Lineage, view: View, *, whole_rows: bool = True) -> set[str]:
    """Every base column that a view's columns or rows have to do with, those of system relations aside."""
    found = lineage.of(view.oid)
    sources = {
        source.column
        for output in found.columns
        for source in output.sources
        if whole_rows or all(step.kind != "row" for step in source.steps)
    }
    return {world.name(column) for column in sources.union(found.rows) if column[0] >= FIRST_USER_OID}


def test_columns_are_those_that_the_server_depends_on(world: World) -> None:
    """All in pg_depend but for whole rows, for which it has only the table."""
    shallow = Lineage(world.catalog, deep=False)
    beyond = {}
    for view in world.views:
        more = touched(world, shallow, view, whole_rows=False) - world.depends.get(view.name, set())
        if more := {name for name in more if not name.startswith("order_number_seq.")}:
            beyond[view.name] = more

    assert beyond == {}


def test_what_the_server_depends_on_beside_them_changes_nothing(world: World) -> None:
    """Columns that only order rows, or that a sub-select gives to nobody; changed, they leave the view as it was."""
    shallow, deep = Lineage(world.catalog, deep=False), Lineage(world.catalog)
    idle = {
        (view.name, column)
        for view in world.views
        for column in world.depends.get(view.name, set())
        - touched(world, shallow, view)
        - touched(world, deep, view)
        if not column.startswith("order_number_seq.")
    }
    changed = {(view, column) for view, column, _ in _changes(world, {column for _, column in idle})}

    assert idle
    assert idle & changed == set()


def test_a_changed_column_is_seen_only_where_lineage_says(world: World) -> None:
    """Every output column whose values change has the changed column among its sources, or among what decides rows."""
    lineage = Lineage(world.catalog)
    wrong = []
    seen = 0
    for view, column, changed in _changes(world, None):
        found = lineage.of(world.catalog.relations[world.catalog.public, view])
        rows = {world.name(each) for each in found.rows}
        for output in found.columns:
            if output.name not in changed or output.unknown:
                continue
            seen += 1
            sources = {world.name(source.column) for source in output.sources} | rows
            if not sources & {column, *_generated(world, column)}:
                wrong.append((view, output.name, column))

    assert wrong == []
    assert seen > 2 * len(world.views)


def test_what_is_never_null_is_never_null(world: World) -> None:
    """Neither with NULL wherever a table takes one, nor with a table that has no rows."""
    lineage = Lineage(world.catalog)
    wrong = []
    read = 0
    for empty in ("", *dict.fromkeys(column.table for column in world.data.columns)):
        world.data.fill(empty=empty)
        for view in world.views:
            contents = world.data.contents(view.name, [column.name for column in view.columns])
            read += contents is not None
            wrong += [
                (view.name, output.name, empty)
                for output in lineage.of(view.oid).columns
                if output.nullable is False and contents is not None and None in contents[output.name]
            ]

    assert wrong == []
    assert read > 0.9 * len(world.views)


def _generated(world: World, column: str) -> list[str]:
    """The generated columns that follow a column."""
    lineage = Lineage(world.catalog)
    return [
        world.name((table.oid, output.number))
        for table in world.catalog.tables()
        for output in lineage.of(table.oid).columns
        if column in {world.name(source.column) for source in output.sources}
    ]


def _changes(world: World, only: set[str] | None) -> Iterator[tuple[str, str, set[str]]]:
    """View, base column and the output columns that change with it, for each base column (of those in `only`)."""
    steady = {
        view: found for view, found in _snapshots(world, None, world.views).items() if found is not None
    }
    again = _snapshots(world, None, world.views)
    for column in world.data.columns:
        name = f"{column.table}.{column.name}".replace('"', "")
        if not column.literals or (only is not None and name not in only):
            continue
        near = [
            view for view in world.views if view.name in steady and column.table in world.reads[view.name]
        ]
        after = _snapshots(world, column, near)
        for view, found in after.items():
            before, twin = steady[view], again[view]
            if found is None or twin is None:
                continue
            changed = {each for each in before if before[each] == twin[each] and before[each] != found[each]}
            if changed:
                yield view, name, changed


def _snapshots(
    world: World, changed: TableColumn | None, views: list[View]
) -> dict[str, dict[str, object] | None]:
    world.data.fill(changed=changed)
    return {
        view.name: world.data.contents(view.name, [column.name for column in view.columns])  # type: ignore[misc]  # counters are objects
        for view in views
    }
