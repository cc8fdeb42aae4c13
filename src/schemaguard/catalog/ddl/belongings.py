"""What belongs to relations, and what belongs to the database: rules, triggers, policies, comments, publications."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.changes.change import parenthesized
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.ddl.writer import literal
from schemaguard.catalog.model import (
    EventTrigger,
    Function,
    Policy,
    Publication,
    Relation,
    Rule,
    Schema,
    Table,
    Trigger,
)
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from schemaguard.catalog.ddl.writer import Writer

_ENABLE = {"D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS", "O": "ENABLE"}
_STANDARD_COMMENT = "standard public schema"


def rules(writer: Writer) -> None:
    """Rewrite rules, as they were written: their actions are known as parsed trees only."""
    for rule in writer.catalog.all(Rule):
        relation = writer.catalog.get(rule.table, Relation)
        if not writer.build.is_users(relation):
            continue
        _create_rule(writer, rule)
        if rule.enabled != "O":
            name = quote_identifier(rule.name)
            writer.say(f"ALTER TABLE {writer.name(relation)} {_ENABLE[rule.enabled]} RULE {name}")


def _create_rule(writer: Writer, rule: Rule) -> None:
    """The rule under the name that it was made with, and then its present one."""
    node = {} if rule.because is None else rule.because.statement.node
    written, table = node.get("rulename", ""), node.get("relation", {}).get("relname")
    if table not in (None, writer.catalog.get(rule.table, Relation).name):
        writer.cannot(f"rule {rule.name}", f"its table was called {table} when it was written")
        return
    writer.as_written(msgspec.structs.replace(rule, name=written or rule.name))
    if written and written != rule.name:
        old, new = quote_identifier(written), quote_identifier(rule.name)
        writer.say(f"ALTER RULE {old} ON {writer.relation(rule.table)} RENAME TO {new}")


def triggers(writer: Writer) -> None:
    """Triggers; those of partitions that are copies of their parent's come with it."""
    for trigger in writer.catalog.all(Trigger):
        relation = writer.catalog.get(trigger.table, Relation)
        if not writer.build.is_users(relation):
            continue
        if not trigger.parent:
            _create_trigger(writer, trigger, relation)
    for trigger in writer.catalog.all(Trigger):
        parent = writer.catalog.objects.get(trigger.parent)
        inherited = parent.enabled if isinstance(parent, Trigger) else "O"
        if trigger.enabled != inherited:
            table, name = writer.relation(trigger.table), quote_identifier(trigger.name)
            writer.say(f"ALTER TABLE ONLY {table} {_ENABLE[trigger.enabled]} TRIGGER {name}")


def _create_trigger(writer: Writer, trigger: Trigger, relation: Relation) -> None:
    columns = writer.columns(relation, trigger.columns)
    events = " OR ".join(
        f"{event.upper()}{f' OF {columns}' if event == 'update' and columns else ''}"
        for event in trigger.events
    )
    kind = "CONSTRAINT TRIGGER" if trigger.constraint else "TRIGGER"
    words = [
        f"CREATE {kind} {quote_identifier(trigger.name)} {trigger.timing.upper()} {events} ON {writer.name(relation)}"
    ]
    if trigger.deferrable:
        words.append(f"DEFERRABLE{' INITIALLY DEFERRED' if trigger.initially_deferred else ''}")
    if trigger.old_table or trigger.new_table:
        words.append("REFERENCING")
        words += [f"OLD TABLE AS {quote_identifier(trigger.old_table)}"] if trigger.old_table else []
        words += [f"NEW TABLE AS {quote_identifier(trigger.new_table)}"] if trigger.new_table else []
    words.append(f"FOR EACH {trigger.level.upper()}")
    condition = writer.text(f"{trigger.name} WHEN", trigger.when, relation)
    if condition is not None:
        words.append(f"WHEN {parenthesized(condition)}")
    function = writer.name(writer.catalog.get(trigger.function, Function))
    words.append(f"EXECUTE FUNCTION {function}({', '.join(map(literal, trigger.arguments))})")
    writer.say(" ".join(words))


