"""The policy: all that a schemaguard.yaml can say, as types; `config.schema.json` is made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from schemaguard.config.patterns import matches_column, matches_table, most_specific

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.config.places import Places
    from schemaguard.text import Span


def _says(description: str) -> Meta:
    return Meta(description=description)


PRIVILEGES = ("select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain", "all")
Kind = Literal[
    "schema", "table", "column", "view", "materialized_view", "index", "constraint", "function", "trigger",
    "policy", "type", "domain", "sequence", "role",
]  # fmt: skip
Layout = Literal[
    "plain", "flyway", "golang-migrate", "goose", "dbmate", "supabase", "prisma", "sqitch", "diesel", "sqlx",
    "hasura", "liquibase", "node-pg-migrate", "pop", "pg_dump",
]  # fmt: skip
SeverityWord = Literal["error", "warning", "info", "on", "off"]

Names = tuple[str, ...]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where migrations come from; one of `sql`, `alembic`, `django` says which kind."""

    sql: Annotated[Names, _says("Files, globs or folders of SQL.")] = ()
    alembic: Annotated[str | None, _says("An alembic.ini, or the pyproject.toml with [tool.alembic].")] = None
    django: Annotated[Names, _says("Folders named migrations of Django apps, or a folder above them.")] = ()
    layout: Annotated[Layout | None, _says("The layout of SQL files, where it is not to be recognised.")] = (
        None
    )
    exclude: Annotated[Names, _says("Globs of files that are left out.")] = ()
    role: Annotated[str, _says("Runs the migrations and owns what they create.")] = "postgres"
    always: Annotated[bool, _says("Run again after everything, as scripts at boot are.")] = False
    placeholders: Annotated[
        dict[str, str], _says("Values of Flyway ${placeholders}, psql :variables and %(parameters)s.")
    ] = {}
    name: Annotated[str, _says("Section of the alembic.ini: [alembic:NAME] for several databases.")] = (
        "alembic"
    )
    search_path: Annotated[Names, _says("The search_path that the migrations begin with.")] = ()
    environment: Annotated[dict[str, str], _says("Values of environment variables that revisions read.")] = {}
    arguments: Annotated[
        dict[str, str] | None,
        _says("Values of alembic's -x arguments; not given: unknown, {}: there are none."),
    ] = None
    values: Annotated[
        dict[str, Any],
        _says("Values that revisions take from code which is not read, by dotted name: app.settings.TABLES."),
    ] = {}
    operations: Annotated[
        dict[str, str],
        _says("SQL of operations of your own, with {0.name} for their arguments: create_view: CREATE VIEW …"),
    ] = {}
    types: Annotated[
        dict[str, str], _says("SQL of column types of your own, by dotted name: app.types.GUID: uuid.")
    ] = {}
    naming_convention: Annotated[
        dict[str, str], _says("MetaData(naming_convention=…) of the models: ix, uq, ck, fk, pk.")
    ] = {}

    @property
    def kind(self) -> str:
        """`sql`, `alembic` or `django`."""
        return "alembic" if self.alembic is not None else "django" if self.django else "sql"


class ExternalRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role that exists before the first migration."""

    login: bool = False
    superuser: bool = False
    bypassrls: bool = False
    createrole: bool = False
    createdb: bool = False
    replication: bool = False
    inherit: bool = True
    member_of: Names = ()


class ExternalTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table or view that exists before the first migration."""

    columns: Annotated[dict[str, str], _says("Column names and their types.")] = {}
    owner: str | None = None


