"""A catalog as the DDL that makes it on an empty database: one script, for `psql` and for whoever reads it.

Tables come bare, then what they hold, so that no statement needs what stands below it. Owners and privileges come last:
the script is run by a superuser, and gives away what it has made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.ddl.access import default_privileges, memberships, owners, privileges, roles
from schemaguard.catalog.ddl.belongings import (
    comments,
    event_triggers,
    policies,
    publications,
    rules,
    triggers,
)
from schemaguard.catalog.ddl.order import in_order, needs_views
from schemaguard.catalog.ddl.tables import attach_and_index, checks, create_table, defaults, foreign_keys
from schemaguard.catalog.ddl.things import create, extensions, schemas
from schemaguard.catalog.ddl.writer import Writer
from schemaguard.catalog.model import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.catalog.state import Catalog

__all__ = ["ddl"]


def ddl(catalog: Catalog) -> str:
    """The script. What it can't write is a comment that says why, beginning with `-- not written:`."""
    writer = Writer(catalog)
    writer.say("SET search_path = public")
    writer.say("SET check_function_bodies = off")
    roles(writer)
    memberships(writer)
    schemas(writer)
    extensions(writer)
    ordered = in_order(writer)
    late = needs_views(writer, ordered)
    _make(writer, (record for record in ordered if record.oid not in late))
    defaults(writer)
    checks(writer)
    attach_and_index(writer)
    foreign_keys(writer)
    _make(writer, (record for record in ordered if record.oid in late))
    for part in (rules, triggers, policies, publications, comments, owners, privileges, default_privileges):
        part(writer)
    event_triggers(writer)
    return writer.script()


def _make(writer: Writer, records: Iterable[object]) -> None:
    for record in records:
        if isinstance(record, Table):
            create_table(writer, record)
        else:
            create(writer, record)
