"""
An answer about a predicate that is kept for others of its kind is the answer that each has by itself.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from schemaguard.config import parse_config
from schemaguard.linting.history import replayed
from schemaguard.linting.project import Project
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression, Table

CONFIG = """
tenancy: {table: tenants, key: id, column: tenant_id, setting: app.tenant, functions: [tenant], shared: [tenants, own]}
sources: [{sql: "*.sql"}]
"""

TABLES = {
    "strict": "tenant_id uuid NOT NULL, other_id uuid",
    "nullable": "other_id uuid, tenant_id uuid",
    "swapped": "other_id uuid NOT NULL, spare text, tenant_id uuid NOT NULL",
    "own": "tenant_id uuid PRIMARY KEY, other_id uuid",
}

PREDICATES = (
    "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid",
    "other_id = nullif(current_setting('app.tenant', true), '')::uuid",
    "tenant_id = current_setting('app.tenant')::uuid OR tenant_id IS NULL",
    "coalesce(tenant_id = nullif(current_setting('app.tenant', true), '')::uuid, true)",
    "{table}.tenant_id = tenant()",
    "EXISTS (SELECT 1 FROM own WHERE own.tenant_id = {table}.tenant_id AND own.other_id = tenant())",
    "tenant_id IN (SELECT tenant_id FROM own WHERE other_id = tenant())",
    "{table}.* IS NOT NULL",
    "true",
)

HISTORY = f"""
CREATE TABLE tenants (id uuid PRIMARY KEY);
CREATE FUNCTION tenant() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.tenant', true), '')::uuid $$;
{"".join(f"CREATE TABLE {name} ({columns});" for name, columns in TABLES.items())}
{
    "".join(
        f"CREATE POLICY p{number} ON {table} USING ({text.format(table=table)});"
        for table, (number, text) in product(TABLES, enumerate(PREDICATES))
    )
}
"""


@pytest.fixture(scope="module")
def project() -> Project:
    policy = parse_config(SourceFile("schemaguard.yaml", CONFIG))
    read = replayed(MemoryTree({"1.sql": HISTORY.encode()}), policy)
    assert [str(step.error or step.opaque) for step in read.history.steps if step.error or step.opaque] == []
    return Project(read.history, policy, files=read.files)


def asked(project: Project, table: Table, expression: Expression) -> tuple[object, ...]:
    return (
        project.binds_tenant(table, expression),
        project.opens_without_tenant(table, expression),
        project.setting_may_error(table, expression),
    )


def test_together_as_alone(project: Project) -> None:
    cases = [
        (table, policy.using)
        for table in project.catalog.tables()
        for policy in project.policies(table)
        if policy.using is not None
    ]
    alone = []
    for case in cases:
        project.catalog.derived.clear()
        alone.append(asked(project, *case))
    project.catalog.derived.clear()
    together = [asked(project, *case) for case in cases]

    assert together == alone == [asked(project, *case) for case in cases]
    assert len(set(alone)) >= 6  # they are not all alike
    kept = {key for key in project.catalog.derived if len(key) == 3}
    assert len(kept) < 3 * len(cases)  # and some are answered once for several


def test_a_change_is_another_answer(project: Project) -> None:
    """What is kept is forgotten with the state it belongs to."""
    catalog = project.catalog
    table = catalog.relation_named("public", "strict")
    [first, *_] = [policy.using for policy in project.policies(table) if policy.using is not None]
    asked(project, table, first)
    mark = catalog.mark()

    assert catalog.derived

    catalog.store(table)
    assert not catalog.derived

    asked(project, table, first)
    catalog.remove(catalog.comments, (table.oid, 0))
    assert catalog.derived  # nothing was there to remove

    catalog.rewind(mark)
    assert not catalog.derived
