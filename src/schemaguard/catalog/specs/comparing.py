"""One object as the history and as its specification have it, part by part, each difference a clause."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.changes.change import brief
from schemaguard.catalog.describe import short_name
from schemaguard.catalog.facts import facts
from schemaguard.catalog.model import Index, Relation, Table, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

MIGRATIONS, SPEC = "in the migrations", "in the specification"

_OWNED = frozenset(
    (
        "owner",
        "privileges",
        "owner_privileges",
        "column_privileges",
        "effective_privileges",
        "populated",
        "depends_on",
    )
)
"""What a specification does not speak of: who owns an object and who may use it, and what follows from the rest."""
_PARTS = {"columns": "column", "constraints": "constraint", "indexes": "index"}
_IF_STATED = {"policies": "policy", "triggers": "trigger", "rules": "rule"}
"""Parts that are compared where the specification has them: often they have a place of their own."""


class Compared(NamedTuple):
    """A difference: what it is about, in words, and where either side says so."""

    detail: str
    words: str
    history: Origin | None
    spec: Origin | None


class Snapshot(NamedTuple):
    """An object as facts, with the statement behind each part and attribute; taken before the catalog goes on."""

    name: str
    fact: dict[str, Any]
    places: dict[tuple[str, ...], Origin | None]
    unknown: dict[str, str]

    def place(self, *path: str) -> Origin | None:
        """The statement behind a fact, or behind the nearest one that holds it."""
        for end in range(len(path), -1, -1):
            if (found := self.places.get(path[:end])) is not None:
                return found
        return None


def snapshot(catalog: Catalog, record: Any) -> Snapshot:  # noqa: ANN401 - a relation or type
    """Read one object out of a catalog."""
    schema = catalog.schema_name(record.schema)
    found: dict[str, Any] = dict(facts(catalog, only=[(schema, record.name)]))
    key = catalog.qualified(record)
    kinds = ("types",) if not isinstance(record, Relation) else ("tables", "views", "matviews", "sequences")
    whole: dict[str, Any] = next((found[kind][key] for kind in kinds if key in found[kind]), {})
    fact = {name: value for name, value in whole.items() if name not in _OWNED}
    for name in ("columns", "attributes"):
        if isinstance(fact.get(name), list):
            fact[name] = {entry["name"]: entry for entry in fact[name]}
    places: dict[tuple[str, ...], Origin | None] = {(): record.because}
    if isinstance(record, (Table, View)):
        fact["indexes"] = _indexes(catalog, record, fact.get("indexes", {}))
        places |= _places(catalog, record)
    unknown = {
        entry["path"]: entry["reason"] for entry in found["unknown"] if f"/{key}/" in f"/{entry['path']}/"
    }
    return Snapshot(short_name(catalog, record), fact, places, unknown)


def _indexes(catalog: Catalog, relation: Relation, given: dict[str, Any]) -> dict[str, Any]:
    """Indexes that back no constraint, with the order of their keys and their comments."""
    result = {}
    for index in catalog.indexes(relation.oid):
        if index.name not in given or given[index.name]["from_constraint"]:
            continue
        fact = {
            name: value
            for name, value in given[index.name].items()
            if name not in ("columns", "from_constraint")
        }
        comment = catalog.comment(index.oid)
        columns = given[index.name]["columns"]
        keys = [_key(column, index, at) for at, column in enumerate(columns)]
        result[index.name] = {"columns": keys, **fact, "comment": comment.text if comment else None}
    return result


def _key(column: str, index: Index, at: int) -> str:
    key = index.keys[at]
    words = [column]
    words += [f"COLLATE {key.collation}"] if key.collation else []
    words += [key.opclass] if key.opclass else []
    words += ["DESC"] if key.descending else []
    if key.nulls_first != key.descending:
        words.append("NULLS FIRST" if key.nulls_first else "NULLS LAST")
    return " ".join(words)


def _places(catalog: Catalog, relation: Table | View) -> dict[tuple[str, ...], Origin | None]:
    found: dict[tuple[str, ...], Origin | None] = {}
    comment = catalog.comment(relation.oid)
    found["comment",] = comment.because if comment else None
    for column in relation.columns:
        path = ("columns", column.name)
        comment = catalog.comment(relation.oid, column.number)
        found[path] = column.because
        found[*path, "type"] = column.type_because
        found[*path, "not_null"] = column.not_null_because
        found[*path, "default"] = found[*path, "generated"] = column.default_because
        found[*path, "comment"] = comment.because if comment else None
    for part, records in (
        ("constraints", catalog.constraints(relation.oid)),
        ("indexes", catalog.indexes(relation.oid)),
        ("policies", catalog.policies(relation.oid)),
        ("triggers", catalog.triggers(relation.oid)),
        ("rules", catalog.rules(relation.oid)),
    ):
        for record in records:
            comment = catalog.comment(record.oid)
            found[part, record.name] = record.because
            found[part, record.name, "comment"] = comment.because if comment else None
    if isinstance(relation, Table):
        found["rls_enabled",] = relation.row_security_because
        found["rls_forced",] = relation.force_because
    else:
        found["options",] = relation.options_because
    return found


def compare(history: Snapshot, spec: Snapshot) -> Iterator[Compared]:
    """Every difference between an object's two states."""
    for path, reason in {**history.unknown, **spec.unknown}.items():
        words = f"`{path.partition('/')[2]}` can't be compared: {reason}"
        yield Compared(f"unknown {path}", words, history.place(), spec.place())
    hidden = {tuple(path.split("/")[2:]) for path in (*history.unknown, *spec.unknown)}
    if () in hidden or not history.fact or not spec.fact:
        return  # nothing of it can be told
    for part in _PARTS:
        for side in (history.fact, spec.fact):
            if part in side:
                side[part] = _visible(side[part], {path[1:] for path in hidden if path[:1] == (part,)})
    for name in dict.fromkeys((*history.fact, *spec.fact)):
        ours, theirs = history.fact.get(name), spec.fact.get(name)
        if name in _PARTS or name == "attributes":
            yield from _Parts(history, spec, name).compared(ours or {}, theirs or {})
        elif name in _IF_STATED:
            stated = {each: value for each, value in (ours or {}).items() if each in (theirs or {})}
            yield from _Parts(history, spec, name).compared(stated, theirs or {})
        elif name in ("rls_enabled", "rls_forced"):
            if theirs and not ours:
                words = f"row security of `{history.name}` is {name[4:]} {SPEC}, not {MIGRATIONS}"
                yield Compared(name, words, history.place(name), spec.place(name))
        elif not _same(ours, theirs) and not (name == "definition" and _columns(history) != _columns(spec)):
            words = _attribute(f"`{history.name}`", name, ours, theirs)
            yield Compared(name.replace("_", " "), words, history.place(name), spec.place(name))


