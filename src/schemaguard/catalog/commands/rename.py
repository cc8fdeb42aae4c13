"""ALTER … RENAME of every kind of object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.drop import find_object, require_ownership
from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.commands.not_null import constraint_name, not_null_named
from schemaguard.catalog.commands.roles import rename_role
from schemaguard.catalog.commands.routine_names import move_routine, refuse_same_signature
from schemaguard.catalog.errors import (
    DUPLICATE_COLUMN,
    DUPLICATE_OBJECT,
    DUPLICATE_SCHEMA,
    DUPLICATE_TABLE,
    INVALID_OBJECT_DEFINITION,
    INVALID_TABLE_DEFINITION,
    RESERVED_NAME,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import (
    CompositeType,
    Constraint,
    Function,
    Index,
    Relation,
    Schema,
    Table,
    Type,
)
from schemaguard.catalog.relations import SYSTEM_COLUMNS, descendants, replace_column, require_free_name

if TYPE_CHECKING:
    from schemaguard.catalog.model import Column
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

RELATIONS = frozenset(
    (
        "OBJECT_TABLE",
        "OBJECT_VIEW",
        "OBJECT_MATVIEW",
        "OBJECT_SEQUENCE",
        "OBJECT_INDEX",
        "OBJECT_FOREIGN_TABLE",
    )
)
PARTS = {
    "OBJECT_POLICY": ("policies_of", "policy"),
    "OBJECT_TRIGGER": ("triggers_of", "trigger"),
    "OBJECT_RULE": ("rules_of", "rule"),
}


def rename(run: Run, node: Node) -> None:
    """ALTER … RENAME [COLUMN | CONSTRAINT | VALUE …] TO."""
    kind = node["renameType"]
    if kind in RELATIONS:
        _rename_relation(run, node)
    elif kind in ("OBJECT_COLUMN", "OBJECT_ATTRIBUTE"):
        _rename_column(run, node)
    elif kind == "OBJECT_TABCONSTRAINT":
        _rename_table_constraint(run, node)
    elif kind == "OBJECT_DOMCONSTRAINT":
        _rename_domain_constraint(run, node)
    elif kind in PARTS:
        _rename_part(run, node)
    elif kind == "OBJECT_SCHEMA":
        _rename_schema(run, node)
    elif kind == "OBJECT_ROLE":
        rename_role(run, node["subname"], node["newname"])
    elif kind in ("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"):
        _rename_routine(run, node)
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        _rename_type(run, node)
    elif kind == "OBJECT_DATABASE":
        return
    else:
        _rename_named(run, node)


def _target(run: Run, node: Node) -> Relation | None:
    relation = run.session.find_relation(node["relation"])
    if relation is None:
        if node.get("missing_ok"):
            return None
        relation = run.session.relation(node["relation"])
    run.session.require_owner(relation)
    return relation  # type: ignore[no-any-return]  # a relation of any kind


def _rename_relation(run: Run, node: Node) -> None:
    relation = _target(run, node)
    if relation is None:
        return
    kind = node["renameType"]
    if (
        (kind == "OBJECT_INDEX") != isinstance(relation, Index)
        and kind == "OBJECT_INDEX"
        and relation.kind not in "iI"
    ):
        # ALTER INDEX … RENAME works on tables and views as well, for historical reasons.
        pass
    if (kind == "OBJECT_VIEW" and relation.kind != "v") or (
        kind == "OBJECT_SEQUENCE" and relation.kind != "S"
    ):
        raise Refused(
            WRONG_OBJECT_TYPE, f'"{relation.name}" is not a {"view" if kind == "OBJECT_VIEW" else "sequence"}'
        )
    if kind == "OBJECT_MATVIEW" and relation.kind != "m":
        raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is not a materialized view')
    if kind == "OBJECT_FOREIGN_TABLE" and relation.kind != "f":
        raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is not a foreign table')
    if kind == "OBJECT_TABLE" and relation.kind == "c":
        raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is a composite type')
    run.session.require_create(run.catalog.get(relation.schema, Schema))
    set_relation_name(run, relation, node["newname"])


def set_relation_name(run: Run, relation: Relation, name: str) -> None:
    """Rename a relation with its row type; an index that backs a constraint takes the constraint along."""
    catalog = run.catalog
    has_row_type = relation.kind in "rpfvmc"
    require_free_name(catalog, relation.schema, name, row_type=has_row_type)
    catalog.remove(catalog.relations, (relation.schema, relation.name))
    catalog.put(catalog.relations, (relation.schema, name), relation.oid)
    catalog.store(msgspec.structs.replace(relation, name=name))
    if has_row_type:
        _move_type_name(run, catalog.types[relation.schema, relation.name], relation.schema, name)
    if isinstance(relation, Index):
        catalog.remove(catalog.indexes_of[relation.table], relation.name)
        catalog.put_in(catalog.indexes_of, relation.table, name, relation.oid)
        if relation.constraint:
            _set_constraint_name(run, catalog.get(relation.constraint, Constraint), relation.schema, name)


def _move_type_name(run: Run, oid: int, schema: int, name: str) -> None:
    catalog = run.catalog
    record = catalog.get(oid, Type)
    catalog.remove(catalog.types, (record.schema, record.name))
    catalog.put(catalog.types, (schema, name), oid)
    catalog.store(msgspec.structs.replace(record, schema=schema, name=name))


def _rename_column(run: Run, node: Node) -> None:
    relation = _target(run, node)
    if relation is None:
        return
    old, new = node["subname"], node["newname"]
    refuse_typed_table(relation)
    recurse = node["relation"].get("inh", False) or node["renameType"] == "OBJECT_ATTRIBUTE"
    if not recurse and run.catalog.children_of.get(relation.oid):
        raise Refused(
            INVALID_TABLE_DEFINITION, f'inherited column "{old}" must be renamed in child tables too'
        )
    family = [relation]
    if isinstance(relation, Table):
        family += descendants(run.catalog, relation.oid)
    elif isinstance(relation, CompositeType):
        from schemaguard.catalog.commands.types import typed_tables

        family += typed_tables(run, relation, node)
    for member in family:
        parents = {parent.oid for parent in family if parent.oid in getattr(member, "parents", ())}
        _set_column_name(run, member, old, new, len(parents))


def refuse_typed_table(relation: Relation) -> None:
    """Refuse to rename a part of a table that is OF a type."""
    if isinstance(relation, Table) and relation.of_type:
        raise Refused(WRONG_OBJECT_TYPE, "cannot rename column of typed table")


def _set_column_name(run: Run, relation: Relation, old: str, new: str, renamed_parents: int) -> None:
    column = relation.column(old)
    if column is None:
        raise Refused(UNDEFINED_COLUMN, f'column "{old}" does not exist')
    if column.parents > renamed_parents:
        raise Refused(INVALID_TABLE_DEFINITION, f'cannot rename inherited column "{old}"')
    if relation.column(new) is not None:
        raise Refused(DUPLICATE_COLUMN, f'column "{new}" of relation "{relation.name}" already exists')
    if new in SYSTEM_COLUMNS:
        raise Refused(DUPLICATE_COLUMN, f'column name "{new}" conflicts with a system column name')
    replace_column(run.catalog, relation, msgspec.structs.replace(column, name=new))


def _rename_table_constraint(run: Run, node: Node) -> None:
    relation = _target(run, node)
    if relation is None:
        return
    refuse_typed_table(relation)
    catalog = run.catalog
    name, recurse = node["subname"], bool(node["relation"].get("inh"))
    oid = catalog.constraints_of.get(relation.oid, {}).get(name)
    if oid is None:
        if isinstance(relation, Table) and (column := not_null_named(catalog, relation, name)) is not None:
            _rename_not_null(run, relation, column, node["newname"], recurse=recurse)
            return
        raise Refused(UNDEFINED_OBJECT, f'constraint "{name}" for table "{relation.name}" does not exist')
    constraint = catalog.get(oid, Constraint)
    if constraint.type == "c" and not constraint.no_inherit:
        _refuse_part_of_tree(run, relation, name, recurse=recurse, inherited=bool(constraint.parents))
    rename_constraint(run, relation, constraint, node["newname"])


def _refuse_part_of_tree(run: Run, relation: Relation, name: str, *, recurse: bool, inherited: bool) -> None:
    """A constraint that children have from their parent has one name in all of them."""
    if not recurse and run.catalog.children_of.get(relation.oid):
        message = f'inherited constraint "{name}" must be renamed in child tables too'
        raise Refused(INVALID_TABLE_DEFINITION, message)
    if inherited:
        raise Refused(INVALID_TABLE_DEFINITION, f'cannot rename inherited constraint "{name}"')


def _rename_not_null(run: Run, table: Table, column: Column, name: str, *, recurse: bool) -> None:
    """A NOT NULL of PostgreSQL 18, in the children, too."""
    if not column.not_null_no_inherit:
        old = constraint_name(table, column)
        _refuse_part_of_tree(run, table, old, recurse=recurse, inherited=column.not_null_parents > 0)
    for member in (table, *descendants(run.catalog, table.oid)):
        own = member.column(column.name)
        if own is not None and (member is table or own.not_null_parents):
            replace_column(run.catalog, member, msgspec.structs.replace(own, not_null_name=name))


def rename_constraint(run: Run, relation: Relation, constraint: Constraint, name: str) -> None:
    """Rename a table's constraint, its index, and an inherited CHECK in the children."""
    catalog = run.catalog
    if name in catalog.constraints_of.get(relation.oid, {}):
        raise Refused(DUPLICATE_OBJECT, f'constraint "{name}" for relation "{relation.name}" already exists')
    index = catalog.objects.get(constraint.index) if constraint.type in "pux" else None
    if isinstance(index, Index):
        if (index.schema, name) in catalog.relations:
            raise Refused(DUPLICATE_TABLE, f'relation "{name}" already exists')
        set_relation_name(run, index, name)
        return
    _set_constraint_name(run, constraint, relation.schema, name)
    if constraint.type == "c" and not constraint.no_inherit:
        for child in catalog.children(relation.oid):
            own = catalog.constraints_of.get(child.oid, {}).get(constraint.name)
            if own is not None:
                rename_constraint(run, child, catalog.get(own, Constraint), name)


