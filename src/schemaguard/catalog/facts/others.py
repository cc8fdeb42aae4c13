"""Everything but tables and views: schemas, sequences, routines, types, roles, default privileges and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.facts.shape import (
    ENABLED,
    OBJECT_TYPES,
    ROUTINE_KINDS,
    TYPE_KINDS,
    VOLATILITIES,
    default_privilege_order,
)
from schemaguard.catalog.facts.views import output_columns
from schemaguard.catalog.privileges.membership import GRANT_OPTIONS_SINCE
from schemaguard.catalog.routines import result_text

if TYPE_CHECKING:
    from schemaguard.catalog.facts.builder import Builder, Path
    from schemaguard.catalog.facts.shape import (
        DefaultPrivilege,
        EventTriggerFact,
        ExtensionFact,
        FunctionFact,
        MembershipFact,
        PublicationFact,
        RoleFact,
        SchemaFact,
        SequenceFact,
        TypeFact,
    )
    from schemaguard.catalog.model import (
        EventTrigger,
        Extension,
        Function,
        Publication,
        Role,
        Schema,
        Sequence,
        Type,
    )


def schema_fact(build: Builder, schema: Schema) -> SchemaFact:
    """A schema."""
    fact: SchemaFact = {
        "owner": build.role(schema.owner),
        "comment": build.comment(schema.oid),
        "privileges": build.privileges(schema),
        "owner_privileges": build.owner_privileges(schema),
    }
    build.because(fact, schema.because, comment=build.comment_origin(schema.oid))
    return fact


def sequence_fact(build: Builder, sequence: Sequence) -> SequenceFact:
    """A sequence."""
    owned_by = None
    if sequence.owned_by:
        table, number = sequence.owned_by
        column = build.relation(table).column_at(number)
        owned_by = f"{build.name(table)}.{column.name if column else number}"
    fact: SequenceFact = {
        "owner": build.role(sequence.owner),
        "owned_by": owned_by,
        "privileges": build.privileges(sequence),
        "owner_privileges": build.owner_privileges(sequence),
    }
    build.because(fact, sequence.because)
    return fact


def function_fact(build: Builder, function: Function) -> FunctionFact:
    """A routine."""
    fact: FunctionFact = {
        "kind": ROUTINE_KINDS[function.kind],
        "language": function.language,
        "returns": result_text(build.catalog, function),
        "security_definer": function.security_definer,
        "config": dict(sorted(function.config)),
        "volatility": VOLATILITIES[function.volatility],
        "strict": function.strict,
        "leakproof": function.leakproof,
        "owner": build.role(function.owner),
        "privileges": build.privileges(function),
        "owner_privileges": build.owner_privileges(function),
        "comment": build.comment(function.oid),
    }
    build.because(
        fact,
        function.because,
        security_definer=function.security_because,
        config=function.config_because,
        owner=function.owner_because,
        comment=build.comment_origin(function.oid),
    )
    return fact


def type_fact(build: Builder, record: Type, path: Path) -> TypeFact:
    """An enum, domain, composite or range type."""
    base = record.base if record.kind == "d" else record.subtype if record.kind == "r" else None
    checks = (
        sorted(build.catalog.constraints(record.oid), key=lambda item: item.name)
        if record.kind == "d"
        else ()
    )
    fact: TypeFact = {
        "kind": TYPE_KINDS[record.kind],
        "owner": build.role(record.owner),
        "labels": list(record.labels) if record.kind == "e" else None,
        "base": build.type(base) if base else None,
        "not_null": record.not_null,
        "default": build.text((*path, "default"), record.default, None),
        "checks": {
            check.name: build.text((*path, "checks", check.name), check.expression, None) or ""
            for check in checks
            if check.type == "c"
        },
        "attributes": output_columns(build, build.relation(record.relation)) if record.kind == "c" else None,
        "comment": build.comment(record.oid),
    }
    build.because(fact, record.because, comment=build.comment_origin(record.oid))
    return fact


def role_fact(build: Builder, role: Role) -> RoleFact:
    """A role with its memberships."""
    groups = build.catalog.memberships_of(role.oid)
    fact: RoleFact = {
        "superuser": role.superuser,
        "inherit": role.inherit,
        "createrole": role.createrole,
        "createdb": role.createdb,
        "login": role.login,
        "replication": role.replication,
        "bypassrls": role.bypassrls,
        "member_of": sorted({build.role(membership.role) for membership in groups}),
        "admin_of": sorted({build.role(membership.role) for membership in groups if membership.admin}),
        "memberships": _memberships(build, role),
    }
    build.because(fact, role.because, attributes=role.attributes_because)
    return fact


def _memberships(build: Builder, role: Role) -> list[MembershipFact]:
    if build.catalog.version < GRANT_OPTIONS_SINCE:
        return []
    found: list[MembershipFact] = []
    for membership in build.catalog.memberships_of(role.oid):
        fact: MembershipFact = {
            "role": build.role(membership.role),
            "grantor": build.role(membership.grantor),
            "admin": membership.admin,
            "inherit": membership.inherit,
            "set": membership.set,
        }
        build.because(fact, membership.because)
        found.append(fact)
    return sorted(found, key=lambda entry: (entry["role"], entry["grantor"]))


def default_privileges(build: Builder) -> list[DefaultPrivilege]:
    """All default privileges, sorted."""
    found: list[DefaultPrivilege] = []
    for default in build.catalog.default_acls.values():
        for item in default.acl:
            entry: DefaultPrivilege = {
                "for_role": build.role(default.role),
                "schema": build.catalog.schema_name(default.schema) if default.schema else None,
                "objtype": OBJECT_TYPES[default.objtype],
                "grantee": build.role(item.grantee),
                "privilege": item.privilege,
                "grantable": item.grantable,
            }
            build.because(entry, item.because or default.because)
            found.append(entry)
    return sorted(found, key=default_privilege_order)


def extension_fact(build: Builder, extension: Extension) -> ExtensionFact:
    """An extension."""
    fact: ExtensionFact = {"schema": build.catalog.schema_name(extension.schema)}
    build.because(fact, extension.because)
    return fact


def publication_fact(build: Builder, publication: Publication) -> PublicationFact:
    """A publication."""
    fact: PublicationFact = {
        "all_tables": publication.all_tables,
        "tables": sorted(build.name(table) for table in publication.tables),
        "schemas": sorted(build.catalog.schema_name(schema) for schema in publication.schemas),
    }
    build.because(fact, publication.because)
    return fact


def event_trigger_fact(build: Builder, trigger: EventTrigger) -> EventTriggerFact:
    """An event trigger."""
    fact: EventTriggerFact = {
        "event": trigger.event,
        "function": build.trigger_function(trigger.function),
        "enabled": ENABLED[trigger.enabled],
    }
    build.because(fact, trigger.because)
    return fact
