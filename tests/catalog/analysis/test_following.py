"""
What is kept of an expression follows what happens to the objects it names, as it does on the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from schemaguard.catalog.analysis.binding import bind_expression, for_child, rebind, retarget_default
from schemaguard.catalog.analysis.deparse import expression_text, query_text
from schemaguard.catalog.analysis.query import analyse_query
from schemaguard.catalog.analysis.types import resolve_type
from schemaguard.statements.fragments import parse_expression
from tests.catalog.analysis.differential import CORPUS, lines, paragraphs, relation_of, statement
from tests.catalog.analysis.world import session_of

if TYPE_CHECKING:
    import psycopg

    from schemaguard.catalog.model import Expression, TypeRef
    from schemaguard.catalog.session import Session
    from schemaguard.statements.statement import Node

    Connection = psycopg.Connection[Any]

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def world(connection: Connection) -> Connection:
    connection.execute((CORPUS / "world.sql").read_bytes())
    return connection


def expression(text: str) -> Node:
    node = parse_expression(text)
    assert node is not None, text
    return node


def accepted(connection: Connection, sql: str) -> bool:
    """Run a statement inside the transaction; whether the server took it."""
    import psycopg

    try:
        with connection.transaction():
            connection.execute(sql.encode())
    except psycopg.Error:
        return False
    return True


def type_of(session: Session, spelling: str) -> TypeRef:
    node = statement(f"CREATE TABLE t (c {spelling})")
    assert node is not None
    return resolve_type(session, node["tableElts"][0]["ColumnDef"]["typeName"])


RENAMES = (
    "ALTER TABLE orders RENAME TO purchases",
    'ALTER TABLE purchases RENAME tenant_id TO "Owner Id"',
    "ALTER TABLE purchases RENAME amount TO total_amount",
    "ALTER TABLE purchases RENAME status TO state",
    "ALTER TABLE tenants RENAME id TO tenant_key",
    "ALTER TABLE tenants RENAME name TO title",
    "ALTER TABLE tenants SET SCHEMA app",
    "ALTER TABLE app.events RENAME kind TO type",
    "ALTER TABLE customers RENAME TO clients",
    "ALTER TABLE clients RENAME home TO residence",
    "ALTER TYPE address RENAME ATTRIBUTE city TO town",
    "ALTER TYPE status RENAME TO order_state",
    "ALTER TYPE order_state SET SCHEMA app",
    "ALTER DOMAIN email RENAME TO mail",
    "ALTER FUNCTION current_tenant() RENAME TO tenant_now",
    "ALTER FUNCTION app.has_role(text) RENAME TO is_role",
    "ALTER FUNCTION cleaned SET SCHEMA app",
    'ALTER SEQUENCE order_number_seq RENAME TO "Numbers"',
    "ALTER SCHEMA app RENAME TO application",
    "ALTER VIEW active_orders RENAME TO open_orders",
    "ALTER VIEW open_orders RENAME amount TO sum",
)


def test_policies_follow_renames(world: Connection) -> None:
    """Each is analysed under the old names, and printed under the new ones."""
    with world.transaction(force_rollback=True):
        before = session_of(world, 18)
        table = relation_of(before, "orders")
        bound: dict[str, Expression] = {}
        for at, text in enumerate(lines("policies")):
            if accepted(world, f"CREATE POLICY p{at} ON orders USING ({text})"):
                bound[f"p{at}"] = bind_expression(before, expression(text), table, None, context="policy")
        for sql in RENAMES:
            world.execute(sql.encode())
        world.execute("SET LOCAL search_path = public")
        expected = dict(
            world.execute("SELECT polname, pg_get_expr(polqual, polrelid) FROM pg_policy").fetchall()
        )
        after = session_of(world, 18)
        renamed = relation_of(after, "purchases")

        assert {name: expression_text(after.catalog, one, renamed) for name, one in bound.items()} == expected


def test_views_follow_renames(world: Connection) -> None:
    """All but the names of their own columns, which stay."""
    with world.transaction(force_rollback=True):
        before = session_of(world, 18)
        bound: dict[str, tuple[Expression, list[str]]] = {}
        for at, select in enumerate(paragraphs("views")):
            if not accepted(world, f"CREATE VIEW v{at} AS {select}"):
                continue
            node = statement(f"CREATE VIEW v AS {select}")
            assert node is not None
            found = analyse_query(before, node["query"])
            bound[f"v{at}"] = found.expression, [column.name for column in found.columns]
        for sql in RENAMES:
            world.execute(sql.encode())
        world.execute("SET LOCAL search_path = public")
        query = "SELECT relname, pg_get_viewdef(oid) FROM pg_class WHERE relname ~ '^v[0-9]+$'"
        expected = dict(world.execute(query.encode()).fetchall())
        after = session_of(world, 18)

        assert {
            name: query_text(after.catalog, one, columns) for name, (one, columns) in bound.items()
        } == expected


CHANGED_TYPES = [
    ("kind", "text", "kind IN ('a', 'b')"),
    ("kind", "text", "kind = 'a'"),
    ("kind", "varchar(50)", "kind = 'a' OR kind::text = 'b'"),
    ("kind", "char(20)", "lower(kind) = 'x'"),
    ("note", "varchar(10)", "note IN ('a', 'b')"),
    ("note", "varchar(10)", "note LIKE 'a%' AND note <> ''"),
    ("quantity", "bigint", "quantity > 0 AND quantity IN (1, 2)"),
    ("quantity", "numeric(10,2)", "quantity > 0"),
    ("quantity", "numeric", "quantity BETWEEN 1 AND 10"),
    ("quantity", "text USING quantity::text", "quantity > 0"),
    ("amount", "double precision", "amount >= 0.5 AND amount < 100"),
    ("amount", "integer", "amount > 0.5"),
    ("amount", "bigint", "amount * quantity > 10"),
    ("due", "timestamptz", "due > '2020-01-01'"),
    ("placed_at", "timestamp", "placed_at > deleted_at"),
    ("status", "text USING status::text", "kind <> 'x'"),
    ("currency", "text", "currency = upper(currency)"),
    ("amount_cents", "numeric", "amount_cents % 2 = 0"),
]


@pytest.mark.parametrize(("column", "new_type", "check"), CHANGED_TYPES)
def test_a_check_is_read_again_when_a_column_changes_its_type(
    world: Connection, column: str, new_type: str, check: str
) -> None:
    import psycopg

    from schemaguard.catalog.errors import Refused

    with world.transaction(force_rollback=True):
        world.execute("DROP VIEW active_orders, app.wide")
        world.execute("DROP FUNCTION total, tenant_orders")
        world.execute(f"ALTER TABLE orders ADD CONSTRAINT tried CHECK ({check})".encode())
        session = session_of(world, 18)
        table = relation_of(session, "orders")
        bound = bind_expression(session, expression(check), table, None)
        target = type_of(session, new_type.partition(" USING ")[0])
        changed = msgspec.structs.replace(
            table,
            columns=tuple(
                msgspec.structs.replace(old, type=target) if old.name == column else old
                for old in table.columns
            ),
        )
        try:
            with world.transaction():
                world.execute(f"ALTER TABLE orders ALTER {column} TYPE {new_type}".encode())
            [(expected,)] = world.execute(
                "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'tried'"
            ).fetchall()
        except psycopg.Error as error:
            expected = f"{error.sqlstate} {error.diag.message_primary}"
        try:
            actual = expression_text(session.catalog, rebind(session, bound, changed), changed)
        except Refused as refused:
            actual = f"{refused.sqlstate} {refused.message}"

        assert actual == expected


CHANGED_DEFAULTS = [
    ("varchar(20)", "'a'", "text"),
    ("text", "'a'", "varchar(5)"),
    ("varchar(20)", "'a'", "varchar(50)"),
    ("varchar(20)", "'a'", "char(3)"),
    ("text", "''", "integer"),
    ("integer", "0", "bigint"),
    ("integer", "0", "numeric(10,2)"),
    ("integer", "-1", "smallint"),
    ("integer", "5", "text"),
    ("numeric", "0.5", "integer"),
    ("numeric(6,2)", "1.5", "numeric(10,4)"),
    ("boolean", "true", "integer"),
    ("timestamp", "now()", "timestamptz"),
    ("timestamptz", "now()", "timestamp"),
    ("date", "CURRENT_DATE", "timestamptz"),
    ("json", "'{}'", "jsonb"),
    ("jsonb", "'{}'", "json"),
    ("text", "'x'", "jsonb"),
    ("status", "'draft'", "text"),
    ("text", "'draft'", "status"),
    ("integer", "nextval('order_number_seq')", "bigint"),
    ("text[]", "'{}'", "varchar[]"),
    ("uuid", "gen_random_uuid()", "text"),
]


@pytest.mark.parametrize(("old", "default", "new"), CHANGED_DEFAULTS)
def test_a_default_is_converted_when_its_column_changes_its_type(
    world: Connection, old: str, default: str, new: str
) -> None:
    import psycopg

    from schemaguard.catalog.errors import Refused

    with world.transaction(force_rollback=True):
        world.execute(f"CREATE TABLE tried (c {old} DEFAULT {default})".encode())
        session = session_of(world, 18)
        table = relation_of(session, "tried")
        [column] = table.columns
        bound = bind_expression(
            session, expression(default), table, None, context="default", target=column.type, name="c"
        )
        try:
            with world.transaction():
                world.execute(f"ALTER TABLE tried ALTER c TYPE {new} USING NULL".encode())
            [(expected,)] = world.execute("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef d "
                                          "WHERE adrelid = 'tried'::regclass").fetchall()  # fmt: skip
        except psycopg.Error as error:
            expected = f"{error.sqlstate} {error.diag.message_primary}"
        try:
            changed = retarget_default(session, bound, type_of(session, new), "c")
            actual = expression_text(session.catalog, changed, table)
        except Refused as refused:
            actual = f"{refused.sqlstate} {refused.message}"

        assert actual == expected


@pytest.mark.parametrize("check", lines("checks"))
def test_a_copy_of_a_check_is_about_the_copys_columns(world: Connection, check: str) -> None:
    """The columns of the child stand in another order, with one dropped."""
    if "orders" in check:
        pytest.skip("names the table itself, which LIKE does not copy")
    with world.transaction(force_rollback=True):
        world.execute("CREATE TABLE child (gone int, note text, kind varchar(20))")
        world.execute("ALTER TABLE child DROP gone")
        if not accepted(world, f"ALTER TABLE orders ADD CONSTRAINT tried CHECK ({check})"):
            pytest.skip("the server refuses the expression")
        missing = world.execute(
            "SELECT format('%I %s', attname, format_type(atttypid, atttypmod)) FROM pg_attribute "
            "WHERE attrelid = 'orders'::regclass AND attnum > 0 AND attname NOT IN ('note', 'kind') ORDER BY attname"
        ).fetchall()
        for (definition,) in missing:
            world.execute(f"ALTER TABLE child ADD {definition}".encode())
        session = session_of(world, 18)
        parent, child = relation_of(session, "orders"), relation_of(session, "child")
        bound = bind_expression(session, expression(check), parent, None)
        copied = for_child(session.catalog, bound, parent, child)
        world.execute(f"ALTER TABLE child ADD CONSTRAINT copied CHECK ({check})".encode())
        query = "SELECT pg_get_expr(conbin, conrelid), conkey FROM pg_constraint WHERE conname = 'copied'"
        [(expected, columns)] = world.execute(query.encode()).fetchall()

        assert expression_text(session.catalog, copied, child) == expected
        assert sorted(number for _name, number in copied.columns) == sorted(columns or [])


def test_constants_of_an_enum_follow_the_renaming_of_its_labels(world: Connection) -> None:
    """Also where another label takes the old name, and in arrays of the enum."""
    from schemaguard.catalog.commands.types import alter_enum
    from schemaguard.catalog.session import Run
    from schemaguard.statements.parse import parse
    from schemaguard.statements.statement import Statement
    from schemaguard.text import SourceFile, SqlText

    changes = [
        "ALTER TYPE status RENAME VALUE 'draft' TO 'sketch'",
        "ALTER TYPE status RENAME VALUE 'active' TO 'draft'",
        "ALTER TYPE status RENAME VALUE 'sketch' TO 'old \"one\"'",
    ]
    checks = ["status IN ('draft', 'active')", "status = ANY ('{draft,active,closed}')", "status <> 'draft'"]
    with world.transaction(force_rollback=True):
        session = session_of(world, 18)
        table = relation_of(session, "orders")
        bound = {}
        for at, check in enumerate(checks):
            world.execute(f"ALTER TABLE orders ADD CONSTRAINT tried{at} CHECK ({check})".encode())
            bound[f"tried{at}"] = bind_expression(session, expression(check), table, None)
        for sql in changes:
            world.execute(sql.encode())
            [parsed] = parse(SqlText.whole_file(SourceFile("change.sql", sql)))
            assert isinstance(parsed, Statement)
            alter_enum(Run(session, parsed), parsed.node)
        late = bind_expression(session, expression("status = 'draft'"), table, None)
        world.execute("ALTER TABLE orders ADD CONSTRAINT tried9 CHECK (status = 'draft')")
        bound["tried9"] = late
        query = "SELECT conname, pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname ~ '^tried'"
        expected = dict(world.execute(query.encode()).fetchall())

        assert {name: expression_text(session.catalog, one, table) for name, one in bound.items()} == expected
