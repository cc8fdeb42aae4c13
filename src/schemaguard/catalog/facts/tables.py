"""Tables, with all that belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.facts.builder import is_call
from schemaguard.catalog.facts.partitions import partition_bound, partition_key
from schemaguard.catalog.facts.shape import (
    ACTIONS,
    CONSTRAINT_TYPES,
    ENABLED,
    EXPRESSION,
    IDENTITIES,
    TABLE_KINDS,
)
from schemaguard.catalog.model import Index
from schemaguard.catalog.privileges.query import effective_privileges

if TYPE_CHECKING:
    from schemaguard.catalog.facts.builder import Builder, Path
    from schemaguard.catalog.facts.shape import (
        ColumnFact,
        ColumnPrivilege,
        ConstraintFact,
        IndexFact,
        PolicyFact,
        RelationFact,
        RuleFact,
        TableFact,
        TriggerFact,
    )
    from schemaguard.catalog.model import Column, Constraint, Policy, Relation, Rule, Table, Trigger


def relation_fact(build: Builder, relation: Relation, path: Path) -> RelationFact:
    """What tables and views have in common."""
    catalog = build.catalog
    effective = {
        build.role(role): found for role, found in effective_privileges(catalog, relation.oid).items()
    }
    triggers = sorted(catalog.triggers(relation.oid), key=lambda trigger: trigger.name)
    rules = sorted(catalog.rules(relation.oid), key=lambda rule: rule.name)
    fact: RelationFact = {
        "owner": build.role(relation.owner),
        "comment": build.comment(relation.oid),
        "triggers": {
            trigger.name: _trigger(build, relation, trigger, (*path, "triggers", trigger.name))
            for trigger in triggers
        },
        "rules": {rule.name: _rule(build, rule) for rule in rules},
        "privileges": build.privileges(relation),
        "owner_privileges": build.owner_privileges(relation),
        "column_privileges": _column_privileges(build, relation),
        "effective_privileges": {role: sorted(effective.get(role, ())) for role in build.bound_roles},
    }
    comment = build.comment_origin(relation.oid)
    build.because(fact, relation.because, owner=relation.owner_because, comment=comment)
    return fact


def table_fact(build: Builder, table: Table, path: Path) -> TableFact:
    """A table of any kind."""
    catalog = build.catalog
    constraints = sorted(
        (item for item in catalog.constraints(table.oid) if item.type in CONSTRAINT_TYPES),
        key=lambda item: item.name,
    )
    policies = sorted(catalog.policies(table.oid), key=lambda policy: policy.name)
    fact: TableFact = {
        **relation_fact(build, table, path),
        "kind": TABLE_KINDS[table.kind],
        "rls_enabled": table.row_security,
        "rls_forced": table.force_row_security,
        "parents": [build.name(parent) for parent in table.parents],
        "partition_key": partition_key(build, table, (*path, "partition_key")),
        "partition_bound": partition_bound(build, table, (*path, "partition_bound")),
        "columns": [
            _column(build, table, column, (*path, "columns", column.name)) for column in table.columns
        ],
        "constraints": {
            item.name: _constraint(build, table, item, (*path, "constraints", item.name))
            for item in constraints
        },
        "indexes": index_facts(build, table, path),
        "policies": {
            policy.name: _policy(build, table, policy, (*path, "policies", policy.name))
            for policy in policies
        },
    }
    build.because(
        fact,
        table.because,
        rls_enabled=table.row_security_because,
        rls_forced=table.force_because,
        partition_bound=table.partition_because,
    )
    return fact


def _column_privileges(build: Builder, relation: Relation) -> list[ColumnPrivilege]:
    found: list[ColumnPrivilege] = []
    for column in relation.columns:
        if column.acl:
            found.extend(
                {"column": column.name, **entry} for entry in build.entries(column.acl, relation.owner)
            )
    return found


def _column(build: Builder, table: Table, column: Column, path: Path) -> ColumnFact:
    key = "generated" if column.generated else "default"
    text = build.text((*path, key), column.default, table)
    fact: ColumnFact = {
        "name": column.name,
        "type": build.type(column.type),
        "not_null": column.not_null,
        "default": None if column.generated else text,
        "generated": text if column.generated else None,
        "identity": IDENTITIES.get(column.identity),
        "comment": build.comment(table.oid, column.number),
        "inherited": column.parents > 0,
    }
    build.because(
        fact,
        column.because,
        not_null=column.not_null_because,
        type=column.type_because,
        comment=build.comment_origin(table.oid, column.number),
        **{key: column.default_because},
    )
    return fact


def _names(relation: Relation, numbers: tuple[int, ...]) -> list[str]:
    return [column.name for number in numbers if (column := relation.column_at(number)) is not None]


def _constraint(build: Builder, table: Table, constraint: Constraint, path: Path) -> ConstraintFact:
    foreign = constraint.type == "f"
    target = build.relation(constraint.ref_table) if foreign else None
    numbers = constraint.columns
    expression = None
    if constraint.type == "c":
        numbers = tuple(sorted(set(numbers)))
        expression = build.text((*path, "expression"), constraint.expression, table)
    elif constraint.type == "x":
        expression = _exclusion(build, table, constraint, (*path, "expression"))
    fact: ConstraintFact = {
        "type": CONSTRAINT_TYPES[constraint.type],
        "columns": _names(table, numbers),
        "validated": constraint.validated,
        "enforced": constraint.enforced,
        "deferrable": constraint.deferrable,
        "ref_table": build.name(target.oid) if target else None,
        "ref_columns": _names(target, constraint.ref_columns) if target else None,
        "on_delete": ACTIONS[constraint.on_delete] if foreign else None,
        "on_update": ACTIONS[constraint.on_update] if foreign else None,
        "expression": expression,
    }
    build.because(fact, constraint.because, validated=constraint.validated_because)
    return fact


def _exclusion(build: Builder, table: Table, constraint: Constraint, path: Path) -> str:
    """`room WITH =, during WITH &&`: the elements of an exclusion constraint."""
    elements = []
    index = build.catalog.get(constraint.index, Index)
    for key, operator in zip(index.keys, constraint.operators, strict=True):
        column = table.column_at(key.number)
        text = column.name if column else build.text(path, key.expression, table) or ""
        elements.append(f"{text if column or is_call(text) else f'({text})'} WITH {operator}")
    return ", ".join(elements)


def index_facts(build: Builder, relation: Relation, path: Path) -> dict[str, IndexFact]:
    """The indexes of a table or materialized view, by name."""
    indexes = sorted(build.catalog.indexes(relation.oid), key=lambda index: index.name)
    return {index.name: _index(build, relation, index, (*path, "indexes", index.name)) for index in indexes}


def _index(build: Builder, relation: Relation, index: Index, path: Path) -> IndexFact:
    expressions = [
        build.text((*path, "expressions"), key.expression, relation) or ""
        for key in index.keys
        if not key.number
    ]
    columns = {column.number: column.name for column in relation.columns}
    fact: IndexFact = {
        "columns": [columns.get(key.number, EXPRESSION) for key in index.keys],
        "include": [columns[number] for number in index.include],
        "unique": index.unique,
        "primary": index.primary,
        "method": index.method,
        "predicate": build.text((*path, "predicate"), index.predicate, relation),
        "expressions": ", ".join(expressions) or None,
        "from_constraint": index.constraint != 0,
    }
    build.because(fact, index.because)
    return fact


def _policy(build: Builder, table: Table, policy: Policy, path: Path) -> PolicyFact:
    fact: PolicyFact = {
        "permissive": policy.permissive,
        "cmd": policy.command,
        "roles": sorted(build.role(role) for role in policy.roles),
        "using": build.text((*path, "using"), policy.using, table),
        "check": build.text((*path, "check"), policy.check, table),
        "comment": build.comment(policy.oid),
    }
    build.because(
        fact,
        policy.because,
        using=policy.using_because,
        check=policy.check_because,
        roles=policy.roles_because,
        comment=build.comment_origin(policy.oid),
    )
    return fact


def _trigger(build: Builder, relation: Relation, trigger: Trigger, path: Path) -> TriggerFact:
    fact: TriggerFact = {
        "function": build.trigger_function(trigger.function),
        "timing": trigger.timing,
        "events": list(trigger.events),
        "level": trigger.level,
        "enabled": ENABLED[trigger.enabled],
        "columns": _names(relation, trigger.columns),
        "when": _indented(build.text((*path, "when"), trigger.when, relation)),
        "comment": build.comment(trigger.oid),
    }
    comment = build.comment_origin(trigger.oid)
    build.because(fact, trigger.because, enabled=trigger.enabled_because, comment=comment)
    return fact


def _indented(text: str | None) -> str | None:
    """A condition as `pg_get_triggerdef` lays it out: a CASE of several lines two steps further in."""
    return text if text is None else text.replace("\n", "\n        ")


def _rule(build: Builder, rule: Rule) -> RuleFact:
    fact: RuleFact = {"event": rule.event, "instead": rule.instead, "enabled": ENABLED[rule.enabled]}
    build.because(fact, rule.because)
    return fact
