"""Liquibase's changelogs in YAML, JSON or XML, as far as they tell the order of SQL files."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.sources.sql.ordering import by_number
from schemaguard.sources.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.sources.sql.selection import Selection
    from schemaguard.text import SourceFile

_CHANGELOG = re.compile(r"databaseChangeLog\b")
_XML_INCLUDE = re.compile(r"<(includeAll|include)\b([^>]*)>")
_XML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_XML_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*["']([^"']*)["']""")
_ENDINGS = (".yaml", ".yml", ".json", ".xml")


class _Include(NamedTuple):
    """One `include` or `includeAll`."""

    path: str
    relative: bool
    everything: bool


def in_order(selection: Selection) -> list[str]:
    """The SQL files in the order that a changelog above them includes them in; without one, by their names.

    A changelog that is none of SQL but has changes of its own is told of, and so are files that none includes.
    """
    reader = selection.reader
    selected = sorted(selection.sql, key=by_number)
    logs = [path for path in _candidates(selection) if _is_changelog(selection, path)]
    included = {path for log in logs for path in _included(selection, log)}
    order = [
        path
        for log in logs
        if log not in included
        for path in _flattened(selection, log, (log,))
        if path in selected
    ]
    reader.not_sql([log for log in logs if _has_changes(selection, log)], "Liquibase")
    if not order:
        return selected
    order = list(dict.fromkeys(order))
    reader.notes += [f"{path} is in no changelog: not run" for path in selected if path not in order]
    return order


def _candidates(selection: Selection) -> list[str]:
    """Files beside and above the selected ones that may be changelogs."""
    above = [
        join(folder, name)
        for folder in _ancestors(selection.folder)
        for name in selection.tree.folder(folder)
        if name.endswith(_ENDINGS)
    ]
    below = [path for path in selection.tree.files(selection.folder) if path.endswith(_ENDINGS)]
    return sorted(set(above) | set(below))


def _ancestors(folder: str) -> Iterator[str]:
    while folder and not folder.startswith(".."):
        folder = parent(folder)
        yield folder


def _is_changelog(selection: Selection, path: str) -> bool:
    name = posixpath.basename(path).lower()
    if not re.search(r"change|master|liquibase", name) and parent(path) != selection.folder:
        return False
    file = selection.reader.file(path)
    return file is not None and _CHANGELOG.search(file.text) is not None


def _has_changes(selection: Selection, path: str) -> bool:
    file = selection.reader.file(path)
    return file is not None and re.search(r"<changeSet\b|\bchangeSet[\"']?\s*:", file.text) is not None


def _flattened(selection: Selection, log: str, way: tuple[str, ...]) -> Iterator[str]:
    """What a changelog includes, changelogs replaced by what they include."""
    for path in _included(selection, log):
        if path in way:
            continue
        if path.endswith(_ENDINGS):
            yield from _flattened(selection, path, (*way, path))
        else:
            yield path


def _included(selection: Selection, log: str) -> Iterator[str]:
    """The files that a changelog names itself."""
    file = selection.reader.file(log)
    for include in _includes(file) if file else ():
        places = [join(parent(log), include.path)]
        if not include.relative:  # from somewhere on the class path: from the root, or a folder above
            places = [
                join("", include.path),
                *(join(folder, include.path) for folder in _ancestors(log)),
                *places,
            ]
        for place in places:
            if include.everything and selection.tree.is_folder(place):
                yield from sorted(selection.tree.files(place))
                break
            if selection.tree.is_file(place):
                yield place
                break


def _includes(file: SourceFile) -> Iterator[_Include]:
    if file.path.endswith(".xml"):
        for kind, attributes in _XML_INCLUDE.findall(_XML_COMMENT.sub("", file.text)):
            yield _include(kind, dict(_XML_ATTRIBUTE.findall(attributes)))
        return
    import yaml

    try:
        content = yaml.load(file.text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - it is safe
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    entries = content.get("databaseChangeLog") if isinstance(content, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        for kind in ("include", "includeAll"):
            if isinstance(entry, dict) and isinstance(entry.get(kind), dict):
                yield _include(kind, entry[kind])


def _include(kind: str, settings: dict[str, Any]) -> _Include:
    path = str(settings.get("file") or settings.get("path") or "").removeprefix("classpath:").lstrip("/")
    relative = str(settings.get("relativeToChangelogFile", "false")).lower() == "true"
    return _Include(path, relative, kind == "includeAll")
