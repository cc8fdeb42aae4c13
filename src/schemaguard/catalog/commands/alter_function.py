"""ALTER FUNCTION, PROCEDURE, ROUTINE with options (name, owner and schema are statements of other kinds)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.function_options import (
    INVALID_FUNCTION_DEFINITION,
    apply_config,
    read_options,
)
from schemaguard.catalog.errors import INSUFFICIENT_PRIVILEGE, INVALID_PARAMETER, WRONG_OBJECT_TYPE, Refused
from schemaguard.catalog.routines import find_routine

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def alter_function(run: Run, node: Node) -> None:
    """ALTER FUNCTION … with the options of CREATE FUNCTION, SET and RESET."""
    function = find_routine(run.session, node["objtype"], node["func"])
    if function is None:  # without IF EXISTS the look-up refuses instead
        return
    if not run.session.owns(function.owner):
        word = {"p": "procedure", "a": "aggregate"}.get(function.kind, "function")
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of {word} {function.name}")
    if function.kind == "a":
        raise Refused(WRONG_OBJECT_TYPE, f'"{function.name}" is an aggregate function')
    options = read_options(run, node.get("actions"), procedure=function.kind == "p")
    if options.leakproof and not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, "only superuser can define a leakproof function")
    if options.rows is not None and not function.returns_set:
        message = "ROWS is not applicable when function does not return a set"
        raise Refused(INVALID_PARAMETER, message)
    if options.window is not None:
        raise Refused(INVALID_FUNCTION_DEFINITION, "invalid attribute in function definition")
    changes: dict[str, Any] = {
        name: value
        for name in ("volatility", "strict", "leakproof", "parallel")
        if (value := getattr(options, name)) is not None
    }
    if options.security_definer is not None:
        changes |= {"security_definer": options.security_definer, "security_because": run.origin()}
    if options.config:
        config = apply_config(run.session, function.config, options.config)
        changes |= {"config": config, "config_because": run.origin()}
    run.catalog.store(msgspec.structs.replace(function, **changes))


HANDLERS = {"AlterFunctionStmt": alter_function}
