"""
CREATE and DROP of tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Table
from tests.oracle.pick import TYPES, qualified
from tests.oracle.statements.expressions import condition, default, executed

if TYPE_CHECKING:
    from tests.oracle.pick import Kind, Pick


def column_definition(pick: Pick, name: str, *, may_be_key: bool = True) -> str:
    """Write a column of CREATE TABLE or ADD COLUMN."""
    if pick.chance(12):
        return f"{name} {pick.one(['serial', 'bigserial', 'smallserial'])}" + pick.maybe(
            " PRIMARY KEY", 40 * may_be_key
        )
    if pick.chance(12):
        kind = pick.one(["ALWAYS", "BY DEFAULT"])
        return f"{name} {pick.one(['integer', 'bigint'])} GENERATED {kind} AS IDENTITY"
    type_name = pick.type_name() if pick.chance(50) else pick.one(TYPES[:5])
    text = f"{name} {type_name}"
    if pick.chance(35):
        text += f" DEFAULT {default(pick, type_name)}"
    text += pick.maybe(" NOT NULL", 35)
    if may_be_key and pick.chance(12):
        text += pick.one([" PRIMARY KEY", " UNIQUE"])
    if pick.chance(12):
        text += pick.one([f" CHECK ({name} IS NOT NULL)", f" CONSTRAINT k1 CHECK ({name} = {name})"])
    if pick.chance(15) and (found := pick.table("r", "p")):
        text += f" REFERENCES {pick.name(found)}" + pick.maybe(f" ({pick.column(found)})")
        text += pick.maybe(f" ON DELETE {pick.one(['CASCADE', 'SET NULL', 'RESTRICT', 'SET DEFAULT'])}")
    return text


def _elements(pick: Pick) -> list[str]:
    names = [f"c{number}" for number in range(1, pick.number(1, 4) + 1)]
    if pick.chance(2):
        names.append("c1")
    elements = [column_definition(pick, name) for name in names]
    if pick.chance(15):
        elements.append(f"PRIMARY KEY ({', '.join(pick.some(names, 2))})")
    if pick.chance(15):
        elements.append(f"{pick.maybe('CONSTRAINT k2 ')}UNIQUE ({', '.join(pick.some(names, 2))})")
    if pick.chance(15):
        elements.append(f"CHECK ({pick.one(names)} IS NOT NULL OR {pick.one(names)} IS NULL)")
    return elements


def create_table(pick: Pick) -> str:
    exists = pick.maybe("IF NOT EXISTS ", 10)
    kind = pick.maybe("UNLOGGED ", 5)
    return f"CREATE {kind}TABLE {exists}{pick.new_name('t')} ({', '.join(_elements(pick))})"


def create_table_like(pick: Pick) -> str | None:
    source = pick.table()
    if source is None:
        return None
    options = " ".join(
        pick.some(
            [
                "INCLUDING ALL",
                "INCLUDING DEFAULTS",
                "INCLUDING CONSTRAINTS",
                "INCLUDING INDEXES",
                "INCLUDING GENERATED",
                "INCLUDING IDENTITY",
                "INCLUDING COMMENTS",
                "EXCLUDING INDEXES",
            ]
        )
    )
    name = pick.new_name("t")
    return f"CREATE TABLE {name} (LIKE {pick.name(source)} {pick.maybe(options, 80)}{pick.maybe(', e1 int')})"


def create_table_inherits(pick: Pick) -> str | None:
    parents = pick.tables("r")
    if not parents:
        return None
    chosen = [pick.name(parent) for parent in pick.some(parents, 2)]
    own = pick.one(["", "c1 integer", "x1 text NOT NULL", "c1 text CHECK (c1 <> '')"])
    return f"CREATE TABLE {pick.new_name('t')} ({own}) INHERITS ({', '.join(chosen)})"


def create_partitioned_table(pick: Pick) -> str:
    name = pick.new_name("p", 2)
    key = pick.one(["RANGE (c1)", "LIST (c2)", "HASH (c1)", "RANGE (c3)", "RANGE (c1, c3)"])
    extra = pick.one(["", ", PRIMARY KEY (c1)", ", CHECK (c1 > 0)", ", UNIQUE (c1, c2, c3)"])
    return (
        f"CREATE TABLE {name} (c1 integer{pick.maybe(' NOT NULL')}, c2 text{pick.maybe(chr(32) + 'DEFAULT chr(65)')},"
        f" c3 timestamptz{extra}) PARTITION BY {key}"
    )


def _bound(pick: Pick, parent: Table) -> str:
    strategy = (parent.partition_key or {}).get("strategy", "")
    keys = len((parent.partition_key or {}).get("partParams", ()))
    if pick.chance(8):
        return "DEFAULT"
    if strategy.endswith("LIST"):
        values = pick.one(["'1'", "'2'", "'3'", "'4', '5'", "NULL"])
        return f"FOR VALUES IN ({values})"
    if strategy.endswith("HASH"):
        return f"FOR VALUES WITH (MODULUS 3, REMAINDER {pick.number(0, 2)})"
    first = (parent.partition_key or {})["partParams"][0]["PartitionElem"].get("name", "c1")
    number = pick.number(1, 3)
    if first == "c3":
        return f"FOR VALUES FROM ('202{number}-01-01') TO ('202{number + 1}-01-01')"
    if keys == 2:
        return f"FOR VALUES FROM ({number}0, MINVALUE) TO ({number + 1}0, MINVALUE)"
    return f"FOR VALUES FROM ({number}0) TO ({number + 1}0)"


def create_partition(pick: Pick) -> str | None:
    parent = pick.table("p")
    if parent is None:
        return None
    sub = pick.maybe(" PARTITION BY LIST (c1)", 8)
    own = pick.maybe(" (c2 NOT NULL)", 8)
    return f"CREATE TABLE {pick.new_name('q', 6)} PARTITION OF {pick.name(parent)}{own} {_bound(pick, parent)}{sub}"


def attach_partition(pick: Pick) -> str | None:
    parent, child = pick.table("p"), pick.table("r")
    if parent is None or child is None:
        return None
    return f"ALTER TABLE {pick.name(parent)} ATTACH PARTITION {pick.name(child)} {_bound(pick, parent)}"


def detach_partition(pick: Pick) -> str | None:
    children = [table for table in pick.tables() if table.is_partition]
    if not children:
        return None
    child = pick.one(children)
    [parent] = child.parents
    return (
        f"ALTER TABLE {qualified(pick, pick.catalog.get(parent, Table))} DETACH PARTITION {pick.name(child)}"
    )


def create_table_as(pick: Pick) -> str | None:
    source = pick.relation()
    if source is None:
        return None
    columns = ", ".join(column.name for column in pick.columns(source)) or "1 AS one"
    # A view can have rows of its own, and what rows forbid is none of the replay's business.
    data = "" if isinstance(source, Table) and not pick.chance(50) else " WITH NO DATA"
    return f"CREATE TABLE {pick.new_name('t')} AS SELECT {columns} FROM {pick.name(source)}{data}"


def select_into(pick: Pick) -> str | None:
    source = pick.relation()
    if source is None:
        return None
    where = f"{executed(condition(pick, source))} AND false"
    return f"SELECT * INTO {pick.new_name('t')} FROM {pick.name(source)} WHERE {where}"


def create_table_of(pick: Pick) -> str | None:
    of = pick.user_type("c")
    if of is None:
        return None
    return f"CREATE TABLE {pick.new_name('t')} OF {qualified(pick, of)}{pick.maybe(' (PRIMARY KEY (x))')}"


def drop_table(pick: Pick) -> str | None:
    name = pick.relation_name()
    return name and f"DROP TABLE {pick.maybe('IF EXISTS ')}{name}{pick.one(['', ' CASCADE', ' RESTRICT'])}"


KINDS: tuple[Kind, ...] = (
    create_table,
    create_table_like,
    create_table_inherits,
    create_partitioned_table,
    create_partition,
    attach_partition,
    detach_partition,
    create_table_as,
    select_into,
    create_table_of,
    drop_table,
)
