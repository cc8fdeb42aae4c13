"""
Writing to a table through views: what the proofs say, a server is asked to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.privileges.query import can
from schemaguard.catalog.privileges.views import WRITES, writable_views
from tests.catalog.privileges.support import SUCCESS, Model, run_on_server

if TYPE_CHECKING:
    from tests.catalog.privileges.support import Judge

VIEWS = """
CREATE ROLE app;
CREATE ROLE keeper;
CREATE TABLE ledger (a integer, b integer);
CREATE TABLE other (a integer);
CREATE VIEW plain AS SELECT a, b FROM ledger;
CREATE VIEW filtered AS SELECT a FROM ledger WHERE b > 0;
CREATE VIEW stacked AS SELECT a FROM plain;
CREATE VIEW invoker WITH (security_invoker) AS SELECT a FROM ledger;
CREATE VIEW over_invoker AS SELECT a FROM invoker;
CREATE VIEW kept AS SELECT a FROM ledger;
CREATE VIEW kept_over_plain AS SELECT a FROM plain;
CREATE VIEW counted AS SELECT count(*) FROM ledger;
CREATE VIEW several AS SELECT l.a FROM ledger l, other o WHERE l.a = o.a;
CREATE VIEW elsewhere AS SELECT a FROM other;
CREATE VIEW united AS SELECT a FROM ledger UNION ALL SELECT a FROM other;
CREATE VIEW related AS SELECT a FROM ledger WHERE a IN (SELECT a FROM other);
ALTER VIEW kept OWNER TO keeper;
ALTER VIEW kept_over_plain OWNER TO keeper;
"""

GRANTS = {
    "everything on every view": "GRANT ALL ON ALL TABLES IN SCHEMA public TO app; REVOKE ALL ON ledger FROM app",
    "and the owner may write": (
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO app; REVOKE ALL ON ledger FROM app; "
        "GRANT INSERT, DELETE ON ledger TO keeper"
    ),
    "and the owner may write a view": (
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO app; REVOKE ALL ON ledger FROM app; "
        "GRANT UPDATE ON plain TO keeper"
    ),
    "and the role itself": "GRANT ALL ON ALL TABLES IN SCHEMA public TO app; REVOKE DELETE ON ledger FROM app",
    "some": "GRANT UPDATE ON plain, counted TO app; GRANT DELETE ON stacked TO PUBLIC",
    "nothing": "GRANT SELECT ON ALL TABLES IN SCHEMA public TO app",
}

ATTEMPTS = {
    "INSERT": "INSERT INTO {} DEFAULT VALUES",
    "UPDATE": "UPDATE {} SET a = 1",
    "DELETE": "DELETE FROM {}",
}


@pytest.mark.postgres
@pytest.mark.parametrize("grants", GRANTS.values(), ids=list(GRANTS))
def test_the_views_that_a_role_can_write_through(judge: Judge, grants: str) -> None:
    with judge.trial(VIEWS) as model:
        judge.compare(model, [statement.strip() for statement in grants.split(";")])
        catalog, app, ledger = model.catalog, model.oid("app"), model.oid("ledger")
        over_ledger = [view for view in catalog.views() if view.name != "elsewhere"]
        assert run_on_server(judge.connection, "SET ROLE app") == SUCCESS
        theirs = {
            (view.name, privilege)
            for view in over_ledger
            for privilege in WRITES
            if run_on_server(judge.connection, ATTEMPTS[privilege].format(view.name)) == SUCCESS
        }

    ours = {
        (view.name, privilege)
        for privilege in WRITES
        for view, _proof in writable_views(catalog, ledger, app, privilege)
    }
    assert ours == theirs


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE RULE no AS ON DELETE TO plain DO INSTEAD NOTHING",
        "CREATE TRIGGER no INSTEAD OF DELETE ON plain FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
)
def test_views_that_do_something_else_instead_are_left_out(sql: str) -> None:
    function = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    model = Model(16).script(VIEWS).script(f"{function};\nGRANT ALL ON plain, stacked TO app;\n{sql}")

    def views(privilege: str) -> set[str]:
        found = writable_views(model.catalog, model.oid("ledger"), model.oid("app"), privilege)
        return {view.name for view, _proof in found}

    assert views("DELETE") == set()
    assert views("UPDATE") == {"plain", "stacked"}


def test_the_proof_goes_down_to_the_table() -> None:
    model = Model(16).script(VIEWS).script("GRANT keeper TO app;\nGRANT DELETE ON stacked TO keeper")

    [(view, proof)] = writable_views(model.catalog, model.oid("ledger"), model.oid("app"), "DELETE")

    assert (view.name, proof.kind, proof.effective) == ("stacked", "view", False)
    assert proof.sentence() == (
        "`app` is a member of `keeper`, which was granted DELETE on the view `public.stacked`, "
        "which writes to `public.plain` with the rights of its owner `postgres`; "
        "`public.plain` writes to `public.ledger` with the rights of its owner `postgres`"
    )
    assert can(model.catalog, model.oid("app"), "DELETE", model.oid("ledger")) is None
