"""The catalog's records, one class per kind of object, as PostgreSQL's own system catalogs divide them.

Records are frozen and refer to each other by oid, never by name: a rename changes one record, and policies, views and
foreign keys follow it as they do on a server. A change replaces a record (`msgspec.structs.replace`), so two states
of the history share what did not change, and "is it the same?" is an identity test.

Each record knows the statement that made it (`because`); flags and list entries that other statements can change
carry their own.
"""

# long: one record for each of PostgreSQL's system catalogs, better read together

from __future__ import annotations

from typing import Any

import msgspec

from schemaguard.statements.statement import Node, Origin

PUBLIC = 0
"""The oid that stands for PUBLIC among grantees and policy roles."""

FIRST_USER_OID = 16384


class TypeRef(msgspec.Struct, frozen=True, gc=False):
    """A use of a type: its oid, the modifier of `varchar(n)`, `numeric(p,s)` …, and whether it is an array of it.

    Built-in types have PostgreSQL's own oids (`pg_type.oid`); `typmod` is encoded as the server encodes it,
    -1 for none.
    """

    oid: int
    typmod: int = -1
    array: bool = False


class AclItem(msgspec.Struct, frozen=True):
    """One privilege that one role gave to another on an object (or column); `grantee` 0 is PUBLIC."""

    grantee: int
    privilege: str
    grantor: int
    grantable: bool = False
    because: Origin | None = None


Acl = tuple[AclItem, ...]


class Expression(msgspec.Struct, frozen=True):
    """An expression as libpg_query parsed it, with what its names meant when it was written.

    `columns` maps each column name it uses to the attribute number it stood for, so that the expression follows a
    rename. `statement` is where it was parsed (locations in `node` are byte offsets there). `bound` belongs to
    `catalog.analysis`: it keeps there what binding found (function oids, types, relations of sub-selects).
    """

    node: Node
    columns: tuple[tuple[str, int], ...] = ()
    because: Origin | None = None
    bound: Any = None


class Column(msgspec.Struct, frozen=True):
    """`pg_attribute`: a column of a table, view, materialized view or composite type.

    `not_null_…`: what `pg_constraint` says of a NOT NULL from PostgreSQL 18 on.

    `generated`: "" or "s" (stored) or "v" (virtual), its expression is in `default`. `identity`: "", "a" (always) or
    "d" (by default). `parents`: how many parents it is inherited from; `local`: also defined here.
    """

    number: int
    name: str
    type: TypeRef
    not_null: bool = False
    default: Expression | None = None
    generated: str = ""
    identity: str = ""
    collation: str = ""
    acl: Acl = ()
    parents: int = 0
    local: bool = True
    because: Origin | None = None
    not_null_because: Origin | None = None
    type_because: Origin | None = None
    default_because: Origin | None = None
    storage: str = ""
    compression: str = ""
    not_null_name: str = ""
    not_null_valid: bool = True
    not_null_parents: int = 0
    not_null_local: bool = True
    not_null_no_inherit: bool = False


class Role(msgspec.Struct, frozen=True):
    """`pg_authid`. `external`: declared in the config or presumed, not created by the history."""

    oid: int
    name: str
    superuser: bool = False
    inherit: bool = True
    createrole: bool = False
    createdb: bool = False
    login: bool = False
    replication: bool = False
    bypassrls: bool = False
    config: tuple[str, ...] = ()
    because: Origin | None = None
    attributes_because: Origin | None = None
    external: bool = False
    predefined: bool = False


class Membership(msgspec.Struct, frozen=True):
    """`pg_auth_members`: `member` belongs to `role`. `inherit` and `set` are PostgreSQL 16's options."""

    role: int
    member: int
    grantor: int
    admin: bool = False
    inherit: bool = True
    set: bool = True
    because: Origin | None = None


class Schema(msgspec.Struct, frozen=True):
    """`pg_namespace`; `acl` None means the built-in default."""

    oid: int
    name: str
    owner: int
    acl: Acl | None = None
    because: Origin | None = None
    external: bool = False


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """What all of `pg_class` has that owns columns and privileges. `acl` None means the built-in default."""

    oid: int
    schema: int
    name: str
    kind: str
    owner: int
    columns: tuple[Column, ...] = ()
    acl: Acl | None = None
    persistence: str = "p"
    options: tuple[tuple[str, str], ...] = ()
    because: Origin | None = None
    owner_because: Origin | None = None
    external: bool = False
    extension: int = 0

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        for column in self.columns:
            if column.name == name:
                return column
        return None

    def column_at(self, number: int) -> Column | None:
        """The column with that attribute number."""
        for column in self.columns:
            if column.number == number:
                return column
        return None


