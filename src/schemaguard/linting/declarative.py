"""Rules written in YAML: select objects, say what they must have or must not have.

    # governance/rules/billing_created_by.yaml
    message: "`{name}` does not say who created its rows"
    select: {kind: table, schema: billing}
    require:
      column: {name: created_by, type: uuid, not_null: true}

A value is compared as it is; a text is a pattern (`*`, `?`), so `"*"` is "any, but some"; a list in place of
a value is "one of these"; `null` is "none". Under `require` and `forbid` a kind (`column`, `policy`, `index`
…) speaks of the parts of the object: it must have at least one part, or no part, with those attributes.
"""

from __future__ import annotations

import string
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec

from schemaguard.config.decode import decode, listing, nearest
from schemaguard.config.document import read_yaml
from schemaguard.config.errors import ConfigError
from schemaguard.config.patterns import matches_name
from schemaguard.findings import Severity
from schemaguard.linting.attributes import KINDS, Selected
from schemaguard.linting.errors import RuleRefused
from schemaguard.linting.manual import Page
from schemaguard.linting.rule import Rule
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemaguard.findings import Finding
    from schemaguard.linting.attributes import Kind
    from schemaguard.linting.project import Project
    from schemaguard.text import Span

PLACEHOLDERS = ("name", "kind", "schema", "table", "missing")
"""What a message can name: the object, its kind, schema and table, and what it lacks or must not have."""

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the file."""

    message: _Text
    select: dict[str, Any]
    require: dict[str, Any] = {}
    forbid: dict[str, Any] = {}
    severity: Annotated[str, msgspec.Meta(pattern="^(error|warning|info)$")] = "error"
    title: str = ""
    why: str = ""
    fine: str = ""
    instead: str = ""
    fix: str = ""


def read_rule(path: str, label: str, family: str) -> Rule:
    """The rule that a YAML file declares.

    Raises:
        RuleRefused: the file is not such a rule, with the line.
    """
    try:
        file = SourceFile(label, Path(path).read_text(encoding="utf-8"))
        declaration, spans = decode(read_yaml(file), Declaration)
    except ConfigError as error:
        first = error.errors[0]
        raise RuleRefused(label, first.line or 1, first.message) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RuleRefused(label, 1, f"it cannot be read: {error}") from None
    _Validator(label, spans).validate(declaration)
    stem = label.rpartition("/")[2].rpartition(".")[0]
    rule = Rule(
        f"schemaguard_plugins.{family}.{stem}", severity=Severity[declaration.severity.upper()], since=""
    )
    rule.page = _page(declaration)

    @rule.check
    def check(project: Project) -> Iterator[Finding]:
        return _check(rule, declaration, project)

    return rule


def _page(declaration: Declaration) -> Page:
    title = declaration.title or declaration.message.replace("{", "").replace("}", "")
    texts = {
        "Why it matters": declaration.why,
        "When it is fine": declaration.fine,
        "Instead": declaration.instead,
    }
    return Page(f"{title.rstrip('.')}.", {name: text for name, text in texts.items() if text})


# Validation


class _Validator:
    """Refuses what the types of the file can't: unknown kinds, attributes and placeholders."""

    def __init__(self, label: str, spans: Mapping[tuple[str | int, ...], Span]) -> None:
        self.label = label
        self.spans = spans

    def validate(self, declaration: Declaration) -> None:
        kind = self.kind(declaration.select)
        self.attributes(
            kind, {k: v for k, v in declaration.select.items() if k != "kind"}, "select", parts=False
        )
        self.attributes(kind, declaration.require, "require", parts=True)
        self.attributes(kind, declaration.forbid, "forbid", parts=True)
        if not declaration.require and not declaration.forbid:
            self.refuse("it demands nothing: say what to `require` or to `forbid`")
        for key in ("message", "fix"):
            self.placeholders(getattr(declaration, key), key)

    def kind(self, select: Mapping[str, Any]) -> Kind:
        name = select.get("kind")
        if name is None:
            self.refuse("`select` does not say which `kind` of object", "select")
        kind = KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            hint = nearest(str(name), KINDS) or f"it is one of {listing(KINDS)}"
            self.refuse(f"`{name}` is no kind of object; {hint}", "select", "kind")
        return kind

    def attributes(self, kind: Kind, wanted: Mapping[str, Any], *path: str, parts: bool) -> None:
        for name, value in wanted.items():
            if parts and name in kind.parts:
                if not isinstance(value, dict):
                    self.refuse(f"`{name}` takes a mapping of attributes", *path, name)
                self.attributes(KINDS[name], value, *path, name, parts=False)
            elif name not in kind.attributes:
                known = [*kind.attributes, *(kind.parts if parts else ())]
                hint = nearest(name, known) or f"it has {listing(known)}"
                self.refuse(f"a {kind.name} has no attribute `{name}`; {hint}", *path, name)
            elif isinstance(value, dict):
                self.refuse(f"`{name}` takes a value, not a mapping", *path, name)

    def placeholders(self, text: str, key: str) -> None:
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        except ValueError as error:
            self.refuse(f"`{key}` can't be filled in: {error}; write a brace twice to mean it", key)
        for name in names:
            if name not in PLACEHOLDERS:
                self.refuse(f"`{key}` names `{{{name}}}`; it can name {listing(PLACEHOLDERS)}", key)

    def refuse(self, message: str, *path: str) -> NoReturn:
        while path and path not in self.spans:
            path = path[:-1]
        line = self.spans[path].line if path in self.spans else 1
        raise RuleRefused(self.label, line, message)


