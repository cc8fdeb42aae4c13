"""What views read, as whom, and whether they keep tenants apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import Role, Table, View
from schemaguard.catalog.privileges.query import can
from schemaguard.catalog.privileges.views import is_security_invoker
from schemaguard.linting.questions import predicates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.state import Catalog
    from schemaguard.linting.questions.tenancy import Tenants


def relations_of(catalog: Catalog, view: View) -> list[Relation]:
    """The relations that a view's query names, in no particular order, each once."""
    oids = dict.fromkeys(on for on, _edge in catalog.references.get(view.oid, ()))
    records = [catalog.objects.get(oid) for oid in oids]
    return [record for record in records if isinstance(record, (Table, View))]


def tables_under(catalog: Catalog, view: View) -> list[Table]:
    """The tables that a view reads, through other views, too."""
    return [table for table, _role in readings(catalog, view, None)]


def readings(catalog: Catalog, view: View, reader: int | None) -> list[tuple[Table, int | None]]:
    """The tables under a view, each with the role whose policies are asked: None for whoever reads the view."""
    found: dict[int, tuple[Table, int | None]] = {}
    pending: list[tuple[View, int | None]] = [(view, reader)]
    seen: set[int] = set()
    while pending:
        each, outer = pending.pop(0)
        if each.oid in seen:
            continue
        seen.add(each.oid)
        acting = outer if is_security_invoker(each) else each.owner
        for relation in relations_of(catalog, each):
            if isinstance(relation, Table):
                found.setdefault(relation.oid, (relation, acting))
            elif isinstance(relation, View) and relation.kind == "v":
                pending.append((relation, acting))
            elif isinstance(relation, View):
                pending.append((relation, relation.owner))
    return list(found.values())


def definer_views(catalog: Catalog, view: View) -> list[View]:
    """The view and those under it, as far as they read with their owner's rights."""
    found: dict[int, View] = {}
    pending = [view]
    while pending:
        each = pending.pop(0)
        if each.oid not in found and each.kind == "v":
            found[each.oid] = each
            pending.extend(under for under in relations_of(catalog, each) if isinstance(under, View))
    return [each for each in found.values() if not is_security_invoker(each)]


def key_of(view: View) -> list[str]:
    """The columns by which a view's query groups, or all of a DISTINCT; empty where its rows have no such key."""
    from schemaguard.catalog.analysis.bound import BoundQuery

    bound = view.query.bound if view.query is not None else None
    if not isinstance(bound, BoundQuery):
        return []
    query, names = bound.query, [column.name for column in view.columns]
    if query.set_operations is not None or query.grouping_sets or query.distinct_on:
        return []
    if query.distinct is not None:
        return names
    grouped = {group.ref for group in query.groups}
    shown = {target.ref for target in query.outputs if target.ref}
    if not grouped or not grouped <= shown:
        return []
    return [name for name, target in zip(names, query.outputs, strict=True) if target.ref in grouped]


class Escape(NamedTuple):
    """A table with row security that a view reads as a role whom it does not bind: through which view, who, and why."""

    table: Table
    through: View
    role: int
    why: str


def escaped_tables(catalog: Catalog, view: View, reader: int) -> list[Escape]:
    """The tables whose rows `reader` gets from a view past their policies; nothing where a privilege is wanting below.

    What the reader itself is not bound by is another matter.
    """
    found: dict[int, Escape] = {}
    seen: set[tuple[int, int]] = set()
    pending = [(view, reader, view)]
    while pending:
        each, asking, through = pending.pop(0)
        acting = asking if is_security_invoker(each) else each.owner
        through = through if acting == asking else each
        for relation in relations_of(catalog, each):
            if (relation.oid, acting) in seen or not _may_read(catalog, acting, relation):
                continue
            seen.add((relation.oid, acting))
            if isinstance(relation, View):
                if relation.kind == "v":
                    pending.append((relation, acting, through))
            elif isinstance(relation, Table) and relation.row_security and acting != reader:
                found.setdefault(
                    relation.oid, Escape(relation, through, acting, _escape(catalog, acting, relation))
                )
    return [each for each in found.values() if each.why]


def _may_read(catalog: Catalog, role: int, relation: Relation) -> bool:
    proof = can(catalog, role, "SELECT", relation.oid)
    return proof is not None and proof.kind != "set role"


def _escape(catalog: Catalog, oid: int, table: Table) -> str:
    from schemaguard.catalog.privileges.membership import has_privileges_of

    role = catalog.get(oid, Role)
    if role.superuser:
        return "a superuser"
    if role.bypassrls:
        return "who has BYPASSRLS"
    if not table.force_row_security and has_privileges_of(catalog, oid, table.owner):
        return "whom the policies do not bind without FORCE"
    return ""


def readable_views_over(catalog: Catalog, target: View, roles: list[Role]) -> list[View]:
    """The views that read a (materialized) view with their owner's rights and that one of the roles can read."""
    found = []
    for oid in dict.fromkeys(edge.oid for edge in catalog.dependents.get(target.oid, ())):
        view = catalog.objects.get(oid)
        if (
            isinstance(view, View)
            and view.kind == "v"
            and any(can(catalog, role.oid, "SELECT", oid) for role in roles)
        ):
            found.append(view)
    return found


def filters_by_tenant(catalog: Catalog, view: View, tenants: Tenants | None) -> bool:
    """Whether a view lets no row of another tenant through by its own conditions."""
    if tenants is None:
        return False
    question = predicates.Question(
        catalog, view, 0, tenants.setting.column, tenants.setting.setting, tuple(tenants.setting.functions)
    )
    return predicates.view_binds(view, question)


def views_reading(catalog: Catalog, oid: int) -> Iterator[View]:
    """The views and materialized views whose query names a relation."""
    for dependent in dict.fromkeys(edge.oid for edge in catalog.dependents.get(oid, ())):
        view = catalog.objects.get(dependent)
        if isinstance(view, View):
            yield view
