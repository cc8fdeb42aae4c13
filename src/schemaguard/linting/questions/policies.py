"""Row security: which policies apply to whom, what their predicates bind, and who reaches a table at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.model import PUBLIC, Table
from schemaguard.catalog.privileges.acl import effective_acl
from schemaguard.catalog.privileges.membership import has_privileges_of
from schemaguard.catalog.privileges.query import can
from schemaguard.config.patterns import matches_table
from schemaguard.linting.project_base import ProjectBase
from schemaguard.linting.questions import predicates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Column, Expression, Policy, Role
    from schemaguard.statements.statement import Node, Origin

_COMMANDS = {"USING": ("SELECT", "UPDATE", "DELETE"), "WITH CHECK": ("INSERT", "UPDATE")}
"""The commands for which a clause is asked."""
ROW_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")


class Access(NamedTuple):
    """That a role can use a table: the privilege, the statement that lets it, and how, in words."""

    role_name: str
    privilege: str
    because: Origin | None
    sentence: str


class RowSecurityQuestions(ProjectBase):
    """The part of a Project that answers questions about row security."""

    # Who reaches a table

    def reached_by_app(self, table: Table) -> list[Access]:
        """Every privilege on rows that a role of the application, or PUBLIC, has on the table."""
        found = []
        for role in self.app_roles:
            for privilege in ROW_PRIVILEGES:
                proof = can(self.catalog, role.oid, privilege, table.oid)
                if proof is not None:
                    found.append(Access(role.name, privilege, proof.because, proof.sentence()))
        if not self.app_roles:
            found.extend(
                Access("PUBLIC", item.privilege, item.because, f"PUBLIC was granted {item.privilege}")
                for item in effective_acl(self.catalog, table)
                if item.grantee == PUBLIC and item.privilege in ROW_PRIVILEGES
            )
        return found

    def protected_ancestor(self, table: Table) -> Table | None:
        """The nearest table that this one is a partition or child of and that has row security."""
        pending = list(table.parents)
        while pending:
            parent = self.catalog.get(pending.pop(0), Table)
            if parent.row_security:
                return parent
            pending.extend(parent.parents)
        return None

    # Policies

    def policies(self, table: Table) -> list[Policy]:
        """The policies of a table, in order of creation."""
        return self.catalog.policies(table.oid)

    def applies_to(self, policy: Policy, role: Role) -> bool:
        """Whether a policy applies to a role: it is for PUBLIC, or for a role whose rights the role inherits."""
        return PUBLIC in policy.roles or any(
            role.oid == oid or has_privileges_of(self.catalog, role.oid, oid) for oid in policy.roles
        )

    def applicable_policies(self, table: Table, role: Role, command: str) -> list[Policy]:
        """The permissive policies that let a role use a command on a table (one without an expression lets nobody)."""
        return [
            policy
            for policy in self.policies(table)
            if policy.permissive
            and policy.command in ("ALL", command)
            and self.applies_to(policy, role)
            and any(self.clauses(policy))
        ]

    def concerns_app(self, policy: Policy) -> bool:
        """Whether a policy applies to PUBLIC or to a role of the application."""
        if not self.app_roles:
            return True
        return any(self.applies_to(policy, role) for role in self.app_roles)

    def clauses(self, policy: Policy) -> list[tuple[str, Expression]]:
        """USING and WITH CHECK as far as they are there and asked; where one is missing it lets nothing through."""
        found: list[tuple[str, Expression]] = []
        if policy.using is not None and policy.command != "INSERT":
            found.append(("USING", policy.using))
        if policy.check is not None and policy.command not in ("SELECT", "DELETE"):
            found.append(("WITH CHECK", policy.check))
        return found

    # Predicates

    @property
    def tenancy_type(self) -> str:
        """The type of the tenant column."""
        return self.tenants.setting.type if self.tenants is not None else "uuid"

    def scoped_column(self, table: Table) -> Column | None:
        """The column that a table's policies must bind: the tenant column, or what `tenancy.scopes` says."""
        if self.tenants is None:
            return None
        name = self._scope(table)[0]
        return table.column(name) if name else self.tenants.column(table)

    def scope_setting(self, table: Table) -> str | None:
        """The setting that a table's policies must compare with, None where none is agreed."""
        return self._scope(table)[1] or (self.tenants.setting.setting if self.tenants is not None else None)

    def _scope(self, table: Table) -> tuple[str, str | None]:
        scopes = self.tenants.setting.scopes if self.tenants is not None else {}
        for pattern, scope in scopes.items():
            if matches_table(pattern, self.catalog.schema_name(table.schema), table.name):
                return scope.column, scope.setting
        return "", None

    def _question(self, table: Table) -> predicates.Question:
        column = self.scoped_column(table)
        return predicates.Question(
            catalog=self.catalog,
            table=table,
            column=column.number if column is not None else 0,
            column_name=self.tenants.setting.column if self.tenants is not None else "",
            setting=self.scope_setting(table),
            functions=tuple(self.tenants.setting.functions) if self.tenants is not None else (),
            type=self.tenancy_type,
        )

    def binds_tenant(self, table: Table, expression: Expression) -> bool:
        """Whether a predicate lets only rows of the current tenant through, in every branch."""
        return predicates.binds(expression, self._question(table))

    def narrowed_to_tenant(self, table: Table, policy: Policy, clause: str) -> bool:
        """Whether restrictive policies bind the tenant wherever a permissive one's clause is asked, for all roles."""
        roles = [role for role in self.app_roles if self.applies_to(policy, role)]
        asked = [(command, clause) for command in _COMMANDS[clause] if policy.command in ("ALL", command)]
        if clause == "USING" and policy.check is None:  # it is the WITH CHECK, too
            asked += [
                (command, "WITH CHECK")
                for command in ("INSERT", "UPDATE")
                if policy.command in ("ALL", command)
            ]
        return all(self._restricts(table, roles, command, which) for command, which in asked)

    def is_left_to_restrictive_policies(self, table: Table) -> bool:
        """Whether a permissive policy for the application lets all tenants through, so that others must not."""
        return any(
            not self.binds_tenant(table, expression)
            for policy in self.policies(table)
            if policy.permissive and self.concerns_app(policy)
            for _clause, expression in self.clauses(policy)
        )

    def _restricts(self, table: Table, roles: Sequence[Role], command: str, clause: str) -> bool:
        """Whether for each role (for PUBLIC, where there are none) a restrictive policy binds the tenant."""
        found = [
            policy
            for policy in self.policies(table)
            if not policy.permissive and policy.command in ("ALL", command)
            if (expression := policy.using if clause == "USING" else policy.check or policy.using) is not None
            and self.binds_tenant(table, expression)
        ]
        if not roles:
            return any(PUBLIC in policy.roles for policy in found)
        return all(any(self.applies_to(policy, role) for policy in found) for role in roles)

    def opens_without_tenant(self, table: Table, expression: Expression) -> str:
        """How a predicate lets rows through where no tenant is set, in words; "" where it does not."""
        setting = self.scope_setting(table) or "the setting"
        found = predicates.fails_open(expression, self._question(table))
        if found is None:
            return ""
        if found.literal is not None:
            return f"without `{setting}` it works as the tenant '{found.literal}'"
        state = "was never set" if found.value is None else "is the empty string"
        return f"it lets rows of every tenant through when `{setting}` {state}"

    def setting_may_error(self, table: Table, expression: Expression) -> str:
        """Why a predicate may raise an error in a session without the setting, in words; "" where it can't."""
        return next(iter(predicates.errors(expression, self._question(table))), "")

    def per_row_calls(self, expression: Expression) -> list[str]:
        """Functions without columns for arguments that are called outside of a sub-select, built-in ones aside."""
        from schemaguard.catalog.builtin.functions import is_builtin_function

        found = []
        for call in predicates.walk(expression.node, "FuncCall", into_sub_selects=False):
            names = strings(call["funcname"])
            built_in = len(names) == 1 or names[0] == "pg_catalog"
            if built_in and is_builtin_function(names[-1]):
                continue
            if not any(predicates.walk(call.get("args"), "ColumnRef")):
                found.append(".".join(names))
        return list(dict.fromkeys(found))

    def tables_read_by(self, policy: Policy) -> list[int]:
        """Oids of the tables and views that a policy's sub-selects read."""
        found: list[int] = []
        for _clause, expression in self.clauses(policy):
            for range_var in predicates.walk(expression.node, "RangeVar"):
                oid = self._relation(range_var)
                if oid is not None:
                    found.append(oid)
        return list(dict.fromkeys(found))

    def _relation(self, range_var: Node) -> int | None:
        schema = range_var.get("schemaname")
        schemas = [schema] if schema else ["public", *self.catalog.schemas]
        for name in schemas:
            oid = self.catalog.relations.get((self.catalog.schemas.get(name, -1), range_var["relname"]))
            if oid is not None:
                return oid
        return None
