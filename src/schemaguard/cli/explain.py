"""`schemaguard explain NAME`: the manual page of a rule."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemaguard.cli.options import Color, ColorCommand, ColorOption, ConfigOption, command_app
from schemaguard.cli.rules import BookFormat, FormatOption

app = command_app()


@app.command(cls=ColorCommand)
def explain(
    name: Annotated[str, typer.Argument(help="The rule's name.", show_default=False)],
    config: ConfigOption = None,
    format: FormatOption = BookFormat.CONSOLE,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show the manual page of a rule: what it finds, why it matters, when it is fine, what to do instead."""
    from schemaguard.cli.output import style_for, write_out
    from schemaguard.cli.project import open_project
    from schemaguard.linting.catalogue import page, rule_object
    from schemaguard.linting.errors import UnknownRule
    from schemaguard.report.json_report import dump
    from schemaguard.report.terminal import paint_markdown

    rules = open_project(Path(), config).registry
    if name not in rules:
        raise UnknownRule(name, "explain", rules.hint(name))
    rule = rules.load(name)
    if format is BookFormat.JSON:
        write_out(dump(rule_object(rule), indent=True))
        return
    text = page(rule)
    style = style_for(0, "", color=color, quiet=False, verbose=False)
    if format is BookFormat.CONSOLE and style.color:
        text = paint_markdown(text, style.width)
    write_out(text)
