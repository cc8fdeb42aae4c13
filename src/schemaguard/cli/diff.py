"""`schemaguard diff BASE [HEAD]`: what changes in the schema between two revisions of the history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemaguard.cli.options import Color, ColorCommand, ColorOption, ConfigOption, command_app
from schemaguard.cli.questions import AnswerFormat, AnswerOption, ProjectOption

app = command_app()


@app.command(cls=ColorCommand)
def diff(
    base: Annotated[
        str,
        typer.Argument(
            help="A migration: its revision, file, version or a unique prefix; `base`: before all.",
            metavar="BASE",
            show_default=False,
        ),
    ],
    head: Annotated[
        str, typer.Argument(help="Another one.", metavar="HEAD", show_default="the last")
    ] = "head",
    project: ProjectOption = Path(),
    format: AnswerOption = AnswerFormat.TEXT,
    config: ConfigOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show what changes in the schema between two migrations, in words."""
    from schemaguard.catalog.changes import describe
    from schemaguard.cli.project import open_project
    from schemaguard.cli.questions import answer, state
    from schemaguard.report.answers.changes import document, lines

    opened = open_project(project, config)
    before, after = (state(opened, revision).history for revision in (base, head))
    known = {(migration.origin, migration.name) for migration in before.migrations}
    steps = [step for step in after.steps if (step.migration.origin, step.migration.name) not in known]
    changes = describe(before.catalog, after.catalog, steps)
    answer(format, lines(changes), document(base, head, changes), color)
