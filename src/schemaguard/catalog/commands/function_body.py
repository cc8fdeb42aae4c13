"""What can be said of a routine's body when it is created."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def check_language_types(run: Run, function: Function) -> None:
    """Refuse types that the language can't take."""
    del run, function


def bind_body(run: Run, function: Function, body: Node) -> None:
    """Let a SQL-standard body depend on what it names."""
    del run, function, body


def validate_body(run: Run, function: Function) -> None:
    """Check the text of the body as the server does."""
    del run, function
