"""The statement kinds of PostgreSQL's grammar, as libpg_query knows them."""

from __future__ import annotations

from pglast import ast

_NOT_AT_THE_TOP = frozenset(
    ("RawStmt", "PLAssignStmt", "ReplicaIdentityStmt", "ReturnStmt", "SetOperationStmt")
)
"""Nodes named like statements that never are one of a script: wrappers, and parts of others."""


def statement_kinds() -> list[str]:
    """The tags of all statements that a script can hold, in alphabetical order."""
    return sorted(
        name
        for name, value in vars(ast).items()
        if isinstance(value, type)
        and issubclass(value, ast.Node)
        and name.endswith("Stmt")
        and name not in _NOT_AT_THE_TOP
    )
