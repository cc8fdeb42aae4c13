"""Django's PostgreSQL backend without a server: it sends to the target, and is answered by the replayed catalog.

Importing this module loads Django.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
import uuid
from typing import TYPE_CHECKING, Any, Self

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from psycopg import sql as psycopg_sql

from schemaguard.sources.alembic.interpreter.tracked import sql_text
from schemaguard.sources.alembic.interpreter.values import Undecided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.sources.migration import Target
    from schemaguard.text import Span


def unknown_default() -> Any:  # noqa: ANN401 - never called: `Editor.effective_default` knows it
    """Stands for a default of which only the running application knows the value."""


class Operations(DatabaseOperations):  # type: ignore[misc]  # Django has no types
    """Puts parameters into SQL without a connection."""

    def compose_sql(self, sql: str, params: Sequence[Any]) -> str:
        """`sql` with its `%s` filled in."""
        return sql % tuple(psycopg_sql.quote(value) for value in params)


_UNORDERED = re.compile(r'CREATE COLLATION "?([^"]+)"? .*\bdeterministic=false')


class Editor(DatabaseSchemaEditor):  # type: ignore[misc]  # Django has no types
    """Django's schema editor; `place` is the operation that is being carried out."""

    def __init__(self, connection: Connection, target: Target, place: Span, unordered: set[str]) -> None:
        """Send to `target` what is written at `place`; `unordered` keeps the collations that are not deterministic."""
        super().__init__(connection, collect_sql=False, atomic=False)
        self.target = target
        self.place = place
        self._unordered = unordered
        self.deferred_sql: list[Any] = []

    def execute(self, sql: Any, params: Sequence[Any] | None = ()) -> None:  # noqa: ANN401 - a string or a Statement
        """Send SQL; a string of the migration's keeps its places."""
        text = sql if isinstance(sql, str) else str(sql)
        if params is not None:
            text = self.connection.ops.compose_sql(str(text), params)
        if (collation := _UNORDERED.match(text)) is not None:
            self._unordered.add(collation[1])
        self.target.execute(sql_text(text, self.place))

    def _is_collation_deterministic(self, collation_name: str) -> bool:
        """As `CreateCollation` said when it made the collation; those of the server are."""
        return collation_name not in self._unordered

    def flush(self) -> None:
        """Send what waits for the end of the migration: indexes, foreign keys."""
        waiting, self.deferred_sql = self.deferred_sql, []
        for sql in waiting:
            self.execute(sql, None)

    def effective_default(self, field: Any) -> Any:  # noqa: ANN401 - a field; any value
        """What existing rows get when a column is added: known, or of the column's type."""
        if field.has_default() and callable(field.default):
            try:
                value = None if field.default is unknown_default else field.get_default()
            except Undecided:
                value = None
            if value is None and not field.null:
                value = _SAMPLES.get(field.get_internal_type(), "")
            return field.get_db_prep_save(value, self.connection)
        return super().effective_default(field)


_MOMENT = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_SAMPLES: dict[str, Any] = {
    "BooleanField": False, "DateField": _MOMENT.date(), "DateTimeField": _MOMENT, "TimeField": dt.time(0),
    "DurationField": dt.timedelta(0), "DecimalField": decimal.Decimal(0), "FloatField": 0.0, "BinaryField": b"",
    "UUIDField": uuid.UUID(int=0), "JSONField": {}, "GenericIPAddressField": "0.0.0.0", "ArrayField": [],  # noqa: S104 - an address like any
    **dict.fromkeys(
        ("IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField",
         "PositiveSmallIntegerField", "ForeignKey", "OneToOneField", "AutoField", "BigAutoField"), 0,
    ),
}  # fmt: skip
"""A value of each kind of column, in place of what only the running application could compute."""


class Cursor:
    """Asks the replayed catalog."""

    def __init__(self, connection: Connection) -> None:
        """Ask the target of `connection`."""
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Keep nothing."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Ask a catalog query.

        Raises:
            Unanswerable: the catalog can't tell.
        """
        composed = self._connection.ops.compose_sql(sql, params or ())
        self._rows = list(self._connection.target.rows(composed))

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        rows, self._rows = self._rows, []
        return rows


class Connection(DatabaseWrapper):  # type: ignore[misc]  # Django has no types
    """A connection to a server of major `version` that is not there."""

    ops_class = Operations

    def __init__(self, version: int, target: Target) -> None:
        """Be answered by `target`."""
        super().__init__(
            {"OPTIONS": {}, "TIME_ZONE": None, "NAME": "", "AUTOCOMMIT": True}, alias=NO_DB_ALIAS
        )
        self.target = target
        self.__dict__["pg_version"] = version * 10_000  # a cached property, which would ask the server

    def cursor(self) -> Cursor:
        """Ask the catalog."""
        return Cursor(self)
