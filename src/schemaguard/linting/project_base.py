"""What every rule asks of a project: catalog, history and config; names, tables, tenants and roles."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import msgspec

from schemaguard.catalog.describe import short_name, sql_name
from schemaguard.catalog.model import Function, Other, Relation, Type
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.privileges.query import can
from schemaguard.config import Policy
from schemaguard.config.load import rule_options
from schemaguard.linting import exemptions
from schemaguard.linting.files import Files
from schemaguard.linting.questions import governed, money, roles, tenancy
from schemaguard.linting.suppressions import Suppressions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from schemaguard.catalog.model import (
        Column,
        Index,
        Role,
        Table,
        View,
    )
    from schemaguard.catalog.privileges.proof import Proof
    from schemaguard.catalog.replay import History
    from schemaguard.catalog.state import Catalog
    from schemaguard.config.policy import Exemption
    from schemaguard.findings import Severity
    from schemaguard.linting.base import Base
    from schemaguard.linting.baseline import Baseline
    from schemaguard.linting.questions.tenancy import Tenants
    from schemaguard.linting.rule import Rule
    from schemaguard.sources.migration import Migration
    from schemaguard.sources.problems import Problem
    from schemaguard.text import Location

    _Options = TypeVar("_Options", bound=msgspec.Struct)


class ProjectBase:
    """What is under check. Rules read it and change nothing.

    `catalog` is the final state, `history` how it came about: `history.steps`, `history.notes`,
    `history.unparsed`. `problems` is what reading the sources found. `policy` is the config. `files` are the
    texts. `severities` holds the config's word for rules. `suppressions`, `ran` and `baseline` are for checks
    `at_the_end`. `base` is the state that a change is compared with, None without one.
    `specs` are the DDL specifications.
    """

    def __init__(
        self,
        history: History,
        policy: Policy | None = None,
        *,
        files: Files | None = None,
        problems: Sequence[Problem] = (),
        severities: Mapping[str, Severity] | None = None,
        today: date | None = None,
        base: Base | None = None,
    ) -> None:
        """Take a replayed history and what else is known; everything but the history has a default."""
        self.history = history
        self.catalog: Catalog = history.catalog
        self.policy = Policy() if policy is None else policy
        self.files = Files() if files is None else files
        self.problems = problems
        self.severities = severities or {}
        self.today = date.today() if today is None else today  # noqa: DTZ011 - the user's own day
        self.suppressions = Suppressions((), self.today)
        self.baseline: Baseline | None = None
        self.base = base
        self.specs: Sequence[Migration] = ()
        self.ran: Collection[str] = ()
        self.failures: list[Failure] = []

    # Settings

    def options(self, rule: Rule, into: type[_Options]) -> _Options:
        """The options that the config gives a rule; pass the class that the rule was made with."""
        return rule_options(self.policy, rule.name, into)

    def lacks(self, need: str) -> str:
        """Why the project has not what a rule `needs`, as a reason for skipping it; empty where it has.

        A need is a key of the config (``append_only``, ``contracts``), or ``tenancy``, ``money``, which may be
        inferred, or ``base``: the state before the change.
        """
        if need == "base":
            return "" if self.base is not None else "there is no base to compare with"
        if need == "tenancy":
            return "" if self.tenants is not None else "no tenancy is configured, and none could be inferred"
        if need == "money":
            return "" if self.money_columns else "no money columns are configured, and none could be inferred"
        if need == "correlation":
            said = self.policy.says("correlation") or self.policy.contracts.mapping
            return "" if said else "neither `correlation` nor `contracts.mapping` is configured"
        return "" if self.policy.says(need) else f"`{need}` is not configured"

    @property
    def assumptions(self) -> list[str]:
        """What was inferred for want of a config, one sentence each."""
        found = []
        if self.tenants is not None and self.tenants.inferred:
            found.append(self.tenants.assumption)
        if not self.policy.roles.application and self.app_roles:
            names = ", ".join(f"`{role.name}`" for role in self.app_roles)
            found.append(f"application roles are taken to be {names}, because they are granted something")
        return found

    @cached_property
    def home(self) -> Location | None:
        """The place of facts that no file states: the config, else the last migration; None without either."""
        if (file := self.policy.places.file) is not None:
            return file.span(0, 0).location
        if self.history.migrations:
            return self.history.migrations[-1].file.span(0, 0).location
        return None

    def problem_names(self) -> set[str]:
        """The rules under whose names reading the sources made findings."""
        return {problem.rule for problem in self.problems} | {note.rule for note in self.history.notes}

    # Names

    def name(self, record: Relation | Function | Type | Other | Role, column: Column | None = None) -> str:
        """A record's name for messages, with its schema where that is not `public`; with `column`, that column's."""
        name = (
            short_name(self.catalog, record)  # type: ignore[arg-type] # it takes what has a schema and a name
            if isinstance(record, (Relation, Function, Type, Other))
            else record.name
        )
        return name if column is None else f"{name}.{column.name}"

    def sql(self, record: Relation | Function | Index, column: Column | None = None) -> str:
        """A record's name as statements need it written, quoted where it must be; a routine's with its types.

        With its schema where that is not `public`; with `column`, that column's (``t.c``, as COMMENT has it).
        """
        return sql_name(self.catalog, record) + (
            "" if column is None else f".{quote_identifier(column.name)}"
        )

    def row_security_on(self, table: Table) -> str:
        """The statements that enable and force a table's row security."""
        name = self.sql(table)
        return f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {name} FORCE ROW LEVEL SECURITY;"

    def role_name(self, oid: int) -> str:
        """A role's name, `PUBLIC` for 0."""
        return self.catalog.owner_name(oid)

    # Tables

    @cached_property
    def governed_tables(self) -> list[Table]:
        """The tables of user schemas that no exemption takes out, partitions and children among them."""
        return governed.governed_tables(self.catalog, self.policy, self.today)

    @cached_property
    def governed_views(self) -> list[View]:
        """Likewise the views and materialized views."""
        return governed.governed_views(self.catalog, self.policy, self.today)

    def is_bookkeeping(self, record: Relation) -> bool:
        """Whether a migration tool keeps its own state in it: nobody of the project words it."""
        return record.name in governed.BOOKKEEPING

    def is_governed(self, oid: int) -> bool:
        """Whether the relation is a governed table or view."""
        return oid in self._governed

    def governs(self, schema: str, name: str) -> bool:
        """Whether a relation of that name is governed, or could be: unknown names are (schema "" is any schema)."""
        return governed.governs_name(self.policy, self.today, schema, name)

    def expired_exemptions(self) -> list[tuple[int, Exemption]]:
        """The exemptions of the config whose day is past, with their position."""
        return [
            (n, each) for n, each in enumerate(self.policy.exempt) if not exemptions.holds(each, self.today)
        ]

    @cached_property
    def _governed(self) -> frozenset[int]:
        return frozenset(record.oid for record in (*self.governed_tables, *self.governed_views))

    # Tenants

    @cached_property
    def tenants(self) -> Tenants | None:
        """How rows belong to tenants, configured or inferred; None: they do not."""
        return tenancy.tenants(self.catalog, self.policy, self.governed_tables)

    @property
    def tenant_tables(self) -> list[Table]:
        """The governed tables that hold rows of tenants, partitions and children among them."""
        return [] if self.tenants is None else self.tenants.tables

    def is_tenant_table(self, oid: int) -> bool:
        """Whether the table holds rows of tenants."""
        return self.tenants is not None and oid in self.tenants.oids

    # Roles

    @cached_property
    def app_roles(self) -> list[Role]:
        """The roles of the application, read-only ones among them; see rules.md for what is inferred."""
        return roles.app_roles(self.catalog, self.policy)

    @cached_property
    def readonly_roles(self) -> list[Role]:
        """The roles that must not write."""
        return roles.named(self.catalog, self.policy.roles.readonly)

    @cached_property
    def owner_roles(self) -> list[Role]:
        """The roles that own what is governed, and those the config lists as owners."""
        return roles.owner_roles(self.catalog, self.policy)

    def who_can(self, privilege: str, relation: Relation) -> list[Proof]:
        """The application roles that have a privilege on a relation, each with the best proof."""
        found = (can(self.catalog, role.oid, privilege, relation.oid) for role in self.app_roles)
        return [proof for proof in found if proof is not None]

    @cached_property
    def money_columns(self) -> list[tuple[Table, Column]]:
        """The columns of governed tables that hold money, as configured or by their names."""
        return money.money_columns(self.catalog, self.policy, self.governed_tables)


class Failure(msgspec.Struct, frozen=True):
    """A rule that raised: what it would have found is not known."""

    rule: str
    path: str
    line: int
    error: str
