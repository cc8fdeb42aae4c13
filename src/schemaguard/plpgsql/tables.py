"""The relations that one statement uses, and the literals that it holds against their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.model import Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.session import Session
    from schemaguard.statements.statement import Node, Statement
    from schemaguard.text import Span

_CHANGES = {"InsertStmt": "insert", "UpdateStmt": "update", "DeleteStmt": "delete"}
_ROW_NAMES = frozenset(("new", "old"))

Found = tuple[int, str, "Span", tuple[str, ...]]
LiteralFound = tuple[int, str, str, str, "Span"]


class StatementReader:
    """Resolves names in `session`; `row_of` is the table whose rows NEW and OLD are, or 0."""

    def __init__(self, session: Session, row_of: int) -> None:
        """Take both."""
        self.session = session
        self.row_of = row_of

    # Relations

    def accesses(self, statement: Statement) -> Iterator[Found]:
        """Relation (0: not known), command, place and named columns of each use."""
        targets: set[int] = set()
        for kind, node in _statements_in({statement.kind: statement.node}):
            yield from self._changes(kind, node, statement, targets)
        for node in _range_vars({statement.kind: statement.node}):
            if id(node) not in targets and not self._is_cte(node, statement):
                command = "select" if statement.kind in _READING else "other"
                yield self._oid(node), command, _span(node, statement), ()

    def _changes(self, kind: str, node: Node, statement: Statement, targets: set[int]) -> Iterator[Found]:
        if kind in _CHANGES:
            relation = node["relation"]
            targets.add(id(relation))
            columns = tuple(
                item["ResTarget"]["name"] for item in node.get("cols") or node.get("targetList") or ()
            )
            shown = columns if kind != "DeleteStmt" else ()
            yield self._oid(relation), _CHANGES[kind], _span(relation, statement), shown
            if (node.get("onConflictClause") or {}).get("action") == "ONCONFLICT_UPDATE":
                yield self._oid(relation), "update", _span(relation, statement), ()
        elif kind == "TruncateStmt":
            for item in node["relations"]:
                targets.add(id(item["RangeVar"]))
                yield self._oid(item["RangeVar"]), "truncate", _span(item["RangeVar"], statement), ()
        elif kind == "MergeStmt":
            relation = node["relation"]
            targets.add(id(relation))
            for clause in node.get("mergeWhenClauses") or ():
                command = clause["MergeWhenClause"].get("commandType", "").removeprefix("CMD_").lower()
                if command in ("insert", "update", "delete"):
                    yield self._oid(relation), command, _span(relation, statement), ()
        elif kind == "CopyStmt" and node.get("is_from") and "relation" in node:
            targets.add(id(node["relation"]))
            yield self._oid(node["relation"]), "insert", _span(node["relation"], statement), ()

    def _oid(self, node: Node) -> int:
        found = self.session.find_relation(node)
        return 0 if found is None else int(found.oid)

    def _is_cte(self, node: Node, statement: Statement) -> bool:
        if "schemaname" in node:
            return False
        return any(
            fields["ctename"] == node["relname"]
            for fields in _tagged({"": statement.node}, "CommonTableExpr")
        )

    # Literals

    def literals(self, statement: Statement) -> Iterator[LiteralFound]:
        """Relation, column, value, use and place of each string literal that meets a column."""
        relations = self._named(statement)
        root = {statement.kind: statement.node}
        for fields in _tagged(root, "A_Expr"):
            yield from self._compared(fields, relations, statement)
        for fields in _tagged(root, "CaseExpr"):
            yield from self._case(fields, relations, statement)
        for kind, node in _statements_in(root):
            if kind == "InsertStmt":
                yield from self._inserted(node, statement)
            elif kind == "UpdateStmt":
                target = self._oid(node["relation"])
                for item in node.get("targetList") or ():
                    yield from _each(
                        item["ResTarget"]["val"], target, item["ResTarget"]["name"], "assigned", statement
                    )

    def assigned(self, column: str, statement: Statement) -> Iterator[LiteralFound]:
        """The literals of an expression (a SELECT of it) that is assigned to a column of the trigger's row."""
        for item in statement.node.get("targetList") or ():
            yield from _each(item["ResTarget"]["val"], self.row_of, column, "assigned", statement)

    def _named(self, statement: Statement) -> dict[str, Relation]:
        """The relations of a statement under the names that its columns are qualified with."""
        found: dict[str, Relation] = {}
        for node in _range_vars({statement.kind: statement.node}):
            record = self.session.find_relation(node)
            if isinstance(record, Relation):
                found[str((node.get("alias") or node).get("aliasname", node["relname"]))] = record
        row = self.session.catalog.objects.get(self.row_of)
        if isinstance(row, Relation):
            found.update(dict.fromkeys(_ROW_NAMES, row))
        return found

    def _compared(
        self, fields: Node, relations: dict[str, Relation], statement: Statement
    ) -> Iterator[LiteralFound]:
        if fields["kind"] not in _COMPARISONS or "lexpr" not in fields:
            return
        for one, other in ((fields["lexpr"], fields["rexpr"]), (fields["rexpr"], fields["lexpr"])):
            column = _column(one, relations)
            if column is not None:
                yield from _each(other, column[0], column[1], "compared", statement)

    def _case(
        self, fields: Node, relations: dict[str, Relation], statement: Statement
    ) -> Iterator[LiteralFound]:
        column = _column(fields["arg"], relations) if "arg" in fields else None
        if column is not None:
            for item in fields["args"]:
                yield from _each(item["CaseWhen"]["expr"], column[0], column[1], "compared", statement)

    def _inserted(self, node: Node, statement: Statement) -> Iterator[LiteralFound]:
        relation = self.session.find_relation(node["relation"])
        if not isinstance(relation, Relation):
            return
        names = [item["ResTarget"]["name"] for item in node.get("cols") or ()]
        names = names or [column.name for column in relation.columns]
        query = (node.get("selectStmt") or {}).get("SelectStmt", {})
        rows = [item["List"]["items"] for item in query.get("valuesLists") or ()]
        if not rows and "targetList" in query:
            rows = [[item["ResTarget"]["val"] for item in query["targetList"]]]
        for row in rows:
            for name, value in zip(names, row, strict=False):
                yield from _each(value, relation.oid, name, "assigned", statement)


