"""`schemaguard matrix`: role × table × privilege, against the target matrix of the config."""

from __future__ import annotations

from pathlib import Path

import typer

from schemaguard.cli.options import Color, ColorCommand, ColorOption, ConfigOption, PathArgument, command_app
from schemaguard.cli.questions import AnswerFormat, AnswerOption, AtOption

app = command_app()


@app.command(cls=ColorCommand)
def matrix(
    path: PathArgument = Path(),
    at: AtOption = "",
    format: AnswerOption = AnswerFormat.TEXT,
    config: ConfigOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show what each role can do with each table, against the config's target matrix.

    Exit codes: 0 as the matrix demands (or there is none), 1 something is missing or too much, 2 could not tell.
    """
    from schemaguard.cli.project import open_project
    from schemaguard.cli.questions import answer, linted, state
    from schemaguard.linting.questions.target import target_matrix
    from schemaguard.report.answers.matrix import document, lines

    read = state(open_project(path, config), at)
    rows = target_matrix(linted(read))
    exit_code = int(not all(row.holds for row in rows))
    catalog = read.history.catalog
    answer(format, lines(catalog, rows), document(catalog, rows, exit_code), color)
    raise typer.Exit(exit_code)
