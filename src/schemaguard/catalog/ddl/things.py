"""Everything that one CREATE statement makes, but for tables: schemas, types, routines, sequences, views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.deparse import query_text
from schemaguard.catalog.changes.change import parenthesized
from schemaguard.catalog.ddl.tables import indexes, sequence_options
from schemaguard.catalog.ddl.writer import dollar_quoted, literal
from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.facts.shape import EVERYWHERE
from schemaguard.catalog.model import Extension, Function, Other, Relation, Schema, Sequence, Type, View
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.routines import result_text

if TYPE_CHECKING:
    from schemaguard.catalog.ddl.writer import Writer
    from schemaguard.catalog.model import Argument

_SYSTEM = ("information_schema",)
_MODES = {"i": "", "o": "OUT ", "b": "INOUT ", "v": "VARIADIC "}
_VOLATILITIES = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}
_PARALLEL = {"u": "UNSAFE", "r": "RESTRICTED", "s": "SAFE"}
_LISTS = frozenset(("search_path", "datestyle", "temp_tablespaces"))
"""Settings whose value is a list of names, and is written as one."""


def schemas(writer: Writer) -> None:
    """The schemas; the one that every new database has may be missing here, or belong to somebody else."""
    for schema in writer.all(Schema):
        if schema.name.startswith("pg_") or schema.name in _SYSTEM:
            continue
        if schema.name == "public":
            writer.say(f"ALTER SCHEMA public OWNER TO {writer.role(schema.owner)}")
        else:
            writer.say(
                f"CREATE SCHEMA {quote_identifier(schema.name)} AUTHORIZATION {writer.role(schema.owner)}"
            )
    if "public" not in writer.catalog.schemas:
        writer.say("DROP SCHEMA public")


def extensions(writer: Writer) -> None:
    """The extensions, in the schemas that they are in."""
    for extension in writer.all(Extension):
        if extension.name not in EVERYWHERE:
            schema = quote_identifier(writer.catalog.schema_name(extension.schema))
            writer.say(f"CREATE EXTENSION {quote_identifier(extension.name)} SCHEMA {schema} CASCADE")


def create(writer: Writer, record: object) -> None:
    """Write the statement that makes an object."""
    match record:
        case Type():
            _type(writer, record)
        case Sequence():
            _sequence(writer, record)
        case View():
            _view(writer, record)
        case Function():
            _function(writer, record)
        case Other():
            writer.as_written(record)
        case _:
            raise TypeError(f"{type(record).__name__} is made by no statement of its own")


def _type(writer: Writer, record: Type) -> None:
    name = writer.name(record)
    match record.kind:
        case "e":
            labels = ", ".join(literal(label) for label in record.labels)
            writer.say(f"CREATE TYPE {name} AS ENUM ({labels})")
        case "d" if record.base is not None:
            text = writer.text(f"{name} default", record.default, None)
            default = f" DEFAULT {text}" if text is not None else ""
            collation = writer.collation(record.collation)
            not_null = " NOT NULL" if record.not_null else ""
            writer.say(
                f"CREATE DOMAIN {name} AS {writer.type(record.base)}{collation}{default}{not_null}"
                f"{_domain_checks(writer, record)}"
            )
        case "c":
            columns = writer.catalog.get(record.relation, Relation).columns
            shown = ", ".join(f"{quote_identifier(each.name)} {writer.type(each.type)}" for each in columns)
            writer.say(f"CREATE TYPE {name} AS ({shown})")
        case "r" if record.subtype is not None and record.multirange in writer.catalog.objects:
            multirange = writer.name(writer.catalog.get(record.multirange, Type))
            writer.say(
                f"CREATE TYPE {name} AS RANGE (subtype = {writer.type(record.subtype)}, "
                f"multirange_type_name = {multirange})"
            )
        case _:
            writer.as_written(record)


def _domain_checks(writer: Writer, domain: Type) -> str:
    """The CHECKs of a domain, in its definition: once a container holds it, it takes no new ones."""
    found = []
    for constraint in writer.catalog.constraints(domain.oid):
        text = writer.text(f"{writer.name(domain)}.{constraint.name}", constraint.expression, None)
        if constraint.type == "c" and text is not None:
            found.append(f" CONSTRAINT {quote_identifier(constraint.name)} CHECK {parenthesized(text)}")
    return "".join(found)


def _sequence(writer: Writer, sequence: Sequence) -> None:
    unlogged = "UNLOGGED " if sequence.persistence == "u" else ""
    type_ = writer.type(sequence.type)
    writer.say(f"CREATE {unlogged}SEQUENCE {writer.name(sequence)} AS {type_} {sequence_options(sequence)}")


def _view(writer: Writer, view: View) -> None:
    name = writer.name(view)
    if view.query is None:
        writer.cannot(f"view {name}", "its query is not known")
        return
    try:
        query = query_text(writer.catalog, view.query, [column.name for column in view.columns]).rstrip(";")
    except Opaque as opaque:
        writer.cannot(f"view {name}", opaque.reason)
        return
    options = ", ".join(f"{key}={literal(value)}" for key, value in view.options)
    given = f" WITH ({options})" if options else ""
    columns = writer.columns(view, (column.number for column in view.columns))
    kind = "MATERIALIZED VIEW" if view.kind == "m" else "VIEW"
    end = "" if view.kind != "m" else f" WITH {'' if view.populated else 'NO '}DATA"
    writer.say(f"CREATE {kind} {name} ({columns}){given} AS\n{query}{end}")
    if view.kind == "m":
        indexes(writer, view)


def _function(writer: Writer, function: Function) -> None:
    plain = function.kind in "fpw" and not function.body_nodes and function.language not in ("c", "internal")
    if not plain:
        writer.as_written(function)
        return
    table = [argument for argument in function.arguments if argument.mode == "t"]
    shown = [argument for argument in function.arguments if argument.mode != "t"]
    arguments = ", ".join(_argument(writer, function, argument) for argument in shown)
    lines = [
        f"CREATE {'PROCEDURE' if function.kind == 'p' else 'FUNCTION'} {writer.name(function)}({arguments})"
    ]
    if table:
        columns = ", ".join(f"{quote_identifier(each.name)} {writer.type(each.type)}" for each in table)
        lines.append(f"RETURNS TABLE({columns})")
    elif (result := result_text(writer.catalog, function)) is not None:
        lines.append(f"RETURNS {result}")
    lines.append(f"LANGUAGE {quote_identifier(function.language)}")
    if function.kind != "p":
        words = [_VOLATILITIES[function.volatility], f"PARALLEL {_PARALLEL[function.parallel]}"]
        words += ["WINDOW"] if function.kind == "w" else []
        words += ["STRICT"] if function.strict else []
        words += ["LEAKPROOF"] if function.leakproof else []
        lines.append(" ".join(words))
    lines += ["SECURITY DEFINER"] if function.security_definer else []
    lines += [f"SET {name} TO {_setting(name, value)}" for name, value in function.config]
    lines.append(f"AS {dollar_quoted(function.body)}")
    writer.say("\n".join(lines))


def _argument(writer: Writer, function: Function, argument: Argument) -> str:
    name = f"{quote_identifier(argument.name)} " if argument.name else ""
    text = writer.text(f"{writer.name(function)} {argument.name}", argument.default, None)
    default = f" DEFAULT {text}" if text is not None else ""
    return f"{_MODES[argument.mode]}{name}{writer.type(argument.type)}{default}"


def _setting(name: str, value: str) -> str:
    """A value as SET takes it: in a list an empty name is written as an empty string."""
    return value.replace('""', "''") or "''" if name.lower() in _LISTS else literal(value)
