"""The ends of a trigger function for one operation and one role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.builtin.types import RECORD
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.interpreter.body import body_text
from schemaguard.plpgsql.interpreter.frame import Frame, Variable
from schemaguard.plpgsql.interpreter.machine import Machine
from schemaguard.plpgsql.language.parser import BodyError, parse_body
from schemaguard.plpgsql.paths import Walker
from schemaguard.plpgsql.run_time import STRANGER, RunTimeSession
from schemaguard.plpgsql.values.kinds import Unknown, ZeroBased

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Function, Trigger
    from schemaguard.catalog.state import Catalog
    from schemaguard.plpgsql.triggers import Kind
    from schemaguard.text import Span

__all__ = ["STRANGER", "ends_for"]


def ends_for(
    catalog: Catalog, function: Function, operation: str, trigger: Trigger | None, role: int
) -> Iterator[tuple[Kind, Span, str]]:
    """Kind, place and message of each end that a role (by oid, or the stranger) can come to."""
    if function.because is None:
        return
    if function.language != "plpgsql":
        yield "unknown", function.because.span, f"it is written in {function.language}"
        return
    text = body_text(function.because.statement, function.body_offset, function.body)
    try:
        block = parse_body(function.body)
    except BodyError as error:
        yield "unknown", text.span(error.offset, error.offset + 1), error.message
        return
    machine = Machine(RunTimeSession(catalog, function, role))
    machine.context.at_run_time = True
    frame = Frame(machine.context, text, function)
    variables = _special(catalog, operation, trigger)
    frame.names.scopes.append((function.name, variables))
    rows = {"new": variables["new"].value, "old": variables["old"].value}
    yield from Walker(machine, frame, rows).ends(block)


def _special(catalog: Catalog, operation: str, trigger: Trigger | None) -> dict[str, Variable]:
    """NEW, OLD and the TG_ variables."""
    of_rows = operation != "TRUNCATE" if trigger is None else trigger.level == "row"
    new = Unknown("it is a value of the row") if of_rows and operation in ("INSERT", "UPDATE") else None
    old = Unknown("it is a value of the row") if of_rows and operation in ("UPDATE", "DELETE") else None
    table = catalog.objects.get(trigger.table) if trigger is not None else None
    at_run_time = Unknown("it depends on the trigger")
    values: dict[str, object] = {
        "new": new,
        "old": old,
        "tg_op": operation,
        "tg_level": "ROW" if of_rows else "STATEMENT",
        "tg_when": "BEFORE" if trigger is None else trigger.timing.upper(),
        "tg_name": at_run_time if trigger is None else trigger.name,
        "tg_nargs": at_run_time if trigger is None else len(trigger.arguments),
        "tg_argv": at_run_time if trigger is None else ZeroBased(trigger.arguments),
        "tg_table_name": at_run_time if table is None else table.name,
        "tg_relname": at_run_time if table is None else table.name,
        "tg_table_schema": at_run_time if table is None else catalog.schema_name(table.schema),
        "tg_relid": at_run_time if table is None else table.oid,
    }
    # The row that an operation does not have is a record of NULLs, not one that is yet to be assigned.
    record = {name: TypeRef(RECORD) for name in ("new", "old") if values[name] is None}
    return {name: Variable(name, record.get(name), value) for name, value in values.items()}
