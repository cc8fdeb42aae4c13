"""`schemaguard contract`: the API contract field by field beside the schema; references turned into pointers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemaguard.cli.options import Color, ColorCommand, ColorOption, ConfigOption, PathArgument, command_app

if TYPE_CHECKING:
    from schemaguard.cli.project import Opened
    from schemaguard.linting.project import Project

app = command_app()


class TableFormat(StrEnum):
    """How the table is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@app.command(cls=ColorCommand)
def contract(
    path: PathArgument = Path(),
    config: ConfigOption = None,
    format: Annotated[
        TableFormat, typer.Option("--format", metavar="FORMAT", help="text, json or markdown.")
    ] = TableFormat.TEXT,
    upgrade: Annotated[
        bool,
        typer.Option(
            "--upgrade-references",
            help="Show the mapping files with their references of lines turned into JSON pointers, as a diff.",
        ),
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="With --upgrade-references: write them.")] = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show which column holds each field of the API contract, and whether it holds what the contract promises.

    Exit codes: 0 it does, 1 a rule of the contract found an error, 2 could not tell.
    """
    from schemaguard.cli.failures import Stop
    from schemaguard.cli.project import open_project
    from schemaguard.cli.questions import linted, state

    opened = open_project(path, config)
    if not opened.policy.says("contracts"):
        raise Stop("the config names no contract: see `contracts` in schemaguard.yaml")
    if write and not upgrade:
        raise Stop("--write goes with --upgrade-references")
    project = linted(state(opened))
    if upgrade:
        _upgrade(opened, project, write=write)
        return
    raise typer.Exit(_show(opened, project, format, color))


def _show(opened: Opened, project: Project, format: TableFormat, color: Color) -> int:
    """Write the table, with what the rules of the contract say; return the exit code."""
    from schemaguard.cli.output import write_out
    from schemaguard.cli.questions import show
    from schemaguard.contracts.table import contract_table
    from schemaguard.findings import Severity
    from schemaguard.linting.runner import run
    from schemaguard.linting.selection import Choice, select
    from schemaguard.report.answers.contract import document, lines, markdown
    from schemaguard.report.json_report import dump

    chosen = select(opened.registry, project, Choice(select=("contract",)))
    project.severities = chosen.severities
    findings = run(project, chosen.rules)
    table = contract_table(project, findings)
    exit_code = int(any(finding.severity >= Severity.ERROR for finding in findings))
    if format is TableFormat.JSON:
        write_out(dump(document(table, exit_code), indent=True))
    elif format is TableFormat.MARKDOWN:
        write_out(markdown(table))
    else:
        show(lines(table), color)
    return exit_code


def _upgrade(opened: Opened, project: Project, *, write: bool) -> None:
    """Show or write the mapping files with pointers; what can't be rewritten is told on standard error."""
    from difflib import unified_diff

    from schemaguard.cli.output import note, write_file, write_out
    from schemaguard.contracts.crosscheck import cross_check
    from schemaguard.contracts.mapping.upgrade import upgraded

    for each in upgraded(cross_check(project)):
        name = each.file.path
        for reference in each.left:
            note(f"{name}:{reference.place.line}: `{reference.words}` leads nowhere and is left as it is")
        if write and each.changed:
            write_file(opened.root / name, each.text)
            note(f"{name}: {each.changed} references rewritten")
        elif not write:
            old, new = each.file.text.splitlines(keepends=True), each.text.splitlines(keepends=True)
            write_out("".join(unified_diff(old, new, f"a/{name}", f"b/{name}")))
