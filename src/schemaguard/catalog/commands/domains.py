"""CREATE DOMAIN and ALTER DOMAIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.columns import is_null_constant, named_collation
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.commands.types import type_acl
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    DUPLICATE_OBJECT,
    FEATURE_NOT_SUPPORTED,
    INVALID_OBJECT_DEFINITION,
    SYNTAX_ERROR,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Constraint, Type, TypeRef
from schemaguard.catalog.names import choose_constraint_name
from schemaguard.catalog.other_objects import depend_on_collation
from schemaguard.catalog.relations import add_constraint_record
from schemaguard.catalog.type_records import (
    add_type,
    depend_on_type,
    require_free_type_name,
    require_type_owner,
    target_of,
    type_record,
    usable_type,
)

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

NAMED_NOT_NULL_SINCE = 17
"""The version from which a domain's NOT NULL is a constraint with a name."""

_IMPOSSIBLE = {
    "CONSTR_UNIQUE": "unique constraints",
    "CONSTR_PRIMARY": "primary key constraints",
    "CONSTR_EXCLUSION": "exclusion constraints",
    "CONSTR_FOREIGN": "foreign key constraints",
}
_UNSUPPORTED = {
    "CONSTR_ATTR_DEFERRABLE": "specifying constraint deferrability not supported for domains",
    "CONSTR_ATTR_NOT_DEFERRABLE": "specifying constraint deferrability not supported for domains",
    "CONSTR_ATTR_DEFERRED": "specifying constraint deferrability not supported for domains",
    "CONSTR_ATTR_IMMEDIATE": "specifying constraint deferrability not supported for domains",
    "CONSTR_GENERATED": "specifying GENERATED not supported for domains",
    "CONSTR_IDENTITY": "specifying IDENTITY not supported for domains",
    "CONSTR_ATTR_ENFORCED": "specifying constraint enforceability not supported for domains",
    "CONSTR_ATTR_NOT_ENFORCED": "specifying constraint enforceability not supported for domains",
}


def create_domain(run: Run, node: Node) -> None:
    """CREATE DOMAIN."""
    schema, name = target_of(run, strings(node["domainname"]))
    catalog = run.catalog
    require_free_type_name(catalog, schema.oid, name)
    base = _base_type(run, node)
    record = Type(
        oid=catalog.new_oid(),
        schema=schema.oid,
        name=name,
        kind="d",
        owner=run.session.role,
        base=base,
        default=_inherited_default(run, base),
        collation=".".join(strings(node.get("collClause", {}).get("collname"))),
        acl=type_acl(run, schema.oid),
        because=run.origin(),
    )
    constraints = [element["Constraint"] for element in node.get("constraints") or ()]
    _check_constraint_list(constraints)
    add_type(catalog, record)
    depend_on_type(catalog, record.oid, base)
    depend_on_collation(run, record.oid, record.collation)
    for constraint in constraints:
        match constraint["contype"]:
            case "CONSTR_DEFAULT":
                set_default(run, record.oid, constraint["raw_expr"])
            case "CONSTR_NOTNULL":
                _add_not_null(run, record.oid, constraint)
            case "CONSTR_CHECK":
                add_domain_check(run, record.oid, constraint, validated=True)


def _base_type(run: Run, node: Node) -> TypeRef:
    from schemaguard.catalog.analysis.types import is_pseudo_type, resolve_type

    type_name = node["typeName"]
    base = usable_type(run, resolve_type(run.session, type_name))
    known = run.catalog.objects.get(base.oid)
    if not base.array and (is_pseudo_type(base) or (isinstance(known, Type) and known.kind == "p")):
        shown = ".".join(strings(type_name["names"])[-1:])
        raise Refused(DATATYPE_MISMATCH, f'"{shown}" is not a valid base type for a domain')
    if "collClause" in node:
        named_collation(run, node["collClause"], base)
    return base


