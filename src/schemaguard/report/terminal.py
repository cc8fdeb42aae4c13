"""Styled lines to the text of a terminal: with escape sequences through rich, or plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Part(NamedTuple):
    """A stretch of a line in one style; `link` is the address that it leads to."""

    text: str
    style: str = ""
    link: str | None = None


Line = list[Part]

STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold cyan",
    "message": "bold",
    "frame": "blue",
    "label": "cyan",
    "quiet": "dim",
    "good": "bold green",
    "sql": "green",
}
"""How the report's own styles look."""


def paint(lines: Iterable[Line], *, color: bool) -> str:
    """The lines as text, each with a line end."""
    if (
        not color
    ):  # nothing of rich is needed, and it takes longer to load than a small project takes to check
        return "".join("".join(part.text for part in line).rstrip() + "\n" for line in lines)
    from io import StringIO

    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    written = StringIO()
    console = Console(
        file=written,
        force_terminal=True,
        color_system="standard",  # all that STYLES needs, and the same in every environment
        highlight=False,
        markup=False,
        emoji=False,
        width=10_000,
    )
    for line in lines:
        text = Text(no_wrap=True, end="")
        for part in line:
            style = Style.parse(STYLES.get(part.style, "none"))
            text.append(part.text, style + Style(link=part.link) if part.link else style)
        text.rstrip()
        console.print(text, soft_wrap=True)
    return written.getvalue()


def paint_markdown(text: str, width: int) -> str:
    """Markdown as rich shows it."""
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    written = StringIO()
    Console(file=written, force_terminal=True, color_system="standard", width=width).print(Markdown(text))
    return written.getvalue()
