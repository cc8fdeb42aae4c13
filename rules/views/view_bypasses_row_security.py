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

    from schemaguard.api import Escape, Finding, Project, Proof, Role, View

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each view by which the application gets rows past the policies of a table under it."""
    for view in project.governed_views:
        if view.kind != "v":
            continue
        readers = [
            (role, proof, escaped)
            for role in project.app_roles
            if (proof := can(project.catalog, role.oid, "SELECT", view.oid))
            and (escaped := _escaped(project, view, role))
        ]
        if readers:
            yield _finding(project, view, readers)


def _escaped(project: Project, view: View, role: Role) -> list[Escape]:
    """What a role gets past policies by a view, but for what it gets by a view below that is reported itself."""
    return [
        each
        for each in project.escaped_tables(view, role)
        if each.through.oid == view.oid or not project.who_can("SELECT", each.through)
    ]


def _finding(project: Project, view: View, readers: list[tuple[Role, Proof, list[Escape]]]) -> Finding:
    escapes = {each.table.oid: each for _role, _proof, escaped in readers for each in escaped}
    first = next(iter(escapes.values()))
    tables = ", ".join(f"`{project.name(each.table)}`" for each in escapes.values())
    through = "" if first.through.oid == view.oid else f" through `{project.name(first.through)}`"
    whose = "its owner" if not through else "that view's owner"
    roles = ", ".join(f"`{role.name}`" for role, _proof, _escaped in readers)
    return rule.finding(
        project,
        view.options_because or view.because,
        f"`{project.name(view)}` reads {tables}{through} as {whose} `{project.role_name(first.role)}`, {first.why}: "
        f"{roles} can SELECT from it and see the rows of every tenant",
        object=view,
        because=[
            *(
                (each.table.row_security_because, f"`{project.name(each.table)}` is protected")
                for each in list(escapes.values())[:3]
            ),
            *([(first.through.because, "reads with its owner's rights")] if through else []),
            *((proof.because, proof.sentence()) for _role, proof, _escaped in readers[:2]),
        ],
        exposures=[(f"{role.name}:SELECT", proof.because) for role, proof, _escaped in readers],
        fix=project.as_invoker(view),
    )
