"""CREATE SEQUENCE, ALTER SEQUENCE, and the sequences of serial and identity columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.nodes import option_value, strings
from schemaguard.catalog.commands.sequence_values import watch_users
from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    INVALID_PARAMETER,
    OBJECT_NOT_IN_STATE,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Sequence, TypeRef
from schemaguard.catalog.names import choose_relation_name
from schemaguard.catalog.relations import add_relation

if TYPE_CHECKING:
    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

BOUNDS = {21: (-(2**15), 2**15 - 1), 23: (-(2**31), 2**31 - 1), 20: (-(2**63), 2**63 - 1)}
"""Least and greatest value of smallint, integer and bigint, by their oids."""

_OWNER_KINDS = "rpfv"
"""The relation kinds whose columns can own a sequence."""


def create_sequence(run: Run, node: Node) -> None:
    """CREATE SEQUENCE."""
    from schemaguard.catalog.commands.tables import target_schema

    relation = node["sequence"]
    if relation.get("relpersistence") == "u" and run.catalog.version < 15:
        raise Refused(FEATURE_NOT_SUPPORTED, "unlogged sequences are not supported")
    schema = target_schema(run, relation)
    if node.get("if_not_exists") and (schema.oid, relation["relname"]) in run.catalog.relations:
        return
    sequence = Sequence(
        oid=run.catalog.new_oid(),
        schema=schema.oid,
        name=relation["relname"],
        kind="S",
        owner=run.session.role,
        acl=_acl(run, run.session.role, schema.oid),
        persistence=relation.get("relpersistence", "p"),
        because=run.origin(),
    )
    given = _given(node.get("options"))
    sequence = _with_parameters(run, sequence, given, new=True)
    add_relation(run.catalog, sequence)
    if "owned_by" in given:
        _own(run, sequence, given["owned_by"])


def alter_sequence(run: Run, node: Node) -> None:
    """ALTER SEQUENCE with options (renaming, owner and schema are statements of other kinds)."""
    relation = node["sequence"]
    if node.get("missing_ok") and run.session.find_relation(relation) is None:
        return
    sequence = run.session.relation(relation)
    if not isinstance(sequence, Sequence):
        since_17 = f'cannot open relation "{sequence.name}"'
        before = f'"{sequence.name}" is not a sequence'
        raise Refused(WRONG_OBJECT_TYPE, since_17 if run.catalog.version >= 17 else before)
    run.session.require_owner(sequence)
    alter_sequence_parameters(run, sequence, node.get("options"))


def alter_sequence_parameters(run: Run, sequence: Sequence, options: list[Node] | None) -> None:
    """Apply the options of ALTER SEQUENCE, or those ALTER COLUMN … SET gives an identity's sequence."""
    given = _given(options)
    changed = _with_parameters(run, sequence, given, new=False)
    run.catalog.store(changed)
    watch_users(run, changed)
    if "owned_by" in given:
        _own(run, changed, given["owned_by"])


def create_owned_sequence(  # noqa: PLR0913 - the table is not there yet, so its parts come one by one
    run: Run,
    *,
    schema: int,
    table: int,
    table_name: str,
    column: str,
    number: int,
    type_ref: TypeRef,
    options: list[Node],
    internal: bool,
    persistence: str = "p",
) -> Sequence:
    """Create the sequence of a serial (`internal` false) or identity column, owned by that column.

    The table need not be in the catalog yet; where it is, its owner owns the sequence too. `options` are the
    DefElem nodes of GENERATED … AS IDENTITY (…).
    """
    catalog = run.catalog
    given = _given(options, identity=internal)
    known = catalog.objects.get(table)
    owner = run.session.role if known is None else known.owner
    name = ""
    if named := given.pop("sequence_name", None):
        parts = strings(named["List"]["items"])
        name = parts[-1]
        schema = run.session.schema(parts[-2]).oid if len(parts) > 1 else schema
    sequence = Sequence(
        oid=catalog.new_oid(),
        schema=schema,
        name=name or choose_relation_name(catalog, schema, table_name, column, "seq"),
        kind="S",
        owner=owner,
        acl=_acl(run, owner, schema),
        persistence=persistence,
        owned_by=(table, number),
        internal=internal,
        type=TypeRef(type_ref.oid),
        because=run.origin(),
    )
    sequence = _with_parameters(run, sequence, given, new=True)
    add_relation(catalog, sequence)
    catalog.depend(sequence.oid, table, "i" if internal else "a", on_sub=number)
    return sequence


