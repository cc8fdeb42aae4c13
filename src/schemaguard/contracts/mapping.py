"""The mapping file: which field of the contract each column holds, and what the contract says of that field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.document import Entries, Items, Node, Value, plain, read_yaml
from schemaguard.config.errors import ConfigErrors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.linting.project import Project
    from schemaguard.text import SourceFile, Span

REFERENCE = re.compile(
    r"(?P<path>[\w./-]+\.(?:ya?ml|json)):(?P<first>\d+)-(?P<last>\d+)\s*\((?P<field>\w+)\s*:"
)
"""`PATH:FIRST-LAST (FIELD: TYPE …)`, anywhere in the prose of `contract_mapping`."""


class ContractField(NamedTuple):
    """A field of the contract that a column holds: what the contract says of it, and where each side says so.

    `request_only`: clients send it, and no answer has it: whether it is required says nothing about what is stored.
    """

    table: str
    column: str
    field: str
    required: bool
    nullable: bool
    excepted: bool
    request_only: bool
    in_mapping: Span
    in_contract: Span


class StaleReference(NamedTuple):
    """A reference of a mapping that can't be followed, or a mapping that can't be read: where, what, and why."""

    text: str
    why: str
    place: Span | None


def contract_fields(project: Project) -> Iterator[ContractField]:
    """The fields that the configured mapping files refer to and that the contract has at the lines they name."""
    return (found for found in _references(project) if isinstance(found, ContractField))


def stale_references(project: Project) -> Iterator[StaleReference]:
    """The references that do not lead to a field, and the mapping files that can't be read."""
    return (found for found in _references(project) if isinstance(found, StaleReference))


def _references(project: Project) -> Iterator[ContractField | StaleReference]:
    for path in project.policy.contracts.mapping:
        mapping = _read(project, path)
        if isinstance(mapping, Entries):
            yield from _of_mapping(project, mapping)
        else:
            yield StaleReference(
                path, "is no mapping that can be read", project.policy.where("contracts", "mapping")
            )


def _read(project: Project, path: str) -> Node | None:
    file = project.files.get(path)
    return None if file is None else _parsed(file)


def _parsed(file: SourceFile) -> Node | None:
    """The document, None where it can't be read."""
    try:
        return read_yaml(file)
    except ConfigErrors:
        return None


def _of_mapping(project: Project, mapping: Entries) -> Iterator[ContractField | StaleReference]:
    contracts: dict[str, Node | None] = {}
    requested: dict[str, set[int]] = {}
    exceptions = _exceptions(mapping)
    for name, (entity, _place) in _entries(mapping, "entities"):
        if not isinstance(entity, Entries):
            continue
        table = str(plain(entity.entries["table"][0])) if "table" in entity.entries else name
        for column in _items(entity, "columns"):
            if not isinstance(column, Entries) or not {"name", "contract_mapping"} <= column.entries.keys():
                continue
            prose = column.entries["contract_mapping"][0]
            column_name = str(plain(column.entries["name"][0]))
            for reference in REFERENCE.finditer(prose.text if isinstance(prose, Value) else ""):
                path = reference["path"]
                if path not in contracts:
                    contracts[path] = _read(project, path)
                found = _find(
                    contracts[path], reference["field"], int(reference["first"]), int(reference["last"])
                )
                if found is None:
                    why = (
                        "can't be read"
                        if contracts[path] is None
                        else f"has no field `{reference['field']}` there"
                    )
                    yield StaleReference(f"{path}:{reference['first']}-{reference['last']}", why, prose.span)
                    continue
                schema, field, place = found
                yield ContractField(
                    table=table,
                    column=column_name,
                    field=reference["field"],
                    required=reference["field"] in [plain(item) for item in _items(schema, "required")],
                    nullable=_is_nullable(field),
                    request_only=id(schema) in requested.setdefault(path, request_schemas(contracts[path])),
                    excepted=any(re.search(rf"\b{re.escape(column_name)}\b", text) for text in exceptions),
                    in_mapping=prose.span,
                    in_contract=place,
                )


def _entries(node: Entries, key: str) -> list[tuple[str, tuple[Node, Span]]]:
    inner = node.entries[key][0] if key in node.entries else None
    return list(inner.entries.items()) if isinstance(inner, Entries) else []


def _items(node: Node, key: str) -> list[Node]:
    inner = node.entries[key][0] if isinstance(node, Entries) and key in node.entries else None
    return inner.items if isinstance(inner, Items) else []


def _exceptions(mapping: Entries) -> list[str]:
    """The texts of `nullability.required.exceptions`: a column that one of them names may be NULL."""
    nullability = plain(mapping.entries["nullability"][0]) if "nullability" in mapping.entries else {}
    required = nullability.get("required") if isinstance(nullability, dict) else None
    listed = required.get("exceptions") if isinstance(required, dict) else None
    return [
        " ".join(map(str, item.values())) if isinstance(item, dict) else str(item) for item in listed or ()
    ]


def _find(node: Node | None, field: str, first: int, last: int) -> tuple[Entries, Node, Span] | None:
    """The schema that has a property of that name within the lines, the property, and the place of its key."""
    pending = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, Entries):
            properties = item.entries["properties"][0] if "properties" in item.entries else None
            if isinstance(properties, Entries) and field in properties.entries:
                found, place = properties.entries[field]
                if first <= place.line <= last:
                    return item, found, place
            pending.extend(inner for inner, _place in item.entries.values())
        elif isinstance(item, Items):
            pending.extend(item.items)
    return None


def request_schemas(document: Node | None) -> set[int]:
    """The schemas (by `id`) that operations reach from request bodies and from no response."""
    asked: set[int] = set()
    answered: set[int] = set()
    for _path, (operations, _place) in _entries(document, "paths") if isinstance(document, Entries) else ():
        for _method, (operation, _at) in (
            operations.entries.items() if isinstance(operations, Entries) else ()
        ):
            for key, found in (("requestBody", asked), ("responses", answered)):
                if isinstance(operation, Entries) and key in operation.entries:
                    _reach(document, operation.entries[key][0], found)
    return asked - answered


def _reach(document: Node | None, start: Node, found: set[int]) -> None:
    """Add every mapping that is reached from `start`, through references within the document."""
    pending = [start]
    while pending:
        node = pending.pop()
        if id(node) in found:
            continue
        if isinstance(node, Items):
            pending.extend(node.items)
        elif isinstance(node, Entries):
            found.add(id(node))
            pending.extend(inner for inner, _place in node.entries.values())
            target = (
                _resolve(document, str(plain(node.entries["$ref"][0]))) if "$ref" in node.entries else None
            )
            if target is not None:
                pending.append(target)


def _resolve(document: Node | None, reference: str) -> Node | None:
    """What a reference such as `#/components/schemas/Order` names; None outside of the document."""
    node = document if reference.startswith("#/") else None
    for part in reference.removeprefix("#/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        node = node.entries[key][0] if isinstance(node, Entries) and key in node.entries else None
    return node


def _is_nullable(field: Node) -> bool:
    """`nullable: true` of OpenAPI 3.0, or a type list with `null` of 3.1."""
    said = plain(field)
    if not isinstance(said, dict):
        return False
    kinds = said.get("type")
    return said.get("nullable") is True or (isinstance(kinds, list) and "null" in kinds)