class External(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What migrations presume: made by somebody else, before them."""

    roles: Annotated[dict[str, ExternalRole], _says("Roles and their attributes.")] = {}
    schemas: Names = ()
    extensions: Names = ()
    tables: Annotated[dict[str, ExternalTable], _says("Tables and views, as schema.name.")] = {}
    functions: Annotated[
        dict[str, str], _says("Functions as schema.name(argument types), with the type they return.")
    ] = {}
    types: Annotated[Names, _says("Types, as schema.name.")] = ()
    search_path: Annotated[Names, _says("The search path that sessions begin with.")] = ()
    sql: Annotated[Names, _says("Statements that were run before the first migration, such as grants.")] = ()
    platform: Annotated[
        Literal["supabase", "diesel", "none"] | None,
        _says(
            "What hosts the database and brings its own roles and schemas; else told from the migrations' layout."
        ),
    ] = None


class Roles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the roles are for."""

    application: Annotated[Names, _says("Roles that the application connects as.")] = ()
    readonly: Annotated[Names, _says("Application roles that must not write.")] = ()
    owner: Annotated[Names, _says("Roles that own the schema and run migrations.")] = ()


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the policies of a table bind in place of the tenant column."""

    column: str
    setting: str | None = None


class Tenancy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How rows belong to tenants."""

    table: Annotated[str, _says("The table of tenants.")] = "tenants"
    key: Annotated[str, _says("Its key.")] = "id"
    column: Annotated[str, _says("The column of every other table that refers to it.")] = "tenant_id"
    type: Annotated[str, _says("That column's type.")] = "uuid"
    setting: Annotated[str | None, _says("The setting that holds the current tenant.")] = None
    functions: Annotated[
        Names, _says("Functions that return the current tenant, such as auth.tenant_id.")
    ] = ()
    shared: Annotated[Names, _says("Tables that belong to no tenant.")] = ()
    scopes: Annotated[
        dict[str, Scope], _says("Tables whose policies bind another column, such as user_id.")
    ] = {}


class AppendOnly(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table whose rows are never changed."""

    guard: Annotated[Literal["required", "optional"], _says("Whether a trigger must refuse changes.")] = (
        "optional"
    )
    traceable_by: Annotated[Names, _says("Columns of which each row must have one.")] = ()
    corrections: Annotated[
        Literal["none", "additive"], _says("additive: an offsetting entry corrects an earlier one.")
    ] = "none"


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How amounts of money are stored."""

    columns: Annotated[Names, _says("Patterns of columns that hold money.")] = ()
    types: Annotated[Names, _says("Types that may hold it.")] = ("integer", "bigint")
    unit: Annotated[str | None, _says("Ending of the columns' names that tells the unit.")] = None
    nonnegative: Annotated[bool, _says("Whether a CHECK must forbid negative amounts.")] = False


class Taxonomy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of codes, and the columns that hold its codes."""

    table: str
    key: str = "code"
    columns: Annotated[Names, _says("Patterns of columns that must refer to it.")] = ()
    attributes: Annotated[Names, _says("Columns that views must show beside a code.")] = ()
    active: Annotated[str | None, _says("The column that tells whether a code is in use.")] = None
    vendor_mapping: Annotated[str | None, _says("The file that maps vendors' names to codes.")] = None


class Correlation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column by which one event can be followed from table to table."""

    column: str
    tables: Names = ()


class Comments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must have a comment."""

    require: Annotated[tuple[Kind, ...], _says("Kinds of objects that must have one.")] = ()
    content: Annotated[Names, _says("What each comment on a table must contain.")] = ()
    columns: Annotated[Names, _says("Patterns of columns that must have one.")] = ()


class Contracts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The API contract, and how its fields are tied to columns."""

    openapi: Annotated[Names, _says("OpenAPI documents: files or globs.")] = ()
    mapping: Annotated[Names, _says("Mapping files.")] = ()


class RuleSetting(msgspec.Struct, frozen=True):
    """What the config says about a rule; `severity` alone may stand in place of the mapping."""

    shorthand: ClassVar[str] = "severity"
    rest: ClassVar[str] = "options"

    severity: Annotated[SeverityWord | None, _says("error, warning, info, off; on: as the rule has it.")] = (
        None
    )
    options: Annotated[dict[str, Any], _says("The rule's own options.")] = {}


class Naming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns that names must match; {table} and {column} stand for the object's own."""

    table: Names = ()
    view: Names = ()
    materialized_view: Names = ()
    primary_key: Names = ()
    foreign_key: Names = ()
    unique: Names = ()
    check: Names = ()
    exclude: Names = ()
    index: Names = ()
    trigger: Names = ()
    policy: Names = ()
    boolean: Annotated[Names, _says("Patterns of columns of type boolean.")] = ()


class Exemption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Objects that some rules leave alone, with the reason."""

    object: Annotated[Names, _says("Patterns of objects: public.alembic_version, audit.*")]
    rules: Annotated[Names, _says('Names of rules or families, or "*".')]
    reason: Annotated[str, Meta(description="Why.", min_length=1)]
    until: (
        Annotated[str, Meta(description="The last day it holds: 2027-01-31.", pattern=r"^\d{4}-\d\d-\d\d$")]
        | None
    ) = None


class Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the governance checklist."""

    gate: Annotated[str, _says("What must hold, as the checklist words it.")]
    phase: str = ""
    rules: Annotated[Names, _says("Names of rules or families without whose findings it holds.")] = ()
    objects: Annotated[Names, _says("Patterns of the objects that it is about; none: all.")] = ()
    files: Annotated[Names, _says("Files or globs of which each has to match something.")] = ()
    relations: Annotated[Names, _says("Tables and views that have to be there.")] = ()
    review: Annotated[bool, _says("A person has to confirm it.")] = False


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """What the project demands of its schema. An absent key: the default, or what can be inferred."""

    version: Annotated[Literal[1], _says("The version of this file's form.")] = 1
    postgres: Annotated[
        int, Meta(description="Major version of the server that the schema runs on.", ge=10, le=18)
    ] = 16
    sources: Annotated[
        tuple[Source, ...], _says("Where migrations come from, in the order they run in.")
    ] = ()
    external: Annotated[External, _says("What migrations presume.")] = External()
    specs: Annotated[Names, _says("DDL specification files: files or globs.")] = ()
    roles: Annotated[Roles, _says("What the roles are for.")] = Roles()
    tenancy: Annotated[Tenancy | None, _says("How rows belong to tenants; off: they do not.")] = None
    append_only: Annotated[dict[str, AppendOnly], _says("Tables whose rows are never changed.")] = {}
    privileges: Annotated[
        dict[str, dict[str, Names]],
        _says("The target GRANT matrix: table pattern, role, privileges; update(status) for columns."),
    ] = {}
    money: Annotated[Money | None, _says("How amounts of money are stored; off: there are none.")] = None
    taxonomies: Annotated[tuple[Taxonomy, ...], _says("Tables of codes.")] = ()
    time_series: Annotated[dict[str, str], _says("Tables read by time, with their time column.")] = {}
    idempotency: Annotated[
        dict[str, tuple[Names, ...]], _says("Tables, with the keys under which a row comes once.")
    ] = {}
    correlation: Annotated[Correlation | None, _says("The column that follows an event.")] = None
    comments: Annotated[Comments, _says("What must have a comment.")] = Comments()
    contracts: Annotated[Contracts, _says("The API contract and its mapping.")] = Contracts()
    rules: Annotated[dict[str, RuleSetting], _says("Severity and options, by rule or family.")] = {}
    plugins: Annotated[Names, _says("Folders of rules of your own.")] = ()
    index_plan: Annotated[str | None, _says("The file that gives each index its reason.")] = None
    naming: Annotated[Naming, _says("Patterns that names must match.")] = Naming()
    baseline: Annotated[str | None, _says("The file of known findings.")] = None
    exempt: Annotated[tuple[Exemption, ...], _says("Objects that rules leave alone.")] = ()
    gates: Annotated[tuple[Gate, ...], _says("The governance checklist.")] = ()

    @property
    def places(self) -> Places:
        """Where each setting is written; set by whoever read the file."""
        from schemaguard.config.places import Places

        places: Places | None = self.__dict__.get("places_")
        return places if places is not None else Places.none()

    def where(self, *path: str | int) -> Span | None:
        """The place of a setting, or of the nearest one around it that is written; None without a config.

        ``where("privileges", "revenue_ledger", "app_rw")``, ``where("sources", 0)``
        """
        return self.places.where(path)

    def says(self, *path: str | int) -> bool:
        """Whether the config has this setting, be it `off`; what it does not say may be inferred."""
        return self.places.has(path)

    def append_only_table(self, schema: str, table: str) -> AppendOnly | None:
        """What is demanded of an append-only table, None where it is none."""
        pattern = most_specific(self.append_only, schema, table)
        return None if pattern is None else self.append_only[pattern]

    def time_column(self, schema: str, table: str) -> str | None:
        """The column that a time series is read by."""
        pattern = most_specific(self.time_series, schema, table)
        return None if pattern is None else self.time_series[pattern]

    def idempotency_keys(self, schema: str, table: str) -> tuple[Names, ...]:
        """The declared keys of a table, each as its columns."""
        pattern = most_specific(self.idempotency, schema, table)
        return () if pattern is None else self.idempotency[pattern]

    def is_shared(self, schema: str, table: str) -> bool:
        """Whether a table is listed as belonging to no tenant."""
        shared = () if self.tenancy is None else self.tenancy.shared
        return any(matches_table(pattern, schema, table) for pattern in shared)

    def is_money(self, schema: str, table: str, column: str) -> bool:
        """Whether a column is listed as holding money."""
        columns = () if self.money is None else self.money.columns
        return any(matches_column(pattern, schema, table, column) for pattern in columns)

    def taxonomy_of(self, schema: str, table: str, column: str) -> Taxonomy | None:
        """The taxonomy whose codes a column holds; the taxonomy's own key is none."""
        for taxonomy in self.taxonomies:
            own = matches_table(taxonomy.table, schema, table) and column == taxonomy.key
            if not own and any(matches_column(each, schema, table, column) for each in taxonomy.columns):
                return taxonomy
        return None

    def patterns(self) -> Iterator[SettingPattern]:
        """Every pattern that ought to match something in the schema, with its setting."""
        tables: list[tuple[str | int, ...]] = [
            (key, pattern)
            for key in ("append_only", "privileges", "time_series", "idempotency")
            for pattern in getattr(self, key)
        ]
        if self.tenancy is not None:
            tables += [("tenancy", "scopes", pattern) for pattern in self.tenancy.scopes]
            yield from _listed(("tenancy", "shared"), self.tenancy.shared, "table")
        yield from (SettingPattern(str(path[-1]), "table", path) for path in tables)
        if self.money is not None:
            yield from _listed(("money", "columns"), self.money.columns, "column")
        for index, taxonomy in enumerate(self.taxonomies):
            yield SettingPattern(taxonomy.table, "table", ("taxonomies", index, "table"))
            yield from _listed(("taxonomies", index, "columns"), taxonomy.columns, "column")
        if self.correlation is not None:
            yield from _listed(("correlation", "tables"), self.correlation.tables, "table")
        yield from _listed(("comments", "columns"), self.comments.columns, "column")
        for index, exemption in enumerate(self.exempt):
            yield from _listed(("exempt", index, "object"), exemption.object, "object")


class SettingPattern(msgspec.Struct, frozen=True):
    """A pattern of the config: its text, what it is matched with, and its setting's path."""

    text: str
    kind: Literal["table", "column", "object"]
    path: tuple[str | int, ...]


def _listed(
    path: tuple[str | int, ...], patterns: Names, kind: Literal["table", "column", "object"]
) -> Iterator[SettingPattern]:
    for index, text in enumerate(patterns):
        yield SettingPattern(text, kind, (*path, index))
