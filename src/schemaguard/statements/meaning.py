"""What a statement does, as a text that is the same however it is laid out, commented and spelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from pglast.parser import ParseError

from schemaguard.statements.comments import COMMENTS
from schemaguard.statements.scanning import scan

if TYPE_CHECKING:
    from schemaguard.statements.statement import Node, Statement

_PLACES = frozenset(("stmt_len", "list_start", "list_end", "rexpr_list_start", "rexpr_list_end"))
"""Fields that hold places, beside those whose name ends in `location`."""

_WITH_BODIES = frozenset(("CreateFunctionStmt", "DoStmt"))
_READ_BY_WORDS = frozenset(("plpgsql", "sql"))


def meaning(statement: Statement) -> str:
    """The statement's tree without places; bodies of PL/pgSQL and SQL by their words, left out rows as written."""
    node = _without_places(statement.node)
    if statement.kind in _WITH_BODIES:
        _normalize_bodies(node)
    rows = [span.text for span in statement.left_out]
    return orjson.dumps([statement.kind, node, rows], option=orjson.OPT_SORT_KEYS).decode()


def words_of(sql: str) -> str:
    """The words of a text that need not be a statement: no comments, one space between, lower case where it may be."""
    try:
        tokens = [*scan(sql)]
    except ParseError:
        return " ".join(sql.split())
    found = (sql[token.start : token.end + 1] for token in tokens if token.name not in COMMENTS)
    return " ".join(word if word[0] in "\"'$" or "'" in word else word.lower() for word in found)


def _without_places(node: Any) -> Any:  # noqa: ANN401 - any level of the tree
    if isinstance(node, dict):
        return {
            key: _without_places(value)
            for key, value in node.items()
            if key not in _PLACES and not key.endswith("location")
        }
    if isinstance(node, list):
        return [_without_places(each) for each in node]
    return node


def _normalize_bodies(node: Node) -> None:
    """Put words in place of the texts of a routine or DO block; the tree is a copy."""
    given: list[Node] = node["options"] if "options" in node else node.get("args", [])
    options = {option["DefElem"]["defname"]: option["DefElem"].get("arg", {}) for option in given}
    language = options.get("language", {}).get("String", {}).get("sval", "plpgsql")
    if str(language).lower() not in _READ_BY_WORDS:
        return
    body: Node = options.get("as", {})
    parts: list[Node] = body["List"]["items"] if "List" in body else [body]
    for part in parts:
        if text := part.get("String", {}).get("sval"):
            part["String"]["sval"] = words_of(text)
