"""Trigger functions by path: for which operation and which role they raise, and what they return otherwise.

A BEFORE row function that returns NULL drops the change in silence, one that falls off its end fails at run time, one
that returns a row lets the change happen. Which of these can occur may depend on `TG_OP`, on who runs the statement,
and on the row; conditions on the row (or on anything else that only the moment knows) are followed both ways.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from schemaguard.catalog.model import Role
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Function, Trigger
    from schemaguard.catalog.state import Catalog
    from schemaguard.text import Span

Kind = Literal["raises", "null", "old", "new", "row", "falls_off", "unknown"]
"""How a path ends: with an error; RETURN of NULL, OLD, NEW or another row; without RETURN, an error, too; not known."""

_ROLE_TESTS = re.compile(
    r"current_user|session_user|current_role|\buser\b|_privilege\b|pg_has_role|pg_auth|pg_roles|pg_user|usename",
    re.IGNORECASE,
)


class Roles(msgspec.Struct, frozen=True):
    """Some roles: those of `names`, and with `others` all that were not looked at one by one (`known` are those)."""

    names: frozenset[str]
    others: bool
    known: frozenset[str]

    @property
    def everybody(self) -> bool:
        """Whether all roles are meant, known or not."""
        return self.others and self.names == self.known

    def __contains__(self, name: object) -> bool:
        """Whether a role of that name is meant."""
        return name in self.names or (self.others and name not in self.known)


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
    asked = ("trigger paths", function.oid, operation.upper(), trigger and trigger.oid)
    known: Paths | None = catalog.derived.get(asked)
    if known is None:
        known = catalog.derived[asked] = _analysed(catalog, function, operation.upper(), trigger)
    return known


def _analysed(catalog: Catalog, function: Function, operation: str, trigger: Trigger | None) -> Paths:
    from schemaguard.plpgsql.trigger_paths import STRANGER, ends_for  # loaded where a trigger is looked at

    found: dict[tuple[Kind, int, int], tuple[End, set[str]]] = {}
    candidates = [*_named_roles(catalog, function), (STRANGER, "")]
    for oid, name in candidates:
        for kind, span, message in ends_for(catalog, function, operation, trigger, oid):
            key = (kind, span.start, span.end)
            if key not in found:
                nobody = Roles(frozenset(), others=False, known=frozenset())
                found[key] = (End(kind, span, nobody, message), set())
            found[key][1].add(name)
    known = frozenset(name for _oid, name in candidates if name)
    ends = []
    for end, names in found.values():
        roles = Roles(frozenset(names - {""}), others="" in names, known=known)
        ends.append(end._replace(roles=roles))
    return Paths(function.oid, operation, tuple(sorted(ends, key=lambda end: (end.span.start, end.kind))))


def _named_roles(catalog: Catalog, function: Function) -> Iterator[tuple[int, str]]:
    """The roles to look at one by one, by oid and name: all where the body asks who runs it, else none."""
    if _ROLE_TESTS.search(function.body):
        for name, oid in catalog.roles.items():
            if not catalog.get(oid, Role).predefined or oid == SUPERUSER:
                yield oid, name
