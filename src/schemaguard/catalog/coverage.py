"""Which statement kinds of the grammar the replay models: the table that `docs/coverage.md` shows."""

from __future__ import annotations

from typing import Literal, NamedTuple

from schemaguard.catalog.commands.registry import handlers, irrelevant
from schemaguard.statements.grammar import statement_kinds

Treatment = Literal["modelled", "irrelevant", "opaque"]

OPAQUE: dict[str, str] = {
    "ExecuteStmt": "what a prepared statement does depends on the session that prepared it",
}
"""Kinds that are left opaque on purpose, each with the reason; one met in a history is counted and reported."""

ENGINE = {
    "DoStmt": "run by `plpgsql` against the replayed catalog",
    "CallStmt": "run by `plpgsql` against the replayed catalog",
}
"""Kinds that the query engine runs, not a handler."""


class Coverage(NamedTuple):
    """How the replay treats one statement kind: `note` is the reason, or for a modelled kind what it is about."""

    kind: str
    treatment: Treatment
    note: str


def coverage_table() -> list[Coverage]:
    """Every statement kind of the grammar, in alphabetical order, with its treatment."""
    modelled, ignored = handlers(), irrelevant()
    table: list[Coverage] = []
    for kind in statement_kinds():
        if kind in modelled:
            table.append(Coverage(kind, "modelled", _first_line(modelled[kind].__doc__)))
        elif kind in ENGINE:
            table.append(Coverage(kind, "modelled", ENGINE[kind]))
        elif kind in ignored:
            table.append(Coverage(kind, "irrelevant", ignored[kind]))
        else:
            table.append(Coverage(kind, "opaque", OPAQUE.get(kind, "not modelled")))
    return table


def _first_line(docstring: str | None) -> str:
    return (docstring or "").strip().partition("\n")[0].rstrip(".")
