"""What is wrong with a source itself: an unreadable file, a revision graph that does not close."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from schemaguard.text import Span


class Problem(NamedTuple):
    """A finding that reading the sources makes, before anything is replayed.

    `rule`: the rule it belongs to (`file-unreadable`, `statement-opaque`, `multiple-heads` …). `message`: one
    sentence with the names in it. `evidence`: further places, each with what it shows. `help`: what to do.
    `object`: what it is about, in words and without line numbers, for the finding's key; empty: the span's file.
    """

    rule: str
    span: Span
    message: str
    evidence: tuple[tuple[str, Span], ...] = ()
    help: str = ""
    object: str = ""


class Unreadable(Exception):  # noqa: N818 - raised for the caller to record `problem` and go on
    """A file's text cannot be had; `problem` says why and where."""

    def __init__(self, problem: Problem) -> None:
        """Carry the finding to report."""
        super().__init__(problem.message)
        self.problem = problem
