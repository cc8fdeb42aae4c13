"""
A REVOKE leaves the role with the privilege.

## Why it matters
REVOKE takes away what its grantor gave, from the grantee that it names. What came from another grantor, through PUBLIC,
a group, ownership or a column stays, and the migration looks as if it were gone. A REVOKE of a per-schema default can't
take away what the global default gives.

## When it is fine
The role did not have the privilege, and does not have it: a defensive REVOKE, as from PUBLIC. Or a later statement took
it away, or gave it anew on purpose.

## Instead
Revoke it where it comes from.

## References
* https://www.postgresql.org/docs/current/sql-revoke.html
* https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import (
    PUBLIC,
    Relation,
    Revoked,
    Rule,
    Severity,
    built_in_acl,
    can,
    chain,
    quoted,
    revocation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")

WORDS = {"r": "tables", "S": "sequences", "f": "functions", "T": "types", "n": "schemas"}


@rule.on(Revoked)
def check(project: Project, step: Step, event: Revoked) -> Iterator[Finding]:
    """Report each privilege on a relation that the grantee still has by something older than the REVOKE."""
    if event.default:
        yield from _default(project, event)
        return
    relation = project.catalog.objects.get(event.object)
    if (
        not isinstance(relation, Relation)
        or event.grantee == PUBLIC
        or event.grantee not in project.catalog.objects
    ):
        return
    proof = can(project.catalog, event.grantee, event.privilege, relation.oid, event.column or None)
    if proof is None or proof.kind in ("superuser", "owner", "set role"):
        return
    because = proof.because
    if because is not None and because.statement.number > step.statement.number:
        return  # given anew afterwards
    if event.column == 0 and proof.kind == "columns":
        return
    name, role = project.name(relation), project.role_name(event.grantee)
    yield rule.finding(
        project,
        event.because,
        f"after this REVOKE `{role}` still has {event.privilege} on `{name}`: {proof.sentence()}",
        object=relation,
        detail=(role, event.privilege),
        because=[(because, proof.links[-1].message), *chain(proof)],
        fix=revocation(project.catalog, proof),
    )


def _default(project: Project, event: Revoked) -> Iterator[Finding]:
    """A per-schema REVOKE of what only the global default (or the built-in one) gives."""
    catalog = project.catalog
    if not event.schema or event.removed or not {event.object, event.schema} <= catalog.objects.keys():
        return
    everywhere = catalog.default_acls.get((event.object, 0, event.objtype))
    acl = (
        everywhere.acl
        if everywhere is not None
        else built_in_acl(catalog.version, event.object, event.objtype)
    )
    item = next((i for i in acl if (i.grantee, i.privilege) == (event.grantee, event.privilege)), None)
    if item is None:
        return
    schema, creator = catalog.schema_name(event.schema), project.role_name(event.object)
    grantee = project.role_name(event.grantee)
    to = grantee if event.grantee == PUBLIC else f"`{grantee}`"
    what = f"{event.privilege} on new {WORDS[event.objtype]} to {to}"
    yield rule.finding(
        project,
        event.because,
        f"this takes nothing away: defaults for the schema `{schema}` only add to the global ones, which give {what}",
        object=f"default privileges in schema {schema}",
        detail=(creator, grantee, event.privilege),
        because=[(item.because, "the global default")] if item.because is not None else (),
        fix=f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(creator)} REVOKE {event.privilege} "
        f"ON {WORDS[event.objtype].upper()} FROM {'PUBLIC' if event.grantee == PUBLIC else quoted(grantee)};",
    )