def _visible(members: dict[str, Any], hidden: set[tuple[str, ...]]) -> dict[str, Any]:
    """Columns, constraints or indexes without what can't be told on one of the sides."""
    return {
        name: {attribute: value for attribute, value in fact.items() if (name, attribute) not in hidden}
        for name, fact in members.items()
        if (name,) not in hidden
    }


_TEXT_CAST = re.compile(r"::(text|character varying|bpchar)(\(\d+\))?(\[\])?")
_AROUND_ONE = re.compile(r"\(([\w.\"]+|'[^']*'|ARRAY\[[^()\[\]]*\])\)")


def _same(ours: Any, theirs: Any) -> bool:  # noqa: ANN401 - facts
    """Whether two facts are the same; expressions also where only the kind of text in them differs (IN and = ANY)."""
    if ours == theirs or not isinstance(ours, str) or not isinstance(theirs, str):
        return bool(ours == theirs)
    return _plain(ours) == _plain(theirs)


def _plain(text: str) -> str:
    text, changed = _TEXT_CAST.sub("", text), 1
    while changed:
        text, changed = _AROUND_ONE.subn(r"\1", text)
    return text


def _columns(of: Snapshot) -> list[str]:
    return list(of.fact.get("columns", ()))


class _Parts:
    """The columns, constraints … of both sides."""

    def __init__(self, history: Snapshot, spec: Snapshot, part: str) -> None:
        self.history = history
        self.spec = spec
        self.part = part
        self.noun = {**_PARTS, **_IF_STATED, "attributes": "attribute"}[part]

    def compared(self, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Compared]:
        only_ours = [name for name in ours if name not in theirs]
        only_theirs = [name for name in theirs if name not in ours]
        if self.noun in ("constraint", "index"):
            yield from self._renamed(ours, theirs, only_ours, only_theirs)
        for name in only_ours:
            words = f"the {self.noun} {self._of(name)} is {MIGRATIONS} only: {_content(ours[name])}"
            yield Compared(
                f"{self.noun} {name}", words, self.history.place(self.part, name), self.spec.place()
            )
        for name in only_theirs:
            words = f"the {self.noun} {self._of(name)} is {SPEC} only: {_content(theirs[name])}"
            yield Compared(
                f"{self.noun} {name}", words, self.history.place(), self.spec.place(self.part, name)
            )
        for name, fact in ours.items():
            if name in theirs:
                yield from self._attributes(name, fact, theirs[name])

    def _renamed(
        self, ours: dict[str, Any], theirs: dict[str, Any], only_ours: list[str], only_theirs: list[str]
    ) -> Iterator[Compared]:
        """The same thing under two names is one difference."""
        for name in list(only_ours):
            twin = next((each for each in only_theirs if theirs[each] == ours[name]), None)
            if twin is None:
                continue
            only_ours.remove(name)
            only_theirs.remove(twin)
            words = f"the {self.noun} {self._of(name)} {MIGRATIONS} is called `{twin}` {SPEC}"
            yield Compared(
                f"{self.noun} {name}",
                words,
                self.history.place(self.part, name),
                self.spec.place(self.part, twin),
            )

    def _attributes(self, name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Compared]:
        whole = (
            f"`{self.history.name}.{name}`"
            if self.noun in ("column", "attribute")
            else f"the {self.noun} {self._of(name)}"
        )
        for attribute, value in ours.items():
            if not _same(value, theirs.get(attribute)):
                words = _attribute(whole, attribute, value, theirs.get(attribute))
                yield Compared(
                    f"{self.noun} {name} {attribute}",
                    words,
                    self.history.place(self.part, name, attribute),
                    self.spec.place(self.part, name, attribute),
                )

    def _of(self, name: str) -> str:
        return (
            f"`{self.history.name}.{name}`" if self.noun == "column" else f"`{name}` of `{self.history.name}`"
        )


