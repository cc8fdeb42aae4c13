"""Patterns of the config that nothing in the schema meets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import Function, Relation, Role, Schema, Table, Type, View
from schemaguard.config.decode import name as setting_name
from schemaguard.config.patterns import matches_column, matches_name, matches_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.catalog.state import Catalog
    from schemaguard.linting.project import Project
    from schemaguard.text import Span

    SettingPath = tuple[str | int, ...]

EVERYTHING = "*"


class Unmatched(NamedTuple):
    """A pattern that nothing meets: its text, what it is for (table, column, role, object), its setting and place.

    `key` is the setting without positions in lists, so that it stays when something is added above.
    """

    text: str
    kind: str
    setting: str
    key: str
    span: Span | None


def unmatched_patterns(project: Project) -> Iterator[Unmatched]:
    """The patterns for tables, columns, objects and roles that nothing in the catalog meets, as the config has them."""
    catalog, policy = project.catalog, project.policy
    matchers: dict[str, Callable[[str], bool]] = {
        "table": lambda text: _any_table(catalog, text),
        "column": lambda text: _any_column(catalog, text),
        "object": lambda text: _any_object(catalog, text),
        "role": lambda text: any(matches_name(text, role.name) for role in catalog.all(Role)),
    }
    settings: list[tuple[str, str, SettingPath]] = [
        (each.text, each.kind, each.path) for each in policy.patterns()
    ]
    if policy.tenancy is not None:
        settings.append((policy.tenancy.table, "table", ("tenancy", "table")))
    settings += _roles(project)
    for text, kind, path in settings:
        if text != EVERYTHING and not matchers[kind](text):
            key = ".".join(part for part in path if isinstance(part, str))
            yield Unmatched(text, kind, setting_name(path).strip("`"), key, policy.where(*path))


def _roles(project: Project) -> Iterator[tuple[str, str, SettingPath]]:
    """The roles that the config names, with their settings."""
    policy = project.policy
    for key in ("application", "readonly", "owner"):
        for number, text in enumerate(getattr(policy.roles, key)):
            yield text, "role", ("roles", key, number)
    for pattern, row in policy.privileges.items():
        for text in row:
            if text != "PUBLIC":
                yield text, "role", ("privileges", pattern, text)


def _any_table(catalog: Catalog, text: str) -> bool:
    return any(
        matches_table(text, catalog.schema_name(each.schema), each.name)
        for each in catalog.all(Relation)
        if isinstance(each, (Table, View))
    )


def _any_column(catalog: Catalog, text: str) -> bool:
    return any(
        matches_column(text, catalog.schema_name(each.schema), each.name, column.name)
        for each in catalog.all(Relation)
        for column in each.columns
    )


def _any_object(catalog: Catalog, text: str) -> bool:
    for record in catalog.objects.values():
        if isinstance(record, (Relation, Function, Type)):
            if matches_table(text, catalog.schema_name(record.schema), record.name):
                return True
        elif isinstance(record, (Role, Schema)) and matches_name(text, record.name):
            return True
    return "." in text and _any_column(catalog, text)
