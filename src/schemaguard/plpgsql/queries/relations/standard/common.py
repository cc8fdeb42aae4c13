"""What the views of `information_schema` share: who sees what, and YES and NO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import Index, Relation
from schemaguard.plpgsql.queries.relations.classes import relations, relations_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.values.kinds import Value

_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def yes(value: object) -> str:
    """YES or NO."""
    return "YES" if value else "NO"


def database(context: Context, _row: Any = None) -> Value:  # noqa: ANN401 - any row
    """The name of the database, which every view repeats."""
    return context.catalog.facts["database"]


def owns(context: Context, owner: int) -> bool:
    """Whether the role in force has the rights of an owner (`pg_has_role(owner, 'USAGE')`)."""
    return context.session.owns(owner)


def sees(context: Context, record: Relation) -> bool:
    """Whether the role in force owns a relation or has a privilege on it or on a column of it."""
    from schemaguard.catalog.privileges.query import has_column_privilege, has_privilege

    if owns(context, record.owner) or record.oid not in context.catalog.objects:
        return True
    catalog, role = context.catalog, context.session.role
    if any(has_privilege(catalog, role, privilege, record.oid) for privilege in _PRIVILEGES):
        return True
    return any(
        has_column_privilege(catalog, role, privilege, record.oid, column.number)
        for column in record.columns
        if column.acl
        for privilege in ("SELECT", "INSERT", "UPDATE", "REFERENCES")
    )


def may_know(context: Context, record: Relation) -> bool:
    """Whether the role in force owns a relation or has a privilege on it other than SELECT."""
    from schemaguard.catalog.privileges.query import has_privilege

    if owns(context, record.owner) or record.oid not in context.catalog.objects:
        return True
    return any(
        has_privilege(context.catalog, context.session.role, privilege, record.oid)
        for privilege in _PRIVILEGES[1:]
    )


def is_temporary(context: Context, record: Relation) -> bool:
    """Whether a relation is in the temporary schema, which is shown under another name."""
    return context.catalog.schema_name(record.schema) == "pg_temp"


def seen(context: Context, kinds: str) -> Iterator[Relation]:
    """The relations of some kinds that the role in force sees."""
    return (record for record in relations(context) if record.kind in kinds and sees(context, record))


def seen_named(context: Context, value: Value, kinds: str) -> Iterable[Relation]:
    """The relations of a name and of some kinds that the role in force sees."""
    return (
        record for record in relations_named(context, value) if record.kind in kinds and sees(context, record)
    )


def in_schema(
    find_all: Callable[[Context], Iterable[Any]], relation_of: Callable[[Any], Relation]
) -> Callable[[Context, Value], Iterable[Any]]:
    """A lookup by schema name over rows that belong to a relation, kept until the catalog changes."""

    def find(context: Context, value: Value) -> Iterable[Any]:
        def index() -> dict[int, list[Any]]:
            found: dict[int, list[Any]] = {}
            for row in find_all(context):
                found.setdefault(relation_of(row).schema, []).append(row)
            return found

        rows: dict[int, list[Any]] = context.cached(("schema", find_all, context.session.role), index)
        return rows.get(context.catalog.schemas.get(str(value), -1), ())

    return find


def schema_of(context: Context, record: Any) -> Value:  # noqa: ANN401 - anything in a schema
    """The name of the schema of a record; of an index that of its table."""
    if isinstance(record, Index):
        record = context.catalog.objects[record.table]
    return context.catalog.schema_name(record.schema)
