"""What declarative rules can ask: kinds of objects, their attributes and parts, named as in the catalog's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.model import (
    Function,
    Relation,
    Role,
    Schema,
    Sequence,
    Table,
    Type,
    View,
)
from schemaguard.linting.questions.governed import SYSTEM_SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.catalog.model import Column, Expression
    from schemaguard.linting.project import Project
    from schemaguard.statements.statement import Origin

    Getter = Callable[[Project, "Selected"], Any]
    Objects = Callable[[Project], Iterable["Selected"]]
    Parts = Callable[[Project, "Selected"], Iterable["Selected"]]

CONSTRAINT_TYPES = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "x": "exclude"}
ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
IDENTITIES = {"a": "always", "d": "by default"}
ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}
VOLATILITIES = {"i": "immutable", "s": "stable", "v": "volatile"}


class Selected(NamedTuple):
    """An object: its record, its column where it is one, and the relation that it is a part of, or itself."""

    kind: str
    record: Any
    column: Column | None = None
    owner: Relation | None = None
    schema: str = ""

    @property
    def name(self) -> str:
        """The bare name."""
        return str(self.column.name if self.column is not None else self.record.name)

    @property
    def table(self) -> str:
        """The bare name of the relation it is a part of, or its own."""
        return self.owner.name if self.owner is not None else self.name

    @property
    def because(self) -> Origin | None:
        """The statement that made it."""
        origin: Origin | None = (self.column or self.record).because
        return origin


class Kind(NamedTuple):
    """A kind of object: how to list them, what to ask of one, and which parts one has."""

    name: str
    objects: Objects
    attributes: dict[str, Getter]
    parts: dict[str, Parts]


# Objects


def _relation(project: Project, record: Relation) -> Selected:
    kind = {"v": "view", "m": "materialized_view"}.get(record.kind, "table")
    return Selected(kind, record, None, record, project.catalog.schema_name(record.schema))


def _tables(project: Project) -> Iterable[Selected]:
    return [_relation(project, record) for record in project.governed_tables]


def _views(project: Project) -> Iterable[Selected]:
    return [_relation(project, record) for record in project.governed_views if record.kind == "v"]


def _materialized_views(project: Project) -> Iterable[Selected]:
    return [_relation(project, record) for record in project.governed_views if record.kind == "m"]


def _everywhere(parts: Parts) -> Objects:
    """The parts of all tables, views and materialized views."""
    return lambda project: [
        part
        for relation in (*_tables(project), *_views(project), *_materialized_views(project))
        for part in parts(project, relation)
    ]


def _in_schemas(kind: str, record_type: type[Any]) -> Objects:
    """All objects of a class in user schemas that are the history's own."""

    def objects(project: Project) -> Iterable[Selected]:
        for record in project.catalog.all(record_type):
            schema = project.catalog.schema_name(record.schema)
            if (
                schema not in SYSTEM_SCHEMAS
                and not record.extension
                and not getattr(record, "external", False)
            ):
                yield Selected(kind, record, None, None, schema)

    return objects


def _types(kind: str, *, domain: bool) -> Objects:
    every = _in_schemas(kind, Type)
    # A table's row type is no type of its own.
    return lambda project: (
        each
        for each in every(project)
        if (each.record.kind == "d") == domain
        and not isinstance(project.catalog.objects.get(each.record.relation), (Table, View))
    )


def _schemas(project: Project) -> Iterable[Selected]:
    for record in project.catalog.all(Schema):
        if record.name not in SYSTEM_SCHEMAS and not record.external:
            yield Selected("schema", record, None, None, record.name)


def _roles(project: Project) -> Iterable[Selected]:
    return [Selected("role", record) for record in project.catalog.all(Role) if not record.predefined]


# Parts


def _part(kind: str, relation: Selected, record: object) -> Selected:
    return Selected(kind, record, None, relation.record, relation.schema)


def _columns(_: Project, relation: Selected) -> Iterable[Selected]:
    return [
        Selected("column", relation.record, column, relation.record, relation.schema)
        for column in relation.record.columns
    ]


def _constraints(project: Project, relation: Selected) -> Iterable[Selected]:
    return [_part("constraint", relation, each) for each in project.catalog.constraints(relation.record.oid)]


