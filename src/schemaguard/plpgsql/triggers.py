"""Trigger functions by path: for which operation and which role they raise, and what they return otherwise.

A BEFORE row function that returns NULL drops the change in silence, one that falls off its end fails at run time, one
that returns a row lets the change happen. Which of these can occur may depend on `TG_OP`, on who runs the statement,
and on the row; conditions on the row (or on anything else that only the moment knows) are followed both ways.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from schemaguard.catalog.model import Function, Role
from schemaguard.catalog.state import SUPERUSER
from schemaguard.plpgsql.interpreter.body import body_text
from schemaguard.plpgsql.interpreter.frame import Frame, Variable
from schemaguard.plpgsql.interpreter.machine import Machine
from schemaguard.plpgsql.language.parser import BodyError, parse_body
from schemaguard.plpgsql.paths import Walker
from schemaguard.plpgsql.run_time import STRANGER, RunTimeSession
from schemaguard.plpgsql.values.kinds import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Trigger
    from schemaguard.catalog.state import Catalog
    from schemaguard.text import Span

Kind = Literal["raises", "null", "old", "new", "row", "falls_off", "unknown"]
"""How a path ends: with an error; RETURN of NULL, OLD, NEW or another row; without RETURN, an error, too; not known."""

_ROLE_TESTS = re.compile(
    r"current_user|session_user|current_role|\buser\b|_privilege\b|pg_has_role|pg_auth|pg_roles|pg_user|usename",
    re.IGNORECASE,
)


class Roles(msgspec.Struct, frozen=True):
    """Some roles by name; `others` also those that the catalog does not know. `everybody` means all roles there are."""

    names: frozenset[str]
    others: bool
    everybody: bool

    def __contains__(self, name: object) -> bool:
        """Whether a role of that name is meant."""
        return self.everybody or name in self.names


class End(NamedTuple):
    """One way in which the function ends: where, for whom, and with which message where it raises."""

    kind: Kind
    span: Span
    roles: Roles
    message: str = ""


class Paths(NamedTuple):
    """All ways in which a trigger function can end for one operation."""

    function: int
    operation: str
    ends: tuple[End, ...]

    def of_role(self, name: str) -> list[End]:
        """The ends that the function can come to when a role of that name runs the statement."""
        return [end for end in self.ends if name in end.roles]

    def refuses(self, name: str) -> bool:
        """Whether every path of that role ends with an error."""
        ends = self.of_role(name)
        return bool(ends) and all(end.kind in ("raises", "falls_off") for end in ends)

    def ever_raises(self) -> bool:
        """Whether any path raises on purpose, for whomever."""
        return any(end.kind == "raises" for end in self.ends)

    def returning(self, *kinds: Kind) -> list[End]:
        """The ends of these kinds."""
        return [end for end in self.ends if end.kind in kinds]


def analyse(catalog: Catalog, function: Function, operation: str, trigger: Trigger | None = None) -> Paths:
    """The paths of a trigger function for INSERT, UPDATE, DELETE or TRUNCATE.

    With `trigger` its table, arguments, timing and level are what the function sees; else it is a BEFORE trigger, for
    each row but for TRUNCATE.
    """
    operation = operation.upper()
    found: dict[tuple[Kind, int, int], tuple[End, set[str]]] = {}
    candidates = list(_candidates(catalog, function))
    for oid, name in candidates:
        for kind, span, message in _ends(catalog, function, operation, trigger, oid):
            key = (kind, span.start, span.end)
            if key not in found:
                nobody = Roles(frozenset(), others=False, everybody=False)
                found[key] = (End(kind, span, nobody, message), set())
            found[key][1].add(name)
    everybody = {name for _oid, name in candidates}
    ends = []
    for end, names in found.values():
        known = frozenset(names - {""})
        ends.append(end._replace(roles=Roles(known, others="" in names, everybody=names == everybody)))
    return Paths(function.oid, operation, tuple(sorted(ends, key=lambda end: (end.span.start, end.kind))))


def _candidates(catalog: Catalog, function: Function) -> Iterator[tuple[int, str]]:
    """The roles to look at, by oid and name: all where the body asks who runs it; "" is the name of the stranger."""
    if _ROLE_TESTS.search(function.body):
        for name, oid in catalog.roles.items():
            if not catalog.get(oid, Role).predefined or oid == SUPERUSER:
                yield oid, name
    yield STRANGER, ""


def _ends(
    catalog: Catalog, function: Function, operation: str, trigger: Trigger | None, role: int
) -> Iterator[tuple[Kind, Span, str]]:
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
        "tg_argv": at_run_time if trigger is None else list(trigger.arguments),
        "tg_table_name": at_run_time if table is None else table.name,
        "tg_relname": at_run_time if table is None else table.name,
        "tg_table_schema": at_run_time if table is None else catalog.schema_name(table.schema),
        "tg_relid": at_run_time if table is None else table.oid,
    }
    return {name: Variable(name, None, value) for name, value in values.items()}
