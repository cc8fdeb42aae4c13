"""Which handler runs which statement kind; a kind that is in neither table here is opaque, and counted.

A handler is `handler(run: Run, node: Node) -> None`; `node` holds the statement's fields as libpg_query's JSON spells
them. Each `commands/*.py` module has a table `HANDLERS` of its own, joined here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

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
    "memberships",
    "owned",
    "grants",
    "default_privileges",
    "views",
    "table_as",
    "functions",
    "alter_function",
    "types",
    "domains",
    "ranges",
    "define",
    "sequences",
    "triggers",
    "event_triggers",
    "policies",
    "rules",
    "extensions",
    "foreign",
    "publications",
    "subscriptions",
    "statistics",
    "settings",
    "transactions",
    "rows",
    "others",
)
"""Modules here, each with a table `HANDLERS: dict[str, Handler]` and perhaps `IRRELEVANT: dict[str, str]`."""


def handlers() -> dict[str, Handler]:
    """The handler of each statement kind that is modelled."""
    found: dict[str, Handler] = {}
    for module in _modules():
        found.update(module.HANDLERS)
    return found


def irrelevant() -> dict[str, str]:
    """Statement kinds that can't change what is modelled, each with the reason."""
    found: dict[str, str] = {}
    for module in _modules():
        found.update(getattr(module, "IRRELEVANT", {}))
    return found


def _modules() -> list[ModuleType]:
    # Temporary while the handlers are being written: a module that is not there yet is left out.
    from importlib.util import find_spec

    names = [f"schemaguard.catalog.commands.{name}" for name in MODULES]
    return [import_module(name) for name in names if find_spec(name)]
