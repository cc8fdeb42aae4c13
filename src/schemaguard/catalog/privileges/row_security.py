"""Whom the policies of a table do not bind (`check_enable_rls`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Role, Table
from schemaguard.catalog.privileges.membership import reached
from schemaguard.catalog.privileges.proof import (
    Link,
    Proof,
    membership_links,
    owner_link,
    role_text,
    superuser_link,
)

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog


def escapes_row_security(catalog: Catalog, role: int, table: int) -> Proof | None:
    """The proof that `role` sees and writes all rows of a table whatever its policies say; None where they bind it.

    The proof's kind: "superuser"; "bypassrls"; "owner" (owns it, or has the owner's rights by inheritance, and row
    security is not forced); "off" (row security is not enabled); "set role" (after SET ROLE to such a role, which
    keeps its attributes to itself). Its `privilege` is empty: nothing is said about what the role may do at all.
    """
    record = catalog.get(table, Table)
    found = _as_itself(catalog, role, record)
    if found is not None:
        return found
    for group, grant in reached(catalog, role, "set").items():
        if grant is not None and (proof := _as_itself(catalog, group, record)) is not None:
            chain = membership_links(catalog, role, group, "set")
            return Proof("set role", role, "", table, (*chain, *proof.links))
    return None


def _as_itself(catalog: Catalog, role: int, table: Table) -> Proof | None:
    """The same without SET ROLE."""
    record, oid = catalog.get(role, Role), table.oid
    name = f"`{catalog.qualified(table)}`"
    if not table.row_security:
        off = Link(name, "does not have row security enabled", table.row_security_because or table.because)
        return Proof("off", role, "", oid, (off,))
    if record.superuser:
        return Proof("superuser", role, "", oid, (superuser_link(catalog, role),))
    if record.bypassrls:
        because = record.attributes_because or record.because
        return Proof("bypassrls", role, "", oid, (Link(role_text(catalog, role), "has BYPASSRLS", because),))
    if not table.force_row_security and table.owner in reached(catalog, role, "inherit"):
        owns = owner_link(catalog, table.owner, name, table.owner_because or table.because)
        free = Link(name, "does not force row security on its owner", table.force_because or table.because)
        return Proof("owner", role, "", oid, (*membership_links(catalog, role, table.owner), owns, free))
    return None
