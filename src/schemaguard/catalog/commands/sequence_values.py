"""Where a sequence stands: known from RESTART and `setval` until something takes a value of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.nodes import constant, only
from schemaguard.catalog.errors import WRONG_OBJECT_TYPE, Refused
from schemaguard.catalog.model import Relation, Sequence

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

FUNCTIONS = frozenset(("nextval", "setval"))
WATCHED = "tables_with_known_sequences"
"""The fact that holds the tables whose rows take values of a sequence with a known one."""


def watch_users(run: Run, sequence: Sequence) -> None:
    """Remember the tables whose INSERTs move a sequence on."""
    if sequence.last_value is None:
        return
    tables = {edge.oid for edge in run.catalog.dependents.get(sequence.oid, ())}
    if sequence.owned_by is not None:
        tables.add(sequence.owned_by[0])
    known = run.catalog.facts.get(WATCHED, frozenset())
    if not tables <= known:
        run.catalog.put(run.catalog.facts, WATCHED, known | tables)


def rows_added(run: Run, relation: Relation) -> None:
    """Rows were written to a table: where its sequences stand is not known any more."""
    if relation.oid not in run.catalog.facts.get(WATCHED, ()):
        return
    for on, _edge in run.catalog.references.get(relation.oid, ()):
        _forget(run, run.catalog.objects.get(on))
    for edge in run.catalog.dependents.get(relation.oid, ()):
        _forget(run, run.catalog.objects.get(edge.oid))


def _forget(run: Run, record: Any) -> None:  # noqa: ANN401 - any record
    if isinstance(record, Sequence) and record.last_value is not None:
        run.catalog.store(msgspec.structs.replace(record, last_value=None))


def called(run: Run, call: Node, function: str) -> None:
    """`nextval` or `setval` in a query.

    Raises:
        Refused: there is no such sequence, or the value is out of its bounds.
    """
    arguments = [_literal(argument) for argument in call.get("args") or ()]
    if not arguments or not isinstance(arguments[0], str):
        for record in run.catalog.all(Sequence):
            _forget(run, record)
        return
    from schemaguard.catalog.analysis.literals.objects import split_name

    names = split_name(arguments[0])
    relation = run.session.relation(
        {"relname": names[-1], **({"schemaname": names[-2]} if len(names) > 1 else {})}
    )
    if not isinstance(relation, Sequence):
        raise Refused(WRONG_OBJECT_TYPE, f'cannot open relation "{relation.name}"')
    value = arguments[1] if function == "setval" and len(arguments) > 1 else None
    if not isinstance(value, int):
        _forget(run, relation)
        return
    least, greatest = relation.minimum or 1, relation.maximum or 0
    if not least <= value <= greatest:
        message = (
            f'setval: value {value} is out of bounds for sequence "{relation.name}" ({least}..{greatest})'
        )
        raise Refused("22003", message)
    changed = msgspec.structs.replace(relation, last_value=value)
    run.catalog.store(changed)
    watch_users(run, changed)


def _literal(node: Node) -> Any:  # noqa: ANN401 - a constant, None for anything else
    tag, fields = only(node)
    while tag == "TypeCast":
        tag, fields = only(fields["arg"])
    return constant(fields) if tag == "A_Const" else None