def _set_constraint_name(run: Run, constraint: Constraint, schema: int, name: str) -> None:
    catalog = run.catalog
    owner = constraint.table or constraint.domain
    catalog.remove(catalog.constraints_of[owner], constraint.name)
    catalog.put_in(catalog.constraints_of, owner, name, constraint.oid)
    for key, step in (((schema, constraint.name), -1), ((schema, name), 1)):
        catalog.put(catalog.constraint_names, key, catalog.constraint_names.get(key, 0) + step)
    catalog.store(msgspec.structs.replace(constraint, name=name))


def _rename_domain_constraint(run: Run, node: Node) -> None:
    names = strings(node["object"]["List"]["items"])
    oid = next(run.session.names_in_path(run.catalog.types, names), None)
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'type "{".".join(names)}" does not exist')
    domain = run.catalog.get(oid, Type)
    constraint = run.catalog.constraints_of.get(oid, {}).get(node["subname"])
    if constraint is None:
        raise Refused(
            UNDEFINED_OBJECT, f'constraint "{node["subname"]}" for domain {domain.name} does not exist'
        )
    if node["newname"] in run.catalog.constraints_of[oid]:
        raise Refused(
            DUPLICATE_OBJECT, f'constraint "{node["newname"]}" for domain {domain.name} already exists'
        )
    _set_constraint_name(run, run.catalog.get(constraint, Constraint), domain.schema, node["newname"])


