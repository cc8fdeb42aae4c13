"""
Random histories of roles, grants and owners: SQL with so few names that statements get in each other's way.
"""

from __future__ import annotations

from hypothesis import strategies as st

PRELUDE = """
CREATE ROLE r1;
CREATE ROLE r2 CREATEROLE CREATEDB;
CREATE ROLE r3 NOINHERIT;
CREATE ROLE r4;
CREATE SCHEMA s;
GRANT ALL ON SCHEMA s, public TO PUBLIC;
CREATE TABLE t1 (a integer, b integer, c integer);
CREATE TABLE s.t2 (a integer, b integer);
CREATE TABLE t3 (a integer);
CREATE SEQUENCE q;
CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION s.g(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
CREATE TYPE e AS ENUM ('x');
CREATE DOMAIN d AS integer;
ALTER TABLE t1 OWNER TO r1;
ALTER TABLE s.t2 OWNER TO r2
"""

ROLES = ("r1", "r2", "r3", "r4")
role = st.sampled_from(ROLES)
any_role = st.sampled_from((*ROLES, *ROLES, "r5", "postgres", "CURRENT_USER", "SESSION_USER"))
grantee = st.sampled_from((*ROLES, *ROLES, "PUBLIC", "r5", "CURRENT_USER"))
table = st.sampled_from(("t1", "t1", "s.t2", "t3", "t4", "s.t4"))


def some(values: st.SearchStrategy[str], most: int = 2) -> st.SearchStrategy[str]:
    """A list of one or a few, as SQL writes it."""
    return st.lists(values, min_size=1, max_size=most, unique=True).map(", ".join)


def optional(text: str, of: int = 3) -> st.SearchStrategy[str]:
    """The text, one time in `of`."""
    return st.sampled_from((text, *([""] * (of - 1))))