class Table(Relation, frozen=True, kw_only=True):
    """A table: `kind` is r (plain), p (partitioned) or f (foreign).

    `parents`: the tables it inherits from, or the partitioned table it is a partition of (`is_partition`).
    `partition_key` is libpg_query's PartitionSpec; `partition_expressions` are those of its keys that are no columns.
    """

    row_security: bool = False
    force_row_security: bool = False
    row_security_because: Origin | None = None
    force_because: Origin | None = None
    parents: tuple[int, ...] = ()
    is_partition: bool = False
    partition_key: Node | None = None
    partition_columns: tuple[tuple[str, int], ...] = ()
    partition_expressions: tuple[Expression, ...] = ()
    partition_bound: PartitionBound | None = None
    partition_because: Origin | None = None
    of_type: int = 0
    next_number: int = 1
    server: str = ""
    replica_identity: str = "d"
    on_commit: str = ""
    toast_options: tuple[tuple[str, str], ...] = ()


class Infinite(msgspec.Struct, frozen=True):
    """MINVALUE (`sign` -1) or MAXVALUE (1) in a bound."""

    sign: int


class PartitionBound(msgspec.Struct, frozen=True):
    """What a partition takes. `strategy`: l (list), r (range) or h (hash).

    `values`: of a list, or where a range begins; `upper`: where it ends. Each is a constant of `catalog.analysis`, an
    Infinite, or another expression, whose value can't be known.
    """

    strategy: str
    default: bool = False
    values: tuple[Any, ...] = ()
    upper: tuple[Any, ...] = ()
    modulus: int = 0
    remainder: int = 0


class View(Relation, frozen=True, kw_only=True):
    """A view (`kind` v) or materialized view (m). `query` is the parsed SELECT; `populated` concerns the latter."""

    query: Expression | None = None
    populated: bool = True
    options_because: Origin | None = None
    check_option: str = ""


class Sequence(Relation, frozen=True, kw_only=True):
    """A sequence; `owned_by` is (table oid, attribute number) or None, `internal` for identity columns.

    `last_value`: what the sequence stands at where a statement said so and nothing has used it since, else None.
    """

    owned_by: tuple[int, int] | None = None
    internal: bool = False
    type: TypeRef = TypeRef(20)
    start: int = 1
    increment: int = 1
    minimum: int | None = None
    maximum: int | None = None
    cycle: bool = False
    cache: int = 1
    last_value: int | None = None


class Index(Relation, frozen=True, kw_only=True):
    """An index (`kind` i, or I on a partitioned table); its `columns` are not kept, `keys` says what it covers.

    `constraint`: the oid of the constraint it backs, or 0. `parent`: the partitioned index it belongs to, or 0.
    """

    table: int
    keys: tuple[IndexKey, ...] = ()
    include: tuple[int, ...] = ()
    unique: bool = False
    primary: bool = False
    method: str = "btree"
    predicate: Expression | None = None
    nulls_not_distinct: bool = False
    constraint: int = 0
    parent: int = 0
    valid: bool = True
    exclusion: bool = False


class IndexKey(msgspec.Struct, frozen=True):
    """One key of an index: an attribute number, or 0 and an expression.

    `name` is that of the index's own column, which stays when the table's is renamed and goes into names of copies.
    """

    number: int
    expression: Expression | None = None
    name: str = ""
    opclass: str = ""
    collation: str = ""
    descending: bool = False
    nulls_first: bool = False


class CompositeType(Relation, frozen=True, kw_only=True):
    """The relation behind a stand-alone composite type (`kind` c)."""


class Constraint(msgspec.Struct, frozen=True, kw_only=True):
    """`pg_constraint` of a table (`table`) or of a domain (`domain`); the other one is 0.

    `type`: p primary key, u unique, f foreign key, c check, x exclude, t constraint trigger. Actions are
    pg_constraint's letters: a NO ACTION, r RESTRICT, c CASCADE, n SET NULL, d SET DEFAULT; match s, f or p.
    """

    oid: int
    name: str
    type: str
    table: int = 0
    domain: int = 0
    columns: tuple[int, ...] = ()
    ref_table: int = 0
    ref_columns: tuple[int, ...] = ()
    on_delete: str = "a"
    on_update: str = "a"
    match: str = "s"
    delete_columns: tuple[int, ...] = ()
    expression: Expression | None = None
    operators: tuple[str, ...] = ()
    validated: bool = True
    enforced: bool = True
    deferrable: bool = False
    initially_deferred: bool = False
    index: int = 0
    parents: int = 0
    parent: int = 0
    local: bool = True
    no_inherit: bool = False
    without_overlaps: bool = False
    because: Origin | None = None
    validated_because: Origin | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """`pg_policy`. `command`: ALL, SELECT, INSERT, UPDATE or DELETE; `roles` has 0 for PUBLIC."""

    oid: int
    name: str
    table: int
    permissive: bool = True
    command: str = "ALL"
    roles: tuple[int, ...] = (PUBLIC,)
    using: Expression | None = None
    check: Expression | None = None
    because: Origin | None = None
    using_because: Origin | None = None
    check_because: Origin | None = None
    roles_because: Origin | None = None


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """`pg_trigger`. `timing`: before, after or instead of; `events` in pg_trigger's order; `level`: row or statement.

    `enabled`: O (origin), D (disabled), R (replica), A (always). `parent`: the trigger it was cloned from, or 0.
    """

    oid: int
    name: str
    table: int
    function: int
    timing: str
    events: tuple[str, ...]
    level: str
    columns: tuple[int, ...] = ()
    when: Expression | None = None
    arguments: tuple[str, ...] = ()
    enabled: str = "O"
    parent: int = 0
    constraint: bool = False
    deferrable: bool = False
    initially_deferred: bool = False
    old_table: str = ""
    new_table: str = ""
    because: Origin | None = None
    enabled_because: Origin | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`pg_rewrite`, but for a view's own rule. `event`: select, update, insert or delete."""

    oid: int
    name: str
    table: int
    event: str
    instead: bool = False
    actions: tuple[Node, ...] = ()
    when: Expression | None = None
    enabled: str = "O"
    because: Origin | None = None


