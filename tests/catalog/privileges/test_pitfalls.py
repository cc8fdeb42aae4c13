"""
What surprises people about PostgreSQL's privileges: tried on a server, replayed, and explained by a proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.events import Revoked
from schemaguard.catalog.privileges.query import (
    can,
    can_execute,
    can_on_schema,
    can_regrant,
    can_use_sequence,
    has_privilege,
    proofs,
)
from schemaguard.catalog.privileges.row_security import escapes_row_security
from tests.catalog.privileges.support import run_on_server

if TYPE_CHECKING:
    from tests.catalog.privileges.support import Judge, Model

WORLD = """
CREATE ROLE app;
CREATE ROLE writers;
CREATE ROLE owner;
CREATE TABLE ledger (a integer, b integer);
"""

Case = tuple[str, str, str, str, str]

# What happens, then: who, which privilege on `ledger`, the kind of proof ("" for none) and how it reads.
CASES: dict[str, Case] = {
    "a grant on all tables undoes an earlier revoke": (
        "GRANT ALL ON ledger TO app; REVOKE DELETE ON ledger FROM app; GRANT ALL ON ALL TABLES IN SCHEMA public TO app",
        "app", "DELETE", "direct", "`app` was granted DELETE",
    ),
    "a revoke takes only what its own grantor gave": (
        ("GRANT DELETE ON ledger TO writers WITH GRANT OPTION; SET ROLE writers; GRANT DELETE ON ledger TO app; "
        "RESET ROLE; REVOKE DELETE ON ledger FROM app"),
        "app", "DELETE", "direct", "`app` was granted DELETE",
    ),
    "cascade takes it": (
        ("GRANT DELETE ON ledger TO writers WITH GRANT OPTION; SET ROLE writers; GRANT DELETE ON ledger TO app; "
        "RESET ROLE; REVOKE DELETE ON ledger FROM writers CASCADE"),
        "app", "DELETE", "", "",
    ),
    "what everybody has stays": (
        "GRANT SELECT ON ledger TO PUBLIC; GRANT SELECT ON ledger TO app; REVOKE SELECT ON ledger FROM app",
        "app", "SELECT", "public", "`app` is, like every role, part of PUBLIC, which was granted SELECT",
    ),
    "a group's privilege counts": (
        "GRANT DELETE ON ledger TO writers; GRANT writers TO app; REVOKE DELETE ON ledger FROM app",
        "app", "DELETE", "member", "`app` is a member of `writers`, which was granted DELETE",
    ),
    "and a group's group's": (
        "GRANT DELETE ON ledger TO owner; GRANT owner TO writers; GRANT writers TO app",
        "app", "DELETE", "member",
        "`app` is a member of `writers`, which is a member of `owner`, which was granted DELETE",
    ),
    "a member that does not inherit has to SET ROLE": (
        "GRANT DELETE ON ledger TO writers; GRANT writers TO app WITH INHERIT FALSE",
        "app", "DELETE", "set role", "`app` can SET ROLE to `writers`, which was granted DELETE",
    ),
    "a member without either option has nothing": (
        "GRANT DELETE ON ledger TO writers; GRANT writers TO app WITH INHERIT FALSE, SET FALSE",
        "app", "DELETE", "", "",
    ),
    "a role's NOINHERIT is the default of its memberships": (
        "ALTER ROLE app NOINHERIT; GRANT DELETE ON ledger TO writers; GRANT writers TO app; ALTER ROLE app INHERIT",
        "app", "DELETE", "set role", "`app` can SET ROLE to `writers`, which was granted DELETE",
    ),
    "a superuser's powers are not inherited but can be put on": (
        "ALTER ROLE writers SUPERUSER; GRANT writers TO app",
        "app", "DELETE", "set role", "`app` can SET ROLE to `writers`, which is a superuser",
    ),
    "a superuser may": (
        "ALTER ROLE app SUPERUSER; REVOKE ALL ON ledger FROM app",
        "app", "TRUNCATE", "superuser", "`app` is a superuser",
    ),
    "a column's revoke does not cut the table's grant": (
        "GRANT UPDATE ON ledger TO app; REVOKE UPDATE (a) ON ledger FROM app",
        "app", "UPDATE", "direct", "`app` was granted UPDATE",
    ),
    "a table's revoke takes the columns along": (
        "GRANT UPDATE (a) ON ledger TO app; REVOKE UPDATE ON ledger FROM app",
        "app", "UPDATE", "", "",
    ),
    "a column's grant is not the table's": (
        "GRANT UPDATE (b, a) ON ledger TO app",
        "app", "UPDATE", "columns", "`app` was granted UPDATE on columns `a`, `b`",
    ),
    "default privileges work for the role that has them only": (
        ("ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT DELETE ON TABLES TO app; DROP TABLE ledger; "
        "CREATE TABLE ledger (a integer)"),
        "app", "DELETE", "", "",
    ),
    "and then for what it creates": (
        "ALTER DEFAULT PRIVILEGES GRANT DELETE ON TABLES TO app; DROP TABLE ledger; CREATE TABLE ledger (a integer)",
        "app", "DELETE", "direct", "`app` was granted DELETE by default privileges of `postgres`",
    ),
    "not for what is there": (
        "ALTER DEFAULT PRIVILEGES GRANT DELETE ON TABLES TO app",
        "app", "DELETE", "", "",
    ),
    "a global revoke does not undo a schema's default": (
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT DELETE ON TABLES TO app; "
        "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM app; DROP TABLE ledger; CREATE TABLE ledger (a integer)"),
        "app", "DELETE", "direct", "`app` was granted DELETE by default privileges of `postgres`",
    ),
    "who revokes from itself by default has everything again": (
        (
            "ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE ALL ON TABLES FROM owner; DROP TABLE ledger; "
            "GRANT CREATE ON SCHEMA public TO owner; SET ROLE owner; CREATE TABLE ledger (a integer); RESET ROLE"
        ),
        "owner", "SELECT", "owner", "`owner` owns `public.ledger`",
    ),
    "dropped and made again, a table has lost its grants": (
        "GRANT DELETE ON ledger TO app; DROP TABLE ledger; CREATE TABLE ledger (a integer)",
        "app", "DELETE", "", "",
    ),
    "an owner that revoked from itself has nothing for now": (
        "ALTER TABLE ledger OWNER TO owner; SET ROLE owner; REVOKE DELETE ON ledger FROM owner; RESET ROLE",
        "owner", "DELETE", "", "",
    ),
    "a member of the owner has the owner's rights": (
        "ALTER TABLE ledger OWNER TO owner; GRANT owner TO app",
        "app", "TRUNCATE", "owner", "`app` is a member of `owner`, which owns `public.ledger`",
    ),
    "a change of owner takes the old one's rights along": (
        "ALTER TABLE ledger OWNER TO owner; GRANT SELECT ON ledger TO writers; ALTER TABLE ledger OWNER TO app",
        "owner", "SELECT", "", "",
    ),
    "pg_write_all_data writes everything": (
        "GRANT pg_write_all_data TO app",
        "app", "DELETE", "predefined",
        "`app` is a member of `pg_write_all_data`, which has DELETE everywhere",
    ),
    "but does not truncate": ("GRANT pg_write_all_data TO app", "app", "TRUNCATE", "", ""),
    "nor read": ("GRANT pg_write_all_data TO app", "app", "SELECT", "", ""),
    "a copy of a table has none of its grants": (
        ("GRANT DELETE ON ledger TO app; ALTER TABLE ledger RENAME TO original; "
        "CREATE TABLE ledger (LIKE original INCLUDING ALL)"),
        "app", "DELETE", "", "",
    ),
    "a renamed table keeps them": (
        "GRANT DELETE ON ledger TO app; ALTER TABLE ledger RENAME TO x; ALTER TABLE x RENAME TO ledger",
        "app", "DELETE", "direct", "`app` was granted DELETE",
    ),
}  # fmt: skip


def history(sql: str) -> list[str]:
    return [statement.strip() for statement in sql.split(";") if statement.strip()]


@pytest.mark.postgres
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_a_role_can_do_in_the_end(judge: Judge, case: Case) -> None:
    sql, role, privilege, kind, sentence = case

    with judge.trial(WORLD) as model:
        judge.compare(model, history(sql))
        proof = can(model.catalog, model.oid(role), privilege, model.oid("ledger"))
        [(answer,)] = judge.connection.execute(
            "SELECT has_table_privilege(%s, 'ledger', %s)", [role, privilege]
        )

    assert (proof.kind if proof else "", proof.sentence() if proof else "") == (kind, sentence)
    assert (proof is not None and proof.effective) == answer


@pytest.fixture
def model() -> Model:
    """A replay alone, of the default version."""
    from tests.catalog.privileges.support import Model

    return Model(16).script(WORLD.replace("; ", ";\n"))


def test_every_way_is_found_the_most_direct_first(model: Model) -> None:
    model.script(
        "GRANT SELECT ON ledger TO PUBLIC;\nGRANT SELECT ON ledger TO app;\nGRANT SELECT ON ledger TO writers;\n"
        "GRANT writers TO app;\nGRANT SELECT (b) ON ledger TO writers;\nGRANT pg_read_all_data TO app;\n"
        "GRANT owner TO app WITH INHERIT FALSE;\nALTER TABLE ledger OWNER TO owner"
    )

    found = proofs(model.catalog, model.oid("app"), "SELECT", model.oid("ledger"))

    assert [proof.kind for proof in found] == [
        "direct",
        "public",
        "member",
        "predefined",
        "columns",
        "set role",
    ]


def test_a_proof_points_at_its_statements(model: Model) -> None:
    model.script("GRANT writers TO app;\nGRANT DELETE ON ledger TO writers")

    proof = can(model.catalog, model.oid("app"), "DELETE", model.oid("ledger"))

    assert proof is not None
    assert [link.because.statement.sql for link in proof.links if link.because] == [
        "GRANT writers TO app",
        "GRANT DELETE ON ledger TO writers",
    ]
    assert proof.because is proof.links[-1].because


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("ALTER TABLE ledger OWNER TO app", "owner"),
        ("ALTER TABLE ledger OWNER TO owner;\nGRANT owner TO app", "owner"),
        ("ALTER TABLE ledger OWNER TO owner;\nGRANT owner TO app WITH INHERIT FALSE", "set role"),
        ("ALTER TABLE ledger OWNER TO owner;\nGRANT owner TO app WITH INHERIT FALSE, SET FALSE", ""),
        ("ALTER ROLE app SUPERUSER", "superuser"),
        ("GRANT ALL ON ledger TO app", ""),
    ],
)
def test_who_can_grant_itself_what_it_lost(model: Model, sql: str, kind: str) -> None:
    """P8: revoking from the owner, or from one that becomes the owner at will, does not hold."""
    model.script(sql)

    proof = can_regrant(model.catalog, model.oid("app"), model.oid("ledger"))

    assert (proof.kind if proof else "") == kind


def test_serial_needs_a_privilege_on_its_sequence_identity_does_not_count(model: Model) -> None:
    """P13: INSERT on the table alone does not let a role take a number."""
    model.script("CREATE TABLE counted (id serial);\nGRANT INSERT ON counted TO app")
    sequence = model.oid("counted_id_seq")

    assert can_use_sequence(model.catalog, model.oid("app"), sequence) is None

    model.script("GRANT USAGE ON SEQUENCE counted_id_seq TO app")

    assert can_use_sequence(model.catalog, model.oid("app"), sequence) is not None


def test_a_privilege_on_a_table_says_nothing_of_its_schema(model: Model) -> None:
    """P15: has_table_privilege is true, and yet nothing can be read."""
    model.script("CREATE SCHEMA hidden;\nCREATE TABLE hidden.t (a integer);\nGRANT SELECT ON hidden.t TO app")
    catalog, app = model.catalog, model.oid("app")
    table = catalog.relations[catalog.schemas["hidden"], "t"]

    assert has_privilege(catalog, app, "SELECT", table)
    assert can_on_schema(catalog, app, catalog.schemas["hidden"], "USAGE") is None


@pytest.mark.parametrize(("version", "may"), [(14, True), (15, False), (18, False)])
def test_everybody_created_in_public_before_15(version: int, may: bool) -> None:
    from tests.catalog.privileges.support import Model

    catalog = Model(version).script("CREATE ROLE app").catalog

    assert has_privilege(catalog, catalog.roles["app"], "CREATE", catalog.schemas["public"]) is may
    assert has_privilege(catalog, catalog.roles["app"], "USAGE", catalog.schemas["public"])


def test_everybody_executes_functions_until_it_is_revoked(model: Model) -> None:
    """R18, R20: a new function is everybody's; replaced it keeps its list, dropped and made again it does not."""
    catalog, app = model.catalog, model.oid("app")
    make = "FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'"

    def function() -> int:
        [oid] = catalog.functions[catalog.schemas["public"], "f"]
        return oid

    model.script(f"CREATE {make}")
    assert (proof := can_execute(catalog, app, function())) is not None
    assert proof.kind == "public"
    model.script("REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC")
    assert can_execute(catalog, app, function()) is None
    model.script(f"CREATE OR REPLACE {make}")
    assert can_execute(catalog, app, function()) is None
    model.script(f"DROP FUNCTION f();\nCREATE {make}")
    assert can_execute(catalog, app, function()) is not None


