"""Writing to a table through views: with the view's privileges, and mostly with somebody else's on the table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from schemaguard.catalog.model import Relation, View
from schemaguard.catalog.privileges.proof import Link, Proof, role_text
from schemaguard.catalog.privileges.query import can

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.state import Catalog

WRITES = ("INSERT", "UPDATE", "DELETE")


def writable_views(catalog: Catalog, table: int, role: int, privilege: str) -> Iterator[tuple[View, Proof]]:
    """Automatically updatable views through which `role` can INSERT, UPDATE or DELETE rows of a table.

    Each with a proof of kind "view", whose links go from the role through the views down to the right on the table.
    A view runs with its owner's rights unless it is `security_invoker`. Views that a rule or an INSTEAD OF trigger
    makes writable are left out: what those do is not said by privileges.
    """
    for view, chain in _views_over(catalog, table, ()):
        found = can(catalog, role, privilege, view.oid)
        if found is None or any(_replaced(catalog, over.oid, privilege) for over in (view, *chain[:-1])):
            continue
        links = _down(catalog, (view, *chain), role, privilege)
        if links is not None:
            *before, last = found.links
            on_view = last._replace(predicate=f"{last.predicate} on the view `{catalog.qualified(view)}`")
            yield view, Proof("view", role, privilege, table, (*before, on_view, *links), found.columns)


def _views_over(
    catalog: Catalog, relation: int, below: tuple[Relation, ...]
) -> Iterator[tuple[View, tuple[Relation, ...]]]:
    """The updatable views on a relation and on those views, each with the relations under it, the nearest first."""
    from schemaguard.catalog.updatability import is_automatically_updatable

    chain = (catalog.get(relation, Relation), *below)
    for oid in dict.fromkeys(edge.oid for edge in catalog.dependents.get(relation, ())):
        view = catalog.objects.get(oid)
        if isinstance(view, View) and _base(view) == relation and is_automatically_updatable(view):
            yield view, chain
            yield from _views_over(catalog, view.oid, chain)


def _replaced(catalog: Catalog, view: int, privilege: str) -> bool:
    """Whether something else happens instead of a write on the view."""
    event = privilege.lower()
    return any(
        trigger.timing == "instead of" and event in trigger.events for trigger in catalog.triggers(view)
    ) or any(rule.instead and rule.event == event for rule in catalog.rules(view))


def _base(view: View) -> int:
    """The relation that a view selects from if it is only one, else 0."""
    from schemaguard.catalog.analysis.bound import query_of
    from schemaguard.catalog.updatability import base_of

    rte = base_of(query_of(view.query)) if view.query is not None else None
    return 0 if rte is None else rte.relation


def _down(catalog: Catalog, chain: tuple[Relation, ...], role: int, privilege: str) -> list[Link] | None:
    """How the write gets from the view that begins the chain to the table that ends it; None where it does not."""
    links: list[Link] = []
    for upper, lower in pairwise(chain):
        # An invoker's view asks for the rights of who is at work, even where a definer's view reads it.
        invoker = is_security_invoker(upper)
        right = can(catalog, role if invoker else upper.owner, privilege, lower.oid)
        if right is None or right.kind == "set role":
            return None
        whose = (
            "the caller's rights" if invoker else f"the rights of its owner {role_text(catalog, upper.owner)}"
        )
        over = f"writes to `{catalog.qualified(lower)}` with {whose}"
        links.append(Link(f"`{catalog.qualified(upper)}`", over, upper.because))
    return links


def is_security_invoker(view: Relation) -> bool:
    """Whether a view runs with the rights of who queries it."""
    value = dict(view.options).get("security_invoker")
    return value is not None and value.lower() in ("true", "on", "yes", "1", "t", "y")