def _rename_part(run: Run, node: Node) -> None:
    mapping_name, word = PARTS[node["renameType"]]
    relation = _target(run, node)
    if relation is None:
        return
    catalog = run.catalog
    parts = getattr(catalog, mapping_name).get(relation.oid, {})
    oid = parts.get(node["subname"])
    if word == "policy" and node["newname"] in parts:
        raise Refused(
            DUPLICATE_OBJECT, f'policy "{node["newname"]}" for table "{relation.name}" already exists'
        )
    if word == "rule" and node["subname"] == "_RETURN" and relation.kind in "vm":
        raise Refused(INVALID_OBJECT_DEFINITION, "renaming an ON SELECT rule is not allowed")
    if oid is None:
        preposition = "relation" if word == "rule" else "table"
        raise Refused(
            UNDEFINED_OBJECT, f'{word} "{node["subname"]}" for {preposition} "{relation.name}" does not exist'
        )
    if word == "trigger" and node["newname"] == node["subname"]:
        return
    if node["newname"] in parts:
        preposition = "relation" if word in ("rule", "trigger") else "table"
        raise Refused(
            DUPLICATE_OBJECT, f'{word} "{node["newname"]}" for {preposition} "{relation.name}" already exists'
        )
    record = catalog.objects[oid]
    if word == "trigger" and record.parent:
        raise Refused("0A000", f'cannot rename trigger "{record.name}" on table "{relation.name}"')
    catalog.remove(parts, node["subname"])
    catalog.put(parts, node["newname"], oid)
    catalog.store(msgspec.structs.replace(record, name=node["newname"]))
    if word == "trigger":
        from schemaguard.catalog.commands.triggers import rename_clones

        rename_clones(run, oid, node["newname"])


