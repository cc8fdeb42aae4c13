"""
Views, materialized views and rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Rule, View
from tests.oracle.pick import qualified
from tests.oracle.statements.expressions import condition, executed

if TYPE_CHECKING:
    from tests.oracle.pick import Kind, Pick


def query(pick: Pick) -> str | None:
    """Write a SELECT over what is there."""
    relation = pick.relation()
    if relation is None:
        return "SELECT 1 AS one, 'x' AS two" if pick.chance(20) else None
    columns = pick.columns(relation, 3)
    name = pick.name(relation)
    form = pick.number(0, 5)
    if not columns or form == 0:
        return f"SELECT * FROM {name}"
    listed = ", ".join(column.name for column in columns)
    if form == 1:
        return f"SELECT {columns[0].name} AS z1, count(*) FROM {name} GROUP BY {columns[0].name}"
    if form == 2 and (other := pick.relation()) is not None:
        joined = ", ".join(f"q.{column.name}" for column in columns)
        return f"SELECT {joined} FROM {name} q {pick.one(['LEFT ', ''])}JOIN {pick.name(other)} w ON true"
    if form == 3:
        return f"WITH z AS (SELECT {listed} FROM {name}) SELECT * FROM z"
    if form == 4:
        return f"SELECT {columns[0].name} FROM {name} UNION ALL SELECT {columns[-1].name} FROM {name}"
    return f"SELECT {listed} FROM {name} WHERE {condition(pick, relation)}"


def create_view(pick: Pick) -> str | None:
    text = query(pick)
    options = pick.maybe(
        f" WITH ({pick.one(['security_invoker = true', 'security_barrier', 'security_invoker'])})", 20
    )
    return text and f"CREATE {pick.maybe('OR REPLACE ', 40)}VIEW {pick.new_name('v', 3)}{options} AS {text}"


def replace_view(pick: Pick) -> str | None:
    """Write the same view with one column more, or without its options."""
    views = [view for view in pick.all(View) if view.kind == "v"]
    if not views:
        return None
    view = pick.one(views)
    columns = ", ".join(
        f"NULL::{_type(pick, view, number)} AS {column.name}" for number, column in enumerate(view.columns)
    )
    return f"CREATE OR REPLACE VIEW {qualified(pick, view)} AS SELECT {columns}{pick.maybe(', 1 AS more')}"


def _type(pick: Pick, view: View, number: int) -> str:
    from schemaguard.catalog.analysis.types import format_type

    return format_type(pick.catalog, view.columns[number].type)


def create_materialized_view(pick: Pick) -> str | None:
    text = query(pick)
    if text is None:
        return None
    data = pick.one(["", " WITH NO DATA"])
    return f"CREATE MATERIALIZED VIEW {pick.new_name('m', 3)} AS {executed(text)}{data}"


def refresh_materialized_view(pick: Pick) -> str | None:
    found = [view for view in pick.all(View) if view.kind == "m"]
    return (
        f"REFRESH MATERIALIZED VIEW {pick.name(pick.one(found))}{pick.maybe(' WITH NO DATA')}"
        if found
        else None
    )


def alter_view(pick: Pick) -> str | None:
    found = pick.all(View)
    if not found:
        return None
    view = pick.one(found)
    action = pick.one(
        [
            "SET (security_invoker = true)",
            "RESET (security_invoker)",
            "SET (security_barrier = false)",
            f"RENAME TO {pick.new('v', 3)}",
            f"SET SCHEMA {pick.schema()}",
            f"OWNER TO {pick.role()}",
            f"RENAME COLUMN {pick.column(view)} TO {pick.new('c', 6)}",
            f"ALTER COLUMN {pick.column(view)} SET DEFAULT 1",
        ]
    )
    kind = "VIEW" if (view.kind == "v") != pick.chance(3) else "MATERIALIZED VIEW"
    return f"ALTER {kind} {pick.name(view)} {action}"


def drop_view(pick: Pick) -> str | None:
    found = pick.all(View)
    if not found:
        return None
    view = pick.one(found)
    kind = "VIEW" if (view.kind == "v") != pick.chance(3) else "MATERIALIZED VIEW"
    return f"DROP {kind} {pick.name(view)}{pick.one(['', ' CASCADE', ' RESTRICT'])}"


def create_rule(pick: Pick) -> str | None:
    relation = pick.relation()
    if relation is None:
        return None
    event = pick.one(["DELETE", "UPDATE", "INSERT"])
    rule = f"{pick.maybe('OR REPLACE ')}RULE {pick.new('u', 2)} AS ON {event} TO {pick.name(relation)}"
    return f"CREATE {rule} DO {pick.one(['INSTEAD', 'ALSO'])} NOTHING"


def drop_rule(pick: Pick) -> str | None:
    found = pick.child(Rule, lambda rule: rule.table)
    return f"DROP RULE {found[1].name} ON {pick.name(found[0])}" if found else None


KINDS: tuple[Kind, ...] = (
    create_view,
    replace_view,
    create_materialized_view,
    refresh_materialized_view,
    alter_view,
    drop_view,
    create_rule,
    drop_rule,
)
