"""The shape of the facts, and the words in them: one for the replayed catalog and for a server's.

Objects are keyed by qualified name, `public.orders`, routines with their identity arguments, `public.f(a integer)`.
Only user schemas count, and nothing that belongs to an extension. The bootstrap superuser and the predefined roles
(`pg_…`) can own and grant, but are no facts themselves; neither is `plpgsql`, which every database has.

Facts of the replayed catalog may also be asked for with their places. Then each object and list entry has a key
`because`, a Place, and each flag that another statement can set later (`not_null`, `rls_enabled`) one beside it that is
named for it (`not_null_because`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
"""Version of the shape; it grows when a key changes its meaning or goes away."""

CONSTRAINT_TYPES = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "x": "exclude"}
ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}
IDENTITIES = {"a": "always", "d": "by default"}
TABLE_KINDS = {"r": "table", "p": "partitioned", "f": "foreign"}
TRIGGER_EVENTS = ("insert", "delete", "update", "truncate")
TYPE_KINDS = {"e": "enum", "d": "domain", "c": "composite", "r": "range"}
ROUTINE_KINDS = {"f": "function", "p": "procedure", "a": "aggregate", "w": "window"}
VOLATILITIES = {"i": "immutable", "s": "stable", "v": "volatile"}
OBJECT_TYPES = {
    "r": "table",
    "S": "sequence",
    "f": "function",
    "T": "type",
    "n": "schema",
    "L": "large object",
}
"""Of default privileges, as psql's `\\ddp` names them."""

EXPRESSION = "<expr>"
"""Stands among an index's columns for an expression; `expressions` has its text."""

EVERYWHERE = ("plpgsql",)
"""Extensions of every database."""


class Place(TypedDict):
    """Where the statement stands that made a fact true."""

    path: str
    line: int
    column: int


class Privilege(TypedDict):
    """One entry of an access control list; `grantee` is a role or PUBLIC."""

    grantee: str
    privilege: str
    grantable: bool
    grantor: str


class ColumnPrivilege(Privilege):
    """An entry of a column's access control list."""

    column: str


class SchemaFact(TypedDict):
    """A schema."""

    owner: str
    comment: str | None
    privileges: list[Privilege]
    owner_privileges: list[str]


class ColumnFact(TypedDict):
    """A column of a table."""

    name: str
    type: str
    not_null: bool
    default: str | None
    generated: str | None
    identity: str | None
    comment: str | None
    inherited: bool


class ConstraintFact(TypedDict):
    """A constraint of a table; the `ref_…` and `on_…` keys are null but for foreign keys."""

    type: str
    columns: list[str]
    validated: bool
    enforced: bool
    deferrable: bool
    ref_table: str | None
    ref_columns: list[str] | None
    on_delete: str | None
    on_update: str | None
    expression: str | None


class IndexFact(TypedDict):
    """An index; `expressions`: of the keys that are none of a column, in one text, null where there are none."""

    columns: list[str]
    include: list[str]
    unique: bool
    primary: bool
    method: str
    predicate: str | None
    expressions: str | None
    from_constraint: bool


class PolicyFact(TypedDict):
    """A row-security policy."""

    permissive: bool
    cmd: str
    roles: list[str]
    using: str | None
    check: str | None
    comment: str | None


class TriggerFact(TypedDict):
    """A trigger; `columns` are those of UPDATE OF."""

    function: str
    timing: str
    events: list[str]
    level: str
    enabled: str
    columns: list[str]
    when: str | None
    comment: str | None


class RuleFact(TypedDict):
    """A rewrite rule, without its actions."""

    event: str
    instead: bool
    enabled: str


class RelationFact(TypedDict):
    """What tables and views have in common."""

    owner: str
    comment: str | None
    triggers: dict[str, TriggerFact]
    rules: dict[str, RuleFact]
    privileges: list[Privilege]
    owner_privileges: list[str]
    column_privileges: list[ColumnPrivilege]
    effective_privileges: dict[str, list[str]]


class TableFact(RelationFact):
    """A table of any kind."""

    kind: str
    rls_enabled: bool
    rls_forced: bool
    parents: list[str]
    partition_key: str | None
    partition_bound: str | None
    columns: list[ColumnFact]
    constraints: dict[str, ConstraintFact]
    indexes: dict[str, IndexFact]
    policies: dict[str, PolicyFact]


