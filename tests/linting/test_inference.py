"""
What is inferred where the config says nothing: how tenants are told apart, and who the application is.
"""

from __future__ import annotations

import pytest

from schemaguard.config import Policy
from schemaguard.linting.history import replayed
from schemaguard.linting.project import Project
from schemaguard.testing import MemoryTree

TABLES = """
CREATE TABLE {owner}s (id uuid PRIMARY KEY);
CREATE TABLE orders (id uuid PRIMARY KEY, {owner}_id uuid REFERENCES {owner}s);
CREATE TABLE carts (id uuid PRIMARY KEY, {owner}_id uuid REFERENCES {owner}s);
CREATE TABLE lines (id uuid PRIMARY KEY, cart_id uuid REFERENCES carts);
CREATE TABLE currencies (code text PRIMARY KEY);
"""
POLICY = """
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders USING ({owner}_id = current_setting('app.{owner}', true)::uuid);
"""


def project(text: str) -> Project:
    """Replay a history without a config."""
    found = replayed(MemoryTree({"migrations/0001.sql": text.encode()}), Policy())
    return Project(found.history, found.policy)


def test_a_tenant_is_one_by_its_name() -> None:
    """`tenant_id` in two tables is enough; what refers to these is a tenant's, too."""
    found = project(TABLES.format(owner="tenant"))

    assert found.tenants is not None
    assert found.tenants.setting.column == "tenant_id"
    assert [table.name for table in found.tenant_tables] == ["orders", "carts", "lines"]


@pytest.mark.parametrize("owner", ["customer", "account", "org", "workspace"])
def test_others_are_tenants_where_a_policy_asks_for_them(owner: str) -> None:
    """A shop has customers; only with a policy that tells them apart is the database expected to."""
    with_policy = project((TABLES + POLICY).format(owner=owner))

    assert project(TABLES.format(owner=owner)).tenants is None
    assert with_policy.tenants is not None
    assert with_policy.tenants.setting.column == f"{owner}_id"


def test_one_table_is_not_enough() -> None:
    """A column that one table has says nothing of the schema."""
    assert project("CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid);").tenants is None


def test_the_application_is_who_is_granted_something() -> None:
    """Neither owners, by their tables or by their names, nor superusers."""
    found = project(
        "CREATE ROLE web; CREATE ROLE reports; CREATE ROLE books; CREATE ROLE migration_owner;"
        "CREATE ROLE app_migrator; CREATE ROLE root SUPERUSER; CREATE ROLE idle;"
        "CREATE TABLE t (id uuid PRIMARY KEY); ALTER TABLE t OWNER TO books;"
        "GRANT SELECT ON t TO web, books, root, migration_owner, app_migrator; GRANT web TO reports;"
    )

    assert [role.name for role in found.app_roles] == ["reports", "web"]
