"""Small readers of libpg_query's JSON, shared by the handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schemaguard.statements.statement import Node


def only(node: Node) -> tuple[str, Node]:
    """Tag and fields of a ``{tag: fields}`` node."""
    [(tag, fields)] = node.items()
    return tag, fields


def string(node: Node) -> str:
    """The text of a String node (an absent `sval` is the empty string)."""
    return str(node["String"].get("sval", ""))


def strings(nodes: list[Node] | None) -> list[str]:
    """The texts of a list of String nodes, such as the parts of a qualified name."""
    return [str(node["String"].get("sval", "")) for node in nodes or ()]


def integer(node: Node) -> int:
    """The value of an Integer node or integer constant (absent means 0)."""
    tag, fields = only(node)
    if tag == "A_Const":
        return int(fields.get("ival", {}).get("ival", 0))
    return int(fields.get("ival", 0))


def options(nodes: list[Node] | None) -> dict[str, Node | None]:
    """A list of DefElem nodes as name to argument node (None where the option has no argument); the last one wins."""
    return {element["DefElem"]["defname"]: element["DefElem"].get("arg") for element in nodes or ()}


def option_value(node: Node | None) -> Any:  # noqa: ANN401 - str, int, bool, list of them, or None
    """The plain value of a DefElem argument: text, number, truth value or a list of those."""
    if node is None:
        return None
    tag, fields = only(node)
    match tag:
        case "String":
            return fields.get("sval", "")
        case "Integer":
            return fields.get("ival", 0)
        case "Float":
            return fields.get("fval", "0")
        case "Boolean":
            return fields.get("boolval", False)
        case "List":
            return [option_value(item) for item in fields.get("items", ())]
        case "TypeName":
            return ".".join(strings(fields.get("names")))
        case "A_Const":
            return constant(fields)
        case "TypeCast":
            return option_value(fields["arg"])
    return None


def constant(fields: Node) -> Any:  # noqa: ANN401 - str, int, bool or None
    """The value of an A_Const: str for strings and non-integer numbers, int, bool, or None for NULL."""
    if fields.get("isnull"):
        return None
    for key, field, zero in (("sval", "sval", ""), ("ival", "ival", 0), ("boolval", "boolval", False)):
        if key in fields:
            return fields[key].get(field, zero)
    if "fval" in fields:
        return fields["fval"].get("fval", "0")
    return fields.get("bsval", {}).get("bsval", "")


def truth(node: Node | None) -> bool:
    """The boolean of a DefElem argument as `defGetBoolean` reads it: absent is true."""
    value = option_value(node)
    if value is None or isinstance(value, bool):
        return value is not False
    return str(value).lower() in ("1", "true", "on", "yes", "t", "y")


def role_names(nodes: list[Node] | None) -> list[Node]:
    """The RoleSpec fields of a list of RoleSpec nodes."""
    return [node["RoleSpec"] for node in nodes or ()]
