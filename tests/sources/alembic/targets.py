"""
Targets to interpret revisions against: one that records, one that is a real server.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg

from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.postgres.server import Connection
    from schemaguard.sources.migration import Migration
    from schemaguard.text import Location, Span, SqlText

Record: TypeAlias = Any
"""A record of a catalog, or the catalog itself: the inspector reads them by their attributes."""


class RecordingTarget:
    """Keeps what it is told, in order; answers catalog queries from `answers`, by their text."""

    def __init__(
        self, answers: dict[str, list[tuple[Any, ...]]] | None = None, catalog: Record = None
    ) -> None:
        self.answers = answers or {}
        self.catalog = catalog
        self.sqls: list[SqlText] = []
        self.opaques: list[tuple[Span, str, str]] = []
        self.notes: list[tuple[str, Span, str]] = []
        self.maybes: list[str] = []
        self.log: list[tuple[str, str]] = []

    @property
    def texts(self) -> list[str]:
        """The SQL, without the space around it."""
        return [sql.text.strip() for sql in self.sqls]

    def place(self, needle: str) -> Location:
        """Where the only occurrence of `needle` in the executed SQL was written."""
        [(sql, at)] = [(sql, sql.text.index(needle)) for sql in self.sqls if needle in sql.text]
        return sql.span(at, at + len(needle)).location

    def execute(self, sql: SqlText, *, always: bool = False) -> None:
        self.sqls.append(sql)
        self.log.append(("always" if always else "sql", sql.text.strip()))

    def opaque(self, span: Span, reason: str, remedy: str = "") -> None:
        self.opaques.append((span, reason, remedy))
        self.log.append(("opaque", reason))

    def note(self, rule: str, span: Span, message: str) -> None:
        self.notes.append((rule, span, message))
        self.log.append((rule, message))

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        found = self.answers.get(" ".join(sql.split()))
        if found is None:
            reason = "it reads rows"
            raise Unanswerable(reason)
        return found[1:]

    def columns(self, sql: str) -> Sequence[str]:
        return self.answers[" ".join(sql.split())][0]

    def reflection(self) -> Record:
        return self.catalog

    def mark(self) -> int:
        return len(self.sqls)

    def rewind(self, mark: int) -> None:
        for _sql in self.sqls[mark:]:
            last = max(index for index, (kind, _text) in enumerate(self.log) if kind == "sql")
            del self.log[last]
        del self.sqls[mark:]

    def changes_since(self, mark: int) -> object:
        return tuple(" ".join(sql.text.lower().split()) for sql in self.sqls[mark:])

    def begin_maybe(self, span: Span, reason: str) -> None:
        self.maybes.append(reason)
        self.log.append(("maybe", reason))

    def end_maybe(self) -> None:
        self.log.append(("end", ""))


class ServerTarget(RecordingTarget):
    """A database: what is executed on it happens, and it answers what it is asked."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection
        self.errors: list[tuple[str, str]] = []
        self._marks = 0

    def run(self, migration: Migration) -> None:
        """Run one migration in a transaction of its own."""
        self.connection.execute("BEGIN")
        migration.up(self)
        self.connection.execute("COMMIT")

    def execute(self, sql: SqlText, *, always: bool = False) -> None:
        super().execute(sql, always=always)
        if sql.text in ("COMMIT", "BEGIN"):
            self.connection.execute(sql.text)
            return
        guarded = self._in_transaction
        if guarded:
            self.connection.execute("SAVEPOINT statement")
        try:
            self.connection.execute(sql.text.encode(), prepare=False)
        except psycopg.Error as error:
            self.errors.append((sql.text.strip(), str(error).splitlines()[0]))
            if guarded:
                self.connection.execute("ROLLBACK TO SAVEPOINT statement")
        if guarded and self._in_transaction:
            self.connection.execute("RELEASE SAVEPOINT statement")

    @property
    def _in_transaction(self) -> bool:
        return self.connection.info.transaction_status.name == "INTRANS"

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        return self._query(sql).fetchall()

    def columns(self, sql: str) -> Sequence[str]:
        return [column.name for column in self._query(sql).description or ()]

    def _query(self, sql: str) -> psycopg.Cursor[tuple[Any, ...]]:
        guarded = self._in_transaction
        if guarded:
            self.connection.execute("SAVEPOINT question")
        try:
            return self.connection.execute(sql.encode(), prepare=False)
        except psycopg.Error as error:
            if guarded:
                self.connection.execute("ROLLBACK TO SAVEPOINT question")
            raise Unanswerable(str(error).splitlines()[0]) from error

    def reflection(self) -> Record:
        return ServerCatalog(self.connection)

    def mark(self) -> int:
        self._marks += 1
        self.connection.execute(f"SAVEPOINT mark_{self._marks}".encode())
        return self._marks

    def rewind(self, mark: int) -> None:
        self.connection.execute(f"ROLLBACK TO SAVEPOINT mark_{mark}".encode())

    def changes_since(self, mark: int) -> object:
        return tuple(self.texts)


