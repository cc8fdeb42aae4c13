"""The target list: what a SELECT puts out, and what ORDER BY and GROUP BY may call by name or number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import SYNTAX_ERROR, UNDEFINED_TABLE, Refused
from schemaguard.plpgsql.expressions.compile import compile_node
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.plpgsql.expressions.scope import Env, Getter, Scope
    from schemaguard.statements.statement import Node


class Targets:
    """The compiled target list."""

    def __init__(self, nodes: list[Node], scope: Scope) -> None:
        """Compile it, stars expanded."""
        self.scope = scope
        self.columns: list[str] = []
        self.gets: list[Getter] = []
        for node in nodes:
            for name, get in self._target(node["ResTarget"]):
                self.columns.append(name)
                self.gets.append(get)

    def row(self, env: Env) -> tuple[Value, ...]:
        """The values for the rows at hand."""
        return tuple(get(env) for get in self.gets)

    def _target(self, fields: Node) -> Iterator[tuple[str, Getter]]:
        tag, inner = only(fields["val"])
        if tag == "ColumnRef" and "A_Star" in inner["fields"][-1]:
            yield from self._star(strings(inner["fields"][:-1]))
        elif tag == "A_Indirection" and "A_Star" in inner["indirection"][-1]:
            raise Unanswerable("the expansion of a composite value is not evaluated here")
        else:
            yield fields.get("name") or output_name(fields["val"]), compile_node(fields["val"], self.scope)

    def _star(self, names: list[str]) -> Iterator[tuple[str, Getter]]:
        scope = self.scope
        if not names:
            yield from scope.merged.items()
        found = False
        for at, entry in enumerate(scope.entries):
            if names and (entry.name != names[-1]):
                continue
            found = True
            if entry.unknown:
                raise Unanswerable(entry.unknown)
            for name in entry.columns:
                if names or name not in scope.merged:
                    yield name, scope.column(at, name)
        if not found:
            variable = scope.variables.find(names) if names else None
            value = variable() if variable is not None else None
            if variable is None or not isinstance(value, (Record, Unknown)):
                what = f'missing FROM-clause entry for table "{names[-1]}"' if names else None
                raise Refused(UNDEFINED_TABLE, what or "SELECT * with no tables specified is not valid")
            if isinstance(value, Unknown):
                raise Unanswerable(value.reason)
            for at, name in enumerate(value.names):
                yield name, _constant(value.values[at])

    def sort_key(self, node: Node) -> Getter:
        """An item of ORDER BY or DISTINCT ON: an output name or number before an expression."""
        tag, fields = only(node)
        if tag == "A_Const" and "ival" in fields:
            return self._numbered(int(fields["ival"].get("ival", 0)), "ORDER BY")
        if tag == "ColumnRef" and len(fields["fields"]) == 1 and "String" in fields["fields"][0]:
            name = strings(fields["fields"])[0]
            if name in self.columns:
                return self.gets[self.columns.index(name)]
        return compile_node(node, self.scope)

    def group_key(self, node: Node) -> Getter:
        """An item of GROUP BY: a number, an input column before an output name, or an expression."""
        tag, fields = only(node)
        if tag == "A_Const" and "ival" in fields:
            return self._numbered(int(fields["ival"].get("ival", 0)), "GROUP BY")
        if tag == "ColumnRef" and len(fields["fields"]) == 1 and "String" in fields["fields"][0]:
            name = strings(fields["fields"])[0]
            if self.scope.local([name]) is None and name in self.columns:
                return self.gets[self.columns.index(name)]
        return compile_node(node, self.scope)

    def _numbered(self, number: int, clause: str) -> Getter:
        if not 1 <= number <= len(self.gets):
            raise Refused(SYNTAX_ERROR, f"{clause} position {number} is not in select list")
        return self.gets[number - 1]


def _constant(value: Value) -> Getter:
    return lambda _env: value


def output_name(node: Node) -> str:
    """The name that PostgreSQL gives to an expression in a target list (`FigureColname`)."""
    return _name(node)[0]


def _name(node: Node) -> tuple[str, int]:
    """A name and its strength: 0 for none, 1 for a type's or CASE, which a better one replaces, 2 for others."""
    tag, fields = only(node)
    namer = _NAMERS.get(tag)
    return ("?column?", 0) if namer is None else namer(fields)


def _last_field(fields: Node) -> tuple[str, int]:
    return strings([item for item in fields["fields"] if "String" in item])[-1], 2


def _indirection_name(fields: Node) -> tuple[str, int]:
    names = [item["String"]["sval"] for item in fields["indirection"] if "String" in item]
    return (names[-1], 2) if names else _name(fields["arg"])


def _cast_name(fields: Node) -> tuple[str, int]:
    name, strength = _name(fields["arg"])
    return (name, strength) if strength > 1 else (strings(fields["typeName"]["names"])[-1], 1)


def _case_name(fields: Node) -> tuple[str, int]:
    name, strength = _name(fields["defresult"]) if "defresult" in fields else ("", 0)
    return (name, strength) if strength > 1 else ("case", 1)


def _sublink_name(fields: Node) -> tuple[str, int]:
    kind = fields["subLinkType"]
    targets = fields["subselect"]["SelectStmt"].get("targetList") or ()
    if kind == "EXPR_SUBLINK" and targets:
        first = targets[0]["ResTarget"]
        return (first["name"], 2) if "name" in first else _name(first["val"])
    return {"EXISTS_SUBLINK": ("exists", 2), "ARRAY_SUBLINK": ("array", 2)}.get(kind, ("?column?", 0))


_NAMERS: dict[str, Callable[[Node], tuple[str, int]]] = {
    "ColumnRef": _last_field,
    "A_Indirection": _indirection_name,
    "FuncCall": lambda fields: (strings(fields["funcname"])[-1], 2),
    "TypeCast": _cast_name,
    "CollateClause": lambda fields: _name(fields["arg"]),
    "SubLink": _sublink_name,
    "CaseExpr": _case_name,
    "CoalesceExpr": lambda _fields: ("coalesce", 2),
    "A_ArrayExpr": lambda _fields: ("array", 2),
    "RowExpr": lambda _fields: ("row", 2),
    "MinMaxExpr": lambda fields: ("least" if fields.get("op") == "IS_LEAST" else "greatest", 2),
    "A_Expr": lambda fields: ("nullif", 2) if fields["kind"] == "AEXPR_NULLIF" else ("?column?", 0),
    "SQLValueFunction": lambda fields: (fields["op"].removeprefix("SVFOP_").removesuffix("_N").lower(), 2),
}
