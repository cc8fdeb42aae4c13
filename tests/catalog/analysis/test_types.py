"""
Type names against the server: what they mean, how they are printed, which are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from schemaguard.catalog.analysis.types import format_type, resolve_type
from schemaguard.catalog.builtin.types import BY_NAME
from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.statements.parse import parse
from schemaguard.statements.statement import Statement
from schemaguard.text import SourceFile, SqlText
from tests.catalog.analysis.world import session_of

if TYPE_CHECKING:
    import psycopg

    from schemaguard.catalog.session import Session

    Connection = psycopg.Connection[Any]

WORLD = """
    CREATE SCHEMA app; CREATE SCHEMA "Odd";
    CREATE TYPE status AS ENUM ('a', 'b'); CREATE TYPE app.status AS ENUM ('x');
    CREATE TYPE "Odd"."Mixed Case" AS (a int, b text); CREATE TYPE text AS ENUM ('shadowed');
    CREATE DOMAIN app.email AS varchar(320); CREATE TYPE app.span AS RANGE (subtype = numeric);
    CREATE TABLE app.things (id int, label varchar(20), tags text[]); CREATE TYPE shell; CREATE DOMAIN
    _odd AS int;
    CREATE EXTENSION vector"""

SPELLINGS = """int; integer; int4; bigint; smallint; int8[]; integer[][]; integer array; integer
    array[4]; float; float(3);
    float(40); real; double precision; dec; decimal(5); numeric; numeric(6,5); numeric(3,-2);
    numeric(2,5); bool;
    boolean[]; text; pg_catalog.text; varchar; varchar(255); varchar(255)[]; character varying(7); char;
    char(3);
    character(1); bpchar; "char"; pg_catalog."char"; name; bit; bit(8); bit varying; varbit(3); "bit";
    date; time;
    time(3); time(9); timetz; time with time zone; time(2) with time zone; timestamp; timestamp(0);
    timestamp with time zone; timestamptz(6); timestamp(3) without time zone; interval; interval year;
    interval day to second(2); interval(4); interval year to month; interval hour to minute; interval
    second(1);
    uuid; json; jsonb; jsonb[]; xml; money; inet; cidr; macaddr; oid; regclass; tsvector; int4range;
    tstzmultirange;
    point; box; pg_lsn; _int4; _text; pg_catalog._varchar; status; status[]; public.status; app.status;
    app.email;
    app.email[]; app.span; app.spanmultirange; app.multirange; "Odd"."Mixed Case"; app.things;
    app.things[]; _status;
    app._email; public.text; pg_class; pg_catalog.pg_class[]; information_schema.sql_identifier;
    "integer"; _odd;
    information_schema.columns; vector; vector(3); public.vector(1536)[]; halfvec(2); record;
    anyelement; int2vector;
    nope; app.nope; nowhere.text; varchar(0); varchar(99999999); numeric(0); numeric(1001); numeric(5,2,1);
    numeric(5,2000); bit(0); char(0); text(5); uuid(1); varchar(1,2); timestamp('x'); status(3); shell;
    app.things.label; varchar(n || 'x'); numeric(a); json[3]; interval day(3); app.email(3); nope[]; _nope;
    pg_catalog.nope; int4(4); "timestamp"(2)"""


@pytest.fixture(scope="module")
def session(connection: Connection) -> Session:
    connection.execute(WORLD.encode())
    return session_of(connection, 18)


def resolved(session: Session, spelling: str) -> str:
    """The type as we print it, or the SQLSTATE and message of our refusal."""
    [statement] = parse(SqlText.whole_file(SourceFile("t.sql", f"CREATE TABLE t (c {spelling})")))
    if not isinstance(statement, Statement):
        return "42601"
    node = statement.node["tableElts"][0]["ColumnDef"]["typeName"]
    try:
        return format_type(session.catalog, resolve_type(session, node))
    except Refused as refused:
        return f"{refused.sqlstate} {refused.message}"


def answered(connection: Connection, spelling: str) -> str:
    """The type as the server prints it in a function's result, or the SQLSTATE and message of its refusal."""
    import psycopg

    try:
        connection.execute("DROP TABLE IF EXISTS t")
        connection.execute(f"CREATE TABLE t (c {spelling})".encode())
        query = """
            SELECT format_type(atttypid, atttypmod) FROM pg_attribute
            WHERE attrelid = 't'::regclass AND attnum = 1"""
        connection.execute("SET search_path = public")
        try:
            [(text,)] = connection.execute(query.encode()).fetchall()
        finally:
            connection.execute("RESET search_path")
        return str(text)
    except psycopg.errors.SyntaxError as error:
        return "42601" if "syntax error" in str(error) else f"42601 {error.diag.message_primary}"
    except psycopg.Error as error:
        return f"{error.sqlstate} {error.diag.message_primary}"


PSEUDO = {"record", "anyelement"}
"""A column can't be of them: the server refuses the column, not the type."""


@pytest.mark.postgres
@pytest.mark.parametrize("spelling", [spelling.strip() for spelling in SPELLINGS.split(";")])
def test_a_type_name_means_what_it_means_to_the_server(
    session: Session, connection: Connection, spelling: str
) -> None:
    expected = answered(connection, spelling)
    if spelling in PSEUDO:
        expected = spelling

    assert resolved(session, spelling) == expected


@pytest.mark.postgres
def test_every_built_in_type_is_printed_as_the_server_prints_it(
    session: Session, connection: Connection
) -> None:
    query = """
        SELECT oid, typarray, format_type(oid, -1), format_type(typarray, -1)
        FROM pg_type WHERE oid = ANY(%s)"""
    oids = [row.oid for row in BY_NAME.values()]

    for oid, array, text, array_text in connection.execute(query, [oids]).fetchall():
        assert format_type(session.catalog, TypeRef(oid)) == text
        assert not array or format_type(session.catalog, TypeRef(oid, array=True)) == array_text


def test_an_unknown_type_of_an_unknown_extension_is_presumed() -> None:
    """It becomes an external type, listed among the unknown; without the extension the name is refused."""
    from schemaguard.catalog.model import Extension, Role, Schema
    from schemaguard.catalog.session import Session
    from schemaguard.catalog.state import PG_CATALOG, PUBLIC_SCHEMA, Catalog

    catalog = Catalog(16)
    catalog.store(Role(10, "postgres", superuser=True))
    for oid, name in ((PG_CATALOG, "pg_catalog"), (PUBLIC_SCHEMA, "public")):
        catalog.schemas[name] = oid
        catalog.store(Schema(oid, name, 10))
    session = Session(catalog)

    assert resolved(session, "geometry") == '42704 type "geometry" does not exist'

    catalog.put(catalog.extensions, "postgis", 20000)
    catalog.store(Extension(20000, "postgis", PUBLIC_SCHEMA))

    assert resolved(session, "geometry(Point,4326)") == "geometry(Point,4326)"
    assert resolved(session, "public.geometry(Point,4326)[]") == "geometry(Point,4326)[]"
    assert resolved(session, "nonsense") == '42704 type "nonsense" does not exist'
    assert [path for path, _reason in catalog.unknown] == ["types.public.geometry"]