def policies(writer: Writer) -> None:
    """Policies, and whether they hold."""
    for policy in writer.catalog.all(Policy):
        table = writer.catalog.get(policy.table, Table)
        words = [f"CREATE POLICY {quote_identifier(policy.name)} ON {writer.name(table)}"]
        words += ["AS RESTRICTIVE"] if not policy.permissive else []
        words += [f"FOR {policy.command}"] if policy.command != "ALL" else []
        words.append(f"TO {', '.join(writer.role(role) for role in policy.roles)}")
        for word, expression in (("USING", policy.using), ("WITH CHECK", policy.check)):
            text = writer.text(f"{policy.name} {word}", expression, table)
            words += [f"{word} {parenthesized(text)}"] if text is not None else []
        writer.say(" ".join(words))
    for table in writer.all(Table):
        if table.row_security:
            writer.say(f"ALTER TABLE {writer.name(table)} ENABLE ROW LEVEL SECURITY")
        if table.force_row_security:
            writer.say(f"ALTER TABLE {writer.name(table)} FORCE ROW LEVEL SECURITY")


def comments(writer: Writer) -> None:
    """Comments on everything that has one."""
    for (oid, sub), comment in writer.catalog.comments.items():
        record = writer.catalog.objects.get(oid)
        if record is None or sub < 0 or (comment.text == _STANDARD_COMMENT and isinstance(record, Schema)):
            continue
        text = literal(comment.text)
        if isinstance(record, Relation) and sub:
            column = writer.columns(record, (sub,))
            writer.say(f"COMMENT ON COLUMN {writer.name(record)}.{column} IS {text}")
        elif not isinstance(record, EventTrigger) and (address := writer.address(record)) is not None:
            writer.say(f"COMMENT ON {address} IS {text}")
    public = writer.catalog.schemas.get("public")
    if public is not None and writer.catalog.comment(public) is None:
        writer.say("COMMENT ON SCHEMA public IS NULL")


def publications(writer: Writer) -> None:
    """Publications, with their tables and schemas."""
    for publication in writer.catalog.all(Publication):
        tables = ", ".join(f"ONLY {writer.relation(oid)}" for oid in publication.tables)
        parts = [f"TABLE {tables}"] if tables else []
        names = [writer.catalog.schema_name(oid) for oid in publication.schemas]
        parts += [f"TABLES IN SCHEMA {', '.join(map(quote_identifier, names))}"] if names else []
        what = " FOR ALL TABLES" if publication.all_tables else f" FOR {', '.join(parts)}" if parts else ""
        writer.say(f"CREATE PUBLICATION {quote_identifier(publication.name)}{what}")


def event_triggers(writer: Writer) -> None:
    """Event triggers, at the very end: they would see the rest of the script."""
    for trigger in writer.catalog.all(EventTrigger):
        name, function = quote_identifier(trigger.name), writer.catalog.get(trigger.function, Function)
        tags = _tags(trigger)
        when = f" WHEN TAG IN ({', '.join(map(literal, tags))})" if tags else ""
        writer.say(
            f"CREATE EVENT TRIGGER {name} ON {trigger.event}{when} EXECUTE FUNCTION {writer.name(function)}()"
        )
        if (comment := writer.catalog.comment(trigger.oid)) is not None:
            writer.say(f"COMMENT ON EVENT TRIGGER {name} IS {literal(comment.text)}")
        if trigger.enabled != "O":
            writer.say(f"ALTER EVENT TRIGGER {quote_identifier(trigger.name)} {_ENABLE[trigger.enabled]}")


def _tags(trigger: EventTrigger) -> list[str]:
    """The commands that an event trigger is for, all where it names none."""
    clauses = [] if trigger.because is None else trigger.because.statement.node.get("whenclause") or []
    return [tag for clause in clauses for tag in strings(clause["DefElem"]["arg"]["List"]["items"])]
