"""`sa.inspect(bind)`: the inspector's questions, answered from the replayed catalog in SQLAlchemy's shapes.

The catalog is read by its attributes only (`catalog.Catalog` and its records): a source may not import its types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library.handles import Handle
from schemaguard.sources.alembic.interpreter.values import Native, Raised, Unknown
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

Catalog: TypeAlias = Any
"""`schemaguard.catalog.state.Catalog`."""

Record: TypeAlias = Any
"""One of the catalog's records."""


class Inspector(Handle):
    """`sqlalchemy.engine.reflection.Inspector`."""

    called = "the inspector"

    def __init__(self, machine: Machine) -> None:
        """Ask the machine's target."""
        self.machine = machine

    def interpreted_attribute(self, machine: Machine, name: str, span: Span) -> Value:
        """A question, as a method; or a property."""
        if name == "default_schema_name":
            return machine.options.default_schema
        if name in ("clear_cache", "info_cache"):
            return Native(f"Inspector.{name}", lambda _call: None)
        question = _QUESTIONS.get(name)
        if question is None:
            return Unknown("", span)
        return Native(f"Inspector.{name}", lambda call: self._answer(question, call))

    def _answer(self, question: Callable[[Inspector, Catalog, Call], Value], call: Call) -> Value:
        if (unknown := call.unknown()) is not None:
            return unknown
        return self.machine.reflect(lambda catalog: question(self, catalog, call))

    def schema(self, call: Call, position: int) -> str:
        """The schema that a question is about."""
        given = plain(call.argument(position, "schema"))
        return str(given) if given is not None else self.machine.options.default_schema

    def relation(self, catalog: Catalog, call: Call) -> Record:
        """The relation that a question is about.

        Raises:
            Raised: SQLAlchemy's NoSuchTableError.
        """
        name = str(plain(call.required(0, "table_name")))
        found = catalog.relation_named(self.schema(call, 1), name)
        if found is None or found.kind not in "rpfvm":
            raise Raised(LookupError(f"NoSuchTableError: {name}"), call.span)
        return found