class ServerCatalog:
    """As much of `catalog.Catalog` as the inspector reads, from a server's own catalog."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.schemas: dict[str, int] = dict(self._rows("SELECT nspname, oid FROM pg_namespace"))

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql.encode(), values or None).fetchall()

    @property
    def relations(self) -> dict[tuple[int, str], int]:
        rows = self._rows("SELECT relnamespace, relname, oid FROM pg_class")
        return {(schema, name): oid for schema, name, oid in rows}

    @property
    def types(self) -> dict[tuple[int, str], int]:
        rows = self._rows("SELECT typnamespace, typname, oid FROM pg_type WHERE typtype IN ('e', 'd', 'c')")
        return {(schema, name): oid for schema, name, oid in rows}

    @property
    def objects(self) -> _Objects:
        return _Objects(self)

    def schema_name(self, oid: int) -> str:
        return next(name for name, known in self.schemas.items() if known == oid)

    def relation_named(self, schema: str, name: str) -> Record:
        oid = self.relations.get((self.schemas.get(schema, -1), name))
        return None if oid is None else self.object(oid)

    def object(self, oid: int) -> Record:
        labels = self._rows("SELECT enumlabel FROM pg_enum WHERE enumtypid = %s ORDER BY enumsortorder", oid)
        if labels:
            name = self._rows("SELECT typname FROM pg_type WHERE oid = %s", oid)[0][0]
            return SimpleNamespace(oid=oid, name=name, kind="e", labels=tuple(label for (label,) in labels))
        named = self._rows("SELECT conname FROM pg_constraint WHERE oid = %s", oid)
        if named:
            return SimpleNamespace(oid=oid, name=named[0][0])
        [(name, kind, schema)] = self._rows(
            "SELECT relname, relkind, relnamespace FROM pg_class WHERE oid = %s", oid
        )
        columns = list(self._columns(oid))
        by_number = {column.number: column for column in columns}
        return SimpleNamespace(
            oid=oid, name=name, kind=kind, schema=schema, columns=columns, column_at=by_number.get
        )

    def _columns(self, oid: int) -> Iterator[Record]:
        sql = (
            "SELECT attnum, attname, attnotnull, attidentity, attgenerated, atthasdef, atttypid, atttypmod "
            "FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        for number, name, not_null, identity, generated, has_default, type_oid, typmod in self._rows(
            sql, oid
        ):
            yield SimpleNamespace(
                number=number, name=name, not_null=not_null, identity=identity, generated=generated,
                default=has_default or None, type=SimpleNamespace(oid=type_oid, typmod=typmod),
            )  # fmt: skip

    def comment(self, oid: int, sub: int = 0) -> Record:
        found = self._rows(
            "SELECT description FROM pg_description WHERE objoid = %s AND objsubid = %s", oid, sub
        )
        return SimpleNamespace(text=found[0][0]) if found else None

    def constraints(self, table: int) -> list[Record]:
        sql = (
            "SELECT oid, conname, contype, coalesce(conkey, '{}'), confrelid, coalesce(confkey, '{}'), confdeltype, "
            "confupdtype, condeferrable, condeferred FROM pg_constraint WHERE conrelid = %s ORDER BY oid"
        )
        names = (
            "oid", "name", "type", "columns", "ref_table", "ref_columns", "on_delete", "on_update", "deferrable",
            "initially_deferred",
        )  # fmt: skip
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in self._rows(sql, table)]

    def indexes(self, table: int) -> list[Record]:
        sql = (
            "SELECT c.oid, c.relname, i.indisunique, i.indisprimary, i.indkey::int[], i.indnkeyatts, "
            "coalesce((SELECT k.oid FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p','u','x')), 0) "
            "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s ORDER BY c.oid"
        )
        return [
            SimpleNamespace(
                oid=oid, name=name, unique=unique, primary=primary, constraint=constraint,
                keys=[SimpleNamespace(number=number) for number in keys[:count]], include=keys[count:],
            )
            for oid, name, unique, primary, keys, count, constraint in self._rows(sql, table)
        ]  # fmt: skip


class _Objects:
    """`catalog.objects`: any object by its oid."""

    def __init__(self, catalog: ServerCatalog) -> None:
        self._catalog = catalog

    def __getitem__(self, oid: int) -> Record:
        return self._catalog.object(oid)

    def get(self, oid: int) -> Record:
        return self._catalog.object(oid)