def _indexes(project: Project, relation: Selected) -> Iterable[Selected]:
    return [_part("index", relation, each) for each in project.catalog.indexes(relation.record.oid)]


def _policies(project: Project, relation: Selected) -> Iterable[Selected]:
    return [_part("policy", relation, each) for each in project.catalog.policies(relation.record.oid)]


def _triggers(project: Project, relation: Selected) -> Iterable[Selected]:
    return [_part("trigger", relation, each) for each in project.catalog.triggers(relation.record.oid)]


# Attributes


def _own(name: str) -> Getter:
    """An attribute that the record has under the same name."""
    return lambda _, each: getattr(each.record, name)


def _word(name: str, words: dict[str, str]) -> Getter:
    """An attribute that the record has as a letter."""
    return lambda _, each: words.get(getattr(each.record, name))


def _of_column(name: str) -> Getter:
    return lambda _, each: getattr(each.column, name)


def _comment(project: Project, each: Selected) -> str | None:
    found = project.catalog.comment(each.record.oid, each.column.number if each.column else 0)
    return found.text if found else None


def _owner(project: Project, each: Selected) -> str:
    return project.role_name(each.record.owner)


def _type_of_column(project: Project, each: Selected) -> str:
    from schemaguard.catalog.analysis.types import format_type

    assert each.column is not None  # noqa: S101 - asked of columns only
    return format_type(project.catalog, each.column.type)


def _base(project: Project, each: Selected) -> str | None:
    from schemaguard.catalog.analysis.types import format_type

    return format_type(project.catalog, each.record.base) if each.record.base else None


def _returns(project: Project, each: Selected) -> str | None:
    from schemaguard.catalog.analysis.types import format_type

    return format_type(project.catalog, each.record.returns) if each.record.returns else None


def _expression(name: str) -> Getter:
    """An expression as the server prints it."""

    def get(project: Project, each: Selected) -> str | None:
        from schemaguard.catalog.analysis.deparse import expression_text

        found: Expression | None = getattr(each.column if each.column is not None else each.record, name)
        return None if found is None else expression_text(project.catalog, found, each.owner)

    return get


def _columns_named(name: str) -> Getter:
    """Names of the columns whose numbers the record has."""

    def get(_: Project, each: Selected) -> tuple[str, ...]:
        found = (each.owner.column_at(number) for number in getattr(each.record, name)) if each.owner else ()
        return tuple(column.name for column in found if column is not None)

    return get


def _index_columns(_: Project, each: Selected) -> tuple[str, ...]:
    found = (each.owner.column_at(key.number) if each.owner else None for key in each.record.keys)
    return tuple(column.name if column else "<expr>" for column in found)


def _ref_table(project: Project, each: Selected) -> str | None:
    oid = each.record.ref_table
    return project.catalog.qualified(project.catalog.get(oid, Relation)) if oid else None


def _ref_columns(project: Project, each: Selected) -> tuple[str, ...]:
    if not each.record.ref_table:
        return ()
    target = project.catalog.get(each.record.ref_table, Relation)
    return tuple(column.name for number in each.record.ref_columns if (column := target.column_at(number)))


def _roles_named(project: Project, each: Selected) -> tuple[str, ...]:
    return tuple(project.role_name(oid) for oid in each.record.roles)


def _member_of(project: Project, each: Selected) -> tuple[str, ...]:
    return tuple(project.role_name(entry.role) for entry in project.catalog.memberships_of(each.record.oid))


def _function(project: Project, each: Selected) -> str:
    return project.catalog.qualified(project.catalog.get(each.record.function, Function))


def _owned_by(project: Project, each: Selected) -> str | None:
    if each.record.owned_by is None:
        return None
    oid, number = each.record.owned_by
    table = project.catalog.get(oid, Relation)
    column = table.column_at(number)
    return f"{project.catalog.qualified(table)}.{column.name if column else number}"