# Checking


def _check(rule: Rule, declaration: Declaration, project: Project) -> Iterator[Finding]:
    wanted = dict(declaration.select)
    kind = KINDS[wanted.pop("kind")]
    for selected in kind.objects(project):
        if not all(_holds(kind, selected, name, value, project) for name, value in wanted.items()):
            continue
        for name, value in declaration.require.items():
            if name in kind.parts:
                if not _having(kind, selected, name, value, project):
                    yield _finding(rule, declaration, project, selected, selected, _part_words(name, value))
            elif not _holds(kind, selected, name, value, project):
                yield _finding(
                    rule, declaration, project, selected, selected, f"{name} {_value_words(value)}"
                )
        for name, value in declaration.forbid.items():
            if name in kind.parts:
                for part in _having(kind, selected, name, value, project):
                    yield _finding(rule, declaration, project, selected, part, _part_words(name, value))
            elif _holds(kind, selected, name, value, project):
                yield _finding(
                    rule, declaration, project, selected, selected, f"{name} {_value_words(value)}"
                )


def _having(
    kind: Kind, selected: Selected, name: str, wanted: Mapping[str, Any], project: Project
) -> list[Selected]:
    """The parts of an object that have all the attributes."""
    part_kind = KINDS[name]
    return [
        part
        for part in kind.parts[name](project, selected)
        if all(_holds(part_kind, part, attribute, value, project) for attribute, value in wanted.items())
    ]


def _holds(kind: Kind, selected: Selected, name: str, wanted: object, project: Project) -> bool:
    return _equal(kind.attributes[name](project, selected), wanted)


def _equal(actual: object, wanted: object) -> bool:
    """Whether an attribute's value is the one that the rule names."""
    if isinstance(wanted, list):
        if isinstance(actual, tuple):
            return len(actual) == len(wanted) and all(map(_equal, actual, wanted))
        return any(_equal(actual, each) for each in wanted)
    if isinstance(actual, tuple):
        return any(_equal(each, wanted) for each in actual)
    if isinstance(wanted, str):
        return actual is not None and not isinstance(actual, bool) and matches_name(wanted, str(actual))
    return type(actual) is type(wanted) and actual == wanted


def _finding(
    rule: Rule,
    declaration: Declaration,
    project: Project,
    selected: Selected,
    culprit: Selected,
    missing: str,
) -> Finding:
    filled = {
        "name": selected.name,
        "kind": selected.kind,
        "schema": selected.schema,
        "table": selected.table,
        "missing": missing,
    }
    return rule.finding(
        project,
        culprit.because,
        declaration.message.format_map(filled),
        object=selected.record,
        column=selected.column,
        detail=missing if culprit is selected else (missing, culprit.name),
        fix=declaration.fix.format_map(filled),
        help=declaration.instead,
    )


def _part_words(name: str, wanted: Mapping[str, Any]) -> str:
    """``column created_by``: the part by its name, or by its attributes where it is not named."""
    own = wanted.get("name")
    return f"{name} {own}" if isinstance(own, str) else f"{name} with {_value_words(wanted)}"


def _value_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " or ".join(map(_value_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
