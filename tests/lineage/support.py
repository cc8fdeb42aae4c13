"""
Views over a small schema: what a case file says of them, and what the replay makes of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.replay import replay
from schemaguard.lineage.words import column_name, source_words
from tests.oracle.twin import Script

if TYPE_CHECKING:
    from schemaguard.catalog.model import View
    from schemaguard.catalog.state import Catalog
    from schemaguard.lineage import OutputLineage, RelationLineage

HERE = Path(__file__).parent
WORLD = (HERE / "world.sql").read_text(encoding="utf-8")
NAME = "asked"


class Case(NamedTuple):
    """A query, and what is expected of its lineage."""

    query: str
    columns: list[str]
    rows: str | None
    unknown: str


def cases() -> list[Case]:
    """The cases of the file, in its order."""
    found: list[Case] = []
    for line in (HERE / "cases.sql").read_text(encoding="utf-8").splitlines():
        if line.startswith("--> "):
            found[-1].columns.append(line[4:])
        elif line.startswith("--rows:"):
            found[-1] = found[-1]._replace(rows=line[7:].strip())
        elif line.startswith("--unknown: "):
            found[-1] = found[-1]._replace(unknown=line[11:])
        elif not line.startswith("--"):
            found.append(Case(line.removesuffix(";"), [], None, ""))
    return found


def catalog_with(*statements: str, version: int = 18) -> Catalog:
    """The catalog after some statements, none of which may fail."""
    history = replay([Script(";\n".join(statements))], new_catalog(version))
    assert [str(step.error or step.opaque) for step in history.steps if step.error or step.opaque] == []
    assert history.unparsed == []
    return history.catalog


def view_named(catalog: Catalog, name: str = NAME) -> View:
    """A view of the schema public."""
    found: View = catalog.relation_named("public", name)
    return found


def shown(catalog: Catalog, output: OutputLineage) -> str:
    """A column as the case file writes it; a `?` at the end stands for nullability that can't be told."""
    values = [source_words(catalog, source) for source in output.values]
    decides = [f"?{column_name(catalog, *source.column)}" for source in output.sources if source.decides]
    null = "never" if output.nullable is False else output.why + "?" * (output.nullable is None)
    return f"{output.name}: {'; '.join([*values, *decides])} | {null}".replace(":  |", ": |")


def rows_shown(catalog: Catalog, lineage: RelationLineage) -> str:
    """What decides about rows, as the case file writes it."""
    return ", ".join(column_name(catalog, *column) for column in lineage.rows)
