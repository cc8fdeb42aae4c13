"""Where output goes: reports to standard output or files, everything else to standard error."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.cli.failures import Stop
from schemaguard.cli.options import Color
from schemaguard.config.decode import listing, nearest
from schemaguard.report import FORMATS, Style, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.linting.result import Result

WIDTH = 100
"""Cells of a report that goes to no terminal."""

SAMPLE = "│━─╭├╰▸…"
"""What the console's report draws with: an output that can't show it gets the report in ASCII."""


class Output(NamedTuple):
    """A report that is wanted: its format, and the file it goes to (None: standard output)."""

    format: str
    file: Path | None


def outputs(wanted: Sequence[str]) -> list[Output]:
    """Read the values of `--format`.

    Raises:
        Stop: an unknown format, two reports for standard output, or two for one file.
    """
    found: list[Output] = []
    for text in wanted or ("console",):
        name, equals, file = text.partition("=")
        if name not in FORMATS:
            raise Stop(
                f"--format: there is no format `{name}`; {nearest(name, FORMATS) or f'it is one of {listing(FORMATS)}'}"
            )
        if equals and not file:
            raise Stop(f"--format {text}: no file is named after the `=`")
        output = Output(name, Path(file) if file else None)
        if any(other.file == output.file for other in found):
            place = output.file or "standard output"
            raise Stop(
                f"--format: two reports can't both go to {place}; write one to a file: --format {name}=FILE"
            )
        found.append(output)
    return found


def style_for(exit_code: int, prefix: str, *, color: Color, quiet: bool, verbose: bool) -> Style:
    """How the report on standard output is written."""
    colored = color is Color.ALWAYS or (color is Color.AUTO and _wants_color())
    width = shutil.get_terminal_size((WIDTH, 24)).columns
    return Style(exit_code, prefix, width, colored, _shows_unicode(), quiet, verbose)


def rendered(result: Result, wanted: Iterable[Output], style: Style) -> tuple[str, ...]:
    """The text of each report; one for a file is as wide as any, and without colour."""
    plain = style._replace(color=False, unicode=True, width=WIDTH)
    return tuple(render(output.format, result, style if output.file is None else plain) for output in wanted)


def write(reports: Iterable[str], wanted: Iterable[Output]) -> None:
    """Write each report where it goes.

    Raises:
        Stop: a file can't be written.
    """
    for text, output in zip(reports, wanted, strict=True):
        if output.file is None:
            write_out(text)
        else:
            write_file(output.file, text)


def write_out(text: str) -> None:
    """Write to standard output, whatever it is encoded in: what can't be encoded is escaped."""
    stream = sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, errors="backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:  # the reader has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write_file(path: Path, text: str) -> None:
    """Write a file, with the folders above it.

    Raises:
        Stop: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(errors="backslashreplace"))
    except OSError as error:
        raise Stop(f"{path} cannot be written: {error.strerror}") from None


def note(text: str) -> None:
    """Tell the user something that is no finding."""
    sys.stderr.write(f"schemaguard: {_plain(text)}\n")


def _plain(text: str) -> str:
    from schemaguard.report.safe import visible

    return (
        visible(text)
        .encode(sys.stderr.encoding or "utf-8", errors="backslashreplace")
        .decode(errors="replace")
    )


def _wants_color() -> bool:
    """What the environment says: NO_COLOR and FORCE_COLOR by their conventions, else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0" or os.environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _shows_unicode() -> bool:
    try:
        SAMPLE.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
