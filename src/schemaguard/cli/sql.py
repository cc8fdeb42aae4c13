"""`schemaguard sql [REV]`: the SQL that a migration runs, without running it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemaguard.cli.options import Color, ColorCommand, ColorOption, ConfigOption, command_app
from schemaguard.cli.questions import AnswerFormat, AnswerOption, ProjectOption

app = command_app()


@app.command(cls=ColorCommand)
def sql(
    revision: Annotated[
        str,
        typer.Argument(
            help="A migration: its revision, file, version or a unique prefix.",
            metavar="REV",
            show_default="all",
        ),
    ] = "",
    down: Annotated[
        bool, typer.Option("--down", help="Its down program, or all of them, the last one first.")
    ] = False,
    project: ProjectOption = Path(),
    format: AnswerOption = AnswerFormat.TEXT,
    config: ConfigOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show the SQL that migrations run, each statement with its place; what could not be known is a comment."""
    from schemaguard.cli.project import open_project
    from schemaguard.cli.questions import answer, state
    from schemaguard.linting.programs import down_programs, up_programs
    from schemaguard.report.answers.program import document, lines

    opened = open_project(project, config)
    if down:
        programs = down_programs(state(opened, revision).history, revision)
    else:
        programs = up_programs(state(opened).history, revision)
    answer(format, lines(programs), document(programs, "down" if down else "up"), color)
