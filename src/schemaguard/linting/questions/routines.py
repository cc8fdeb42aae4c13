"""Routines: how SQL names them, and which relations their bodies name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.describe import short_name
from schemaguard.catalog.model import Relation, Sequence

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.state import Catalog

NAME = re.compile(r'"([^"]+)"|\b([A-Za-z_][A-Za-z0-9_$]*)\b')
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def signature(catalog: Catalog, function: Function) -> str:
    """`f(integer, text)`, with the schema where that is not `public`."""
    from schemaguard.catalog.analysis.types import format_type

    types = ", ".join(format_type(catalog, argument.type) for argument in function.inputs)
    return f"{short_name(catalog, function)}({types})"


def relations_named(catalog: Catalog, function: Function) -> set[int]:
    """Oids of the relations whose names stand in a routine's body, comments aside.

    By name only, in any position: a body may hold dynamic SQL, and for a rule that warns a name too many is better
    than a table too few.
    """
    names = {quoted or plain.lower() for quoted, plain in NAME.findall(COMMENT.sub(" ", function.body))}
    found = {oid for (_schema, name), oid in catalog.relations.items() if name in names}
    for on, _edge in catalog.references.get(function.oid, ()):
        if isinstance(catalog.objects.get(on), Relation):
            found.add(on)
    return found


def serial_sequences(catalog: Catalog, relation: Relation) -> list[Sequence]:
    """The sequences in `nextval(…)` defaults of a relation's columns."""
    found: list[Sequence] = []
    for column in relation.columns:
        if column.default is None or column.generated:
            continue
        tag, fields = only(column.default.node)
        if tag != "FuncCall" or strings(fields["funcname"])[-1] != "nextval":
            continue
        for on, edge in catalog.references.get(relation.oid, ()):
            record = catalog.objects.get(on)
            if edge.sub == -column.number and isinstance(record, Sequence):
                found.append(record)
        for edge in catalog.dependents.get(relation.oid, ()):
            record = catalog.objects.get(edge.oid)
            owned = isinstance(record, Sequence) and record.owned_by == (relation.oid, column.number)
            if owned and isinstance(record, Sequence) and not record.internal and record not in found:
                found.append(record)
    return found
