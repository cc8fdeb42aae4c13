"""The program's commands, each loaded only when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from schemaguard import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable


class Command(NamedTuple):
    """A command: its module in this package, and what the overview says about it."""

    module: str
    summary: str


COMMANDS = {
    "check": Command("check", "Replay the migrations of a project and check the schema they leave."),
    "rules": Command("rules", "List the rules."),
    "explain": Command("explain", "Show the manual page of a rule."),
    "contract": Command("contract", "Show which column holds each field of the API contract, and how well."),
    "lineage": Command("lineage", "Show the columns that a view's columns are made of."),
    "gates": Command("gates", "Hold the governance checklist of the config against the schema."),
    "baseline": Command("baseline", "Accept the findings of today, so that only new ones count."),
    "schema": Command("schema", "Show the schema that the migrations leave."),
    "who-can": Command("who_can", "Show every role that can do something with a table, and why."),
    "matrix": Command("matrix", "Show what each role can do with each table, against the target matrix."),
    "diff": Command("diff", "Show what changes in the schema between two migrations, in words."),
    "sql": Command("sql", "Show the SQL that migrations run, without running it."),
    "verify": Command("verify", "Hold the replay against a real PostgreSQL."),
}
"""The commands, in the overview's order. A module has a `typer.Typer` named `app`."""


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and loads the one that is called.

    The types of its base differ between versions of typer (it brings its own click, or uses the real one).
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - see the class
        """All commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - see the class
        """Load a command; for an unknown one, say which may have been meant."""
        command = COMMANDS.get(cmd_name)
        if command is None:
            from schemaguard.config.decode import nearest

            hint = nearest(cmd_name, COMMANDS)
            raise ctx.fail(f"No such command '{cmd_name}'{'; ' + hint if hint else ''}")
        loaded = typer.main.get_command(import_module(f"schemaguard.cli.{command.module}").app)
        loaded.name = cmd_name
        return loaded

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - see the class
        """Write the overview without loading any command."""
        with formatter.section("Commands"):
            formatter.write_dl(_overview())


def _overview() -> Iterable[tuple[str, str]]:
    return [(name, command.summary) for name, command in COMMANDS.items()]


app = typer.Typer(
    cls=LazyGroup,
    name="schemaguard",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich takes longer to load than the help to read
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"schemaguard {__version__}")
        raise typer.Exit


@app.callback()
def schemaguard(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Check a PostgreSQL schema by the migrations that make it: no database, and nothing of yours is run."""
