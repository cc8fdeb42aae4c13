"""
Indexes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Index, View
from tests.oracle.statements.expressions import condition

if TYPE_CHECKING:
    from schemaguard.catalog.model import Relation
    from tests.oracle.pick import Kind, Pick


def create_index(pick: Pick) -> str | None:
    found: list[Relation] = [*pick.tables(), *(view for view in pick.all(View) if pick.chance(50))]
    if not found:
        return None
    relation = pick.one(found)
    columns = list(dict.fromkeys(pick.column(relation) for _ in range(pick.number(1, 2))))
    keys = [
        pick.one([name, name, f"{name} DESC", f"lower({name}::text)", f"({name} IS NULL)"])
        for name in columns
    ]
    unique = pick.maybe("UNIQUE ", 40)
    name = pick.maybe(f"{pick.maybe('IF NOT EXISTS ', 10)}{pick.new('i')} ", 50)
    include = pick.maybe(f" INCLUDE ({pick.column(relation)})", 12)
    where = f" WHERE {condition(pick, relation)}" if pick.chance(20) else ""
    only = pick.maybe("ONLY ", 4)
    return f"CREATE {unique}INDEX {name}ON {only}{pick.name(relation)} ({', '.join(keys)}){include}{where}"


def _index(pick: Pick) -> str | None:
    found = pick.all(Index)
    return pick.name(pick.one(found)) if found else None


def drop_index(pick: Pick) -> str | None:
    name = _index(pick)
    return name and f"DROP INDEX {pick.maybe('IF EXISTS ')}{name}{pick.one(['', ' CASCADE'])}"


def rename_index(pick: Pick) -> str | None:
    name = _index(pick)
    return name and f"ALTER INDEX {name} RENAME TO {pick.new('i')}"


KINDS: tuple[Kind, ...] = (create_index, drop_index, rename_index)
