"""The replayed catalog, for people: every object with its parts, who may do what, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.changes.change import known
from schemaguard.catalog.changes.objects import details, noun, part_details, part_noun
from schemaguard.report.answers.parts import columns, place_text, unknown_lines
from schemaguard.report.safe import visible
from schemaguard.report.terminal import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.facts.shape import Facts
    from schemaguard.report.terminal import Line

Fact = dict[str, Any]

_RELATIONS = ("tables", "views", "matviews")
_SIMPLE = ("sequences", "functions", "types", "roles", "extensions", "publications", "event_triggers")
_PARTS_SHOWN = ("constraints", "indexes", "policies", "triggers", "rules")


def lines(facts: Facts) -> Iterator[Line]:
    """The catalog; places are shown where the facts have them."""
    everything: dict[str, Any] = known(facts)
    for name, fact in everything["schemas"].items():
        yield _heading("schema", name, fact)
        yield from columns(list(_privileges(fact)))
    yield []
    for kind in _RELATIONS:
        for name, fact in everything[kind].items():
            yield from _relation(kind, name, fact)
            yield []
    for kind in _SIMPLE:
        for name, fact in everything[kind].items():
            extra = details(kind, fact) if kind != "functions" else _routine(fact)
            yield _heading(noun(kind, fact), name, fact, extra)
            yield from columns(list(_privileges(fact)))
        if everything[kind]:
            yield []
    yield from _defaults(everything["default_privileges"])
    for table, rows in everything["seed_rows"].items():
        yield [Part(f"{len(rows)} rows ", "quiet"), Part(f"inserted into {visible(table)}")]
    yield from unknown_lines(facts["unknown"])
    yield [Part(_summary(everything), "quiet")]


def _summary(facts: dict[str, Any]) -> str:
    words = {"tables": "table", "views": "view", "matviews": "materialized view", "functions": "routine",
             "types": "type", "roles": "role"}  # fmt: skip
    counts = [_count(len(facts[kind]), word) for kind, word in words.items() if facts[kind]]
    unknown = f"; {_count(len(facts['unknown']), 'fact')} unknown" if facts["unknown"] else ""
    return f"PostgreSQL {facts['postgres']}: {', '.join(counts) or 'nothing'}{unknown}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


_WHOLE = 1 << 30
"""Expressions are shown to their end."""


def _heading(what: str, name: str, fact: Fact, extra: str = "") -> Line:
    """An object's name, whose it is, its comment and where it was made."""
    said = [f"owner {fact['owner']}"] if "owner" in fact else []
    if fact.get("comment"):
        said.append(" ".join(fact["comment"].split()))
    return [
        Part(f"{what} ", "label"),
        Part(visible(name), "message"),
        Part(visible(extra)),
        Part(visible(f"  {'; '.join(said)}") if said else "", "quiet"),
        _place(fact),
    ]


def _place(fact: Fact) -> Part:
    where = place_text(fact.get("because"))
    return Part(f"  {where}" if where else "", "frame")


def _relation(kind: str, name: str, fact: Fact) -> Iterator[Line]:
    bound = (
        f" partition of {fact['parents'][0]} {fact['partition_bound']}" if fact.get("partition_bound") else ""
    )
    key = f" partitioned by {fact['partition_key']}" if fact.get("partition_key") else ""
    options = "".join(f" {option}={value}" for option, value in fact.get("options", {}).items())
    yield _heading(noun(kind, fact), name, fact, bound + key + options)
    yield from columns([_column(column) for column in fact["columns"]])
    for part in _PARTS_SHOWN:
        for member, each in fact.get(part, {}).items():
            if part == "indexes" and each["from_constraint"]:
                continue
            yield [
                Part(f"  {part_noun(part, each)} ", "label"),
                Part(visible(member)),
                Part(visible(part_details(part, each, _WHOLE))),
                Part(_state(each), "warning"),
                _place(each),
            ]
    if kind == "tables" and (fact["rls_enabled"] or fact["rls_forced"]):
        words = [word for flag, word in (("rls_enabled", "enabled"), ("rls_forced", "forced")) if fact[flag]]
        yield [Part("  row security ", "label"), Part(" and ".join(words))]
    if kind != "tables":
        yield [Part("  as ", "label"), Part(visible(fact["definition"] or "not known"))]
    yield from columns(list(_privileges(fact)))


def _state(fact: Fact) -> str:
    enabled = fact.get("enabled", "origin")
    return "" if enabled == "origin" else f" {enabled}"


def _column(column: Fact) -> list[Part]:
    name, type_ = Part(visible(column["name"])), Part(column["type"], "sql")
    if "not_null" not in column:  # of a view
        return [name, type_]
    rest = part_details("columns", column, _WHOLE).removeprefix(f" {column['type']}").strip()
    comment = f"  -- {' '.join(column['comment'].split())}" if column["comment"] else ""
    where = place_text(column.get("because"))
    return [name, type_, Part(visible(f"{rest}{comment}{'  ' + where if where else ''}"))]


def _routine(fact: Fact) -> str:
    returns = f" returns {fact['returns']}" if fact["returns"] else ""
    definer = ", SECURITY DEFINER" if fact["security_definer"] else ""
    config = "".join(f", SET {name}={value}" for name, value in fact["config"].items())
    return f"{returns}, {fact['language']} {fact['volatility']}{definer}{config}"


def _privileges(fact: Fact) -> Iterator[list[Part]]:
    """A line for each grantee of an object's list and of its columns' lists."""
    by_grantee: dict[str, list[str]] = {}
    for entry in fact.get("privileges", ()):
        by_grantee.setdefault(entry["grantee"], []).append(_entry(entry))
    for entry in fact.get("column_privileges", ()):
        by_grantee.setdefault(entry["grantee"], []).append(f"{_entry(entry)}({entry['column']})")
    for grantee, privileges in by_grantee.items():
        yield [
            Part("may", "label"),
            Part(visible(grantee)),
            Part(visible(", ".join(dict.fromkeys(privileges)))),
        ]


def _entry(entry: Fact) -> str:
    return f"{entry['privilege']}{'*' if entry['grantable'] else ''}"


def _defaults(entries: list[Fact]) -> Iterator[Line]:
    for entry in entries:
        schema = f" in {entry['schema']}" if entry["schema"] else ""
        yield [
            Part("default privilege ", "label"),
            Part(
                visible(
                    f"{entry['privilege']} on every {entry['objtype']} that {entry['for_role']} creates{schema} "
                    f"for {entry['grantee']}"
                )
            ),
            _place(entry),
        ]