def _has_table(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    name = str(plain(call.required(0, "table_name")))
    found = catalog.relation_named(inspector.schema(call, 1), name)
    return found is not None and found.kind in "rpfvm"


def _names(kinds: str) -> Callable[[Inspector, Catalog, Call], Value]:
    def answer(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
        schema = catalog.schemas.get(inspector.schema(call, 0))
        return sorted(
            record.name
            for (owner, _name), oid in catalog.relations.items()
            if owner == schema and (record := catalog.objects[oid]).kind in kinds
        )

    return answer


def _schema_names(_inspector: Inspector, catalog: Catalog, _call: Call) -> Value:
    return sorted(name for name in catalog.schemas if not name.startswith("pg_"))


def _has_schema(_inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    return plain(call.required(0, "schema_name")) in catalog.schemas


def _columns(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    relation = inspector.relation(catalog, call)
    return [_column(inspector, catalog, relation, column, call) for column in relation.columns]


def _column(inspector: Inspector, catalog: Catalog, relation: Record, column: Record, call: Call) -> Value:
    comment = catalog.comment(relation.oid, column.number)
    known: dict[str, Any] = {
        "name": column.name,
        "type": ReflectedType(inspector.machine, column.type, call.span),
        "nullable": not column.not_null,
        "default": None if column.default is None else _default(inspector, catalog, relation, column, call),
        "autoincrement": bool(column.identity),
        "comment": None if comment is None else comment.text,
    }
    if column.identity:
        known["identity"] = {"always": column.identity == "a"}
    if column.generated:
        known["computed"] = {"sqltext": known["default"], "persisted": column.generated == "s"}
    return known


def _default(inspector: Inspector, catalog: Catalog, relation: Record, column: Record, call: Call) -> Value:
    del catalog
    sql = (
        "SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d "
        f"WHERE d.adrelid = {relation.oid} AND d.adnum = {column.number}"
    )
    return _asked(inspector.machine, sql, f"the default of column {column.name}", call.span)


def _asked(machine: Machine, sql: str, what: str, span: Span) -> Value:
    try:
        rows = machine.target.rows(sql)
    except Unanswerable as reason:
        return Unknown(f"{what}, which only the server knows: {reason}", span)
    return rows[0][0] if rows else None


class ReflectedType:
    """The type of a reflected column: its text is asked for only when it matters."""

    def __init__(self, machine: Machine, reference: Record, span: Span) -> None:
        """Take the catalog's type reference."""
        self.machine = machine
        self.reference = reference
        self.span = span

    def text(self) -> Value:
        """The type as `format_type` spells it."""
        reference = self.reference
        sql = f"SELECT pg_catalog.format_type({reference.oid}, {reference.typmod})"
        text = _asked(self.machine, sql, "the type of the column", self.span)
        return f"{text}[]" if isinstance(text, str) and getattr(reference, "array", False) else text

    def interpreted_text(self) -> str | Unknown:
        """What `str()` makes of it: SQLAlchemy's spelling."""
        real = self.real()
        return real if isinstance(real, Unknown) else str(real)

    def real(self) -> Any:  # noqa: ANN401 - a type of SQLAlchemy's, or Unknown
        """The type that SQLAlchemy's inspector would give."""
        text = self.text()
        return self.machine.sqlalchemy.reflected_type(text) if isinstance(text, str) else text

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """What SQLAlchemy's type has."""
        real = self.real()
        return real if isinstance(real, Unknown) else self.machine.attribute(real, name, span)


def _key(relation: Record, numbers: Record) -> list[str]:
    return [relation.column_at(number).name for number in numbers if number > 0]


def _constraints(relation: Record, catalog: Catalog, kind: str) -> Iterator[Record]:
    return (constraint for constraint in catalog.constraints(relation.oid) if constraint.type == kind)


def _comment_of(catalog: Catalog, oid: int) -> str | None:
    comment = catalog.comment(oid)
    return None if comment is None else comment.text


def _primary_key(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    relation = inspector.relation(catalog, call)
    for constraint in _constraints(relation, catalog, "p"):
        return {
            "constrained_columns": _key(relation, constraint.columns),
            "name": constraint.name,
            "comment": None,
        }
    return {"constrained_columns": [], "name": None, "comment": None}


def _unique_constraints(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    relation = inspector.relation(catalog, call)
    return [
        {
            "name": constraint.name,
            "column_names": _key(relation, constraint.columns),
            "comment": _comment_of(catalog, constraint.oid),
        }
        for constraint in _constraints(relation, catalog, "u")
    ]


def _check_constraints(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    relation = inspector.relation(catalog, call)
    found = []
    for constraint in _constraints(relation, catalog, "c"):
        sql = f"SELECT pg_catalog.pg_get_constraintdef({constraint.oid}, true)"
        text = _asked(inspector.machine, sql, f"the text of constraint {constraint.name}", call.span)
        if isinstance(text, str):
            text = text.removeprefix("CHECK (").removesuffix(")")
        found.append(
            {"name": constraint.name, "sqltext": text, "comment": _comment_of(catalog, constraint.oid)}
        )
    return found


_ACTIONS = {"a": "", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


def _foreign_keys(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    relation = inspector.relation(catalog, call)
    return [
        _foreign_key(inspector, catalog, relation, constraint)
        for constraint in _constraints(relation, catalog, "f")
    ]


def _foreign_key(inspector: Inspector, catalog: Catalog, relation: Record, constraint: Record) -> Value:
    target = catalog.objects[constraint.ref_table]
    schema = catalog.schema_name(target.schema)
    options = {
        "ondelete": _ACTIONS[constraint.on_delete],
        "onupdate": _ACTIONS[constraint.on_update],
        "deferrable": constraint.deferrable or None,
        "initially": "DEFERRED" if constraint.initially_deferred else None,
    }
    return {
        "name": constraint.name,
        "constrained_columns": _key(relation, constraint.columns),
        "referred_schema": None if schema == inspector.machine.options.default_schema else schema,
        "referred_table": target.name,
        "referred_columns": _key(target, constraint.ref_columns),
        "options": {name: value for name, value in options.items() if value},
        "comment": _comment_of(catalog, constraint.oid),
    }


def _indexes(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    relation = inspector.relation(catalog, call)
    found = []
    for index in catalog.indexes(relation.oid):
        if index.primary:
            continue
        names = [relation.column_at(key.number).name if key.number else None for key in index.keys]
        entry: dict[str, Any] = {"name": index.name, "unique": index.unique, "column_names": names}
        entry["include_columns"] = _key(relation, index.include)
        if index.constraint:
            entry["duplicates_constraint"] = catalog.objects[index.constraint].name
        found.append(entry)
    return found


def _has_index(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    schema = {"schema": call.argument(2, "schema")} if call.given(2, "schema") else {}
    relation = inspector.relation(
        catalog, Call(call.machine, [call.required(0, "table_name")], schema, call.span)
    )
    wanted = plain(call.required(1, "index_name"))
    return any(index.name == wanted for index in catalog.indexes(relation.oid))


def _table_comment(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    return {"text": _comment_of(catalog, inspector.relation(catalog, call).oid)}


def _enums(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    every = plain(call.argument(0, "schema")) == "*"
    wanted = "" if every else inspector.schema(call, 0)
    names = {oid: name for name, oid in catalog.schemas.items()}
    return [
        {"name": record.name, "schema": names[owner], "visible": True, "labels": list(record.labels)}
        for (owner, _name), oid in catalog.types.items()
        if every or owner == catalog.schemas.get(wanted)
        if getattr(record := catalog.objects.get(oid), "kind", "") == "e"
    ]


def _has_sequence(inspector: Inspector, catalog: Catalog, call: Call) -> Value:
    found = catalog.relation_named(inspector.schema(call, 1), str(plain(call.required(0, "sequence_name"))))
    return found is not None and found.kind == "S"


_QUESTIONS: dict[str, Callable[[Inspector, Catalog, Call], Value]] = {
    "has_table": _has_table,
    "get_table_names": _names("rp"),
    "get_view_names": _names("v"),
    "get_materialized_view_names": _names("m"),
    "get_foreign_table_names": _names("f"),
    "get_sequence_names": _names("S"),
    "get_schema_names": _schema_names,
    "has_schema": _has_schema,
    "get_columns": _columns,
    "get_pk_constraint": _primary_key,
    "get_unique_constraints": _unique_constraints,
    "get_check_constraints": _check_constraints,
    "get_foreign_keys": _foreign_keys,
    "get_indexes": _indexes,
    "has_index": _has_index,
    "get_table_comment": _table_comment,
    "get_enums": _enums,
    "has_sequence": _has_sequence,
}


def _inspect(call: Call) -> Value:
    subject = call.argument(0, "subject")
    if isinstance(subject, Unknown):
        return subject
    return Inspector(call.machine) if isinstance(subject, Handle) else Unknown("", call.span)


FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "sqlalchemy.inspect": _inspect,
    "sqlalchemy.engine.reflection.Inspector.from_engine": _inspect,
    "sqlalchemy.engine.reflection.Inspector": _inspect,
    "sqlalchemy.engine.Inspector": _inspect,
    "sqlalchemy.engine.Inspector.from_engine": _inspect,
    "sqlalchemy.Inspector.from_engine": _inspect,
    "sqlalchemy.Inspector": _inspect,
}