def _inherited_default(run: Run, base: TypeRef) -> Expression | None:
    """The default of the domain that a domain is over; its CHECKs and NOT NULL stay the other's alone."""
    record = run.catalog.objects.get(base.oid)
    return record.default if isinstance(record, Type) and not base.array else None


def _check_constraint_list(constraints: list[Node]) -> None:
    """Refuse what a domain can't have, before anything else is looked at."""
    nullness: set[str] = set()
    defaults = 0
    for constraint in constraints:
        kind = constraint["contype"]
        if kind in _IMPOSSIBLE:
            raise Refused(SYNTAX_ERROR, f"{_IMPOSSIBLE[kind]} not possible for domains")
        if kind in _UNSUPPORTED:
            code = INVALID_OBJECT_DEFINITION if "ENFORCED" in kind else FEATURE_NOT_SUPPORTED
            raise Refused(code, _UNSUPPORTED[kind])
        if kind == "CONSTR_DEFAULT":
            defaults += 1
            if defaults > 1:
                raise Refused(SYNTAX_ERROR, "multiple default expressions")
        if kind in ("CONSTR_NULL", "CONSTR_NOTNULL"):
            if nullness - {kind}:
                raise Refused(SYNTAX_ERROR, "conflicting NULL/NOT NULL constraints")
            if kind in nullness and kind == "CONSTR_NOTNULL":
                raise Refused(SYNTAX_ERROR, "redundant NOT NULL constraint definition")
            nullness.add(kind)
        if constraint.get("is_no_inherit"):
            word = "check" if kind == "CONSTR_CHECK" else "not-null"
            message = f"{word} constraints for domains cannot be marked NO INHERIT"
            raise Refused(INVALID_OBJECT_DEFINITION, message)


def set_default(run: Run, domain: int, node: Node | None) -> None:
    """SET DEFAULT (None: DROP DEFAULT) on a domain."""
    from schemaguard.catalog.analysis.binding import bind_expression, dependencies

    catalog = run.catalog
    record = catalog.get(domain, Type)
    expression: Expression | None = None
    if node is not None:
        expression = bind_expression(
            run.session, node, None, run.origin(), context="default", target=record.base, name=record.name
        )
    if expression is not None and is_null_constant(expression):
        expression = None
    catalog.store(msgspec.structs.replace(record, default=expression))
    if expression is not None:
        for oid, sub in dependencies(run.session, expression, None):
            catalog.depend(domain, oid, on_sub=sub)


def _add_not_null(run: Run, domain: int, node: Node) -> None:
    """NOT NULL, which is a constraint with a name from PostgreSQL 17 on."""
    catalog = run.catalog
    record = catalog.get(domain, Type)
    catalog.store(msgspec.structs.replace(record, not_null=True))
    if catalog.version >= NAMED_NOT_NULL_SINCE:
        name = _constraint_name(run, record, node, "not_null")
        _store(
            run,
            Constraint(oid=catalog.new_oid(), name=name, type="n", domain=domain, because=run.origin(node)),
        )


def add_domain_check(run: Run, domain: int, node: Node, *, validated: bool) -> None:
    """A CHECK of a domain, bound with VALUE standing for the value of its base type."""
    from schemaguard.catalog.analysis.binding import bind_expression, dependencies

    catalog = run.catalog
    record = catalog.get(domain, Type)
    name = _constraint_name(run, record, node, "check")
    because = run.origin(node)
    expression = bind_expression(
        run.session, node["raw_expr"], None, because, context="domain", value=record.base
    )
    constraint = Constraint(
        oid=catalog.new_oid(),
        name=name,
        type="c",
        domain=domain,
        expression=expression,
        validated=validated,
        because=because,
        validated_because=because if validated else None,
    )
    _store(run, constraint)
    for oid, sub in dependencies(run.session, expression, None):
        catalog.depend(constraint.oid, oid, on_sub=sub)


def _constraint_name(run: Run, record: Type, node: Node, label: str) -> str:
    if name := node.get("conname"):
        if name in run.catalog.constraints_of.get(record.oid, {}):
            message = f'constraint "{name}" for domain "{record.name}" already exists'
            raise Refused(DUPLICATE_OBJECT, message)
        return str(name)
    return choose_constraint_name(run.catalog, record.schema, record.name, "", label)


