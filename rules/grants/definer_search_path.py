"""
A SECURITY DEFINER function has no safe search_path of its own.

## Why it matters
The function resolves names in its caller's search_path. A caller who can create objects in a schema of it, or temporary
ones, puts a table, function or operator of the same name before the real one, and the owner runs it.

## When it is fine
The function has SET search_path to '', or to schemas that no untrusted role can write to, with pg_temp last (pg_catalog
comes first by itself).

## Instead
Add SET search_path, with pg_temp last.

## References
* https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import PUBLIC, Function, Rule, Severity, can_on_schema, effective_acl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Schema

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each definer function of the history, with what is wrong with its path."""
    for function in project.catalog.all(Function):
        if not function.security_definer or function.external or function.extension:
            continue
        path = dict(function.config).get("search_path")
        problem = "has no search_path of its own" if path is None else _problem(project, path)
        if not problem:
            continue
        signature = project.signature(function)
        kind = "PROCEDURE" if function.kind == "p" else "FUNCTION"
        yield rule.finding(
            project,
            function.config_because or function.security_because or function.because,
            f"`{signature}` runs as `{project.role_name(function.owner)}` and {problem}: its caller can put other "
            "objects in the place of those that it names",
            object=function,
            fix=f"ALTER {kind} {project.sql(function)} SET search_path = pg_catalog, pg_temp;",
        )


def _problem(project: Project, path: str) -> str:
    names = [name.strip().strip("\"'") for name in path.split(",")]
    names = [name for name in names if name]
    if not names:
        return ""
    if "$user" in names:
        return "looks into the schema named like its caller"
    if names[-1] != "pg_temp":
        return "does not end its search_path with pg_temp, so temporary objects come first"
    for name in names[:-1]:
        schema = project.catalog.schema_named(name)
        if schema is not None and (who := _writer(project, schema)):
            return f"looks into the schema `{name}`, where {who} can create objects"
    return ""


def _writer(project: Project, schema: Schema) -> str:
    if any(i.grantee == PUBLIC and i.privilege == "CREATE" for i in effective_acl(project.catalog, schema)):
        return "PUBLIC"
    for role in project.app_roles:
        if can_on_schema(project.catalog, role.oid, schema.oid, "CREATE"):
            return f"`{role.name}`"
    return ""
