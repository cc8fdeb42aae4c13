"""
Views: whose rows they show, and whether they can be refreshed beside their readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Function
from tests.rules_on_server.probes.world import A, B, Probe, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import View


def _rows(world: World, role: str, view: View) -> int:
    """How many rows a role sees that works for one of two tenants, each with one row in each table."""
    with world.undone():
        for table in world.project.tables_under(view):
            for tenant in (A, B):
                world.fill(table, tenant)
        for one in world.project.governed_views:
            if one.kind == "m":
                world.connection.execute(f"REFRESH MATERIALIZED VIEW {world.project.sql(one)}".encode())
        return world.attempt(role, f"SELECT FROM {world.project.sql(view)}", {"app.tenant_id": A}).rows


def view_bypasses_row_security(world: World) -> Iterator[Probe]:
    """A role of the application sees the rows of both tenants through the view."""
    for view in world.project.governed_views:
        protected = [table for table in world.project.tables_under(view) if table.row_security]
        if view.kind != "v" or not protected:
            continue
        proved = any(_rows(world, role, view) > 1 for role in world.app_roles)
        if proved and view.name == "above":  # it shows what the view below shows, which is reported
            continue
        yield Probe(f"{view.name} shows all", (world.name(view),) in world.claims(), proved)


def matview_exposes_tenants(world: World) -> Iterator[Probe]:
    """A role of the application sees the rows of both tenants, in the view or through another one."""
    for view in world.project.governed_views:
        tenants = [
            table for table in world.project.tables_under(view) if world.project.is_tenant_table(table.oid)
        ]
        if view.kind != "m" or not tenants:
            continue
        finding = next((one for one in world.findings if one.key.split(":")[1] == world.name(view)), None)
        readers = [view, *world.project.readable_views_over(view)]
        proved = any(_rows(world, role, reader) > 1 for role in world.app_roles for reader in readers)
        claimed = finding is not None and finding.severity.name == "ERROR"  # else all reading is by tenant
        yield Probe(f"{view.name} shows all", claimed, proved)


def matview_not_refreshable_concurrently(world: World) -> Iterator[Probe]:
    """REFRESH … CONCURRENTLY is refused."""
    for view in world.project.governed_views:
        if view.kind == "m":
            with world.undone():
                statement = f"REFRESH MATERIALIZED VIEW CONCURRENTLY {world.project.sql(view)}"
                proved = world.attempt(None, statement).sqlstate == "55000"
            yield Probe(f"{view.name} is not refreshed", (world.name(view),) in world.claims(), proved)


def view_options_reset(world: World) -> Iterator[Probe]:
    """The view is not its caller's in the end, and was."""
    for view in world.project.governed_views:
        options = world.ask(
            "SELECT reloptions::text ~ 'security_invoker=(true|on)' FROM pg_class WHERE oid = %s::regclass",
            world.project.sql(view),
        )
        once = any(
            "security_invoker = true" in step.statement.sql or "security_invoker = on" in step.statement.sql
            for step in world.project.history.steps
            if f"VIEW {view.name} " in step.statement.sql
        )
        yield Probe(f"{view.name} lost it", (world.name(view),) in world.claims(), once and not options)


def function_options_reset(world: World) -> Iterator[Probe]:
    """The function has neither the option in the end, and had it."""
    for function in world.project.catalog.all(Function):
        name = world.project.sql(function)
        has = world.ask(
            "SELECT prosecdef OR proconfig IS NOT NULL FROM pg_proc WHERE oid = %s::regprocedure", name
        )
        once = any(
            f"FUNCTION {name.partition('(')[0]}()" in step.statement.sql
            and ("DEFINER" in step.statement.sql or "SET search_path" in step.statement.sql)
            for step in world.project.history.steps
            if not function.inputs
        )
        claimed = any(
            claim[0].startswith(world.project.catalog.qualified(function))
            and claim[0].endswith(name.partition("(")[2])
            for claim in world.claims()
        )
        yield Probe(f"{name} lost it", claimed, once and not has)
