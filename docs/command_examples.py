"""
The examples of docs/commands.md: each command is run on a fixture project, and the page shows what it writes.
"""

from __future__ import annotations

import os
import sys
from contextlib import chdir, redirect_stdout
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING
from unittest.mock import patch

from schemaguard.cli import main
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = "docs/commands.md"
PROJECT = ROOT / "fixtures" / "projects" / "b03_foundation"

# Part of the page: the command line, and where of its output a part is shown: the first line wanted, and how many.
EXAMPLES: dict[str, tuple[str, str, int]] = {
    "schema": ("schema --at 202511131121", "table public.tenants", 12),
    "schema --locations": ("schema --locations --format json", '    "public.tenants": {', 21),
    "schema --format sql": ("schema --format sql", "CREATE TABLE public.tenants (", 8),
    "who-can": ("who-can DELETE revenue_ledger", "", 0),
    "matrix": ("matrix", "public.revenue_ledger", 7),
    "diff": ("diff 202511131119 202511131120", "", 4),
    "sql": ("sql --down 202511131115", "", 8),
    "lineage": ("lineage mv_realtime_revenue", "", 0),
    "contract": ("contract", "GET /api/attribution/revenue/realtime", 6),
}


def example(name: str) -> str:
    """Return a command line and what it writes, as a block of the page."""
    line, first, count = EXAMPLES[name]
    lines = run(line).splitlines()
    start = next((number for number, text in enumerate(lines) if text.startswith(first)), 0)
    shown = lines[start : start + count] if count else lines
    before = ["…"] if start else []
    after = ["…"] if start + len(shown) < len(lines) else []
    return "\n".join(
        ["", f"    $ schemaguard {line}", *(f"    {text}".rstrip() for text in (*before, *shown, *after)), ""]
    )


def run(line: str) -> str:
    """Return what `schemaguard` writes to standard output in the project's folder."""
    written = StringIO()
    arguments = ["schemaguard", *line.split()]
    plain = {"NO_COLOR": "1", "COLUMNS": "110"}
    with chdir(PROJECT), patch.object(sys, "argv", arguments), patch.dict(os.environ, plain):
        try:
            with redirect_stdout(written):
                main()
        except SystemExit as done:
            if done.code not in (None, 0, 1):
                raise
    return written.getvalue()


def command_examples() -> dict[tuple[str, str | None], Callable[[], str]]:
    """Return the parts of the page."""
    return {(PAGE, name): partial(example, name) for name in EXAMPLES}
