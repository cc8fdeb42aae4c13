"""The entities of alembic_utils: functions, views, triggers, policies, extensions and grants as objects.

What each sends is written after the package's documented behaviour: names are quoted, a policy or trigger is replaced
by dropping and creating it, a view by CREATE OR REPLACE or else by dropping and creating it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.formatting import replace_matches
from schemaguard.sources.alembic.interpreter.library.execution import send
from schemaguard.sources.alembic.interpreter.text_of import text_of
from schemaguard.sources.alembic.interpreter.tracked import concat, part, written_at
from schemaguard.sources.alembic.interpreter.values import Instance, Native, Raised, Symbol, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

_PARAMETERS: dict[str, tuple[str, ...]] = {
    "PGFunction": ("schema", "signature", "definition"),
    "PGProcedure": ("schema", "signature", "definition"),
    "PGView": ("schema", "signature", "definition"),
    "PGMaterializedView": ("schema", "signature", "definition", "with_data"),
    "PGTrigger": ("schema", "signature", "definition", "on_entity", "is_constraint"),
    "PGPolicy": ("schema", "signature", "definition", "on_entity"),
    "PGExtension": ("schema", "signature"),
    "PGGrantTable": ("schema", "table", "role", "grant", "columns", "with_grant_option"),
}

_ESCAPED_COLON = re.compile(r"\\(:)")


class Entity:
    """An entity: its class's name, what it was made with, and where."""

    def __init__(self, kind: str, fields: dict[str, Value], span: Span) -> None:
        """Take the class and its arguments by name."""
        self.kind = kind
        self.fields = fields
        self.span = span

    def text(self, name: str) -> str:
        """A field that is a string."""
        value = plain(self.fields.get(name, ""))
        return value if isinstance(value, str) else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A field that is true or false."""
        return self.fields.get(name, default) is True

    @property
    def schema(self) -> str:
        """The schema, quoted."""
        return _quoted(self.text("schema"))

    @property
    def name(self) -> str:
        """The qualified, quoted name: a function's without its parameters."""
        return f"{self.schema}.{_quoted(self.text('signature').partition('(')[0].strip())}"

    @property
    def on_entity(self) -> str:
        """The table of a trigger or policy; `public` where no schema is given."""
        table = self.text("on_entity").replace('"', "")
        return table if "." in table else f"public.{table}"

    @property
    def definition(self) -> str:
        """The definition without its last semicolon, with its places."""
        text = self.text("definition")
        stripped = str(text).strip().rstrip(";").strip()
        start = str(text).find(stripped) if stripped else 0
        body = part(text, start, start + len(stripped))
        cleaned = replace_matches(body, _ESCAPED_COLON, lambda match: match[1], self.span)
        return cleaned if isinstance(cleaned, str) else body

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """The fields, and the statements as strings."""
        if name in self.fields:
            return self.fields[name]
        if name in ("to_sql_statement_create", "to_sql_statement_drop"):
            make = create if name.endswith("create") else drop
            return Native(name, lambda _call: make(self))
        raise Raised(
            AttributeError(f"'{self.kind}' object has no attribute '{name}' that is interpreted"), span
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', "").strip() + '"'


def create(entity: Entity, *, replace: bool = False) -> str:
    """The statement that creates an entity, with the places of its definition."""
    head, tail = _create_parts(entity, replace=replace)
    return concat(
        (written_at(head, entity.span), entity.definition if tail is None else "", tail or ""), entity.span
    )


def _create_parts(entity: Entity, *, replace: bool) -> tuple[str, str | None]:
    """What precedes the definition; what stands in its place, or None."""
    verb = "CREATE OR REPLACE" if replace else "CREATE"
    match entity.kind:
        case "PGFunction" | "PGProcedure":
            what = "FUNCTION" if entity.kind == "PGFunction" else "PROCEDURE"
            parameters = entity.text("signature").partition("(")[2]
            return f"{verb} {what} {entity.name}({parameters} ", None
        case "PGView":
            return f"{verb} VIEW {entity.name} AS ", None
        case "PGMaterializedView":
            return f"CREATE MATERIALIZED VIEW {entity.name} AS ", None
        case "PGTrigger":
            what = "CONSTRAINT TRIGGER" if entity.flag("is_constraint") else "TRIGGER"
            return f"CREATE {what} {_quoted(entity.text('signature'))} ", None
        case "PGPolicy":
            return f"CREATE POLICY {entity.text('signature')} ON {entity.on_entity} ", None
        case "PGExtension":
            return f"CREATE EXTENSION {_quoted(entity.text('signature'))} WITH SCHEMA {entity.schema}", ""
    return _grant(entity, "GRANT", "TO"), ""


def _grant(entity: Entity, verb: str, preposition: str) -> str:
    grant = entity.fields.get("grant")
    if isinstance(grant, Symbol):  # `PGGrantTableChoice.SELECT`
        privilege = grant.path.rpartition(".")[2]
    else:
        privilege = str(plain(grant.attributes.get("value"))) if isinstance(grant, Instance) else str(grant)
    columns = entity.fields.get("columns")
    listed = (
        f" ({', '.join(sorted(map(str, columns)))})" if isinstance(columns, (list, tuple)) and columns else ""
    )
    option = " WITH GRANT OPTION" if verb == "GRANT" and entity.flag("with_grant_option") else ""
    where = f"{entity.schema}.{_quoted(entity.text('table'))}"
    shown = listed if verb == "GRANT" else ""
    return f"{verb} {privilege}{shown} ON {where} {preposition} {_quoted(entity.text('role'))}{option}"


def drop(entity: Entity, *, cascade: bool = False, if_exists: bool = False) -> str:
    """The statement that drops an entity."""
    check = "IF EXISTS " if if_exists else ""
    end = " CASCADE" if cascade else ""
    match entity.kind:
        case "PGFunction" | "PGProcedure":
            what = "FUNCTION" if entity.kind == "PGFunction" else "PROCEDURE"
            return f"DROP {what} {check}{entity.name}({_drop_parameters(entity)}){end}"
        case "PGView":
            return f"DROP VIEW {check}{entity.name}{end}"
        case "PGMaterializedView":
            return f"DROP MATERIALIZED VIEW {check}{entity.name}{end}"
        case "PGTrigger":
            return f"DROP TRIGGER {check}{_quoted(entity.text('signature'))} ON {entity.on_entity}{end}"
        case "PGPolicy":
            return f"DROP POLICY {check}{entity.text('signature')} ON {entity.on_entity}{end}"
        case "PGExtension":
            return f"DROP EXTENSION {check}{_quoted(entity.text('signature'))}{end}"
    return _grant(entity, "REVOKE", "FROM")


def _drop_parameters(entity: Entity) -> str:
    """The parameters of a signature without their defaults."""
    inside = entity.text("signature").partition("(")[2].rstrip().removesuffix(")")
    return ", ".join(
        re.split(r"\bdefault\b|=", item, flags=re.IGNORECASE)[0].strip() for item in inside.split(",")
    )


def _make(kind: str) -> Callable[[Call], Value]:
    names = _PARAMETERS[kind]

    def make(call: Call) -> Value:
        fields = {**dict(zip(names, call.arguments, strict=False)), **call.keywords}
        for name, value in fields.items():
            if isinstance(value, Unknown):
                return value
            if name in ("schema", "signature", "definition", "on_entity", "table", "role"):
                text = text_of(call.machine, value, call.span)
                if isinstance(text, Unknown):
                    return text
                fields[name] = text
        return Entity(kind, fields, call.span)

    return make


def _entity(call: Call) -> Entity | None:
    """The entity that an operation is about; reported if it is not known."""
    entity = call.argument(0, "target")
    if isinstance(entity, Entity):
        return entity
    unknown = (
        entity if isinstance(entity, Unknown) else Unknown(f"`{call.code(0)}`, which is no entity", call.span)
    )
    call.machine.target.opaque(call.span, unknown.describe(), unknown.remedy)
    return None


def _create_entity(call: Call) -> Value:
    entity = _entity(call)
    if entity is not None:
        sql = create(entity)
        if entity.kind == "PGMaterializedView":
            sql = concat((sql, _with_data(entity)), entity.span)
        send(call.machine, sql, entity.span)
    return None


def _with_data(entity: Entity) -> str:
    return " WITH DATA" if entity.flag("with_data", default=True) else " WITH NO DATA"


def _drop_entity(call: Call) -> Value:
    entity = _entity(call)
    if entity is not None:
        cascade = call.argument(1, "cascade", default=False) is True
        send(call.machine, written_at(drop(entity, cascade=cascade), call.span), call.span)
    return None


def _replace_entity(call: Call) -> Value:
    entity = _entity(call)
    if entity is None:
        return None
    match entity.kind:
        case "PGFunction" | "PGProcedure":
            send(call.machine, create(entity, replace=True), entity.span)
        case "PGView":
            _replace_view(call, entity)
        case "PGExtension":
            raise Raised(NotImplementedError(), call.span)
        case kind:
            if_exists = kind != "PGGrantTable"
            send(call.machine, written_at(drop(entity, if_exists=if_exists), call.span), call.span)
            _create_entity(call)
    return None


def _replace_view(call: Call, entity: Entity) -> None:
    """CREATE OR REPLACE, in a block that drops and creates the view where that fails, as the package sends it."""
    head, _tail = _create_parts(entity, replace=True)
    plain_head, _tail = _create_parts(entity, replace=False)
    body = entity.definition
    block = (
        written_at(f"DO $$ BEGIN {head}", entity.span),
        body,
        f"; EXCEPTION WHEN others THEN {drop(entity, if_exists=True)}; {plain_head}",
        str(body),
        "; END; $$ LANGUAGE 'plpgsql'",
    )
    send(call.machine, concat(block, entity.span), entity.span)


OPERATIONS: dict[str, Callable[[Call], Value]] = {
    "create_entity": _create_entity,
    "drop_entity": _drop_entity,
    "replace_entity": _replace_entity,
}


def constructor(path: str) -> Callable[[Call], Value] | None:
    """What makes the entity of a class of alembic_utils, by its dotted name."""
    name = path.rpartition(".")[2]
    if path.startswith(("alembic_utils.", "alembic_utils_extended.")) and name in _PARAMETERS:
        return _make(name)
    return None
