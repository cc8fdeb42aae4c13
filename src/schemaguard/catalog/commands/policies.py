"""CREATE POLICY and ALTER POLICY."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.nodes import role_names
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    INSUFFICIENT_PRIVILEGE,
    SYNTAX_ERROR,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import FIRST_USER_OID, PUBLIC, Policy, Table

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def create_policy(run: Run, node: Node) -> None:
    """CREATE POLICY."""
    catalog = run.catalog
    command = node["cmd_name"].upper()
    if "with_check" in node and command in ("SELECT", "DELETE"):
        raise Refused(SYNTAX_ERROR, "WITH CHECK cannot be applied to SELECT or DELETE")
    if "qual" in node and command == "INSERT":
        raise Refused(SYNTAX_ERROR, "only WITH CHECK expression allowed for INSERT")
    roles = _roles(run, node.get("roles"))
    table = _table(run, node["table"])
    using, check = (_bind(run, table, node.get(part)) for part in ("qual", "with_check"))
    name = node["policy_name"]
    if name in catalog.policies_of.get(table.oid, {}):
        message = f'policy "{name}" for table "{table.name}" already exists'
        raise Refused(DUPLICATE_OBJECT, message)
    policy = Policy(
        oid=catalog.new_oid(),
        name=name,
        table=table.oid,
        # The grammar gives the field for PERMISSIVE, its default, too; absent is false: RESTRICTIVE.
        permissive=bool(node.get("permissive")),
        command=command,
        roles=roles,
        using=using,
        check=check,
        because=run.origin(),
        using_because=run.origin() if using is not None else None,
        check_because=run.origin() if check is not None else None,
        roles_because=run.origin(),
    )
    catalog.put_in(catalog.policies_of, table.oid, name, policy.oid)
    catalog.store(policy)
    _depend(run, policy, table)


def alter_policy(run: Run, node: Node) -> None:
    """ALTER POLICY … TO, USING, WITH CHECK: what is not given stays."""
    catalog = run.catalog
    roles = _roles(run, node["roles"]) if "roles" in node else None
    table = _table(run, node["table"])
    using, check = (_bind(run, table, node.get(part)) for part in ("qual", "with_check"))
    name = node["policy_name"]
    oid = catalog.policies_of.get(table.oid, {}).get(name)
    if oid is None:
        message = f'policy "{name}" for table "{table.name}" does not exist'
        raise Refused(UNDEFINED_OBJECT, message)
    policy = catalog.get(oid, Policy)
    if policy.command in ("SELECT", "DELETE") and check is not None:
        raise Refused(SYNTAX_ERROR, "only USING expression allowed for SELECT, DELETE")
    if policy.command == "INSERT" and using is not None:
        raise Refused(SYNTAX_ERROR, "only WITH CHECK expression allowed for INSERT")
    changes: dict[str, Any] = {}
    if roles is not None:
        changes |= {"roles": roles, "roles_because": run.origin()}
    if using is not None:
        changes |= {"using": using, "using_because": run.origin()}
    if check is not None:
        changes |= {"check": check, "check_because": run.origin()}
    policy = msgspec.structs.replace(policy, **changes)
    catalog.store(policy)
    catalog.forget_dependencies(policy.oid)
    _depend(run, policy, table)


def _roles(run: Run, nodes: list[Node] | None) -> tuple[int, ...]:
    """The roles that a policy is for, PUBLIC alone where it is among them or none is named."""
    from schemaguard.catalog.privileges.rolespec import resolve_role

    found: list[int] = []
    for spec in role_names(nodes):
        if spec["roletype"] == "ROLESPEC_PUBLIC":
            return (PUBLIC,)
        found.append(resolve_role(run, spec))
    return tuple(found) or (PUBLIC,)


def _table(run: Run, range_var: Node) -> Table:
    relation = run.session.relation(range_var)
    run.session.require_owner(relation)
    if relation.oid < FIRST_USER_OID:
        message = f'permission denied: "{relation.name}" is a system catalog'
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    if not isinstance(relation, Table) or relation.kind == "f":
        raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is not a table')
    return relation


def _bind(run: Run, table: Table, node: Node | None) -> Expression | None:
    from schemaguard.catalog.analysis.binding import bind_expression

    if node is None:
        return None
    return bind_expression(run.session, node, table, run.origin(), context="policy")


def _depend(run: Run, policy: Policy, table: Table) -> None:
    """A policy goes with its table; the columns, functions and tables that it uses can't go without it."""
    from schemaguard.catalog.analysis.binding import dependencies

    catalog = run.catalog
    catalog.depend(policy.oid, table.oid, "a")
    for expression in (policy.using, policy.check):
        if expression is None:
            continue
        for _name, number in expression.columns:
            catalog.depend(policy.oid, table.oid, on_sub=number)
        for oid, sub in dependencies(run.session, expression, table):
            catalog.depend(policy.oid, oid, on_sub=sub)


HANDLERS = {"CreatePolicyStmt": create_policy, "AlterPolicyStmt": alter_policy}