def _acl(run: Run, owner: int, schema: int) -> Any:  # noqa: ANN401 - Acl or None
    from schemaguard.catalog.privileges.acl import acl_for_new_object

    return acl_for_new_object(run.catalog, owner, schema, "S", run.origin())


def _given(options: list[Node] | None, *, identity: bool = False) -> dict[str, Node | None]:
    """The options by name, each given at most once."""
    given: dict[str, Node | None] = {}
    for option in options or ():
        element = option["DefElem"]
        name, offset = element["defname"], element.get("location", -1)
        if name in given:
            raise Refused(SYNTAX_ERROR, "conflicting or redundant options", offset=offset)
        if name == "sequence_name" and not identity:
            raise Refused(SYNTAX_ERROR, "invalid sequence option SEQUENCE NAME", offset=offset)
        given[name] = element.get("arg")
    return given


def _with_parameters(run: Run, sequence: Sequence, given: dict[str, Node | None], *, new: bool) -> Sequence:
    """The sequence with the given parameters, worked out and checked as `init_params` does it."""
    old = sequence
    if (type_name := given.get("as")) is not None:
        sequence = msgspec.structs.replace(sequence, type=_sequence_type(run, type_name, sequence))
    elif sequence.type.oid not in BOUNDS:
        raise Refused(INVALID_PARAMETER, "identity column type must be smallint, integer, or bigint")
    least, greatest = BOUNDS[sequence.type.oid]
    increment = _number(given, "increment", sequence.increment)
    if increment == 0:
        raise Refused(INVALID_PARAMETER, "INCREMENT must not be zero")
    maximum, minimum = old.maximum, old.minimum
    if not new and "as" in given:
        # A bound that was the old type's own becomes the new type's.
        old_least, old_greatest = BOUNDS[old.type.oid]
        maximum = None if maximum == old_greatest and increment > 0 else maximum
        minimum = None if minimum == old_least and increment < 0 else minimum
    maximum = _bound(given, "maxvalue", maximum, greatest if increment > 0 else -1)
    minimum = _bound(given, "minvalue", minimum, least if increment < 0 else 1)
    start = _number(given, "start", (minimum if increment > 0 else maximum) if new else sequence.start)
    _check_range(run, sequence, minimum, maximum)
    last = sequence.last_value
    if "restart" in given:
        last = start if given["restart"] is None else _integer(given["restart"])
    _check_start(start, last, minimum, maximum)
    cache = _number(given, "cache", sequence.cache)
    if cache <= 0:
        raise Refused(INVALID_PARAMETER, f"CACHE ({cache}) must be greater than zero")
    return msgspec.structs.replace(
        sequence,
        increment=increment,
        maximum=maximum,
        minimum=minimum,
        start=start,
        cache=cache,
        last_value=last,
        cycle=bool(option_value(given["cycle"])) if "cycle" in given else sequence.cycle,
    )


def _sequence_type(run: Run, type_name: Node, sequence: Sequence) -> TypeRef:
    from schemaguard.catalog.analysis.types import resolve_type

    found = resolve_type(run.session, type_name["TypeName"])
    if found.array or found.oid not in BOUNDS:
        what = "identity column" if sequence.internal else "sequence"
        raise Refused(INVALID_PARAMETER, f"{what} type must be smallint, integer, or bigint")
    return TypeRef(found.oid)


def _number(given: dict[str, Node | None], name: str, default: int) -> int:
    """An option's number (beyond 32 bits it is parsed as a float, with digits only)."""
    node = given.get(name)
    return default if node is None else _integer(node)


