"""The rows of a mapping's own type table that are for a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from schemaguard.contracts.mapping.form import Mapping, TypeRule
    from schemaguard.contracts.openapi.shapes import Shape

FORMATS = (
    "float", "double", "int32", "int64", "uuid", "date-time", "date", "time", "duration", "binary", "byte",
    "decimal", "email", "uri", "ipv4", "ipv6",
)  # fmt: skip
"""Formats that the name of a row may spell, as in `openapi_string_date_time`."""


class Rows(NamedTuple):
    """Rows for a field. `closed`: they are all that is allowed.

    A row such as `openapi_number_float_currency` is for some fields of its type; the others have the default table.
    """

    rules: tuple[TypeRule, ...] = ()
    closed: bool = False

    @property
    def conversion(self) -> str:
        """How values become those of the column, where a row says so."""
        return next((rule.conversion for rule in self.rules if rule.conversion), "")


def rows_for(mapping: Mapping | None, shape: Shape) -> Rows:
    """The rows for a field of some shape."""
    found: list[TypeRule] = []
    closed = False
    for kind in shape.types if mapping is not None else ():
        words = (kind, *filter(None, shape.format.split("-")))
        for rule in mapping.types if mapping is not None else ():
            rest = rule.words[len(words) :]
            if rule.words[: len(words)] == words and _format_of(rule) in ("", shape.format):
                found.append(rule)
                closed = closed or not rest
    return Rows(tuple(found), closed)


def _format_of(rule: TypeRule) -> str:
    """The longest format that a row's name spells, "" where it spells none."""
    rest = rule.words[1:]
    spelled = [form for form in FORMATS if rest[: form.count("-") + 1] == tuple(form.split("-"))]
    return max(spelled, key=len, default="")