def join(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Words side by side, the empty ones left out."""
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map(lambda words: " ".join(word for word in words if word))


TABLE_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
COLUMN_PRIVILEGES = ("SELECT (a)", "UPDATE (a)", "INSERT (b)", "REFERENCES (a)", "UPDATE (c)", "DELETE (a)")


ROUTINES = (
    "FUNCTION f()",
    "FUNCTION s.g(integer)",
    "FUNCTION g(integer)",
    "FUNCTION f",
    "FUNCTION p()",
    "PROCEDURE p()",
    "ROUTINE p()",
    "ALL FUNCTIONS IN SCHEMA public",
    "ALL ROUTINES IN SCHEMA public",
    "ALL PROCEDURES IN SCHEMA public",
)
SEQUENCES = ("SEQUENCE q", "q", "SEQUENCE t1", "ALL SEQUENCES IN SCHEMA public")
TYPES = ("TYPE e", "DOMAIN d", "TYPE d", "DOMAIN e", "TYPE t1")
DATABASE = "this_database"
"""Stands for the name of the database in a history; see `histories`."""


def on_objects() -> st.SearchStrategy[str]:
    """Privileges ON objects, as they stand in GRANT and REVOKE."""
    everything = st.sampled_from(("ALL", "ALL PRIVILEGES"))
    some_of_table = some(st.sampled_from((*TABLE_PRIVILEGES, *COLUMN_PRIVILEGES, "USAGE")), 3)
    of_table = st.one_of(everything, some_of_table, some_of_table, st.just("ALL PRIVILEGES (a, b)"))
    of_tables = st.one_of(everything, some(st.sampled_from(TABLE_PRIVILEGES)))
    of_sequence = st.one_of(everything, some(st.sampled_from(("USAGE", "SELECT", "UPDATE", "DELETE"))))
    of_schema = st.sampled_from(("USAGE", "CREATE", "ALL", "CREATE, USAGE", "SELECT"))
    of_database = st.sampled_from(("CREATE", "CONNECT", "TEMP", "ALL", "TEMPORARY, CREATE", "USAGE"))
    schemas = some(st.sampled_from(("s", "public", "s2")))
    return st.one_of(
        join(of_table, "ON", optional("TABLE"), some(table)),
        join(of_table, "ON", some(table)),
        join(of_tables, "ON ALL TABLES IN SCHEMA", schemas),
        join(of_sequence, "ON", st.sampled_from(SEQUENCES)),
        join(st.sampled_from(("EXECUTE", "ALL", "USAGE")), "ON", st.sampled_from(ROUTINES)),
        join(of_schema, "ON SCHEMA", schemas),
        join(st.sampled_from(("USAGE", "ALL")), "ON", st.sampled_from(TYPES)),
        join(st.sampled_from(("USAGE", "ALL")), "ON LANGUAGE", st.sampled_from(("sql", "plpgsql", "c"))),
        join(of_database, "ON DATABASE", DATABASE),
        join(st.sampled_from(("SET", "ALTER SYSTEM", "ALL")), "ON PARAMETER work_mem"),
    )


def grants() -> st.SearchStrategy[str]:
    """GRANT and REVOKE of privileges."""
    objects = on_objects()
    behaviour = st.sampled_from(("", "", "CASCADE", "RESTRICT"))
    by = st.sampled_from(("",) * 8 + ("GRANTED BY CURRENT_USER", "GRANTED BY r1"))
    return st.one_of(
        join("GRANT", objects, "TO", some(grantee), optional("WITH GRANT OPTION"), by),
        join("GRANT", objects, "TO", some(grantee), optional("WITH GRANT OPTION", 2)),
        join("REVOKE", optional("GRANT OPTION FOR"), objects, "FROM", some(grantee), by, behaviour),
    )


def memberships(version: int) -> st.SearchStrategy[str]:
    """GRANT and REVOKE of roles."""
    by = st.one_of(st.just(""), st.just(""), st.just(""), join("GRANTED BY", any_role))
    options = st.sampled_from(("", "", "WITH ADMIN OPTION"))
    revoked = st.sampled_from(("", "", "ADMIN OPTION FOR"))
    if version >= 16:
        each = join(
            st.sampled_from(("ADMIN", "INHERIT", "SET")), st.sampled_from(("TRUE", "FALSE", "OPTION"))
        )
        options = st.one_of(options, join("WITH", some(each, 3)))
        revoked = st.one_of(revoked, st.sampled_from(("INHERIT OPTION FOR", "SET OPTION FOR")))
    granted = some(
        st.sampled_from((*ROLES, *ROLES, "r5", "pg_read_all_data", "pg_write_all_data", "pg_database_owner"))
    )
    behaviour = st.sampled_from(("", "", "CASCADE", "RESTRICT"))
    return st.one_of(
        join("GRANT", granted, "TO", some(any_role), options, by),
        join("GRANT", role, "TO", role, options),
        join("REVOKE", revoked, granted, "FROM", some(any_role), by, behaviour),
    )


DEFAULTS = (
    "USAGE ON SEQUENCES",
    "EXECUTE ON FUNCTIONS",
    "ALL ON ROUTINES",
    "USAGE ON TYPES",
    "USAGE ON SCHEMAS",
    "ALL ON SCHEMAS",
    "USAGE ON TABLES",
    "ALL ON SEQUENCES",
    "SELECT (a) ON TABLES",
)


def default_privileges() -> st.SearchStrategy[str]:
    """ALTER DEFAULT PRIVILEGES."""
    of_tables = st.one_of(st.just("ALL"), some(st.sampled_from(TABLE_PRIVILEGES)))
    what = st.one_of(join(of_tables, "ON TABLES"), st.sampled_from(DEFAULTS))
    whose = st.one_of(st.just(""), join("FOR ROLE", some(any_role)))
    where = st.sampled_from(("", "", "IN SCHEMA s", "IN SCHEMA public, s", "IN SCHEMA s9"))
    action = st.one_of(
        join("GRANT", what, "TO", some(grantee), optional("WITH GRANT OPTION")),
        join("REVOKE", optional("GRANT OPTION FOR"), what, "FROM", some(grantee), optional("CASCADE")),
    )
    return join("ALTER DEFAULT PRIVILEGES", whose, where, action)


ATTRIBUTES = st.sampled_from(
    (
        *(f"{no}{name}" for name in ("INHERIT", "CREATEROLE", "CREATEDB", "LOGIN") for no in ("", "NO")),
        *(f"{no}{name}" for name in ("SUPERUSER", "REPLICATION", "BYPASSRLS") for no in ("", "NO")),
        "CONNECTION LIMIT 3",
        "CONNECTION LIMIT -2",
        "PASSWORD 'x'",
        "VALID UNTIL '2030-01-01'",
    )
)


def roles() -> st.SearchStrategy[str]:
    """CREATE, ALTER and DROP of roles, and of what they own."""
    options = st.lists(ATTRIBUTES, max_size=2, unique=True).map(" ".join)
    new = st.sampled_from(("r5", "r6", "r1", "pg_x"))
    renamed = st.sampled_from((*ROLES, "r5", "postgres", "pg_monitor"))
    dropped = some(st.sampled_from((*ROLES, "r5", "r5", "r6", "CURRENT_USER")))
    related = [st.one_of(st.just(""), join(word, some(role))) for word in ("IN ROLE", "ROLE", "ADMIN")]
    return st.one_of(
        join("CREATE", st.sampled_from(("ROLE", "USER", "GROUP")), new, options),
        join("CREATE ROLE", new, options, *related),
        join("ALTER ROLE", any_role, ATTRIBUTES, options),
        join("ALTER GROUP", any_role, st.sampled_from(("ADD", "DROP")), "USER", some(any_role)),
        join("ALTER ROLE", any_role, "SET work_mem = 1000"),
        join("ALTER ROLE", renamed, "RENAME TO", st.sampled_from(("r5", "r6", "r1"))),
        join("DROP ROLE", optional("IF EXISTS"), dropped),
        # Of one role: with two of which one gives to the other by default, a server fails ("could not find tuple").
        join("DROP OWNED BY", any_role, optional("CASCADE")),
        join("REASSIGN OWNED BY", some(any_role), "TO", any_role),
    )


OBJECTS = (
    "CREATE FUNCTION h() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE SEQUENCE q2",
    "CREATE SEQUENCE s.q2",
    "CREATE TYPE e2 AS ENUM ('x')",
    "DROP TABLE t3",
    "DROP TABLE t1",
    "DROP SCHEMA s2",
)


def objects() -> st.SearchStrategy[str]:
    """Objects that come, go and change hands."""
    return st.one_of(
        join("CREATE TABLE", table, "(a integer, b integer)"),
        join("CREATE SCHEMA s2", st.one_of(st.just(""), join("AUTHORIZATION", any_role))),
        join("CREATE SCHEMA IF NOT EXISTS AUTHORIZATION", any_role),
        st.sampled_from(OBJECTS),
        join("CREATE POLICY", st.sampled_from(("x", "y")), "ON", table, "TO", some(grantee, 3)),
        join("ALTER TABLE", table, st.sampled_from(("ENABLE", "FORCE")), "ROW LEVEL SECURITY"),
        join("ALTER TABLE", table, "OWNER TO", any_role),
        join("ALTER SCHEMA", st.sampled_from(("s", "s2")), "OWNER TO", any_role),
        join("ALTER FUNCTION f() OWNER TO", any_role),
    )


def identity() -> st.SearchStrategy[str]:
    """Who is at work."""
    return st.one_of(
        st.just("RESET ROLE"),
        join("SET ROLE", role),
        join("SET ROLE", role),
        join("SET SESSION AUTHORIZATION", role),
        st.just("RESET SESSION AUTHORIZATION"),
    )


def histories(version: int, database: str) -> st.SearchStrategy[list[str]]:
    """Statements, of which the server refuses some."""
    often = (grants(), memberships(version), identity())
    statement = st.one_of(*often, *often, grants(), default_privileges(), roles(), objects())
    named = statement.map(lambda sql: sql.replace(DATABASE, f'"{database}"'))
    return st.lists(named, min_size=1, max_size=24)
