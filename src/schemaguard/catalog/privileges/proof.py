"""A proof: the chain of facts, each with the statement behind it, that lets a role do something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from schemaguard.catalog.model import PUBLIC, Acl, AclItem, Role
from schemaguard.catalog.privileges.membership import path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Membership
    from schemaguard.catalog.privileges.membership import How
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

Kind = Literal[
    "superuser", "direct", "owner", "public", "member", "predefined", "columns", "set role",
    "view", "bypassrls", "off",
]  # fmt: skip


class Link(NamedTuple):
    """One fact of a proof: `subject` and `predicate` make the sentence, `because` is the statement that made it true.

    `because` is None for what holds on every server (the built-in privileges of an owner, a predefined role).
    """

    subject: str
    predicate: str
    because: Origin | None = None

    @property
    def message(self) -> str:
        """The fact as a sentence without its full stop."""
        return f"{self.subject} {self.predicate}"


class Proof(NamedTuple):
    """Why `role` has `privilege` on the object `oid`, the shortest way first.

    `kind`: superuser; direct (granted to the role); owner (of the object, or a member of the owner with INHERIT);
    public; member (inherits from a role that has it); predefined (through pg_read_all_data and the like); columns
    (only on `columns`, the table-wide privilege is missing); set role (only after SET ROLE); view (writing through
    views); bypassrls and off belong to row security.
    """

    kind: Kind
    role: int
    privilege: str
    oid: int
    links: tuple[Link, ...]
    columns: tuple[str, ...] = ()

    @property
    def effective(self) -> bool:
        """Whether `has_table_privilege` answers true: no SET ROLE is needed, and it is not for some columns only."""
        return self.kind not in ("columns", "set role", "view")

    def sentence(self) -> str:
        """The whole chain: "`app_rw` is a member of `writers`, which was granted DELETE"."""
        text, ends_with = "", ""
        for link in self.links:
            if text:
                text += (
                    f", which {link.predicate}" if ends_with.endswith(link.subject) else f"; {link.message}"
                )
            else:
                text = link.message
            ends_with = link.predicate
        return text

    @property
    def because(self) -> Origin | None:
        """The statement to blame: the last link that has one."""
        return next((link.because for link in reversed(self.links) if link.because is not None), None)


def role_text(catalog: Catalog, role: int) -> str:
    """A role in a sentence: its name in backquotes, or PUBLIC."""
    return f"`{catalog.owner_name(role)}`" if role != PUBLIC else "PUBLIC"


def membership_link(catalog: Catalog, grant: Membership, how: How = "inherit") -> Link:
    """That one role is a member of another."""
    words = "can SET ROLE to" if how == "set" else "is a member of"
    return Link(role_text(catalog, grant.member), f"{words} {role_text(catalog, grant.role)}", grant.because)


def membership_links(catalog: Catalog, member: int, role: int, how: How = "inherit") -> tuple[Link, ...]:
    """The chain from a role up to one that it reaches; empty for the role itself."""
    return tuple(membership_link(catalog, grant, how) for grant in path(catalog, member, role, how) or ())


def superuser_link(catalog: Catalog, role: int) -> Link:
    """That a role is a superuser."""
    record = catalog.get(role, Role)
    return Link(role_text(catalog, role), "is a superuser", record.attributes_because or record.because)


def grant_link(catalog: Catalog, item: AclItem, columns: Sequence[str] = ()) -> Link:
    """That a role or PUBLIC was granted a privilege, on a whole object or on some columns."""
    where = ""
    if columns:
        where = (
            f" on column{'s' if len(columns) > 1 else ''} {', '.join(f'`{column}`' for column in columns)}"
        )
    how = ""
    if item.because is not None and item.because.statement.kind == "AlterDefaultPrivilegesStmt":
        how = f" by default privileges of {role_text(catalog, item.grantor)}"
    elif item.because is None:
        return Link(role_text(catalog, item.grantee), f"has {item.privilege}{where} by default")
    return Link(role_text(catalog, item.grantee), f"was granted {item.privilege}{where}{how}", item.because)


def owner_link(catalog: Catalog, owner: int, what: str, because: Origin | None) -> Link:
    """That a role owns an object."""
    return Link(role_text(catalog, owner), f"owns {what}", because)


def items_by_grantee(acl: Acl, privilege: str) -> dict[int, AclItem]:
    """The entry for `privilege` of each grantee; of several, the first."""
    found: dict[int, AclItem] = {}
    for item in acl:
        if item.privilege == privilege:
            found.setdefault(item.grantee, item)
    return found
