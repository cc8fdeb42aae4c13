"""Which handler runs which statement kind; a kind that is in neither table here is opaque, and counted.

A handler is `handler(run: Run, node: Node) -> None`; `node` holds the statement's fields as libpg_query's JSON spells
them. Each `commands/*.py` module has a table `HANDLERS` of its own, joined here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

    Handler = Callable[[Run, Node], None]

MODULES = (
    "tables",
    "alter_table",
    "indexes",
    "drop",
    "rename",
    "move",
    "schemas",
    "comments",
    "roles",
    "grants",
    "views",
    "functions",
    "types",
    "sequences",
    "triggers",
    "policies",
    "rules",
    "extensions",
    "settings",
    "transactions",
    "rows",
    "others",
)
"""Modules of this package that have a table `HANDLERS: dict[str, Handler]` and may have `IRRELEVANT: dict[str, str]`."""


def handlers() -> dict[str, Handler]:
    """The handler of each statement kind that is modelled."""
    found: dict[str, Handler] = {}
    for name in MODULES:
        found.update(import_module(f"schemaguard.catalog.commands.{name}").HANDLERS)
    return found


def irrelevant() -> dict[str, str]:
    """Statement kinds that can't change what is modelled, each with the reason."""
    found: dict[str, str] = {}
    for name in MODULES:
        found.update(getattr(import_module(f"schemaguard.catalog.commands.{name}"), "IRRELEVANT", {}))
    return found
