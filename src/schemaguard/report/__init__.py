"""Reports: what a check found, written for people and for machines, one file a format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.linting.result import Result


class Style(NamedTuple):
    """How a report is to be written; only the console's report asks for more than `exit_code`.

    `prefix` is the project's folder inside its repository (``services/billing/``, or empty), for formats
    whose readers count paths from there. `width` in terminal cells. `color`: escape sequences and links.
    `unicode`: whether the output can show line-drawing characters. `quiet`: one line a finding; `verbose`:
    also what does not count, and the rules that did not run.
    """

    exit_code: int = 0
    prefix: str = ""
    width: int = 100
    color: bool = False
    unicode: bool = True
    quiet: bool = False
    verbose: bool = False


FORMATS = {
    "console": "console",
    "json": "json_report",
    "jsonl": "jsonl",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "markdown": "markdown",
}
"""The module of this package that writes each format; it is loaded when it is asked for."""


def render(format: str, result: Result, style: Style) -> str:
    """Write a report in one of FORMATS; it ends with a line end, unless it is empty."""
    module = import_module(f"schemaguard.report.{FORMATS[format]}")
    write: Callable[[Result, Style], str] = module.render
    return write(result, style)
