"""`schemaguard lineage VIEW[.COLUMN]`: where the columns of a view come from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemaguard.cli.failures import Stop
from schemaguard.cli.options import ConfigOption, command_app
from schemaguard.cli.questions import AtOption, ProjectOption

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog
    from schemaguard.lineage import Lineage, OutputLineage, RelationLineage

app = command_app()


class LineageFormat(StrEnum):
    """How lineage is written."""

    TEXT = "text"
    JSON = "json"
    MERMAID = "mermaid"


@app.command()
def lineage(
    name: Annotated[
        str,
        typer.Argument(
            metavar="VIEW[.COLUMN]",
            help="A view, materialized view or table, or one of its columns; with its schema where that is not public.",
            show_default=False,
        ),
    ],
    project: ProjectOption = Path(),
    at: AtOption = "",
    config: ConfigOption = None,
    format: Annotated[
        LineageFormat, typer.Option("--format", metavar="FORMAT", help="text, json or mermaid.")
    ] = LineageFormat.TEXT,
) -> None:
    """Show the base columns behind a view's columns: what is done to them on the way, and what may be NULL.

    Of a table's column it shows the views that it goes into.
    """
    from schemaguard.cli.output import write_out
    from schemaguard.cli.project import open_project
    from schemaguard.cli.questions import state
    from schemaguard.lineage import Lineage
    from schemaguard.lineage.words import mermaid, relation_lines, relation_object
    from schemaguard.report.json_report import dump

    catalog = state(open_project(project, config), at).history.catalog
    lineage = Lineage(catalog)
    relation, columns = _named(lineage, name)
    if format is LineageFormat.JSON:
        found = relation_object(catalog, relation, columns)
        found["used_by"] = list(_users(lineage, relation, columns))
        write_out(dump(found, indent=True))
    elif format is LineageFormat.MERMAID:
        write_out(mermaid(catalog, relation, columns))
    else:
        lines = list(relation_lines(catalog, relation, columns))
        lines += [f"used by {user}" for user in _users(lineage, relation, columns)]
        write_out("".join(f"{line}\n" for line in lines))


def _named(lineage: Lineage, name: str) -> tuple[RelationLineage, list[OutputLineage]]:
    """What the user means: a relation with all its columns, or with one.

    Raises:
        Stop: there is no such relation or column; the nearest one is named.
    """
    from schemaguard.cli.questions import hint, relation_named

    try:
        found = lineage.of(relation_named(lineage.catalog, name).oid)
    except Stop:
        parent, _, column = name.rpartition(".")
        if not parent:
            raise
        found = lineage.of(relation_named(lineage.catalog, parent).oid)
        columns = [output for output in found.columns if output.name == column]
        if not columns:
            words = hint(column, [output.name for output in found.columns])
            raise Stop(f"`{parent}` has no column `{column}`{words}") from None
        return found, columns
    return found, list(found.columns)


def _users(lineage: Lineage, relation: RelationLineage, columns: list[OutputLineage]) -> list[str]:
    """The columns of views that a table's columns go into."""
    from schemaguard.catalog.model import View
    from schemaguard.lineage.words import column_name

    catalog: Catalog = lineage.catalog
    if isinstance(catalog.objects[relation.oid], View):
        return []
    wanted = {(relation.oid, output.number) for output in columns}
    return [
        column_name(catalog, view.oid, output.number, qualified=True)
        for view in catalog.views()
        for output in lineage.of(view.oid).columns
        if any(source.column in wanted for source in output.values)
    ]
