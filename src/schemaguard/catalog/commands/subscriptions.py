"""CREATE, ALTER and DROP SUBSCRIPTION."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import options, truth
from schemaguard.catalog.errors import DUPLICATE_OBJECT, INSUFFICIENT_PRIVILEGE, UNDEFINED_OBJECT, Refused
from schemaguard.catalog.events import PasswordSet
from schemaguard.catalog.model import Other

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

_PASSWORD = re.compile(r"(?:^|\s)password\s*=|://[^/@\s:]*:[^/@\s]+@", re.IGNORECASE)


def create_subscription(run: Run, node: Node) -> None:
    """CREATE SUBSCRIPTION; its connection is not made."""
    catalog, name = run.catalog, node["subname"]
    given = options(node.get("options"))
    _refuse_subscriber(run)
    if ("pg_subscription", 0, name) in catalog.others:
        raise Refused(DUPLICATE_OBJECT, f'subscription "{name}" already exists')
    _report_password(run, node, name)
    subscription = Other(
        catalog.new_oid(),
        "pg_subscription",
        0,
        name,
        run.session.role,
        detail="enabled" if truth(given.get("enabled")) else "",
        because=run.origin(),
    )
    catalog.put(catalog.others, ("pg_subscription", 0, name), subscription.oid)
    catalog.store(subscription)


def _refuse_subscriber(run: Run) -> None:
    """Subscriptions are made by superusers, from PostgreSQL 16 on also by members of pg_create_subscription."""
    from schemaguard.catalog.privileges.membership import has_privileges_of

    if run.session.is_superuser:
        return
    if run.catalog.version < 16:
        raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to create subscriptions")
    group = run.catalog.roles.get("pg_create_subscription")
    if group is None or not has_privileges_of(run.catalog, run.session.role, group):
        raise Refused(
            INSUFFICIENT_PRIVILEGE,
            "permission denied to create subscription",
            detail='Only roles with privileges of the "pg_create_subscription" role may create subscriptions.',
        )


def _report_password(run: Run, node: Node, name: str) -> None:
    if _PASSWORD.search(node.get("conninfo", "")):
        because = run.origin({"location": node["conninfo_location"]}) if "conninfo_location" in node else None
        run.event(PasswordSet(because=because or run.origin(), where=f'subscription "{name}"'))


def _subscription(run: Run, name: str) -> Other:
    oid = run.catalog.others.get(("pg_subscription", 0, name))
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'subscription "{name}" does not exist')
    subscription = run.catalog.get(oid, Other)
    if not run.session.owns(subscription.owner):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of subscription {name}")
    return subscription


def alter_subscription(run: Run, node: Node) -> None:
    """ALTER SUBSCRIPTION: of what it changes only a password in the connection string matters here."""
    _subscription(run, node["subname"])
    _report_password(run, node, node["subname"])


def drop_subscription(run: Run, node: Node) -> None:
    """DROP SUBSCRIPTION."""
    from schemaguard.catalog.deletion import delete_objects

    key = ("pg_subscription", 0, node["subname"])
    if node.get("missing_ok") and key not in run.catalog.others:
        return
    delete_objects(run, [(_subscription(run, node["subname"]).oid, 0)], cascade=True)


HANDLERS = {
    "CreateSubscriptionStmt": create_subscription,
    "AlterSubscriptionStmt": alter_subscription,
    "DropSubscriptionStmt": drop_subscription,
}