def _rename_schema(run: Run, node: Node) -> None:
    catalog = run.catalog
    schema = run.session.schema(node["subname"])
    new = node["newname"]
    if new in catalog.schemas:
        raise Refused(DUPLICATE_SCHEMA, f'schema "{new}" already exists')
    require_ownership(run, schema.oid)
    run.session.require_create_on_database()
    if new.startswith("pg_"):
        raise Refused(RESERVED_NAME, f'unacceptable schema name "{new}"')
    catalog.remove(catalog.schemas, schema.name)
    catalog.put(catalog.schemas, new, schema.oid)
    catalog.store(msgspec.structs.replace(catalog.get(schema.oid, Schema), name=new))


def _rename_routine(run: Run, node: Node) -> None:
    target = find_object(run, node["renameType"], node["object"])
    if target is None:
        return
    catalog = run.catalog
    routine = catalog.get(target[0], Function)
    require_ownership(run, routine.oid)
    renamed = msgspec.structs.replace(routine, name=node["newname"])
    refuse_same_signature(run, renamed, itself=routine.name == renamed.name)
    move_routine(run, routine, renamed)


def _rename_type(run: Run, node: Node) -> None:
    tag, fields = only(node["object"])
    names = strings(fields["items"] if tag == "List" else fields["names"])
    catalog = run.catalog
    oid = next(run.session.names_in_path(catalog.types, names), None)
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'type "{".".join(names)}" does not exist')
    record = catalog.get(oid, Type)
    require_ownership(run, oid)
    if node["renameType"] == "OBJECT_DOMAIN" and record.kind != "d":
        raise Refused(WRONG_OBJECT_TYPE, f"{record.name} is not a domain")
    new = node["newname"]
    if record.relation:
        relation = catalog.get(record.relation, Relation)
        if relation.kind != "c":
            raise Refused(WRONG_OBJECT_TYPE, f"{record.name} is a table's row type")
        set_relation_name(run, relation, new)
        return
    if (record.schema, new) in catalog.types:
        raise Refused(DUPLICATE_OBJECT, f'type "{new}" already exists')
    _move_type_name(run, oid, record.schema, new)


def _rename_named(run: Run, node: Node) -> None:
    """Extensions can't be renamed; publications, event triggers, collations, statistics and the like can."""
    target = find_object(run, node["renameType"], node["object"])
    if target is None:
        return
    catalog = run.catalog
    record = catalog.objects[target[0]]
    require_ownership(run, target[0])
    new = node["newname"]
    maps = {"OBJECT_PUBLICATION": catalog.publications, "OBJECT_EVENT_TRIGGER": catalog.event_triggers}
    mapping = maps.get(node["renameType"])
    if mapping is not None:
        if new in mapping:
            raise Refused(DUPLICATE_OBJECT, f'{type(record).__name__.lower()} "{new}" already exists')
        catalog.remove(mapping, record.name)
        catalog.put(mapping, new, record.oid)
    else:
        catalog.remove(catalog.others, (record.catalog, record.schema, record.name))
        catalog.put(catalog.others, (record.catalog, record.schema, new), record.oid)
    catalog.store(msgspec.structs.replace(record, name=new))


HANDLERS = {"RenameStmt": rename}
