"""PL/pgSQL bodies read for one thing only: what they return."""

from __future__ import annotations

import re
from typing import Any

import orjson
from pglast.parser import ParseError, parse_plpgsql_json

_HEADER = "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS "


def only_return(body: str) -> str:
    """The text of the one RETURN of a body that does nothing else than (declare and) return; "" otherwise."""
    tag = "$body$"
    while tag in body:
        tag = f"${tag.strip('$')}x$"
    try:
        [function] = orjson.loads(parse_plpgsql_json(f"{_HEADER}{tag}{body}{tag}"))
    except (ParseError, ValueError):
        return ""
    block = function["PLpgSQL_function"]["action"]["PLpgSQL_stmt_block"]
    statements: list[dict[str, Any]] = block.get("body") or []
    returns = [item["PLpgSQL_stmt_return"] for item in statements if "PLpgSQL_stmt_return" in item]
    with_value = [item for item in returns if "expr" in item]
    if (
        len(with_value) != 1
        or any("PLpgSQL_stmt_return" not in item for item in statements)
        or "exceptions" in block
    ):
        return ""
    query = str(with_value[0]["expr"]["PLpgSQL_expr"]["query"])
    return re.sub(r"^SELECT\s+", "", query)
