"""`pg_get_…def`: objects as the SQL that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.values.kinds import Value

STRICT: dict[str, Callable[..., Value]] = {}


def view_definition(context: Context, oid: int) -> Value:
    """The query of a view as `pg_get_viewdef` prints it."""
    from schemaguard.catalog.analysis.deparse import query_text

    record = context.catalog.objects.get(oid)
    if not isinstance(record, View) or record.query is None:
        return None
    return query_text(context.catalog, record.query)


CALLED_ON_NULL: dict[str, Callable[..., Value]] = {}
