"""Views and materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.facts.tables import index_facts, relation_fact
from schemaguard.catalog.model import CompositeType, Relation

if TYPE_CHECKING:
    from schemaguard.catalog.facts.builder import Builder, Path
    from schemaguard.catalog.facts.shape import MatviewFact, OutputColumn, ViewFact
    from schemaguard.catalog.model import View


def view_fact(build: Builder, view: View, path: Path) -> ViewFact:
    """A view, or what a materialized view has in common with one."""
    fact: ViewFact = {
        **relation_fact(build, view, path),
        "options": dict(sorted(view.options)),
        "columns": output_columns(build, view),
        "definition": _definition(build, view, path),
        "depends_on": _relations_used(build, view),
    }
    build.because(fact, view.because, options=view.options_because)
    return fact


def matview_fact(build: Builder, view: View, path: Path) -> MatviewFact:
    """A materialized view."""
    return {
        **view_fact(build, view, path),
        "indexes": index_facts(build, view, path),
        "populated": view.populated,
    }


def output_columns(build: Builder, relation: Relation) -> list[OutputColumn]:
    """Names and types of the columns of a view or composite type."""
    return [{"name": column.name, "type": build.type(column.type)} for column in relation.columns]


def _definition(build: Builder, view: View, path: Path) -> str:
    from schemaguard.catalog.analysis.deparse import query_text

    if view.query is None:
        return ""
    try:
        return query_text(build.catalog, view.query, [column.name for column in view.columns])
    except Opaque as opaque:
        build.leave_out((*path, "definition"), opaque.reason, view.because)
        return ""


def _relations_used(build: Builder, view: View) -> list[str]:
    """The relations that the query names (not those behind the views among them)."""
    catalog = build.catalog
    found = set()
    for oid, _edge in catalog.references.get(view.oid, ()):
        record = catalog.objects.get(oid)
        if not isinstance(record, Relation) or isinstance(record, CompositeType):
            continue  # a field of a composite type is no relation to read from
        if oid != view.oid and build.is_users(record):
            found.add(catalog.qualified(record))
    return sorted(found)
