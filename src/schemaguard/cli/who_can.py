"""`schemaguard who-can PRIVILEGE TABLE`: every role that can, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemaguard.cli.options import Color, ColorCommand, ColorOption, ConfigOption, command_app
from schemaguard.cli.questions import AnswerFormat, AnswerOption, AtOption, ProjectOption

app = command_app()

PRIVILEGES = {
    "S": ("SELECT", "UPDATE", "USAGE"),
    "": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"),
}


@app.command("who-can", cls=ColorCommand)
def who_can(  # noqa: PLR0917 - typer makes the options of them, by name
    privilege: Annotated[
        str, typer.Argument(help="SELECT, INSERT, UPDATE, DELETE …", metavar="PRIVILEGE", show_default=False)
    ],
    table: Annotated[
        str, typer.Argument(help="A table, view or sequence.", metavar="TABLE", show_default=False)
    ],
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="Only this role; PUBLIC is one.", show_default=False)
    ] = "",
    project: ProjectOption = Path(),
    at: AtOption = "",
    format: AnswerOption = AnswerFormat.TEXT,
    config: ConfigOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show every role that can do something with a table, and the chain of statements that lets it.

    A privilege on some columns only, one that takes a SET ROLE first, and writing through a view count, and are told.
    """
    from schemaguard.catalog.facts import facts
    from schemaguard.catalog.privileges.access import access, unknown_about, who_can as all_who_can
    from schemaguard.cli.failures import Stop
    from schemaguard.cli.project import open_project
    from schemaguard.cli.questions import answer, hint, relation_named, role_named, state
    from schemaguard.linting.programs import statements_not_known
    from schemaguard.report.answers.access import Answer, document, lines

    read = state(open_project(project, config), at)
    catalog = read.history.catalog
    relation = relation_named(catalog, table)
    wanted = privilege.upper()
    known = PRIVILEGES.get(relation.kind, PRIVILEGES[""])
    if wanted not in known:
        raise Stop(f"there is no privilege `{privilege}` on {table}{hint(wanted, known)}")
    if role:
        one = access(catalog, role_named(catalog, role), wanted, relation)
        found = [] if one is None else [one]
    else:
        found = all_who_can(catalog, wanted, relation)
    unknown = unknown_about(catalog, facts(catalog)["unknown"], relation)
    said = Answer(catalog, wanted, relation, role, found, unknown, statements_not_known(read.history))
    answer(format, lines(said), document(said), color)
