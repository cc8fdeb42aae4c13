"""`schemaguard rules`: the rule book at a glance."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemaguard.cli.options import Color, ColorCommand, ColorOption, ConfigOption, PathArgument, command_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.linting.rule import Rule
    from schemaguard.report.terminal import Line

app = command_app()


class BookFormat(StrEnum):
    """How the rule book is written."""

    CONSOLE = "console"
    MARKDOWN = "markdown"
    JSON = "json"


FormatOption = Annotated[
    BookFormat, typer.Option("--format", metavar="FORMAT", help="console, markdown or json.")
]


@app.command(cls=ColorCommand)
def rules(
    path: PathArgument = Path(),
    config: ConfigOption = None,
    format: FormatOption = BookFormat.CONSOLE,
    color: ColorOption = Color.AUTO,
) -> None:
    """List the rules: the built-in ones and those of the project's plugins, with what the config says of each."""
    from schemaguard.cli.output import style_for, write_out
    from schemaguard.cli.project import open_project
    from schemaguard.linting.catalogue import index, rule_object
    from schemaguard.linting.selection import words
    from schemaguard.report.json_report import dump
    from schemaguard.report.terminal import paint

    project = open_project(path, config)
    found = list(project.registry.all())
    if format is BookFormat.MARKDOWN:
        write_out(index(found))
    elif format is BookFormat.JSON:
        write_out(dump([rule_object(rule) for rule in found], indent=True))
    else:
        style = style_for(0, "", color=color, quiet=False, verbose=False)
        write_out(paint(_listed(found, words(project.policy, project.registry)), color=style.color))


def _listed(found: list[Rule], words: dict[str, str]) -> Iterator[Line]:
    """A heading a family, a line a rule."""
    from schemaguard.linting.catalogue import by_family, family_title
    from schemaguard.report.links import rule_url
    from schemaguard.report.terminal import Part

    longest = max(len(rule.name) for rule in found)
    for family, members in by_family(found).items():
        yield [Part(family_title(family), "message"), Part(f"  {family}", "quiet")]
        for rule in members:
            word = words.get(rule.name) or (rule.severity.label if rule.default_on else "off")
            word = rule.severity.label if word == "on" else word
            yield [
                Part(f"  {rule.name}", "", rule_url(rule.name, rule.family)),
                Part(" " * (longest - len(rule.name) + 2)),
                Part(f"{word:<8}", word if word != "off" else "quiet"),
                Part(rule.page.summary),
            ]
        yield []
    yield [Part(f"{len(found)} rules; `schemaguard explain NAME` shows the page of one.", "quiet")]
