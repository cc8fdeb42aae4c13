"""
One expression or query, given to the server and to the analysis: what each makes of it.

Both answers are text: what is printed, or the SQLSTATE and message of the refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis.binding import bind_expression, is_null
from schemaguard.catalog.analysis.deparse import expression_text, query_text
from schemaguard.catalog.analysis.query import analyse_query
from schemaguard.catalog.analysis.types import format_type, require_column_type
from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.catalog.model import Relation, TypeRef
from schemaguard.statements.parse import parse
from schemaguard.statements.statement import Statement
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from schemaguard.catalog.session import Session
    from schemaguard.statements.statement import Node

    Connection = psycopg.Connection[Any]

CORPUS = Path(__file__).parent / "corpus"


def lines(name: str) -> list[str]:
    """The lines of a corpus file, without comments."""
    text = (CORPUS / f"{name}.sql").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("--")]


def paragraphs(name: str) -> list[str]:
    """The statements of a corpus file: each ends with a semicolon at the end of a line."""
    text = (CORPUS / f"{name}.sql").read_text(encoding="utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return [part.strip() for part in kept.split(";\n") if part.strip()]


def statement(sql: str) -> Node | None:
    """The fields of a statement, None where the grammar refuses it."""
    [parsed] = parse(SqlText.whole_file(SourceFile("case.sql", sql)))
    return parsed.node if isinstance(parsed, Statement) else None


def ask(connection: Connection, statements: list[str], query: str) -> str:
    """What the server answers to a query after some statements, all of it rolled back."""
    import psycopg

    try:
        with connection.transaction(force_rollback=True):
            for sql in statements:
                connection.execute(sql.encode())
            connection.execute("SET LOCAL search_path = public")
            rows = connection.execute(query.encode()).fetchall()
            return "\n".join(" | ".join(str(value) for value in row) for row in rows)
    except psycopg.errors.SyntaxError as error:
        if str(error.diag.message_primary).startswith("syntax error"):
            return "42601"
        return f"{error.sqlstate} {error.diag.message_primary}"
    except psycopg.Error as error:
        return f"{error.sqlstate} {error.diag.message_primary}"


def answer(compute: Callable[[], str]) -> str:
    """What the analysis answers."""
    try:
        return compute()
    except Refused as refused:
        return f"{refused.sqlstate} {refused.message}"
    except Opaque as opaque:
        return f"unknown: {opaque.reason}"


def relation_of(session: Session, name: str) -> Relation:
    """The relation of a possibly qualified name."""
    node = statement(f"SELECT 1 FROM {name}")
    if node is None:
        raise ValueError(name)
    found = session.relation(node["fromClause"][0]["RangeVar"])
    if not isinstance(found, Relation):
        raise TypeError(found)
    return found


def check(connection: Connection, session: Session, expression: str) -> tuple[str, str]:
    """A CHECK constraint of `orders`: what the server prints, and what we do."""
    sql = f"ALTER TABLE orders ADD CONSTRAINT tried CHECK ({expression})"
    query = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'tried'"

    def ours() -> str:
        node = statement(sql)
        if node is None:
            return "42601"
        raw = node["cmds"][0]["AlterTableCmd"]["def"]["Constraint"]["raw_expr"]
        table = relation_of(session, "orders")
        return expression_text(session.catalog, bind_expression(session, raw, table, None), table)

    return ask(connection, [sql], query), answer(ours)


def default(connection: Connection, session: Session, line: str) -> tuple[str, str]:
    """A default, given as ``table.column: expression``."""
    column, _, expression = line.partition(": ")
    table_name, _, column_name = column.partition(".")
    sql = f"ALTER TABLE {table_name} ALTER {column_name} SET DEFAULT {expression}"
    query = f"""
        SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
        JOIN pg_attribute a ON (a.attrelid, a.attnum) = (d.adrelid, d.adnum)
        WHERE d.adrelid = '{table_name}'::regclass AND quote_ident(a.attname) = '{column_name}'"""

    def ours() -> str:
        node = statement(sql)
        if node is None:
            return "42601"
        command = node["cmds"][0]["AlterTableCmd"]
        if "def" not in command or command["def"].get("A_Const", {}).get("isnull"):
            return ""  # DEFAULT NULL is no default
        table = relation_of(session, table_name)
        wanted = table.column(command["name"])
        if wanted is None:
            raise ValueError(line)
        bound = bind_expression(
            session, command["def"], table, None, context="default", target=wanted.type, name=wanted.name
        )
        return "" if is_null(bound) else expression_text(session.catalog, bound, table)

    return ask(connection, [sql], query), answer(ours)


def policy(connection: Connection, session: Session, expression: str) -> tuple[str, str]:
    """USING of a policy on `orders`."""
    sql = f"CREATE POLICY tried ON orders USING ({expression})"
    query = "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polname = 'tried'"

    def ours() -> str:
        node = statement(sql)
        if node is None:
            return "42601"
        table = relation_of(session, "orders")
        bound = bind_expression(session, node["qual"], table, None, context="policy")
        return expression_text(session.catalog, bound, table)

    return ask(connection, [sql], query), answer(ours)


def view(connection: Connection, session: Session, select: str) -> tuple[str, str]:
    """A view: its columns with their types, and its text."""
    names = _unique_names(session, select)
    listed = f" ({', '.join(names)})" if names else ""
    sql = f"CREATE VIEW tried{listed} AS {select}"
    columns = """
        SELECT string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = 'tried'::regclass AND attnum > 0"""
    query = f"SELECT ({columns}) || E'\\n' || pg_get_viewdef('tried'::regclass)"

    def ours() -> str:
        node = statement(sql)
        if node is None:
            return "42601"
        found = analyse_query(session, node["query"])
        for column in found.columns:
            require_column_type(session.catalog, column.name, column.type)
        shown = names or [column.name for column in found.columns]
        described = ", ".join(
            _column(session, name, of.type) for name, of in zip(shown, found.columns, strict=True)
        )
        return f"{described}\n{query_text(session.catalog, found.expression, shown)}"

    return ask(connection, [sql], query), answer(ours)


def _unique_names(session: Session, select: str) -> list[str]:
    """Column names to give the view, where those of the query are not unique."""
    node = statement(f"CREATE VIEW tried AS {select}")
    if node is None:
        return []
    try:
        columns = analyse_query(session, node["query"]).columns
    except (Refused, Opaque):
        return []
    if len({column.name for column in columns}) == len(columns):
        return []
    return [f"c{at}" for at in range(1, len(columns) + 1)]


def _column(session: Session, name: str, of: TypeRef) -> str:
    from schemaguard.catalog.names import quote_identifier

    return f"{quote_identifier(name)} {format_type(session.catalog, of)}"


Case = Callable[["Connection", "Session", str], tuple[str, str]]

CORPORA: dict[str, Case] = {
    "checks": check,
    "checks_refused": check,
    "defaults": default,
    "defaults_refused": default,
    "policies": policy,
}


def cases() -> Iterator[tuple[str, str]]:
    """Every case of every corpus of expressions: the corpus and the line."""
    for name in CORPORA:
        for line in lines(name):
            yield name, line
