"""Operations that change or remove what is append-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import Table, View
from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.openapi.operations import PATCH, REQUEST, RESPONSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.contracts.crosscheck import CrossCheck
    from schemaguard.contracts.openapi.operations import Operation
    from schemaguard.contracts.records import Mapped
    from schemaguard.linting.project import Project

CHANGING = frozenset(("put", "patch", "delete"))


class Mutation(NamedTuple):
    """An operation that changes a resource, the append-only table behind it, and a field that ties the two."""

    operation: Operation
    table: Table
    mapped: Mapped


def append_only_mutations(project: Project) -> Iterator[Mutation]:
    """PUT, PATCH and DELETE of resources that are mapped to append-only tables."""
    check = cross_check(project)
    by_path: dict[str, list[Operation]] = {}
    for operation in check.contract.operations:
        by_path.setdefault(operation.path, []).append(operation)
    for operation in check.contract.operations:
        if operation.own and operation.method in CHANGING:
            for mapped in _resource(check, operation, by_path):
                table = mapped.relation
                if isinstance(table, Table) and project.is_append_only(table.oid):
                    yield Mutation(operation, table, mapped)
                    break


def _resource(check: CrossCheck, operation: Operation, by_path: dict[str, list[Operation]]) -> list[Mapped]:
    """The fields that tell what an operation changes: its request's, else those of the path, else of the collection."""
    if operation.method != "delete" and (found := primary_fields(check, operation, REQUEST, PATCH)):
        return found
    collection = operation.path.rstrip("/")
    while collection.rpartition("/")[2].startswith("{"):
        siblings = by_path.get(collection, [])
        for each in sorted(siblings, key=lambda each: each.method != "get"):
            if found := primary_fields(check, each, RESPONSE):
                return found
        collection = collection.rpartition("/")[0]
    for each in (
        by_path.get(operation.path, [])
        if collection == operation.path.rstrip("/")
        else by_path.get(collection, [])
    ):
        if found := primary_fields(check, each, RESPONSE) or primary_fields(check, each, REQUEST):
            return found
    return []


def primary_fields(check: CrossCheck, operation: Operation, *directions: str) -> list[Mapped]:
    """The mapped fields of what an operation is about: of its body, or of the items of its list.

    What is nested deeper belongs to other resources.
    """
    for content in operation.of(*directions):
        if content.direction == RESPONSE and not content.status.startswith("2"):
            continue
        pending, depth = [content.schema], 0
        while pending and depth < 4:
            objects = [found for each in pending if (found := check.contract.object(each)) is not None]
            fields = [
                mapped
                for each in objects
                for member in each.members.values()
                for mapped in check.by_field.get(member.field.key, ())
            ]
            if fields:
                return _of_one_table(fields)
            pending = [inner for each in objects for inner in (*each.inner, *each.choices)]
            depth += 1
    return []


def _of_one_table(fields: list[Mapped]) -> list[Mapped]:
    """The fields of the table that holds most of them: what is joined to it is shown, not changed."""
    counts: dict[str, int] = {}
    for mapped in fields:
        if not isinstance(mapped.relation, View):
            counts[mapped.table] = counts.get(mapped.table, 0) + 1
    if not counts:
        return fields
    most = max(counts, key=lambda table: counts[table])
    return [mapped for mapped in fields if mapped.table == most]
