"""Whole objects that come and go, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from schemaguard.catalog.changes.change import LONGEST, brief, listed, parenthesized, short, shortened

if TYPE_CHECKING:
    from schemaguard.catalog.diff import Path

Fact = dict[str, Any]

_TABLES = {"table": "table", "partitioned": "partitioned table", "foreign": "foreign table"}
_NOUNS = {
    "schemas": "schema",
    "views": "view",
    "matviews": "materialized view",
    "sequences": "sequence",
    "roles": "role",
    "extensions": "extension",
    "publications": "publication",
    "event_triggers": "event trigger",
}
_TYPES = {"enum": "enum", "domain": "domain", "composite": "composite type", "range": "range type"}
PARTS = {
    "columns": "column",
    "constraints": "constraint",
    "indexes": "index",
    "policies": "policy",
    "triggers": "trigger",
    "rules": "rule",
}
"""Lists and maps of a relation's own objects, with what each is called."""


def noun(kind: str, fact: Fact) -> str:
    """What an object of a kind of facts is called: `partitioned table`, `procedure`."""
    if kind == "tables":
        return _TABLES.get(fact["kind"], "table")
    if kind == "functions":
        return str(fact["kind"] or "function")
    return _TYPES.get(fact["kind"], "type") if kind == "types" else _NOUNS[kind]


def details(kind: str, fact: Fact) -> str:
    """What a sentence about a new object adds to its name."""
    match kind:
        case "tables" if fact["partition_bound"]:
            return f" as a partition of {short(fact['parents'][0])} {fact['partition_bound']}"
        case "tables" | "views" | "matviews":
            return f" ({', '.join(column['name'] for column in fact['columns'])}){_owner(fact)}"
        case "functions":
            definer = ", SECURITY DEFINER" if fact["security_definer"] else ""
            public = any(entry["grantee"] == "PUBLIC" for entry in fact["privileges"])
            definer += _owner(fact) if definer else ""
            return f"{definer}, which {'everybody' if public else 'not everybody'} may execute"
        case "types" if fact["kind"] == "enum":
            return f" ({', '.join(repr(label) for label in fact['labels'])})"
        case "types" if fact["base"]:
            return f" over {fact['base']}"
        case "roles":
            attributes = [word for word in ("superuser", "login", "bypassrls", "createrole") if fact[word]]
            groups = [f"a member of {listed(fact['member_of'])}"] if fact["member_of"] else []
            said = [*(word.upper() for word in attributes), *groups]
            return f" ({', '.join(said)})" if said else ""
        case "event_triggers":
            return f" on {fact['event']}: {short(fact['function'])}"
    return ""


def _owner(fact: Fact) -> str:
    """Who owns a new object, where it is not the superuser that runs migrations by default."""
    return "" if fact["owner"] in ("", "postgres") else f", owned by {fact['owner']}"


def part_noun(part: str, fact: Fact) -> str:
    """What an object of a relation is called: `foreign key`, `unique index`."""
    if part == "constraints":
        kind = cast("str", fact["type"])
        return f"{kind} constraint" if kind in ("unique", "check", "exclude") else kind
    if part == "indexes" and fact["unique"]:
        return "unique index"
    if part == "policies" and not fact["permissive"]:
        return "restrictive policy"
    return PARTS[part]


def part_details(part: str, fact: Fact, longest: int = LONGEST) -> str:
    """What a sentence about a new part of a relation adds to its name; expressions are cut at `longest`."""
    match part:
        case "columns":
            return _column(fact, longest)
        case "constraints":
            return _constraint(fact, longest)
        case "indexes":
            columns = fact["expressions"] if fact["columns"] == ["<expr>"] else ", ".join(fact["columns"])
            where = f" WHERE {brief(fact['predicate'], longest)}" if fact["predicate"] else ""
            return f" ({brief(columns, longest)}){where}"
        case "policies":
            return _policy(fact, longest)
        case "triggers":
            events = " or ".join(fact["events"])
            return f": {fact['timing']} {events}, for each {fact['level']}, {short(fact['function'])}"
    return f": on {fact['event']}{' instead' if fact['instead'] else ''}"


def _column(fact: Fact, longest: int) -> str:
    words = [f" {shortened(fact['type'])}"]
    if fact["not_null"]:
        words.append(" NOT NULL")
    if fact["default"]:
        words.append(f" DEFAULT {brief(shortened(fact['default']), longest)}")
    if fact["generated"]:
        words.append(f" GENERATED AS {brief(shortened(fact['generated']), longest)}")
    if fact["identity"]:
        words.append(f" generated {fact['identity']} as identity")
    return "".join(words)


def _constraint(fact: Fact, longest: int) -> str:
    columns = f" ({', '.join(fact['columns'])})" if fact["columns"] else ""
    match fact["type"]:
        case "foreign key":
            actions = "".join(
                f" {word} {fact[key]}"
                for key, word in (("on_delete", "ON DELETE"), ("on_update", "ON UPDATE"))
                if fact[key] not in ("", "NO ACTION")
            )
            target = f"{short(fact['ref_table'])} ({', '.join(fact['ref_columns'])})"
            text = f"{columns} to {target}{actions}"
        case "check" | "exclude":
            text = f" {brief(parenthesized(shortened(fact['expression'])), longest)}"
        case _:
            text = columns
    return text if fact["validated"] is not False else f"{text}, not validated"


def _policy(fact: Fact, longest: int) -> str:
    command = "" if fact["cmd"] == "ALL" else f" for {fact['cmd']}"
    texts = [
        f" {word} {brief(parenthesized(shortened(fact[key])), longest)}"
        for key, word in (("using", "USING"), ("check", "WITH CHECK"))
        if fact[key]
    ]
    return f"{command} to {listed(fact['roles'])}{''.join(texts)}"


def part_name(path: Path) -> str:
    """`orders.status` for a column, `p on orders` for anything else."""
    table, part, name = short(path[1]), path[2], path[3]
    return f"{table}.{name}" if part == "columns" else f"{name} on {table}"
