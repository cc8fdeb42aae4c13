"""An expression's parse tree to what the catalog keeps of it: its column references by number.

Binding is light: it resolves names of columns, so that the expression follows a rename, and leaves types to those who
print the expression or ask about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import UNDEFINED_COLUMN, UNDEFINED_TABLE, Refused
from schemaguard.catalog.model import Expression, Relation
from schemaguard.catalog.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node, Origin

_SYSTEM = {"ctid": -1, "xmin": -2, "cmin": -3, "xmax": -4, "cmax": -5, "tableoid": -6}


def bind_expression(  # noqa: PLR0913 - what an expression is written for decides what it may name
    session: Session,
    node: Node,
    relation: Relation | None,
    because: Origin | None,
    *,
    context: str = "check",
    new_old: bool = False,
) -> Expression:
    """Resolve the column references of an expression over `relation` (None where it may name no column).

    `context`: check, default, generated, policy, index, when, domain or partition. `new_old`: columns are named as
    `NEW.a` and `OLD.a`.

    Raises:
        Refused: a column does not exist.
    """
    found: dict[str, int] = {}
    for fields in _own_references(node):
        names = [part["String"].get("sval", "") for part in fields["fields"] if "String" in part]
        if not names:
            continue
        _bind_reference(names, relation, found, fields, context=context, new_old=new_old)
    return Expression(node, tuple(found.items()), because)


def _bind_reference(  # noqa: PLR0913 - see bind_expression
    names: list[str], relation: Relation | None, found: dict[str, int], fields: Node, *, context: str, new_old: bool
) -> None:
    name = names[-1]
    offset = fields.get("location", -1)
    if relation is None:
        if context == "domain" and names == ["value"]:
            return
        if context == "default":
            raise Refused("0A000", "cannot use column reference in DEFAULT expression", offset=offset)
        raise Refused(UNDEFINED_COLUMN, f'column "{name}" does not exist', offset=offset)
    qualifier = names[-2] if len(names) > 1 else ""
    if qualifier and qualifier != relation.name and not (new_old and qualifier in ("new", "old")):
        raise Refused(UNDEFINED_TABLE, f'missing FROM-clause entry for table "{qualifier}"', offset=offset)
    column = relation.column(name)
    if column is not None:
        found[name] = column.number
    elif name in _SYSTEM:
        found[name] = _SYSTEM[name]
    elif name != relation.name and not (relation.external and not relation.columns):
        raise Refused(UNDEFINED_COLUMN, f'column "{name}" does not exist', offset=offset)


def _own_references(node: Any) -> Iterator[Node]:  # noqa: ANN401 - a tree
    """The ColumnRef fields of a tree outside of sub-selects, whose names mean other things."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "ColumnRef" in item:
                yield item["ColumnRef"]
            elif "SubLink" in item:
                stack.append(item["SubLink"].get("testexpr"))
            else:
                stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def dependencies(
    scope: Session | Catalog, expression: Expression, relation: Relation | None
) -> list[tuple[int, int]]:
    """What an expression depends on beside the columns of its own table: (oid, column) pairs.

    Functions that the history defines, sequences of nextval('…'), relations of sub-selects, user-defined types.
    """
    del relation
    session = scope if isinstance(scope, Session) else Session(scope)
    catalog = session.catalog
    found: list[tuple[int, int]] = []
    stack: list[Any] = [expression.node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
            continue
        if not isinstance(item, dict):
            continue
        for tag, fields in item.items():
            if tag == "FuncCall":
                names = strings(fields["funcname"])
                count = len(fields.get("args") or ())
                for oids in session.names_in_path(catalog.functions, names):
                    found.extend((oid, 0) for oid in oids if len(catalog.objects[oid].inputs) >= count)
                    break
            elif tag == "RangeVar":
                target = session.find_relation(fields)
                if target is not None:
                    found.append((target.oid, 0))
            elif tag == "RegClass":
                found.append((fields["oid"], 0))
            elif tag == "TypeCast":
                found.extend(_cast_target(session, fields))
            if isinstance(fields, (dict, list)):
                stack.append(fields)
    return list(dict.fromkeys(found))


def _cast_target(session: Session, fields: Node) -> Iterator[tuple[int, int]]:
    names = strings(fields["typeName"].get("names"))
    if names[-1] == "regclass":
        tag, constant = only(fields["arg"])
        text = constant.get("sval", {}).get("sval", "") if tag == "A_Const" else ""
        parts = [part.strip('"') for part in text.split(".")] if text else []
        if parts:
            node = {"relname": parts[-1], **({"schemaname": parts[-2]} if len(parts) > 1 else {})}
            target = session.find_relation(node)
            if target is not None:
                yield target.oid, 0
        return
    for oid in session.names_in_path(session.catalog.types, names):
        yield oid, 0
        break


def rebind(catalog: Catalog, expression: Expression, owner: Relation, other: Relation) -> Expression:
    """The expression over another table that has columns of the same names (a child, a copy)."""
    del catalog
    columns = []
    for name, number in expression.columns:
        column = owner.column_at(number)
        own = other.column(column.name if column is not None else name)
        columns.append((name, own.number if own is not None else number))
    return msgspec.structs.replace(expression, columns=tuple(columns))


def same_expression(catalog: Catalog, left: Expression, right: Expression) -> bool:
    """Whether two expressions over tables with the same columns are the same."""
    del catalog
    return left.columns == right.columns and _bare(left.node) == _bare(right.node)


def _bare(node: Any) -> Any:  # noqa: ANN401 - a tree
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if "location" not in key and "list_" not in key}
    if isinstance(node, list):
        return [_bare(item) for item in node]
    return node