class Argument(msgspec.Struct, frozen=True):
    """A parameter of a routine. `mode`: i, o, b (in out), v (variadic), t (table column)."""

    name: str
    type: TypeRef
    mode: str = "i"
    default: Expression | None = None


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """`pg_proc`. `kind`: f function, p procedure, a aggregate, w window.

    `body` is the text, or "" for SQL-standard bodies.

    `body_offset`: byte offset of the body's string constant in the statement, -1 where unknown; `body_nodes` the
    statements of a SQL-standard body. `config`: its SET clauses as (name, value). `direct_arguments`: how many stand
    before ORDER BY in an ordered-set aggregate, -1 for any other routine.
    """

    oid: int
    schema: int
    name: str
    kind: str = "f"
    arguments: tuple[Argument, ...] = ()
    returns: TypeRef | None = None
    returns_set: bool = False
    language: str = "sql"
    body: str = ""
    body_offset: int = -1
    body_nodes: tuple[Node, ...] = ()
    security_definer: bool = False
    config: tuple[tuple[str, str], ...] = ()
    volatility: str = "v"
    strict: bool = False
    leakproof: bool = False
    parallel: str = "u"
    window: bool = False
    direct_arguments: int = -1
    owner: int = 0
    acl: Acl | None = None
    because: Origin | None = None
    security_because: Origin | None = None
    config_because: Origin | None = None
    owner_because: Origin | None = None
    external: bool = False
    extension: int = 0

    @property
    def inputs(self) -> tuple[Argument, ...]:
        """The parameters that a call passes: in, in out and variadic."""
        return tuple(argument for argument in self.arguments if argument.mode in "ibv")


class Type(msgspec.Struct, frozen=True, kw_only=True):
    """A user-defined type. `kind`: e enum, d domain, c composite, r range, b base, p shell.

    `relation`: the relation that holds a composite type's attributes (also a table's row type). A domain's CHECKs are
    Constraints with `domain` set. `external`: provided by an extension or presumed; nothing more is known of it.
    """

    oid: int
    schema: int
    name: str
    kind: str
    owner: int = 0
    labels: tuple[str, ...] = ()
    base: TypeRef | None = None
    not_null: bool = False
    default: Expression | None = None
    relation: int = 0
    subtype: TypeRef | None = None
    multirange: int = 0
    collation: str = ""
    acl: Acl | None = None
    because: Origin | None = None
    external: bool = False
    extension: int = 0


class DefaultAcl(msgspec.Struct, frozen=True):
    """`pg_default_acl`: what `role` gives on objects it will create (in `schema`, or 0 for anywhere).

    `objtype`: r tables, S sequences, f functions, T types, n schemas. For a global entry `acl` is the whole list that
    replaces the built-in default; for a schema it is added.
    """

    role: int
    schema: int
    objtype: str
    acl: Acl
    because: Origin | None = None


class Comment(msgspec.Struct, frozen=True):
    """`pg_description`: the text of COMMENT ON and the statement."""

    text: str
    because: Origin | None = None


class Extension(msgspec.Struct, frozen=True):
    """`pg_extension`."""

    oid: int
    name: str
    schema: int
    because: Origin | None = None
    external: bool = False


class Publication(msgspec.Struct, frozen=True):
    """`pg_publication`, with its tables."""

    oid: int
    name: str
    owner: int
    all_tables: bool = False
    tables: tuple[int, ...] = ()
    schemas: tuple[int, ...] = ()
    because: Origin | None = None


class EventTrigger(msgspec.Struct, frozen=True):
    """`pg_event_trigger`."""

    oid: int
    name: str
    event: str
    function: int
    owner: int
    enabled: str = "O"
    because: Origin | None = None


class Other(msgspec.Struct, frozen=True):
    """An object known by name only (a collation, an operator, a foreign server); `catalog`: its pg_catalog table."""

    oid: int
    catalog: str
    schema: int
    name: str
    owner: int
    acl: Acl | None = None
    detail: str = ""
    because: Origin | None = None


class Unknown(msgspec.Struct, frozen=True):
    """A fact that the replay cannot know: its path in the catalog's JSON, why, and the statement."""

    path: str
    reason: str
    because: Origin | None = None
