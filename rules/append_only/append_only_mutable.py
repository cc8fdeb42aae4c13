"""
An application role can UPDATE or DELETE rows of an append-only table.

## Why it matters
One statement of the application changes or removes what was booked, and nothing is left to show that it happened.

## When it is fine
Owners of the table are not meant: they run migrations. What a role can do through a view only is the matter of
`append-only-writable-view`.

## Instead
Grant SELECT and INSERT only, and revoke the rest from every role and group by which it is reached.

## References
* Seed, phases 1.3 and 2.5: "app_rw has no UPDATE or DELETE on events and ledger"
* https://www.postgresql.org/docs/current/ddl-priv.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can_without_owning, chain, reason, revocation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")

WORDS = {"UPDATE": ("UPDATE", "change"), "DELETE": ("DELETE from", "remove")}


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each application role and privilege, at the statement that gives it, with every link of the chain."""
    for each in project.append_only_tables:
        table, name = each.table, project.name(each.table)
        listed = project.policy.where("append_only", each.pattern)
        for role in project.app_roles:
            for privilege, (words, verb) in WORDS.items():
                proof = can_without_owning(project.catalog, role.oid, privilege, table.oid)
                if proof is None:  # append-only-owned tells of owners
                    continue
                columns = " and ".join(f"`{column}`" for column in proof.columns)
                what = f"{columns} of `{name}`" if columns else f"`{name}`"
                yield rule.finding(
                    project,
                    proof.because,
                    f"`{role.name}` can {words} {what}, and so {verb} what is booked there{reason(proof)}",
                    object=table,
                    detail=(role.name, privilege),
                    because=[*chain(proof), (listed, "append-only by the config")],
                    fix=revocation(project.catalog, proof),
                )