def test_revokes_say_whether_they_had_an_effect(model: Model) -> None:
    def removed(sql: str) -> dict[tuple[str, str], bool]:
        model.script(sql)
        return {
            (model.catalog.owner_name(event.grantee), event.privilege): event.removed
            for event in model.events
            if isinstance(event, Revoked)
        }

    model.script("GRANT SELECT, UPDATE (a) ON ledger TO app")

    assert removed("REVOKE SELECT, DELETE ON ledger FROM app, writers") == {
        ("app", "SELECT"): True,
        ("app", "DELETE"): False,
        ("writers", "SELECT"): False,
        ("writers", "DELETE"): False,
    }
    assert removed("REVOKE UPDATE ON ledger FROM app") == {("app", "UPDATE"): True}
    assert removed("REVOKE writers FROM app") == {("app", "MEMBER"): False}
    # P7: in a schema default privileges only add, so there is nothing to revoke from PUBLIC.
    per_schema = "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"
    assert removed(per_schema) == {("PUBLIC", "EXECUTE"): False}
    everywhere = "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"
    assert removed(everywhere) == {("PUBLIC", "EXECUTE"): True}
    [event] = model.events
    assert isinstance(event, Revoked)
    assert (event.default, event.objtype, event.schema, event.object) == (True, "f", 0, model.oid("postgres"))


