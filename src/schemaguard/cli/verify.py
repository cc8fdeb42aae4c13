"""`schemaguard verify`: the replay held against a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemaguard.cli.options import ConfigOption, PathArgument, command_app
from schemaguard.cli.questions import AnswerFormat, AnswerOption

if TYPE_CHECKING:
    from schemaguard.cli.project import Opened
    from schemaguard.postgres.verify import Verification

app = command_app()


@app.command()
def verify(
    path: PathArgument = Path(),
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            metavar="URL",
            envvar="SCHEMAGUARD_DATABASE_URL",
            help="A server to make a database on for a while, as a superuser; default: an embedded one.",
            show_default=False,
        ),
    ] = "",
    format: AnswerOption = AnswerFormat.TEXT,
    config: ConfigOption = None,
) -> None:
    """Run the migrations on a PostgreSQL, read its catalog, and show each fact that the replay has otherwise.

    Exit codes: 0 nothing differs, 1 something does, 2 no server can be had.
    """
    from schemaguard.cli.output import write_out
    from schemaguard.cli.project import open_project
    from schemaguard.postgres.words import verification_object, verification_text
    from schemaguard.report.json_report import dump

    found = _verified(open_project(path, config), database_url)
    if format is AnswerFormat.JSON:
        write_out(dump(verification_object(found), indent=True))
    else:
        write_out(verification_text(found))
    raise typer.Exit(int(not found.holds))


def _verified(project: Opened, database_url: str) -> Verification:
    from schemaguard.cli.failures import Stop
    from schemaguard.cli.verification import verify_project
    from schemaguard.postgres.server import Server, ServerUnavailable, embedded

    try:
        if database_url:
            return verify_project(project.tree, project.policy, Server(database_url))
        with embedded(project.policy.postgres) as server:
            return verify_project(project.tree, project.policy, server)
    except ServerUnavailable as unavailable:
        raise Stop(str(unavailable)) from None