def _store(run: Run, constraint: Constraint) -> None:
    record = run.catalog.get(constraint.domain, Type)
    add_constraint_record(run.catalog, constraint, record.schema)
    run.catalog.depend(constraint.oid, record.oid, "a")


def alter_domain(run: Run, node: Node) -> None:
    """ALTER DOMAIN."""
    from schemaguard.catalog.analysis.types import format_type

    names = strings(node["typeName"])
    record = type_record(run.session, names)
    if record is None or record.kind != "d":
        shown = ".".join(names) if record is None else format_type(run.catalog, TypeRef(record.oid))
        raise Refused(WRONG_OBJECT_TYPE, f"{shown} is not a domain")
    require_type_owner(run, record)
    match node["subtype"]:
        case "T":
            _forget_default(run, record)
            set_default(run, record.oid, node.get("def"))
        case "O":
            if not record.not_null:
                _add_not_null(run, record.oid, {})
        case "N":
            _drop_not_null(run, record)
        case "C":
            _add_constraint(run, record, node["def"]["Constraint"])
        case "X":
            _drop_constraint(run, record, node)
        case "V":
            _validate(run, record, node)


def _forget_default(run: Run, record: Type) -> None:
    """Drop what the old default depends on; the edges to schema and base type stay."""
    catalog = run.catalog
    if record.default is None:
        return
    catalog.forget_dependencies(record.oid)
    catalog.depend(record.oid, record.schema)
    if record.base is not None:
        depend_on_type(catalog, record.oid, record.base)


def _drop_not_null(run: Run, record: Type) -> None:
    from schemaguard.catalog.deletion import delete_objects

    for constraint in run.catalog.constraints(record.oid):
        if constraint.type == "n":
            delete_objects(run, [(constraint.oid, 0)], cascade=False)
    run.catalog.store(msgspec.structs.replace(run.catalog.get(record.oid, Type), not_null=False))


def _add_constraint(run: Run, record: Type, node: Node) -> None:
    kind = node["contype"]
    _check_constraint_list([node])
    if kind == "CONSTR_CHECK":
        add_domain_check(run, record.oid, node, validated=not node.get("skip_validation"))
    elif kind == "CONSTR_NOTNULL" and not record.not_null:
        _add_not_null(run, record.oid, node)


def _drop_constraint(run: Run, record: Type, node: Node) -> None:
    from schemaguard.catalog.deletion import delete_objects

    oid = run.catalog.constraints_of.get(record.oid, {}).get(node["name"])
    if oid is None:
        if node.get("missing_ok"):
            return
        message = f'constraint "{node["name"]}" of domain "{record.name}" does not exist'
        raise Refused(UNDEFINED_OBJECT, message)
    constraint = run.catalog.get(oid, Constraint)
    delete_objects(run, [(oid, 0)], cascade=node.get("behavior") == "DROP_CASCADE")
    if constraint.type == "n":
        run.catalog.store(msgspec.structs.replace(run.catalog.get(record.oid, Type), not_null=False))


def _validate(run: Run, record: Type, node: Node) -> None:
    oid = run.catalog.constraints_of.get(record.oid, {}).get(node["name"])
    if oid is None:
        message = f'constraint "{node["name"]}" of domain "{record.name}" does not exist'
        raise Refused(UNDEFINED_OBJECT, message)
    constraint = run.catalog.get(oid, Constraint)
    if constraint.type != "c":
        message = f'constraint "{node["name"]}" of domain "{record.name}" is not a check constraint'
        raise Refused(WRONG_OBJECT_TYPE, message)
    if not constraint.validated:
        changed = msgspec.structs.replace(constraint, validated=True, validated_because=run.origin())
        run.catalog.store(changed)


HANDLERS = {"CreateDomainStmt": create_domain, "AlterDomainStmt": alter_domain}