_STATES: dict[str, Callable[[Any], str]] = {
    "not_null": lambda value: "NOT NULL" if value else "nullable",
    "validated": lambda value: "validated" if value else "NOT VALID",
    "enforced": lambda value: "enforced" if value else "NOT ENFORCED",
    "unique": lambda value: "unique" if value else "not unique",
    "deferrable": lambda value: "deferrable" if value else "not deferrable",
    "type": str,
}


def _attribute(whole: str, attribute: str, ours: Any, theirs: Any) -> str:  # noqa: ANN401 - facts
    """A clause about one attribute: what it is on either side."""
    if attribute == "comment":
        if ours is None or theirs is None:
            there, missing = (MIGRATIONS, SPEC) if theirs is None else (SPEC, MIGRATIONS)
            return f"{whole} has a comment {there} and none {missing}"
        return f"the comment of {whole} is “{brief(ours)}” {MIGRATIONS}, “{brief(theirs)}” {SPEC}"
    state = _STATES.get(attribute)
    if state is not None:
        return f"{whole} is {state(ours)} {MIGRATIONS}, {state(theirs)} {SPEC}"
    if attribute == "definition":
        return f"the query of {whole} is another one {SPEC} than {MIGRATIONS}"
    noun = _NOUNS.get(attribute, attribute.replace("_", " "))
    verb = "are" if noun.endswith("s") else "is"
    return f"{noun} of {whole} {verb} {_value(ours)} {MIGRATIONS}, {_value(theirs)} {SPEC}"


_NOUNS = {
    "on_delete": "ON DELETE", "on_update": "ON UPDATE", "using": "USING", "check": "WITH CHECK", "when": "WHEN",
    "ref_table": "the referenced table", "ref_columns": "the referenced columns", "columns": "the columns",
    "generated": "the expression", "expression": "the expression", "expressions": "the expressions",
    "default": "the default", "predicate": "the predicate", "method": "the method", "labels": "the labels",
    "options": "the options", "identity": "the identity", "base": "the base type", "checks": "the checks",
    "roles": "the roles", "events": "the events", "timing": "the timing", "function": "the function",
    "kind": "the kind", "parents": "the parents", "partition_key": "the partition key",
    "partition_bound": "the partition bound", "cmd": "the command", "include": "the included columns",
}  # fmt: skip


def _value(value: Any) -> str:  # noqa: ANN401 - a fact
    if value is None or value in ([], {}):
        return "none"
    if isinstance(value, list):
        return f"`{', '.join(map(str, value))}`"
    if isinstance(value, dict):
        return f"`{', '.join(f'{key}={each}' for key, each in value.items())}`"
    return f"`{brief(value)}`"


def _content(fact: dict[str, Any]) -> str:
    """What a column, constraint or index is, in a few words."""
    if "expression" in fact:
        target = f" → {fact['ref_table'].removeprefix('public.')}" if fact["ref_table"] else ""
        text = fact["expression"] or ", ".join(fact["columns"])
        return f"{fact['type']} {brief(text)}{target}"
    if "method" in fact:
        return f"{'unique ' if fact['unique'] else ''}{fact['method']} ({', '.join(fact['columns'])})"
    if "type" in fact:
        return f"{fact['type']}{' NOT NULL' if fact.get('not_null') else ''}"
    return str(fact.get("cmd") or fact.get("function") or fact.get("event"))
