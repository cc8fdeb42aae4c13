"""
An application role can change an append-only table through a view.

## Why it matters
An automatically updatable view passes UPDATE and DELETE on to its table with the rights of the view's owner. The role
needs a privilege on the view only; the revoked one on the table is not asked for.

## When it is fine
The view is `security_invoker`: the role's own rights on the table count then.

## Instead
Make the view security_invoker, or grant SELECT on it only.

## References
* https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS
* https://www.postgresql.org/docs/current/rules-privileges.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can, chain, writable_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each view and role by which rows of the table can be changed."""
    for each in project.append_only_tables:
        for role in project.app_roles:
            for privilege in ("UPDATE", "DELETE"):
                if can(project.catalog, role.oid, privilege, each.table.oid) is not None:
                    continue  # append-only-mutable says so
                for view, proof in writable_views(project.catalog, each.table.oid, role.oid, privilege):
                    yield rule.finding(
                        project,
                        view.because,
                        f"`{role.name}` can {privilege} `{project.name(each.table)}` through the view "
                        f"`{project.name(view)}`: {proof.sentence()}",
                        object=view,
                        detail=(project.name(each.table), role.name, privilege),
                        because=chain(proof),
                        fix=project.as_invoker(view),
                    )
