"""
SQL replayed with the PL/pgSQL engine, on its own or beside a server.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.replay import Replay
from schemaguard.plpgsql.engine import Engine
from schemaguard.statements.parse import borders
from tests.oracle.twin import Script, Twin

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.replay import Step
    from schemaguard.postgres.server import Connection

FIXTURES = Path(__file__).parents[2] / "fixtures" / "plpgsql"


def replayed(sql: str, version: int = 16, role: str = "postgres") -> Replay:
    """Replay a script with the engine."""
    replay = Replay(new_catalog(version), Engine())
    replay.apply(Script(sql, role))
    return replay


def function_named(replay: Replay, name: str) -> Function:
    """Return the function of that name in `public`."""
    catalog = replay.catalog
    [found] = catalog.functions_named(catalog.schemas["public"], name)
    return found


def engine_twin(connection: Connection) -> Twin:
    """Return a twin whose replay runs PL/pgSQL."""
    twin = Twin(connection)
    twin.replay.engine = Engine()
    return twin


def statements(name: str) -> list[str]:
    """Return the statements of a fixture, without the comments that precede them."""
    text = (FIXTURES / name).read_text()
    found = []
    for start, end in borders(text):
        lines = [line for line in text[start:end].splitlines() if not line.startswith("--")]
        if statement := "\n".join(lines).strip():
            found.append(statement)
    return found


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    """Return a value in a form in which both sides give it: numbers by value, lists and tuples by items."""
    if isinstance(value, (list, tuple)):
        return tuple(plain(item) for item in value)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return Decimal(str(value)).normalize()
    if isinstance(value, dict):
        return tuple(sorted((key, plain(item)) for key, item in value.items()))
    return value


def inner(steps: list[Step]) -> list[str]:
    """Return the statements that blocks and functions ran and that took effect."""
    return [
        step.statement.sql
        for step in steps
        if step.depth and not (step.error or step.opaque or step.irrelevant)
    ]