_READING = frozenset(
    ("SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "CreateTableAsStmt")
)
_COMPARISONS = frozenset(
    (
        "AEXPR_OP",
        "AEXPR_OP_ANY",
        "AEXPR_OP_ALL",
        "AEXPR_IN",
        "AEXPR_DISTINCT",
        "AEXPR_NOT_DISTINCT",
        "AEXPR_LIKE",
    )
)


def _span(node: Node, statement: Statement) -> Span:
    """The place of a node: from its location to the end of the word, name or constant there."""
    start = node.get("location", -1)
    if start < 0:
        return statement.span
    text = statement.text
    first = text.character_offset(start)
    last = first
    quote = ""
    while last < len(text.text):
        char = text.text[last]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif not (char.isalnum() or char in "_.$"):
            break
        last += 1
    return text.span(first, max(last, first + 1))


def _column(node: Node, relations: dict[str, Relation]) -> tuple[int, str] | None:
    """Relation and name of the column that an expression is, casts aside."""
    tag, fields = only(node)
    while tag in ("TypeCast", "CollateClause"):
        tag, fields = only(fields["arg"])
    if (
        tag == "FuncCall"
        and strings(fields["funcname"])[-1] in ("lower", "upper", "btrim")
        and "args" in fields
    ):
        tag, fields = only(fields["args"][0])
    if tag != "ColumnRef" or "String" not in fields["fields"][-1]:
        return None
    names = strings(fields["fields"])
    if len(names) > 1:
        record = relations.get(names[-2])
        return (
            (record.oid, names[-1]) if record is not None and record.column(names[-1]) is not None else None
        )
    for name, record in relations.items():
        if name not in _ROW_NAMES and record.column(names[0]) is not None:
            return record.oid, names[0]
    return None


def _each(node: Node, relation: int, column: str, use: str, statement: Statement) -> Iterator[LiteralFound]:
    """The string literals that an expression can be: a constant, an item of a list, a branch of CASE or COALESCE."""
    tag, fields = only(node)
    if tag == "A_Const":
        if "sval" in fields:
            yield relation, column, fields["sval"].get("sval", ""), use, _span(fields, statement)
        return
    inner: list[Node] = []
    if tag == "TypeCast":
        inner = [fields["arg"]]
    elif tag == "List":
        inner = fields.get("items") or []
    elif tag == "A_ArrayExpr":
        inner = fields.get("elements") or []
    elif tag == "CoalesceExpr":
        inner = fields["args"]
    elif tag == "CaseExpr":
        inner = [item["CaseWhen"]["result"] for item in fields["args"]]
        inner += [fields["defresult"]] if "defresult" in fields else []
    for item in inner:
        yield from _each(item, relation, column, use, statement)


def _statements_in(root: Any) -> Iterator[tuple[str, Node]]:  # noqa: ANN401 - a tree
    """Every statement node in a tree: the root, and those in WITH."""
    for item in _walk(root):
        for tag, fields in item.items():
            if tag.endswith("Stmt") and isinstance(fields, dict):
                yield tag, fields


def _tagged(root: Any, tag: str) -> Iterator[Node]:  # noqa: ANN401 - a tree
    return (item[tag] for item in _walk(root) if tag in item)


def _range_vars(root: Any) -> Iterator[Node]:  # noqa: ANN401 - a tree
    return (item for item in _walk(root) if "relname" in item)


def _walk(root: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a tree
    """Every dict of a tree, in order."""
    stack = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))
