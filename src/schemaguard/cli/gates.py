"""`schemaguard gates`: the governance checklist of the config, with the evidence for each gate."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schemaguard.cli.options import (
    BaselineOption,
    Color,
    ColorCommand,
    ColorOption,
    ConfigOption,
    PathArgument,
    command_app,
)

app = command_app()


class GatesFormat(StrEnum):
    """How the checklist is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


@app.command(cls=ColorCommand)
def gates(
    path: PathArgument = Path(),
    format: Annotated[
        GatesFormat,
        typer.Option("--format", metavar="FORMAT", help="text, markdown (for a pull request) or json."),
    ] = GatesFormat.TEXT,
    config: ConfigOption = None,
    baseline: BaselineOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    """Hold the governance checklist of the config (`gates`) against the schema.

    Exit codes: 0 every gate is proved or for a person to confirm, 1 one failed or could not be checked, 2 no checklist.
    """
    from schemaguard.cli.failures import Stop
    from schemaguard.cli.output import note, write_out
    from schemaguard.cli.project import known_findings, open_project
    from schemaguard.cli.questions import show
    from schemaguard.gate.checklist import Checklist, holds
    from schemaguard.linting.history import replayed
    from schemaguard.linting.pipeline import given_by, judge
    from schemaguard.report.answers.gates import document, lines, markdown
    from schemaguard.report.json_report import dump

    project = open_project(path, config)
    if not project.policy.gates:
        raise Stop(
            "the config has no `gates`, the checklist to hold the schema against; docs/gates.md shows one"
        )
    today = date.today()  # noqa: DTZ011 - the user's own day
    read = replayed(project.tree, project.policy)
    result = judge(
        given_by(read, project.registry, today, project.label),
        baseline=known_findings(project, baseline, today),
    )
    for notice in (*read.sources.notes, *result.notices):
        note(f"note: {notice}")
    items = Checklist(result, project.registry, read.history.catalog, project.tree).items(project.policy)
    if format is GatesFormat.JSON:
        write_out(dump(document(items), indent=True))
    elif format is GatesFormat.MARKDOWN:
        write_out(markdown(items))
    else:
        show(lines(items), color)
    raise typer.Exit(int(not holds(items)))