class OutputColumn(TypedDict):
    """A column of a view or composite type."""

    name: str
    type: str


class ViewFact(RelationFact):
    """A view."""

    options: dict[str, str]
    columns: list[OutputColumn]
    definition: str
    depends_on: list[str]


class MatviewFact(ViewFact):
    """A materialized view."""

    indexes: dict[str, IndexFact]
    populated: bool


class SequenceFact(TypedDict):
    """A sequence; `owned_by` is a column, `public.orders.id`."""

    owner: str
    owned_by: str | None
    privileges: list[Privilege]
    owner_privileges: list[str]


class FunctionFact(TypedDict):
    """A routine."""

    kind: str
    language: str
    returns: str | None
    security_definer: bool
    config: dict[str, str]
    volatility: str
    strict: bool
    leakproof: bool
    owner: str
    privileges: list[Privilege]
    owner_privileges: list[str]
    comment: str | None


class TypeFact(TypedDict):
    """A type; `labels` of enums, `base`, `not_null` and `checks` of domains (`base` also of ranges: the subtype)."""

    kind: str
    owner: str
    labels: list[str] | None
    base: str | None
    not_null: bool
    default: str | None
    checks: dict[str, str]
    attributes: list[OutputColumn] | None
    comment: str | None


class MembershipFact(TypedDict):
    """A grant of membership with its options."""

    role: str
    grantor: str
    admin: bool
    inherit: bool
    set: bool


class RoleFact(TypedDict):
    """A role; before PostgreSQL 16 memberships have no options of their own and one grantor, which is left out."""

    superuser: bool
    inherit: bool
    createrole: bool
    createdb: bool
    login: bool
    replication: bool
    bypassrls: bool
    member_of: list[str]
    admin_of: list[str]
    memberships: list[MembershipFact]


class DefaultPrivilege(TypedDict):
    """One entry of default privileges; `schema` null: everywhere, and the entries are the whole list."""

    for_role: str
    schema: str | None
    objtype: str
    grantee: str
    privilege: str
    grantable: bool


class ExtensionFact(TypedDict):
    """An extension."""

    schema: str


class PublicationFact(TypedDict):
    """A publication."""

    all_tables: bool
    tables: list[str]
    schemas: list[str]


class EventTriggerFact(TypedDict):
    """An event trigger."""

    event: str
    function: str
    enabled: str


class UnknownFact(TypedDict):
    """A path of the facts about which nothing can be known, and why."""

    path: str
    reason: str
    location: Place | None


class Facts(TypedDict):
    """Everything that is known of a database."""

    format: int
    postgres: int
    schemas: dict[str, SchemaFact]
    tables: dict[str, TableFact]
    views: dict[str, ViewFact]
    matviews: dict[str, MatviewFact]
    sequences: dict[str, SequenceFact]
    functions: dict[str, FunctionFact]
    types: dict[str, TypeFact]
    roles: dict[str, RoleFact]
    default_privileges: list[DefaultPrivilege]
    extensions: dict[str, ExtensionFact]
    publications: dict[str, PublicationFact]
    event_triggers: dict[str, EventTriggerFact]
    seed_rows: dict[str, list[dict[str, Any]]]
    unknown: list[UnknownFact]


KINDS = (
    "schemas", "tables", "views", "matviews", "sequences", "functions", "types", "roles", "default_privileges",
    "extensions", "publications", "event_triggers",
)  # fmt: skip
"""The parts of the facts that a server can be asked for, in the order in which they are printed."""


def sorted_privileges(entries: Iterable[Privilege]) -> list[Privilege]:
    """An access control list in its fixed order: by grantee, privilege, grantor."""
    return sorted(entries, key=lambda entry: (entry["grantee"], entry["privilege"], entry["grantor"]))


def default_privilege_order(entry: DefaultPrivilege) -> tuple[str, ...]:
    """Sort key of default privileges: by creator, schema (everywhere first), type of object, then as other lists."""
    return (
        entry["for_role"],
        entry["schema"] or "",
        entry["objtype"],
        entry["grantee"],
        entry["privilege"],
        str(entry["grantable"]),
    )