_NAMED: dict[str, Getter] = {"name": lambda _, each: each.name}
_IN_SCHEMA: dict[str, Getter] = {**_NAMED, "schema": lambda _, each: each.schema, "comment": _comment}
_PART: dict[str, Getter] = {**_IN_SCHEMA, "table": lambda _, each: each.table}
_OWNED: dict[str, Getter] = {**_IN_SCHEMA, "owner": _owner}
_TABLE: dict[str, Getter] = {
    **_OWNED,
    "kind": _word("kind", {"r": "table", "p": "partitioned", "f": "foreign"}),
    "rls_enabled": _own("row_security"),
    "rls_forced": _own("force_row_security"),
    "is_partition": _own("is_partition"),
    "unlogged": lambda _, each: each.record.persistence == "u",
}
_VIEW: dict[str, Getter] = {
    **_OWNED,
    "options": lambda _, each: tuple(f"{name}={value}" for name, value in each.record.options),
}
_RELATION_PARTS: dict[str, Parts] = {
    "column": _columns,
    "constraint": _constraints,
    "index": _indexes,
    "policy": _policies,
    "trigger": _triggers,
}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("table", _tables, _TABLE, _RELATION_PARTS),
        Kind("view", _views, _VIEW, {"column": _columns, "trigger": _triggers}),
        Kind("materialized_view", _materialized_views, _VIEW, {"column": _columns, "index": _indexes}),
        Kind("column", _everywhere(_columns), {
            **_PART,
            "type": _type_of_column,
            "not_null": _of_column("not_null"),
            "default": _expression("default"),
            "generated": lambda _, each: bool(each.column and each.column.generated),
            "identity": lambda _, each: IDENTITIES.get(each.column.identity if each.column else ""),
            "inherited": lambda _, each: bool(each.column and each.column.parents),
        }, {}),
        Kind("constraint", _everywhere(_constraints), {
            **_PART,
            "type": _word("type", CONSTRAINT_TYPES),
            "columns": _columns_named("columns"),
            "validated": _own("validated"),
            "deferrable": _own("deferrable"),
            "ref_table": _ref_table,
            "ref_columns": _ref_columns,
            "on_delete": _word("on_delete", ACTIONS),
            "on_update": _word("on_update", ACTIONS),
            "expression": _expression("expression"),
        }, {}),
        Kind("index", _everywhere(_indexes), {
            **_PART,
            "columns": _index_columns,
            "include": _columns_named("include"),
            "unique": _own("unique"),
            "primary": _own("primary"),
            "method": _own("method"),
            "predicate": _expression("predicate"),
        }, {}),
        Kind("policy", _everywhere(_policies), {
            **_PART,
            "permissive": _own("permissive"),
            "cmd": _own("command"),
            "roles": _roles_named,
            "using": _expression("using"),
            "check": _expression("check"),
        }, {}),
        Kind("trigger", _everywhere(_triggers), {
            **_PART,
            "function": _function,
            "timing": _own("timing"),
            "events": _own("events"),
            "level": _own("level"),
            "enabled": _word("enabled", ENABLED),
        }, {}),
        Kind("function", _in_schemas("function", Function), {
            **_OWNED,
            "kind": _word("kind", {"f": "function", "p": "procedure", "a": "aggregate", "w": "window"}),
            "language": _own("language"),
            "returns": _returns,
            "security_definer": _own("security_definer"),
            "config": lambda _, each: tuple(f"{name}={value}" for name, value in each.record.config),
            "volatility": _word("volatility", VOLATILITIES),
            "strict": _own("strict"),
        }, {}),
        Kind("type", _types("type", domain=False), {
            **_OWNED,
            "kind": _word("kind", {"e": "enum", "c": "composite", "r": "range", "b": "base"}),
            "labels": _own("labels"),
        }, {}),
        Kind("domain", _types("domain", domain=True), {**_OWNED, "base": _base, "not_null": _own("not_null")}, {}),
        Kind("sequence", _in_schemas("sequence", Sequence), {**_OWNED, "owned_by": _owned_by}, {}),
        Kind("schema", _schemas, {**_NAMED, "owner": _owner, "comment": _comment}, {}),
        Kind("role", _roles, {
            **_NAMED,
            **{name: _own(name) for name in (
                "superuser", "inherit", "createrole", "createdb", "login", "replication", "bypassrls",
            )},
            "member_of": _member_of,
        }, {}),
    )
}  # fmt: skip
"""Every kind by its name."""
