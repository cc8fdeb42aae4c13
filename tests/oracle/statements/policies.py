"""
Row-security policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.statements.expressions import condition, roles_of

if TYPE_CHECKING:
    from tests.oracle.pick import Kind, Pick


def create_policy(pick: Pick) -> str | None:
    table = pick.table() if not pick.chance(3) else pick.relation()
    if table is None:
        return None
    command = pick.one(["", " FOR ALL", " FOR SELECT", " FOR INSERT", " FOR UPDATE", " FOR DELETE"])
    using = f" USING ({condition(pick, table)})" if pick.chance(75) and "INSERT" not in command else ""
    check = (
        f" WITH CHECK ({condition(pick, table)})"
        if pick.chance(40) and command[5:] not in ("SELECT", "DELETE")
        else ""
    )
    kind = pick.one(["", " AS PERMISSIVE", " AS RESTRICTIVE"])
    return (
        f"CREATE POLICY {pick.new('p', 3)} ON {pick.name(table)}{kind}{command}{roles_of(pick)}{using}{check}"
    )


def alter_policy(pick: Pick) -> str | None:
    found = pick.policy()
    if found is None:
        return None
    table, policy = found
    action = pick.one(
        [f"RENAME TO {pick.new('p', 3)}", f"USING ({condition(pick, table)})", f"WITH CHECK ({condition(pick, table)})",
         roles_of(pick).strip() or "TO PUBLIC"]
    )  # fmt: skip
    return f"ALTER POLICY {policy.name} ON {pick.name(table)} {action}"


def drop_policy(pick: Pick) -> str | None:
    found = pick.policy()
    return (
        f"DROP POLICY {pick.maybe('IF EXISTS ')}{found[1].name} ON {pick.name(found[0])}" if found else None
    )


KINDS: tuple[Kind, ...] = (create_policy, alter_policy, drop_policy)
