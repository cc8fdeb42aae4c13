"""All SQL in a body, in the order in which it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.plpgsql.language import tree

if TYPE_CHECKING:
    from collections.abc import Iterator


class Part(NamedTuple):
    """A fragment and how to read it.

    `kind`: statement (as it stands); expression (what stands after SELECT); dynamic (an expression whose value is a
    statement). `target` is what an expression is assigned to, "" where it is not.
    """

    kind: str
    fragment: tree.Fragment
    target: str = ""


def parts(node: Any) -> Iterator[Part]:  # noqa: ANN401 - a node, or tuples of nodes and fragments
    """The fragments under a node."""
    if isinstance(node, tree.Fragment):
        yield Part("expression", node)
    elif isinstance(node, tree.Assign):
        yield Part("expression", node.value, node.target.text)
    elif isinstance(node, tree.Perform):
        yield Part("expression", node.query)
    elif isinstance(node, tree.Node):
        special = _SPECIAL.get(type(node), {})
        for name in node.__struct_fields__:
            kind = special.get(name)
            value = getattr(node, name)
            if kind == "skip" or value is None:
                continue
            if isinstance(value, tree.Fragment) and kind is not None:
                yield Part(kind, value)
            else:
                yield from parts(value)
    elif isinstance(node, tuple):
        for item in node:
            yield from parts(item)


# Which fields hold something else than an expression.
_SPECIAL: dict[type, dict[str, str]] = {
    tree.Declaration: {"type": "skip", "query": "statement", "parameters": "skip"},
    tree.ForRows: {"targets": "skip", "query": "statement", "execute": "dynamic"},
    tree.ForEach: {"targets": "skip"},
    tree.ReturnQuery: {"query": "statement", "execute": "dynamic"},
    tree.Sql: {"statement": "statement", "into": "skip"},
    tree.Execute: {"command": "dynamic", "into": "skip"},
    tree.GetDiagnostics: {"items": "skip"},
    tree.OpenCursor: {"query": "statement", "execute": "dynamic"},
    tree.FetchCursor: {"into": "skip"},
}
