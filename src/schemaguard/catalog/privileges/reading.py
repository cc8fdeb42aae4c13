"""The right to read what a query names, checked as the executor does it: column by column, and through views."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from schemaguard.catalog.describe import RELATION_WORDS
from schemaguard.catalog.errors import INSUFFICIENT_PRIVILEGE, Refused
from schemaguard.catalog.model import Relation, View
from schemaguard.catalog.privileges.query import has_column_privilege, has_privilege

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog


def require_select(catalog: Catalog, role: int, uses: Iterable[tuple[int, int]]) -> None:
    """Refuse unless `role` may read the relations of a query; what a view reads its owner must be allowed to.

    `uses`: what the query depends on, (oid, column number or 0), as `analyse_query` gives it.
    """
    columns: defaultdict[int, set[int]] = defaultdict(set)
    for oid, sub in uses:
        if isinstance(catalog.objects.get(oid), Relation):
            columns[oid].add(sub)
    for oid, numbers in columns.items():
        relation = catalog.get(oid, Relation)
        if relation.kind not in "rpfvm" or relation.external:
            continue
        if not _may_read(catalog, role, relation, numbers - {0}):
            word = RELATION_WORDS[relation.kind]
            raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for {word} {relation.name}")
        if isinstance(relation, View) and relation.kind == "v":
            reader = role if _is_invoker(relation) else relation.owner
            behind = ((on, edge.on_sub) for on, edge in catalog.references.get(oid, ()) if on != oid)
            require_select(catalog, reader, behind)


def require_privilege(run: Run, relation: Relation, privilege: str, columns: Iterable[int] = ()) -> None:
    """Refuse unless the role in force has a privilege on a relation, or on each of the columns that it names."""
    session = run.session
    if session.is_superuser or relation.external:
        return
    if has_privilege(run.catalog, session.role, privilege, relation.oid):
        return
    numbers = [number for number in columns if number]
    if numbers and all(
        has_column_privilege(run.catalog, session.role, privilege, relation.oid, number) for number in numbers
    ):
        return
    word = RELATION_WORDS[relation.kind]
    raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for {word} {relation.name}")


def _may_read(catalog: Catalog, role: int, relation: Relation, numbers: set[int]) -> bool:
    if has_privilege(catalog, role, "SELECT", relation.oid):
        return True
    if not numbers:  # as `count(*)`: any column will do
        return any(
            has_column_privilege(catalog, role, "SELECT", relation.oid, column.number)
            for column in relation.columns
        )
    return all(has_column_privilege(catalog, role, "SELECT", relation.oid, number) for number in numbers)


def _is_invoker(view: View) -> bool:
    from schemaguard.catalog.commands.view_options import is_true

    return is_true(dict(view.options).get("security_invoker", "false"))