ROW_SECURITY = {
    "bound": ("", ""),
    "off": ("ALTER TABLE ledger DISABLE ROW LEVEL SECURITY", "off"),
    "the owner": ("ALTER TABLE ledger OWNER TO app", "owner"),
    "a member of the owner": ("ALTER TABLE ledger OWNER TO owner; GRANT owner TO app", "owner"),
    "the owner, forced": ("ALTER TABLE ledger OWNER TO app; ALTER TABLE ledger FORCE ROW LEVEL SECURITY", ""),
    "the owner, no longer forced": (
        ("ALTER TABLE ledger OWNER TO app; ALTER TABLE ledger FORCE ROW LEVEL SECURITY; "
        "ALTER TABLE ledger NO FORCE ROW LEVEL SECURITY"), "owner",
    ),
    "bypassrls": ("ALTER ROLE app BYPASSRLS; ALTER TABLE ledger FORCE ROW LEVEL SECURITY", "bypassrls"),
    "a superuser": ("ALTER ROLE app SUPERUSER; ALTER TABLE ledger FORCE ROW LEVEL SECURITY", "superuser"),
    "bypassrls of a group": ("ALTER ROLE writers BYPASSRLS; GRANT writers TO app", "set role"),
    "a group without SET": ("ALTER ROLE writers BYPASSRLS; GRANT writers TO app WITH SET FALSE", ""),
    "pg_read_all_data": ("GRANT pg_read_all_data TO app", ""),
}  # fmt: skip


@pytest.mark.postgres
@pytest.mark.parametrize("case", ROW_SECURITY.values(), ids=list(ROW_SECURITY))
def test_whom_policies_do_not_bind(judge: Judge, case: tuple[str, str]) -> None:
    sql, kind = case

    with judge.trial(WORLD + "ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;\n") as model:
        judge.compare(model, history(sql))
        proof = escapes_row_security(model.catalog, model.oid("app"), model.oid("ledger"))
        assert run_on_server(judge.connection, "SET ROLE app") == ("", "")
        [(active,)] = judge.connection.execute("SELECT row_security_active('ledger')")

    assert (proof.kind if proof else "") == kind
    assert active == (proof is None or not proof.effective)
