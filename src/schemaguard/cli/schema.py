"""`schemaguard schema`: the catalog that the migrations leave."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schemaguard.cli.options import Color, ColorCommand, ColorOption, ConfigOption, PathArgument, command_app
from schemaguard.cli.questions import AtOption

app = command_app()


class SchemaFormat(StrEnum):
    """How the catalog is written."""

    TEXT = "text"
    JSON = "json"
    SQL = "sql"


@app.command(cls=ColorCommand)
def schema(
    path: PathArgument = Path(),
    at: AtOption = "",
    format: Annotated[
        SchemaFormat,
        typer.Option(
            "--format", metavar="FORMAT", help="text, json, or sql: DDL that makes it on an empty database."
        ),
    ] = SchemaFormat.TEXT,
    locations: Annotated[
        bool, typer.Option("--locations", help="Also the statement that made each fact true.")
    ] = False,
    config: ConfigOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show the schema that the migrations leave, or that they had left at one of them."""
    from schemaguard.catalog.ddl import ddl
    from schemaguard.catalog.facts import facts
    from schemaguard.cli.output import write_out
    from schemaguard.cli.project import open_project
    from schemaguard.cli.questions import linted, show, state, taxonomy_tables
    from schemaguard.report.answers.schema import lines
    from schemaguard.report.json_report import dump

    project = open_project(path, config)
    read = state(project, at)
    catalog = read.history.catalog
    if format is SchemaFormat.SQL:
        write_out(ddl(catalog))
        return
    known = facts(catalog, locations=locations, seeded=taxonomy_tables(linted(read)))
    if format is SchemaFormat.JSON:
        write_out(dump(known, indent=True))
    else:
        show(lines(known), color)
