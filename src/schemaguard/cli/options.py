"""Arguments and options that several commands have; nothing here loads more than typer."""

from __future__ import annotations

from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand


class Color(StrEnum):
    """When to use colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class FailOn(StrEnum):
    """The least severity that fails a run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


class ColorCommand(TyperCommand):
    """Takes `--color` also without a value, for "always"."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own or click's
        """Add the value that was left out."""
        words = {color.value for color in Color}
        complete = [
            "--color=always" if arg == "--color" and following not in words else arg
            for arg, following in zip_longest(args, args[1:])
        ]
        return super().parse_args(ctx, complete)


def command_app() -> typer.Typer:
    """A place for a command (or several), whose help is plain text: rich takes longer to load than it to read."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=False)


PathArgument = Annotated[
    Path, typer.Argument(help="The project's folder, or one file of SQL.", show_default="here")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The config. Default: schemaguard.yaml, or [tool.schemaguard] in pyproject.toml, searched upwards.",
    ),
]
BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline", metavar="FILE", help="Known findings that do not count; default: the config's."
    ),
]
BaseOption = Annotated[
    str | None,
    typer.Option("--base", metavar="REV", help="Judge what is new since the merge base with this revision."),
]
HeadOption = Annotated[
    str | None,
    typer.Option("--head", metavar="REV", help="Judge this revision in place of the files on disk."),
]
MergeOption = Annotated[
    bool, typer.Option("--merge", help="Judge what merging the head into the base results in.")
]
BaseDirOption = Annotated[
    Path | None,
    typer.Option("--base-dir", metavar="DIR", help="Likewise without git: the project's folder as it was."),
]
ChangedFilesOption = Annotated[
    Path | None,
    typer.Option(
        "--changed-files", metavar="FILE", help="Likewise by names alone: a file that lists what changed."
    ),
]
CacheDirOption = Annotated[
    Path | None,
    typer.Option(
        "--cache-dir",
        metavar="DIR",
        envvar="SCHEMAGUARD_CACHE_DIR",
        help="Where answers are kept for the next run; default: the user's cache.",
        show_default=False,
    ),
]
NoCacheOption = Annotated[
    bool,
    typer.Option("--no-cache", envvar="SCHEMAGUARD_NO_CACHE", help="Neither look answers up nor keep them."),
]
ColorOption = Annotated[Color, typer.Option("--color", metavar="WHEN", help="auto, always or never.")]


def split(values: list[str] | None) -> tuple[str, ...]:
    """The names in values such as `a,b`, given once or several times."""
    return tuple(name.strip() for value in values or () for name in value.split(",") if name.strip())
