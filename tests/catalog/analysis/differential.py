"""
One expression or query, given to the server and to the analysis: what each makes of it.

Both answers are text: what is printed, or the SQLSTATE and message of the refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis.binding import bind_expression, is_null, is_true, plain_column
from schemaguard.catalog.analysis.deparse import expression_text, index_key_text, query_text
from schemaguard.catalog.analysis.query import analyse_query
from schemaguard.catalog.analysis.types import format_type, require_column_type, resolve_type
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
        shown = names or [column.name for column in found.columns]
        for name, column in zip(shown, found.columns, strict=True):
            require_column_type(session.catalog, name, column.type)
        described = ", ".join(
            _column(session, name, of.type) for name, of in zip(shown, found.columns, strict=True)
        )
        return f"{described}\n{query_text(session.catalog, found.expression, shown)}"

    return ask(connection, [sql], query), answer(ours)


def view_dependencies(connection: Connection, session: Session, select: str) -> tuple[str, str]:
    """What a view depends on: (class, object, column) of each user-defined object."""
    names = _unique_names(session, select)
    listed = f" ({', '.join(names)})" if names else ""
    query = """
        SELECT DISTINCT refobjid::int8, refobjsubid FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND r.ev_class = 'tried'::regclass AND d.deptype = 'n'
          AND d.refobjid >= 16384 AND d.refobjid <> 'tried'::regclass ORDER BY 1, 2"""

    def ours() -> str:
        node = statement(f"CREATE VIEW tried AS {select}")
        if node is None:
            return "42601"
        found = analyse_query(session, node["query"])
        shown = names or [column.name for column in found.columns]
        for name, column in zip(shown, found.columns, strict=True):
            require_column_type(session.catalog, name, column.type)
        return "\n".join(f"{oid} | {sub}" for oid, sub in sorted(found.depends))

    return ask(connection, [f"CREATE VIEW tried{listed} AS {select}"], query), answer(ours)


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


def in_context(connection: Connection, session: Session, line: str) -> tuple[str, str]:
    """An expression somewhere else, given as ``context type: expression``; see `corpus/contexts.sql`."""
    place, _, expression = line.partition(": ")
    context, _, of = place.partition(" ")
    sql, query = _CONTEXTS[context]
    asked = ask(connection, [part.format(expression=expression, type=of) for part in sql], query)
    return asked, answer(lambda: _bound_in(session, context, of, expression))


_INDEXED = "SELECT pg_get_indexdef(indexrelid, 1, false) FROM pg_index WHERE indexrelid = 'tried'::regclass"
_CONTEXTS = {
    "index": (["CREATE INDEX tried ON orders ({expression})"], _INDEXED),
    "predicate": (
        ["CREATE INDEX tried ON orders (id) WHERE {expression}"],
        "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'tried'::regclass",
    ),
    "generated": (
        ["ALTER TABLE orders ADD tried {type} GENERATED ALWAYS AS ({expression}) STORED"],
        """SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute
           ON (attrelid, attnum) = (adrelid, adnum) WHERE attname = 'tried'""",
    ),
    "when": (
        ["CREATE TRIGGER tried BEFORE UPDATE ON orders FOR EACH ROW WHEN ({expression}) EXECUTE FUNCTION touch()"],
        r"SELECT substring(pg_get_triggerdef(oid) from 'WHEN \((.*)\) EXECUTE') FROM pg_trigger WHERE tgname = 'tried'",
    ),
    "domain": (
        ["CREATE DOMAIN tried AS {type} CHECK ({expression})"],
        "SELECT pg_get_expr(conbin, 0) FROM pg_constraint WHERE contypid = 'tried'::regtype AND contype = 'c'",
    ),
    "partition": (
        ["CREATE TABLE tried (LIKE orders) PARTITION BY RANGE ({expression})"],
        """SELECT regexp_replace(pg_get_partkeydef('tried'::regclass), '^RANGE \\((.*)\\)$', '\\1')""",
    ),
}  # fmt: skip


def _bound_in(session: Session, context: str, of: str, expression: str) -> str:
    table = relation_of(session, "orders")
    catalog = session.catalog
    if context in ("index", "partition"):
        tree = statement(f"CREATE INDEX ON orders ({expression})")
        element = tree["indexParams"][0]["IndexElem"] if tree is not None else {}
        if "expr" not in element:
            return "42601"
        bound = bind_expression(session, element["expr"], table, None, context=context)
        if (plain := plain_column(bound)) is not None:
            column = table.column_at(plain[0])
            return column.name if column is not None else "?"
        return index_key_text(catalog, bound, table)
    node = statement(f"SELECT {expression}")
    if node is None:
        return "42601"
    raw = node["targetList"][0]["ResTarget"]["val"]
    if context == "domain":
        base = _type_of(session, of)
        return expression_text(
            catalog, bind_expression(session, raw, None, None, context=context, value=base), None
        )
    target = _type_of(session, of) if context == "generated" else None
    bound = bind_expression(
        session, raw, table, None, context=context, target=target, new_old=context == "when", name="tried"
    )
    if context == "predicate" and is_true(bound):
        return "None"
    return expression_text(catalog, bound, table)


def _type_of(session: Session, spelling: str) -> TypeRef:
    node = statement(f"CREATE TABLE t (c {spelling})")
    if node is None:
        raise ValueError(spelling)
    return resolve_type(session, node["tableElts"][0]["ColumnDef"]["typeName"])


CORPORA["contexts"] = in_context
