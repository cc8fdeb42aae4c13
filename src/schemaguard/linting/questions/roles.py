"""Who the application is, and who owns what it works on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.catalog.model import PUBLIC, Relation, Role
from schemaguard.config.patterns import matches_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.model import Acl
    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy

OWNER_NAME = re.compile(r"(?:^|_)(?:owner|migrations?|migrator|migrate)(?:_|$)")
"""Names of roles that run migrations, whatever they happen to own in the history."""


def named(catalog: Catalog, patterns: Iterable[str]) -> list[Role]:
    """The roles that any of some patterns names, in the order of their names."""
    patterns = list(patterns)
    found = [role for role in catalog.all(Role) if any(matches_name(each, role.name) for each in patterns)]
    return sorted(found, key=lambda role: role.name)


def app_roles(catalog: Catalog, policy: Policy) -> list[Role]:
    """The roles listed as the application's or as read-only.

    Where none is listed: every role that is granted something (a privilege or a membership) and is neither an
    owner (in fact, or by its name) nor a superuser nor predefined.
    """
    listed = (*policy.roles.application, *policy.roles.readonly)
    if listed:
        return named(catalog, listed)
    owners = {role.oid for role in owner_roles(catalog, policy)}
    found = []
    for oid in sorted(_granted(catalog) - owners - {PUBLIC}):
        role = catalog.get(oid, Role)
        if not role.superuser and not role.predefined and not OWNER_NAME.search(role.name):
            found.append(role)
    return sorted(found, key=lambda role: role.name)


def owner_roles(catalog: Catalog, policy: Policy) -> list[Role]:
    """Roles listed as owners, and those that own a relation or a schema; superusers count, predefined roles do not."""
    found = {role.oid for role in named(catalog, policy.roles.owner)}
    found |= {record.owner for record in catalog.all(Relation) if not record.external}
    owners = [catalog.get(oid, Role) for oid in found]
    return sorted((role for role in owners if not _is_predefined(role)), key=lambda role: role.name)


def _is_predefined(role: Role) -> bool:
    return role.predefined and not role.superuser


def _granted(catalog: Catalog) -> set[int]:
    """Roles that any list of privileges, default privilege or membership names as a grantee other than its owner."""
    found = {item.grantee for owner, acl in _acls(catalog) for item in acl if item.grantee != owner}
    found |= {
        item.grantee
        for entry in catalog.default_acls.values()
        for item in entry.acl
        if item.grantee != entry.role
    }
    found |= {member for (_, member, _) in catalog.memberships}
    return found


def _acls(catalog: Catalog) -> Iterator[tuple[int, Acl]]:
    for record in catalog.objects.values():
        acl = getattr(record, "acl", None)
        if acl:
            yield record.owner, acl
        if isinstance(record, Relation):
            for column in record.columns:
                if column.acl:
                    yield record.owner, column.acl
