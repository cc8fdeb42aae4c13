"""
What the random histories do not write: presumed roles, events, elements of CREATE SCHEMA, PostgreSQL's own objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.bootstrap import declare_schemas
from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.events import ExternalUsed, PasswordSet, Revoked
from schemaguard.catalog.model import Role
from schemaguard.catalog.privileges.query import can, can_on_database, has_privilege
from tests.catalog.privileges.support import (
    SUCCESS,
    Model,
    differences,
    model_facts,
    run_on_server,
    server_facts,
)

if TYPE_CHECKING:
    from schemaguard.catalog.model import Schema
    from tests.catalog.privileges.support import Judge


@pytest.fixture
def lenient() -> Model:
    """A replay that presumes roles it does not know, as `check` does."""
    return Model(16, strict=False).script("CREATE TABLE t (a integer)")


@pytest.mark.parametrize(
    "sql",
    [
        "GRANT SELECT ON t TO stranger",
        "REVOKE SELECT ON t FROM stranger",
        "GRANT stranger TO postgres",
        "ALTER TABLE t OWNER TO stranger",
        "CREATE POLICY p ON t TO stranger",
        "SET ROLE stranger",
        "ALTER DEFAULT PRIVILEGES FOR ROLE stranger GRANT SELECT ON TABLES TO PUBLIC",
        "CREATE SCHEMA AUTHORIZATION stranger",
        "ALTER ROLE stranger NOLOGIN",
        "REASSIGN OWNED BY stranger TO postgres",
    ],
)
def test_an_unknown_role_is_presumed_once_and_said(lenient: Model, sql: str) -> None:
    assert lenient.execute(sql) == SUCCESS
    first = [event.name for event in lenient.events if isinstance(event, ExternalUsed)]
    assert lenient.execute("GRANT SELECT ON t TO stranger") == SUCCESS
    again = [event.name for event in lenient.events if isinstance(event, ExternalUsed)]

    assert (first, again) == (["stranger"], [])
    role = lenient.catalog.role_named("stranger")
    assert role is not None
    assert role.external


def test_a_strict_replay_refuses_it() -> None:
    model = Model(16).script("CREATE TABLE t (a integer)")

    assert model.execute("GRANT SELECT ON t TO stranger") == ("42704", 'role "stranger" does not exist')


def test_predefined_roles_of_newer_versions_are_not_presumed(lenient: Model) -> None:
    assert lenient.execute("GRANT pg_maintain TO postgres") == ("42704", 'role "pg_maintain" does not exist')


def test_creating_a_presumed_role_makes_it_known(lenient: Model) -> None:
    lenient.script("GRANT SELECT ON t TO stranger;\nCREATE ROLE stranger LOGIN")

    role = lenient.catalog.get(lenient.catalog.roles["stranger"], Role)

    assert (role.external, role.login) == (False, True)
    assert can(lenient.catalog, role.oid, "SELECT", lenient.oid("t")) is not None
    assert lenient.execute("CREATE ROLE stranger") == ("42710", 'role "stranger" already exists')


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("CREATE ROLE a PASSWORD 'secret'", "role a"),
        ("CREATE USER a WITH ENCRYPTED PASSWORD 'secret'", "role a"),
        ("ALTER ROLE postgres PASSWORD 'secret'", "role postgres"),
        ("ALTER ROLE postgres PASSWORD NULL", None),
        ("CREATE ROLE a LOGIN", None),
    ],
)
def test_a_password_in_a_migration_is_noted(lenient: Model, sql: str, where: str | None) -> None:
    assert lenient.execute(sql) == SUCCESS

    assert [event.where for event in lenient.events if isinstance(event, PasswordSet)] == (
        [where] if where else []
    )


def test_settings_of_a_role(lenient: Model) -> None:
    lenient.script(
        "CREATE ROLE a;\nALTER ROLE a SET search_path = x, y;\nALTER ROLE a SET work_mem = 1000;\n"
        "ALTER ROLE a SET work_mem = 2000;\nALTER ROLE a IN DATABASE d SET work_mem = 3000"
    )
    assert lenient.catalog.get(lenient.oid("a"), Role).config == ("search_path=x, y", "work_mem=2000")

    lenient.script("ALTER ROLE a RESET search_path")
    assert lenient.catalog.get(lenient.oid("a"), Role).config == ("work_mem=2000",)

    lenient.script("ALTER ROLE a RESET ALL")
    assert lenient.catalog.get(lenient.oid("a"), Role).config == ()


ELEMENTS = (
    "CREATE SCHEMA s AUTHORIZATION a GRANT SELECT ON t TO b CREATE INDEX ON t (i) CREATE TABLE t (i integer)",
    "CREATE SCHEMA s CREATE TABLE t (i serial) GRANT ALL ON SEQUENCE t_i_seq TO b CREATE SEQUENCE q",
    "CREATE SCHEMA s CREATE TABLE other.t (i integer)",
    "CREATE SCHEMA s GRANT SELECT ON missing TO b",
    "CREATE SCHEMA AUTHORIZATION a CREATE TABLE t (i integer)",
    "CREATE SCHEMA pg_mine",
    "CREATE SCHEMA public",
    "CREATE SCHEMA IF NOT EXISTS public AUTHORIZATION b",
    "CREATE SCHEMA s AUTHORIZATION nobody",
)


@pytest.mark.postgres
@pytest.mark.parametrize("sql", ELEMENTS)
@pytest.mark.parametrize("role", ["postgres", "a"])
def test_schemas_with_their_elements(judge: Judge, sql: str, role: str) -> None:
    """The elements run as the schema's owner, in the server's order, and find each other without a schema."""
    prelude = "CREATE ROLE a;\nCREATE ROLE b;\nCREATE SCHEMA other;\n"

    with judge.trial(prelude) as model:
        judge.compare(model, [f"SET ROLE {role}", sql, "CREATE TABLE public.after (i integer)"])


@pytest.mark.postgres
def test_a_schema_for_somebody_else_without_rights_on_the_database(judge: Judge) -> None:
    database = f'"{judge.database}"'
    prelude = f"CREATE ROLE a;\nCREATE ROLE b;\nGRANT CREATE ON DATABASE {database} TO a;\n"

    with judge.trial(prelude) as model:
        judge.compare(
            model,
            [
                "SET ROLE a",
                "CREATE SCHEMA s",
                "CREATE SCHEMA s2 AUTHORIZATION b",
                "CREATE SCHEMA pg_s",
                "ALTER SCHEMA s OWNER TO b",
                "RESET ROLE",
                "GRANT b TO a WITH INHERIT FALSE",
                "SET ROLE a",
                "CREATE SCHEMA s2 AUTHORIZATION b",
                "ALTER SCHEMA s OWNER TO b",
                "RESET ROLE",
                f"REVOKE CREATE ON DATABASE {database} FROM a",
                "SET ROLE a",
                "CREATE SCHEMA s3",
            ],
        )


OWN_OBJECTS = (
    "GRANT EXECUTE ON FUNCTION pg_sleep(double precision) TO a",
    "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION pg_sleep(integer) TO a",
    "GRANT SELECT ON pg_catalog.pg_authid TO a",
    "REVOKE SELECT ON pg_stat_activity FROM PUBLIC",
    "GRANT SELECT ON information_schema.tables TO a",
    "GRANT SELECT ON pg_catalog.pg_nothing TO a",
    "GRANT USAGE ON TYPE integer TO a",
    "GRANT USAGE ON TYPE _int4 TO a",
    "GRANT USAGE ON SCHEMA pg_catalog TO a",
    "GRANT ALL ON ALL TABLES IN SCHEMA information_schema TO a",
)


@pytest.mark.postgres
@pytest.mark.parametrize("sql", OWN_OBJECTS)
def test_postgresqls_own_objects_are_accepted(judge: Judge, sql: str) -> None:
    """They are no part of the schema under check, but a statement about them is not a mistake either."""
    with judge.trial("CREATE ROLE a;\n") as model:
        assert model.execute(sql) == run_on_server(judge.connection, sql)
        assert all(event.removed for event in model.events if isinstance(event, Revoked))


def test_columns_that_every_table_has_are_not_modelled(lenient: Model) -> None:
    with pytest.raises(Opaque, match=r"system columns \(ctid\)"):
        lenient.execute("GRANT SELECT (ctid) ON t TO PUBLIC")


def test_any_database_that_is_named_may_be_this_one(lenient: Model) -> None:
    """Migrations name the database, and nothing else says what it is called."""
    lenient.script("CREATE ROLE a")
    assert not can_on_database(lenient.catalog, lenient.oid("a"), "CREATE")

    lenient.script("GRANT CREATE ON DATABASE production TO a")
    assert can_on_database(lenient.catalog, lenient.oid("a"), "CREATE")
    assert Model(16).execute("GRANT CREATE ON DATABASE production TO PUBLIC") == (
        "3D000",
        'database "production" does not exist',
    )


def test_the_owner_of_the_database_is_in_pg_database_owner() -> None:
    """From 15 on, that is how it comes to create in `public`."""
    model = Model(16).script("CREATE ROLE a")
    public: Schema = model.catalog.objects[model.catalog.schemas["public"]]
    assert not has_privilege(model.catalog, model.oid("a"), "CREATE", public.oid)

    model.catalog.put(model.catalog.facts, "database_owner", model.oid("a"))

    assert has_privilege(model.catalog, model.oid("a"), "CREATE", public.oid)


def test_what_is_rewound_is_forgotten_by_memberships_too() -> None:
    """Closures are kept between questions; they belong to the state they were asked in."""
    model = Model(16).script(
        "CREATE ROLE a;\nCREATE ROLE b;\nCREATE TABLE t (i integer);\nGRANT SELECT ON t TO b"
    )
    catalog = model.catalog

    def may() -> bool:
        return has_privilege(catalog, model.oid("a"), "SELECT", model.oid("t"))

    answers = [may()]
    mark = catalog.mark()
    model.script("GRANT b TO a")
    answers.append(may())
    model.script("REVOKE b FROM a")
    answers.append(may())
    model.script("GRANT b TO a")
    answers.append(may())
    catalog.rewind(mark)
    answers.append(may())

    assert answers == [False, True, False, True, False]


@pytest.mark.postgres
def test_drop_owned_takes_grants_policies_and_defaults(judge: Judge) -> None:
    prelude = """
