"""Tables: bare first, then defaults, constraints, indexes, parents, foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.deparse import index_key_text
from schemaguard.catalog.changes.change import parenthesized
from schemaguard.catalog.ddl.writer import literal
from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.facts.partitions import partition_bound, partition_key
from schemaguard.catalog.facts.shape import ACTIONS
from schemaguard.catalog.model import Sequence, Table, Type, View
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from schemaguard.catalog.ddl.writer import Writer
    from schemaguard.catalog.model import Column, Constraint, Index, IndexKey, Relation

_CONSTRAINT_WORDS = {"p": "PRIMARY KEY", "u": "UNIQUE"}
_MATCH = {"f": " MATCH FULL", "p": " MATCH PARTIAL", "s": ""}


def create_table(writer: Writer, table: Table) -> None:
    """A table with its columns, without defaults, constraints and parents."""
    columns = ",\n".join(f"    {_column(writer, table, column)}" for column in table.columns)
    body = f"\n{columns}\n" if columns else ""
    kind = "FOREIGN TABLE" if table.kind == "f" else "UNLOGGED TABLE" if table.persistence == "u" else "TABLE"
    end = ""
    if table.partition_key is not None:
        end += f" PARTITION BY {partition_key(writer.build, table, (writer.name(table), 'partition_key'))}"
    if table.kind == "f":
        end += f" SERVER {quote_identifier(table.server)}"
    elif table.options:
        end += f" WITH ({_options(table.options)})"
    writer.say(f"CREATE {kind} {writer.name(table)} ({body}){end}")
    if table.of_type:
        writer.say(
            f"ALTER TABLE {writer.name(table)} OF {writer.name(writer.catalog.get(table.of_type, Type))}"
        )


def _options(options: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name}={literal(value)}" for name, value in options)


def _column(writer: Writer, table: Table, column: Column) -> str:
    words = [quote_identifier(column.name), f"{writer.type(column.type)}{writer.collation(column.collation)}"]
    if column.generated:
        text = writer.text(f"{writer.name(table)}.{column.name}", column.default, table)
        kind = "STORED" if column.generated == "s" else "VIRTUAL"
        words.append(f"GENERATED ALWAYS AS ({text}) {kind}")
    if column.identity and not table.is_partition:  # a partition takes it from its parent
        words.append(_identity(writer, table, column))
    if column.not_null and column.not_null_valid:
        words.append(_not_null(column))
    return " ".join(words)


def _not_null(column: Column) -> str:
    name = f"CONSTRAINT {quote_identifier(column.not_null_name)} " if column.not_null_name else ""
    return f"{name}NOT NULL{' NO INHERIT' if column.not_null_no_inherit else ''}"


def _identity(writer: Writer, table: Table, column: Column) -> str:
    words = "ALWAYS" if column.identity == "a" else "BY DEFAULT"
    owner = (table.oid, column.number)
    sequence = next((each for each in writer.all(Sequence) if each.internal and each.owned_by == owner), None)
    options = f" (SEQUENCE NAME {writer.name(sequence)} {sequence_options(sequence)})" if sequence else ""
    return f"GENERATED {words} AS IDENTITY{options}"


def sequence_options(sequence: Sequence) -> str:
    """How a sequence counts."""
    words = [f"INCREMENT BY {sequence.increment}"]
    words += [f"MINVALUE {sequence.minimum}"] if sequence.minimum is not None else []
    words += [f"MAXVALUE {sequence.maximum}"] if sequence.maximum is not None else []
    words += [
        f"START WITH {sequence.start}",
        f"CACHE {sequence.cache}",
        *(["CYCLE"] if sequence.cycle else []),
    ]
    return " ".join(words)


def defaults(writer: Writer) -> None:
    """The defaults of columns, and which sequence belongs to which."""
    for table in writer.all(Table):
        for column in table.columns:
            if column.default is None or column.generated:
                continue
            text = writer.text(f"{writer.name(table)}.{column.name}", column.default, table)
            if text is not None:
                name = quote_identifier(column.name)
                writer.say(
                    f"ALTER {_kind(table)} ONLY {writer.name(table)} ALTER COLUMN {name} SET DEFAULT {text}"
                )
    for sequence in writer.all(Sequence):
        if sequence.owned_by and not sequence.internal:
            oid, number = sequence.owned_by
            table = writer.catalog.get(oid, Table)
            column_name = writer.columns(table, (number,))
            writer.say(f"ALTER SEQUENCE {writer.name(sequence)} OWNED BY {writer.name(table)}.{column_name}")


def _kind(table: Relation) -> str:
    return "FOREIGN TABLE" if table.kind == "f" else "TABLE"


def checks(writer: Writer) -> None:
    """The CHECK constraints, each on its own table: parents are named later."""
    for table in writer.all(Table):
        for column in table.columns:
            if column.not_null and not column.not_null_valid:
                name = quote_identifier(column.not_null_name)
                words = f"NOT NULL {quote_identifier(column.name)} NOT VALID"
                writer.say(f"ALTER TABLE {writer.name(table)} ADD CONSTRAINT {name} {words}")
        for constraint in writer.catalog.constraints(table.oid):
            if constraint.type != "c":
                continue
            text = writer.text(f"{writer.name(table)}.{constraint.name}", constraint.expression, table)
            if text is not None:
                no_inherit = " NO INHERIT" if constraint.no_inherit else ""
                what = f"CHECK {parenthesized(text)}{no_inherit}"
                _add(writer, f"ALTER {_kind(table)} {writer.name(table)}", constraint, what)


def _add(writer: Writer, alter: str, constraint: Constraint, what: str) -> None:
    """ADD CONSTRAINT, with what is not enforced at all, or not yet for old rows."""
    words = [f"{alter} ADD CONSTRAINT {quote_identifier(constraint.name)} {what}"]
    if constraint.deferrable:
        words.append(f"DEFERRABLE{' INITIALLY DEFERRED' if constraint.initially_deferred else ''}")
    if not constraint.enforced:
        words.append("NOT ENFORCED")
    elif not constraint.validated:
        words.append("NOT VALID")
    writer.say(" ".join(words))


def attach_and_index(writer: Writer) -> None:
    """Keys and indexes, and parents: of the lowest tables first, so that those of partitions keep their names.

    An index of a partitioned table takes in those that its partitions have already; what they lack it makes itself.
    """
    for table in sorted(writer.all(Table), key=lambda table: -_depth(writer, table)):
        indexes(writer, table)
        for parent in table.parents:
            _attach(writer, table, writer.catalog.get(parent, Table))


def _depth(writer: Writer, table: Table) -> int:
    """How many generations stand above a table."""
    return max((1 + _depth(writer, writer.catalog.get(parent, Table)) for parent in table.parents), default=0)


def _attach(writer: Writer, table: Table, parent: Table) -> None:
    name = writer.name(table)
    if not table.is_partition:
        writer.say(f"ALTER TABLE {name} INHERIT {writer.name(parent)}")
        return
    bound = partition_bound(writer.build, table, (name, "partition_bound"))
    if bound is not None:
        writer.say(f"ALTER TABLE {writer.name(parent)} ATTACH PARTITION {name} {bound}")


def indexes(writer: Writer, relation: Table | View) -> None:
    """The keys, exclusion constraints and indexes of a table or materialized view."""
    of_constraints = {
        constraint.index: constraint
        for constraint in writer.catalog.constraints(relation.oid)
        if constraint.type in "pux"
    }
    for index in writer.catalog.indexes(relation.oid):
        constraint = of_constraints.get(index.oid)
        try:
            if constraint is None:
                writer.say(_index(writer, relation, index))
            else:
                what = _key_constraint(writer, relation, index, constraint)
                _add(writer, f"ALTER TABLE {writer.name(relation)}", constraint, what)
        except Opaque as opaque:
            writer.cannot(f"index {writer.name(index)}", opaque.reason)


def _key_constraint(writer: Writer, relation: Relation, index: Index, constraint: Constraint) -> str:
    include = f" INCLUDE ({writer.columns(relation, index.include)})" if index.include else ""
    if constraint.type != "x":
        distinct = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
        columns = writer.columns(relation, constraint.columns)
        over = " WITHOUT OVERLAPS" if constraint.without_overlaps else ""
        return f"{_CONSTRAINT_WORDS[constraint.type]}{distinct} ({columns}{over}){include}"
    elements = ", ".join(
        f"{_key(writer, relation, key)} WITH {operator}"
        for key, operator in zip(index.keys, constraint.operators, strict=True)
    )
    return f"EXCLUDE USING {index.method} ({elements}){include}{_where(writer, relation, index)}"


def _index(writer: Writer, relation: Relation, index: Index) -> str:
    unique = "UNIQUE " if index.unique else ""
    keys = ", ".join(_key(writer, relation, key) for key in index.keys)
    include = f" INCLUDE ({writer.columns(relation, index.include)})" if index.include else ""
    distinct = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    options = f" WITH ({_options(index.options)})" if index.options else ""
    return (
        f"CREATE {unique}INDEX {quote_identifier(index.name)} ON {writer.name(relation)} USING {index.method} "
        f"({keys}){include}{distinct}{options}{_where(writer, relation, index)}"
    )


def _key(writer: Writer, relation: Relation, key: IndexKey) -> str:
    """One key of an index.

    Raises:
        Opaque: its expression can't be printed.
    """
    if key.number or key.expression is None:
        text = writer.columns(relation, (key.number,))
    else:
        text = index_key_text(writer.catalog, key.expression, relation)
    text += writer.collation(key.collation)
    text += f" {key.opclass}" if key.opclass else ""
    text += " DESC" if key.descending else ""
    if key.nulls_first != key.descending:
        text += " NULLS FIRST" if key.nulls_first else " NULLS LAST"
    return text


def _where(writer: Writer, relation: Relation, index: Index) -> str:
    text = writer.text(f"{writer.name(index)} predicate", index.predicate, relation)
    return f" WHERE {parenthesized(text)}" if text is not None else ""


def foreign_keys(writer: Writer) -> None:
    """Foreign keys, of the lowest tables first: a partitioned table's takes in those of its partitions."""
    for table in sorted(writer.all(Table), key=lambda table: -_depth(writer, table)):
        for constraint in writer.catalog.constraints(table.oid):
            if constraint.type == "f":
                what = _foreign_key(writer, table, constraint)
                _add(writer, f"ALTER TABLE {writer.name(table)}", constraint, what)


