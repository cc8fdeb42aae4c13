"""
A view shows rows that row security would hide.

## Why it matters
A view reads its tables with the rights of its owner. Where policies do not bind the owner (a superuser, BYPASSRLS, the
owner of a table without FORCE), whoever may read the view reads every tenant's rows.

## When it is fine
The view is `security_invoker`; or its owner is itself bound by the policies of every table under it.

## Instead
Create the view WITH (security_invoker = true).

## References
* https://www.postgresql.org/docs/current/sql-createview.html
* https://www.postgresql.org/docs/current/rules-privileges.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each view that the application can read and whose owner escapes the policies of a table under it."""
    for view in project.governed_views:
        if view.kind != "v":
            continue
        readers = [
            (role, proof)
            for role in project.app_roles
            if (proof := can(project.catalog, role.oid, "SELECT", view.oid))
        ]
        escaped = project.escaped_tables(view)
        if not readers or not escaped:
            continue
        name, owner = project.name(view), project.role_name(view.owner)
        tables = ", ".join(f"`{project.name(table)}`" for table, _why in escaped)
        roles = ", ".join(f"`{role.name}`" for role, _proof in readers)
        yield rule.finding(
            project,
            view.options_because or view.because,
            f"`{name}` reads {tables} as its owner `{owner}`, {escaped[0][1]}: {roles} can SELECT from it and see "
            "the rows of every tenant",
            object=view,
            because=[
                *(
                    (table.row_security_because, f"`{project.name(table)}` is protected")
                    for table, _why in escaped[:3]
                ),
                *((proof.because, proof.sentence()) for _role, proof in readers[:2]),
            ],
            exposures=[(f"{role.name}:SELECT", proof.because) for role, proof in readers],
            fix=project.as_invoker(view),
        )