def _integer(node: Node) -> int:
    value = str(option_value(node))
    try:
        number = int(value)
    except ValueError:
        raise Refused("22P02", f'invalid input syntax for type bigint: "{value}"') from None
    least, greatest = BOUNDS[20]
    if not least <= number <= greatest:
        raise Refused("22003", f'value "{value}" is out of range for type bigint')
    return number


def _bound(given: dict[str, Node | None], name: str, present: int | None, default: int) -> int:
    """MINVALUE or MAXVALUE: the given one, the default for NO MINVALUE, else the present one."""
    if name in given:
        node = given[name]
        return default if node is None else _integer(node)
    return default if present is None else present


def _check_range(run: Run, sequence: Sequence, minimum: int, maximum: int) -> None:
    from schemaguard.catalog.analysis.types import format_type

    least, greatest = BOUNDS[sequence.type.oid]
    for word, value in (("MAXVALUE", maximum), ("MINVALUE", minimum)):
        if not least <= value <= greatest:
            type_ = format_type(run.catalog, sequence.type)
            raise Refused(
                INVALID_PARAMETER, f"{word} ({value}) is out of range for sequence data type {type_}"
            )
    if minimum >= maximum:
        raise Refused(INVALID_PARAMETER, f"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})")


def _check_start(start: int, last: int | None, minimum: int, maximum: int) -> None:
    """Both where it starts and where it stands lie between its bounds."""
    for word, value in (("START", start), ("RESTART", start if last is None else last)):
        if value < minimum:
            message = f"{word} value ({value}) cannot be less than MINVALUE ({minimum})"
            raise Refused(INVALID_PARAMETER, message)
        if value > maximum:
            message = f"{word} value ({value}) cannot be greater than MAXVALUE ({maximum})"
            raise Refused(INVALID_PARAMETER, message)


def _own(run: Run, sequence: Sequence, owned_by: Node | None) -> None:
    """OWNED BY: tie the sequence to a column, or untie it."""
    names = strings((owned_by or {}).get("List", {}).get("items"))
    if len(names) == 1:
        if names[0] != "none":
            raise Refused(
                SYNTAX_ERROR,
                "invalid OWNED BY option",
                hint="Specify OWNED BY table.column or OWNED BY NONE.",
            )
        target = None
    else:
        target = _owner_column(run, sequence, names)
    if sequence.internal and sequence.owned_by is not None:
        table = run.catalog.objects[sequence.owned_by[0]]
        raise Refused(
            FEATURE_NOT_SUPPORTED,
            "cannot change ownership of identity sequence",
            detail=f'Sequence "{sequence.name}" is linked to table "{table.name}".',
        )
    run.catalog.forget_dependencies(sequence.oid, kinds="a")
    run.catalog.store(msgspec.structs.replace(sequence, owned_by=target))
    if target is not None:
        run.catalog.depend(sequence.oid, target[0], "a", on_sub=target[1])


def _owner_column(run: Run, sequence: Sequence, names: list[str]) -> tuple[int, int]:
    table: Relation = run.session.relation(
        {"relname": names[-2], **({"schemaname": names[-3]} if len(names) > 2 else {})}
    )
    if table.kind not in _OWNER_KINDS:
        raise Refused(WRONG_OBJECT_TYPE, f'sequence cannot be owned by relation "{table.name}"')
    if table.owner != sequence.owner:
        raise Refused(OBJECT_NOT_IN_STATE, "sequence must have same owner as table it is linked to")
    if table.schema != sequence.schema:
        raise Refused(OBJECT_NOT_IN_STATE, "sequence must be in same schema as table it is linked to")
    column = table.column(names[-1])
    if column is None:
        message = f'column "{names[-1]}" of relation "{table.name}" does not exist'
        raise Refused(UNDEFINED_COLUMN, message)
    return table.oid, column.number


HANDLERS = {"CreateSeqStmt": create_sequence, "AlterSeqStmt": alter_sequence}