def _foreign_key(writer: Writer, table: Table, constraint: Constraint) -> str:
    target = writer.catalog.get(constraint.ref_table, Table)
    own = writer.columns(table, constraint.columns)
    referenced = writer.columns(target, constraint.ref_columns)
    if _is_temporal(writer, constraint):
        own, referenced = _period(own), _period(referenced)
    words = [f"FOREIGN KEY ({own}) REFERENCES {writer.name(target)} ({referenced}){_MATCH[constraint.match]}"]
    if constraint.on_delete != "a":
        only = writer.columns(table, constraint.delete_columns)
        words.append(f"ON DELETE {ACTIONS[constraint.on_delete]}{f' ({only})' if only else ''}")
    if constraint.on_update != "a":
        words.append(f"ON UPDATE {ACTIONS[constraint.on_update]}")
    return " ".join(words)


def _is_temporal(writer: Writer, constraint: Constraint) -> bool:
    """Whether a foreign key refers to a key WITHOUT OVERLAPS."""
    return any(
        key.without_overlaps and set(key.columns) == set(constraint.ref_columns)
        for key in writer.catalog.constraints(constraint.ref_table)
    )


def _period(columns: str) -> str:
    """The columns of a temporal key, of which there are two at least: the last one is a period."""
    first, _, last = columns.rpartition(", ")
    return f"{first}, PERIOD {last}"
