"""
Routines and triggers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.routines import identity_arguments
from tests.oracle.pick import qualified
from tests.oracle.statements.expressions import condition

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from tests.oracle.pick import Kind, Pick

SETTINGS = (
    "SET search_path = a, pg_temp",
    "SET search_path = ''",
    "SET search_path TO 'a', 'b'",
    "SET work_mem = '1MB'",
)


def _options(pick: Pick) -> str:
    words = [
        "SECURITY DEFINER",
        "STABLE",
        "IMMUTABLE",
        "STRICT",
        pick.one(SETTINGS),
        "PARALLEL SAFE",
        "COST 10",
    ]
    return " " + " ".join(pick.some(words, 2)) if pick.chance(50) else ""


def create_function(pick: Pick) -> str:
    arguments = pick.one(
        ["", "n integer", "n integer, s text", "s text", "n integer DEFAULT 1", "VARIADIC v text[]", "bigint"]
    )
    form = pick.number(0, 4)
    function = f"CREATE {pick.maybe('OR REPLACE ', 50)}FUNCTION {pick.new_name('f', 3)}({arguments})"
    if form == 0:
        return f"{function} RETURNS integer LANGUAGE sql{_options(pick)} AS 'SELECT 1'"
    if form == 1:
        body = "$$ BEGIN RETURN 1; END $$"
        return f"{function} RETURNS integer LANGUAGE plpgsql{_options(pick)} AS {body}"
    if form == 2:
        return f"{function} RETURNS text LANGUAGE sql{_options(pick)} RETURN 'x'"
    if form == 3:
        body = "'SELECT 1, ''x''::text'"
        return f"{function} RETURNS TABLE (p integer, q text) LANGUAGE sql AS {body}"
    return f"{function.replace('FUNCTION', 'PROCEDURE')} LANGUAGE plpgsql{_security(pick)} AS $$ BEGIN NULL; END $$"


def _security(pick: Pick) -> str:
    return pick.maybe(" SECURITY DEFINER")


def _routine(pick: Pick, function: Function) -> str:
    """Write a routine's name with its arguments, rarely without."""
    arguments = "" if pick.chance(20) else f"({identity_arguments(pick.catalog, function)})"
    return f"{qualified(pick, function)}{arguments}"


def _word(pick: Pick, function: Function) -> str:
    if pick.chance(10):
        return "ROUTINE"
    return "PROCEDURE" if (function.kind == "p") != pick.chance(2) else "FUNCTION"


def alter_function(pick: Pick) -> str | None:
    function = pick.function(trigger=pick.chance(20))
    if function is None:
        return None
    action = pick.one(
        [
            "SECURITY DEFINER", "SECURITY INVOKER", "STABLE", "STRICT", pick.one(SETTINGS), "RESET ALL",
            "RESET search_path", f"OWNER TO {pick.role()}", f"RENAME TO {pick.new('f', 3)}",
            f"SET SCHEMA {pick.schema()}", "LEAKPROOF", "SET app.x TO 'y'",
        ]
    )  # fmt: skip
    return f"ALTER {_word(pick, function)} {_routine(pick, function)} {action}"


def drop_function(pick: Pick) -> str | None:
    function = pick.function(trigger=pick.chance(20))
    if function is None:
        return None
    end = pick.one(["", " CASCADE", " RESTRICT"])
    return f"DROP {_word(pick, function)} {pick.maybe('IF EXISTS ')}{_routine(pick, function)}{end}"


def create_trigger_function(pick: Pick) -> str:
    body = pick.one(["RETURN NULL;", "RETURN NEW;", "RAISE EXCEPTION 'append only';", "RETURN OLD;"])
    return (
        f"CREATE OR REPLACE FUNCTION {pick.new_name('g', 2)}() RETURNS trigger LANGUAGE plpgsql{_options(pick)}"
        f" AS $$ BEGIN {body} END $$"
    )


def create_trigger(pick: Pick) -> str | None:
    relation, function = pick.relation(), pick.function(trigger=True)
    if relation is None or function is None:
        return None
    timing = pick.one(["BEFORE", "AFTER", "AFTER", "INSTEAD OF"] if pick.chance(30) else ["BEFORE", "AFTER"])
    level = pick.one(["ROW", "STATEMENT"])
    events = pick.some(["INSERT", "DELETE", "UPDATE", f"UPDATE OF {pick.column(relation)}"], 2)
    if pick.chance(12):
        events, level = ["TRUNCATE"], "STATEMENT"
    when = ""
    if level == "ROW" and "INSERT" not in events and pick.chance(25):
        when = f" WHEN ({condition(pick, relation, 'old.')})"
    word = pick.maybe("OR REPLACE ", 12)
    name = pick.new("x", 3)
    if timing == "AFTER" and level == "ROW" and pick.chance(12):
        return (
            f"CREATE CONSTRAINT TRIGGER {name} AFTER {' OR '.join(events)} ON {pick.name(relation)}"
            f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW{when} EXECUTE FUNCTION {qualified(pick, function)}()"
        )
    return (
        f"CREATE {word}TRIGGER {name} {timing} {' OR '.join(events)} ON {pick.name(relation)}"
        f" FOR EACH {level}{when} EXECUTE FUNCTION {qualified(pick, function)}()"
    )


def drop_trigger(pick: Pick) -> str | None:
    found = pick.trigger()
    return (
        f"DROP TRIGGER {pick.maybe('IF EXISTS ')}{found[1].name} ON {pick.name(found[0])}" if found else None
    )


def rename_trigger(pick: Pick) -> str | None:
    found = pick.trigger()
    return (
        f"ALTER TRIGGER {found[1].name} ON {pick.name(found[0])} RENAME TO {pick.new('x', 3)}"
        if found
        else None
    )


def create_event_trigger(pick: Pick) -> str | None:
    if pick.chance(50):
        return "CREATE OR REPLACE FUNCTION a.h1() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$"
    event = pick.one(["ddl_command_end", "sql_drop"])
    return f"CREATE EVENT TRIGGER w{pick.number(1, 2)} ON {event} EXECUTE FUNCTION a.h1()"


def drop_event_trigger(pick: Pick) -> str | None:
    names = list(pick.catalog.event_triggers)
    return f"DROP EVENT TRIGGER {pick.one(names)}" if names else None


KINDS: tuple[Kind, ...] = (
    create_function,
    alter_function,
    drop_function,
    create_trigger_function,
    create_trigger,
    drop_trigger,
    rename_trigger,
    create_event_trigger,
    drop_event_trigger,
)
