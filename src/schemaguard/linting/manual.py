"""A rule's manual page, read from its module's docstring."""

from __future__ import annotations

import re
import textwrap
from typing import NamedTuple

HEADINGS = ("Why it matters", "When it is fine", "Instead", "Options", "References")
"""The sections of a page, in their order; all but "Options" are required."""

_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_SENTENCE = re.compile(r"^.*?[.!?](?=\s|$)", re.DOTALL)


class Page(NamedTuple):
    """A title and sections, in Markdown."""

    title: str
    sections: dict[str, str]

    @classmethod
    def of(cls, docstring: str) -> Page:
        """Read a docstring: a title line, then sections under `## ` headings."""
        text = textwrap.dedent(docstring).strip()
        title, *rest = _HEADING.split(text)
        return cls(
            " ".join(title.split()),
            {name: body.strip() for name, body in zip(rest[::2], rest[1::2], strict=True)},
        )

    @property
    def summary(self) -> str:
        """The title without its full stop, as lists show it."""
        return self.title.partition("\n")[0].rstrip(".")

    def first_sentence(self, heading: str) -> str:
        """The first sentence of a section, on one line; empty where the page has no such section."""
        body = self.sections.get(heading, "").partition("\n\n")[0]
        found = _SENTENCE.match(body)
        return " ".join((found[0] if found else body).split())

    def faults(self) -> list[str]:
        """What keeps this from being a page: no title, or missing, empty, unknown or misplaced sections."""
        found = [] if self.title else ["it has no title line"]
        found += [
            f"it has no section `## {name}`"
            for name in HEADINGS
            if name != "Options" and name not in self.sections
        ]
        found += [f"its section `## {name}` is empty" for name, body in self.sections.items() if not body]
        known = [name for name in self.sections if name in HEADINGS]
        found += [f"`## {name}` is no section of a page" for name in self.sections if name not in HEADINGS]
        if known != [name for name in HEADINGS if name in known]:
            found.append(f"its sections stand in another order than {', '.join(HEADINGS)}")
        return found
