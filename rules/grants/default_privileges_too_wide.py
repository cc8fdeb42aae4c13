"""
Default privileges give more on a future table than the matrix allows.

## Why it matters
ALTER DEFAULT PRIVILEGES is forgotten the day after. Every table that its role makes from then on is open from its first
second, an append-only one as well, and no statement near the table says so.

## When it is fine
The row `*` of the matrix allows what is given.

## Instead
Give by default what the narrowest table may have, and the rest table by table.

## References
* https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import PUBLIC, Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="privileges")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each default on tables by which an application role or PUBLIC gets more than the row `*` allows."""
    row = project.default_matrix_row
    names = {role.oid: role.name for role in project.app_roles} | {PUBLIC: "PUBLIC"}
    for entry in project.catalog.default_acls.values():
        if entry.objtype != "r":
            continue
        for oid, name in names.items():
            allowed = row.allowed(name) if row is not None else ()
            items = [
                i for i in entry.acl if i.grantee == oid and oid != entry.role and i.privilege not in allowed
            ]
            if not items:
                continue
            creator = project.role_name(entry.role)
            schema = project.catalog.schema_name(entry.schema) if entry.schema else ""
            where = f" in schema `{schema}`" if schema else ""
            held = ", ".join(item.privilege for item in items)
            statement = (
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(creator)}"
                f"{f' IN SCHEMA {quoted(schema)}' if schema else ''}"
            )
            yield rule.finding(
                project,
                items[0].because or entry.because,
                f"every table that `{creator}` makes{where} from now on gives {held} to {name}, which the matrix does "
                "not allow",
                object=f"default privileges of {creator}{where}",
                detail=(name, held),
                because=[(row.place_for(name), f"the row `*` allows {row.text(name)}")]
                if row is not None
                else (),
                fix=f"{statement} REVOKE {held} ON TABLES FROM {name if oid == PUBLIC else quoted(name)};",
            )