CREATE ROLE a;
CREATE ROLE b;
CREATE TABLE t (i integer);
CREATE POLICY shared ON t TO a, b;
CREATE POLICY alone ON t TO a;
GRANT SELECT, UPDATE (i) ON t TO a WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO a;
ALTER DEFAULT PRIVILEGES FOR ROLE a GRANT SELECT ON TABLES TO b;
SET ROLE a;
GRANT SELECT ON t TO b;
RESET ROLE;
"""
    with judge.trial(prelude) as model:
        judge.compare(model, ["DROP ROLE a", "DROP OWNED BY a", "DROP ROLE a", "DROP OWNED BY postgres"])
        facts = model_facts(model.catalog)
        assert not differences(facts, server_facts(judge.connection, judge.version))
        assert facts["policies"] == {("public.t", "shared"): {"b"}}


@pytest.mark.postgres
def test_a_database_changes_hands_with_its_privileges(judge: Judge) -> None:
    name = f'"{judge.database}"'
    prelude = f"CREATE ROLE a;\nCREATE ROLE b;\nGRANT TEMPORARY ON DATABASE {name} TO a;\n"

    with judge.trial(prelude) as model:
        judge.compare(
            model,
            [
                f"ALTER DATABASE {name} OWNER TO b",
                "SET ROLE b",
                "CREATE TABLE public.by_its_owner (i integer)",
                f"REVOKE TEMPORARY ON DATABASE {name} FROM a, PUBLIC",
                "RESET ROLE",
                "DROP OWNED BY b",
                "DROP ROLE b",
                "REASSIGN OWNED BY b TO a",
                "DROP ROLE b",
            ],
        )
        assert model.catalog.owner_name(model.catalog.facts["database_owner"]) == "a"


@pytest.mark.parametrize(
    "sql",
    [
        "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO a",
        "GRANT USAGE ON FOREIGN SERVER remote TO a",
        "REVOKE ALL ON FUNCTION gen_random_bytes(integer) FROM PUBLIC",
        "GRANT SELECT ON pg_stat_statements TO a",
        "GRANT USAGE ON TYPE hstore TO a",
        "GRANT CREATE ON TABLESPACE fast TO a",
        "GRANT SELECT ON LARGE OBJECT 12 TO a",
    ],
)
def test_what_extensions_and_the_server_bring_is_known_or_presumed(lenient: Model, sql: str) -> None:
    extensions = ("postgres_fdw", "pgcrypto", "pg_stat_statements", "hstore")
    lenient.script("CREATE ROLE a;\n" + ";\n".join(f"CREATE EXTENSION {name}" for name in extensions))
    lenient.script("CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw")

    assert lenient.execute(sql) == SUCCESS


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("GRANT SELECT ON spatial_ref_sys TO PUBLIC", r"extension whose contents are not known \(postgis\)"),
        (
            "GRANT EXECUTE ON FUNCTION st_area(geometry) TO PUBLIC",
            r"extension whose contents are not known \(postgis\)",
        ),
        ("GRANT SELECT ON elsewhere.t TO PUBLIC", "the schema elsewhere, whose contents are not known"),
        (
            "GRANT EXECUTE ON FUNCTION elsewhere.f() TO PUBLIC",
            "the schema elsewhere, whose contents are not known",
        ),
    ],
)
def test_what_may_be_there_is_opaque_not_refused(lenient: Model, sql: str, reason: str) -> None:
    declare_schemas(lenient.catalog, ["elsewhere"])
    lenient.script("CREATE EXTENSION postgis")

    with pytest.raises(Opaque, match=reason):
        lenient.execute(sql)


def test_what_can_not_be_there_is_refused(lenient: Model) -> None:
    lenient.script("CREATE EXTENSION pgcrypto")

    assert lenient.execute("GRANT SELECT ON missing TO PUBLIC") == (
        "42P01",
        'relation "missing" does not exist',
    )
    assert lenient.execute("GRANT EXECUTE ON FUNCTION missing() TO PUBLIC") == (
        "42883",
        "function missing() does not exist",
    )
