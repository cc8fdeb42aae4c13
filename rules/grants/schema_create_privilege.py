"""
PUBLIC or a role of the application can create objects in a schema.

## Why it matters
Who can create a table, function or operator in a schema of other roles' search_path can put it before the one they
mean. An application that makes tables makes them without the policies, grants and comments that a migration has.

## When it is fine
No role but owners has CREATE. Before PostgreSQL 15 PUBLIC has it on the schema `public` until it is revoked.

## Instead
Revoke CREATE on the schema.

## References
* https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATTERNS
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import (
    PUBLIC,
    Rule,
    Schema,
    Severity,
    can_on,
    chain,
    effective_acl,
    quoted,
    reason,
    revocation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")

SYSTEM = ("pg_catalog", "information_schema", "pg_toast", "pg_temp")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report PUBLIC, else each application role, on each user schema."""
    for schema in project.catalog.all(Schema):
        if schema.name in SYSTEM or schema.external:
            continue
        public = [
            i
            for i in effective_acl(project.catalog, schema)
            if i.grantee == PUBLIC and i.privilege == "CREATE"
        ]
        if public:
            since = (
                "" if public[0].because is not None else ", as PostgreSQL before 15 has it from the beginning"
            )
            yield rule.finding(
                project,
                public[0].because or schema.because,
                f"PUBLIC can create objects in the schema `{schema.name}`{since}",
                object=schema,
                detail="PUBLIC",
                fix=f"REVOKE CREATE ON SCHEMA {quoted(schema.name)} FROM PUBLIC;",
            )
            continue
        for role in project.app_roles:
            proof = can_on(project.catalog, role.oid, "CREATE", schema.oid)
            if proof is None or proof.kind == "superuser":
                continue
            yield rule.finding(
                project,
                proof.because or schema.because,
                f"`{role.name}` can create objects in the schema `{schema.name}`{reason(proof)}",
                object=schema,
                detail=role.name,
                because=chain(proof),
                fix=revocation(project.catalog, proof),
            )
