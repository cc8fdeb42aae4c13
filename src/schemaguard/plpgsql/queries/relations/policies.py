"""Policies, triggers and rewrite rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import Policy, Relation, Rule, Trigger, View
from schemaguard.plpgsql.functions.definitions import stored_text
from schemaguard.plpgsql.queries.relations.classes import relations_named
from schemaguard.plpgsql.queries.relations.provider import Provider, constant, number
from schemaguard.plpgsql.values.kinds import IntVector, NodeTree, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.plpgsql.context import Context

_COMMANDS = {"ALL": "*", "SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}


def _table(context: Context, record: Policy | Trigger | Rule) -> Relation:
    return context.catalog.get(record.table, Relation)


def _tree(name: str) -> Callable[[Context, Any], Value]:
    """An expression of a record as `pg_get_expr` takes it."""

    def column(context: Context, record: Any) -> Value:  # noqa: ANN401 - a policy or trigger
        expression = getattr(record, name)
        return None if expression is None else NodeTree(expression, _table(context, record))

    return column


def _printed(name: str) -> Callable[[Context, Any], Value]:
    tree = _tree(name)
    return lambda context, record: stored_text(context, tree(context, record))


def _policies(context: Context) -> Iterable[Policy]:
    return context.catalog.all(Policy)


def _policies_of(context: Context, value: Value) -> Iterable[Policy]:
    return context.catalog.policies(number(value) or 0)


def _policies_of_named(context: Context, value: Value) -> Iterator[Policy]:
    for record in relations_named(context, value):
        yield from context.catalog.policies(record.oid)


def _role_names(context: Context, policy: Policy) -> Value:
    return sorted("public" if not role else context.catalog.owner_name(role) for role in policy.roles)


# Triggers


def _triggers(context: Context) -> Iterable[Trigger]:
    return context.catalog.all(Trigger)


def _triggers_of(context: Context, value: Value) -> Iterable[Trigger]:
    return context.catalog.triggers(number(value) or 0)


_TIMING = {"before": 2, "after": 0, "instead of": 64}
_EVENTS = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}


def trigger_bits(trigger: Trigger) -> int:
    """`pg_trigger.tgtype`."""
    return (
        (trigger.level == "row") + _TIMING[trigger.timing] + sum(_EVENTS[event] for event in trigger.events)
    )


def _arguments(_context: Context, trigger: Trigger) -> Value:
    return b"".join(argument.encode() + b"\0" for argument in trigger.arguments)


_TRIGGER: dict[str, Callable[[Context, Any], Value]] = {
    "oid": lambda _context, trigger: trigger.oid,
    "tgrelid": lambda _context, trigger: trigger.table,
    "tgparentid": lambda _context, trigger: trigger.parent,
    "tgname": lambda _context, trigger: trigger.name,
    "tgfoid": lambda _context, trigger: trigger.function,
    "tgtype": lambda _context, trigger: trigger_bits(trigger),
    "tgenabled": lambda _context, trigger: trigger.enabled,
    "tgisinternal": constant(False),
    "tgconstrrelid": constant(0),
    "tgconstrindid": constant(0),
    "tgconstraint": lambda _context, trigger: (
        Unknown("oids of constraint triggers are not modelled") if trigger.constraint else 0
    ),
    "tgdeferrable": lambda _context, trigger: trigger.deferrable,
    "tginitdeferred": lambda _context, trigger: trigger.initially_deferred,
    "tgnargs": lambda _context, trigger: len(trigger.arguments),
    "tgattr": lambda _context, trigger: IntVector(trigger.columns),
    "tgargs": _arguments,
    "tgqual": _tree("when"),
    "tgoldtable": lambda _context, trigger: trigger.old_table or None,
    "tgnewtable": lambda _context, trigger: trigger.new_table or None,
}


# Rules


def _rules(context: Context) -> Iterator[Rule | View]:
    """The rewrite rules, and a view for its own `_RETURN` rule."""
    yield from context.catalog.all(Rule)
    yield from context.catalog.all(View)


def _rules_of(context: Context, value: Value) -> Iterator[Rule | View]:
    record = context.catalog.objects.get(number(value) or 0)
    if isinstance(record, View):
        yield record
    if isinstance(record, Relation):
        yield from context.catalog.rules(record.oid)


_RULE_EVENTS = {"select": "1", "update": "2", "insert": "3", "delete": "4"}


def _rule(of_rule: Callable[[Context, Rule], Value], of_view: Value) -> Callable[[Context, Any], Value]:
    def column(context: Context, record: Rule | View) -> Value:
        if isinstance(record, Rule):
            return of_rule(context, record)
        return of_view if of_view != "oid" else record.oid

    return column


def _user_rules(context: Context) -> Iterable[Rule]:
    return context.catalog.all(Rule)


PG_CATALOG = {
    "pg_policy": Provider(
        _policies,
        {
            "oid": lambda _context, policy: policy.oid,
            "polname": lambda _context, policy: policy.name,
            "polrelid": lambda _context, policy: policy.table,
            "polcmd": lambda _context, policy: _COMMANDS[policy.command],
            "polpermissive": lambda _context, policy: policy.permissive,
            "polroles": lambda _context, policy: list(policy.roles),
            "polqual": _tree("using"),
            "polwithcheck": _tree("check"),
        },
        {"polrelid": _policies_of},
    ),
    "pg_policies": Provider(
        _policies,
        {
            "schemaname": lambda context, policy: context.catalog.schema_name(_table(context, policy).schema),
            "tablename": lambda context, policy: _table(context, policy).name,
            "policyname": lambda _context, policy: policy.name,
            "permissive": lambda _context, policy: "PERMISSIVE" if policy.permissive else "RESTRICTIVE",
            "roles": _role_names,
            "cmd": lambda _context, policy: policy.command,
            "qual": _printed("using"),
            "with_check": _printed("check"),
        },
        {"tablename": _policies_of_named},
    ),
    "pg_trigger": Provider(_triggers, _TRIGGER, {"tgrelid": _triggers_of}),
    "pg_rewrite": Provider(
        _rules,
        {
            "oid": _rule(lambda _context, rule: rule.oid, Unknown("oids of view rules are not modelled")),
            "rulename": _rule(lambda _context, rule: rule.name, "_RETURN"),
            "ev_class": _rule(lambda _context, rule: rule.table, "oid"),
            "ev_type": _rule(lambda _context, rule: _RULE_EVENTS[rule.event], "1"),
            "ev_enabled": _rule(lambda _context, rule: rule.enabled, "O"),
            "is_instead": _rule(lambda _context, rule: rule.instead, of_view=True),
        },
        {"ev_class": _rules_of},
    ),
    "pg_rules": Provider(
        _user_rules,
        {
            "schemaname": lambda context, rule: context.catalog.schema_name(_table(context, rule).schema),
            "tablename": lambda context, rule: _table(context, rule).name,
            "rulename": lambda _context, rule: rule.name,
            "definition": constant(Unknown("definitions of rules are not printed here")),
        },
        {},
    ),
}
