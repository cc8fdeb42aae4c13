"""What statements make of the rows that are known: INSERT, UPDATE, DELETE, TRUNCATE; and what nobody can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.model import Constraint, Relation, Table, View
from schemaguard.catalog.seeds.conditions import Conditions, Truth
from schemaguard.catalog.seeds.inserted import UNKNOWN, NotKnown, inserted
from schemaguard.catalog.seeds.literals import DEFAULT, NotLiteral, default, literal, stored
from schemaguard.catalog.seeds.records import MAX_ROWS, Doubt, Seeds, seeds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column
    from schemaguard.catalog.seeds.records import Values
    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node, Origin

COMPUTED = "rows are inserted that only the database can compute"


def doubt(
    catalog: Catalog, oid: int, reason: str, because: Origin | None, *, everything: bool = False
) -> None:
    """From here on a table may hold rows that are not known; of a view, the tables under it.

    `everything`: those that were known may have changed, too.
    """
    relation = catalog.objects.get(oid)
    if isinstance(relation, View):
        for on, _edge in list(catalog.references.get(oid, ())):
            if isinstance(catalog.objects.get(on), Relation):
                doubt(catalog, on, reason, because, everything=everything)
    elif isinstance(relation, Table):
        seeds = seeds_of(catalog, relation)
        _put(catalog, relation, Seeds((), seeds.doubts) if everything else seeds, Doubt(reason, because))


def _put(catalog: Catalog, relation: Relation, seeds: Seeds, *more: Doubt) -> None:
    known = {each.reason for each in seeds.doubts}
    doubts = (*seeds.doubts, *(each for each in more if each.reason not in known))
    rows = seeds.rows
    if len(rows) > MAX_ROWS:
        rows, doubts = (), (*doubts, Doubt(f"there are more than {MAX_ROWS} rows"))
    catalog.put(catalog.seed_rows, relation.oid, Seeds(rows, doubts))


def doubt_since(catalog: Catalog, mark: int, reason: str) -> None:
    """What happened since `mark` may not happen: rows that were there before and are there after are certain."""
    for mapping, oid, before in list(catalog.changed_since(mark)):
        if mapping is catalog.seed_rows:
            old: Seeds = Seeds() if catalog.absent(before) else before
            now: Seeds = catalog.seed_rows.get(oid, Seeds())
            rows = tuple(row for row in now.rows if row in old.rows)
            catalog.put(catalog.seed_rows, oid, Seeds(rows, (*old.doubts, *now.doubts, Doubt(reason))))


def column_added(catalog: Catalog, relation: Relation, column: Column) -> None:
    """The rows that are there have the new column's default."""
    seeds = seeds_of(catalog, relation)
    try:
        value = default(catalog, column)
    except NotLiteral:
        return
    if seeds.rows:
        rows = tuple({**row, column.number: value} for row in seeds.rows)
        catalog.put(catalog.seed_rows, relation.oid, Seeds(rows, seeds.doubts))


def column_rewritten(catalog: Catalog, relation: Relation, number: int) -> None:
    """ALTER COLUMN TYPE: what it makes of the values is not known."""
    seeds = seeds_of(catalog, relation)
    if seeds.rows:
        rows = tuple({key: row[key] for key in row if key != number} for row in seeds.rows)
        catalog.put(catalog.seed_rows, relation.oid, Seeds(rows, seeds.doubts))


def emptied(catalog: Catalog, relation: Relation) -> None:
    """TRUNCATE: there are no rows, whatever was known before."""
    catalog.put(catalog.seed_rows, relation.oid, Seeds())


# INSERT


def insert_rows(run: Run, relation: Relation, node: Node) -> bool:
    """Follow an INSERT; whether its rows are literals."""
    catalog = run.catalog
    if not isinstance(relation, Table):
        doubt(catalog, relation.oid, "rows are inserted through a view", run.origin())
        return False
    query = (node.get("selectStmt") or {}).get("SelectStmt")
    if query is not None and "withClause" in node and "withClause" not in query:
        query = {**query, "withClause": node["withClause"]}
    try:
        lists = inserted(query, lambda condition: _guard(catalog, relation, condition))
        rows = [_row(catalog, relation, node, values) for values in lists]
    except NotKnown:
        seeds = seeds_of(catalog, relation)
        updated = _updated_columns(relation, node.get("onConflictClause") or {})
        found = tuple({number: row[number] for number in row if number not in updated} for row in seeds.rows)
        _put(catalog, relation, Seeds(found, seeds.doubts), Doubt(COMPUTED, run.origin()))
        return False
    if any(trigger.timing == "before" and trigger.level == "row" and "insert" in trigger.events
           for trigger in catalog.triggers(relation.oid)):  # fmt: skip
        doubt(catalog, relation.oid, "a trigger may change or keep out what is inserted", run.origin())
        return True
    if rows:
        _Insertion(run, relation, node.get("onConflictClause")).add(rows)
    return True


def _updated_columns(relation: Relation, conflict: Node) -> set[int]:
    """The columns that DO UPDATE sets."""
    names = [item["ResTarget"]["name"] for item in conflict.get("targetList") or ()]
    return {column.number for name in names if (column := relation.column(name)) is not None}


def _row(catalog: Catalog, relation: Relation, node: Node, values: list[Any]) -> Values:
    """A row with all its columns that are known: given ones, literal defaults, and NULL.

    Raises:
        NotKnown: it has more values than columns.
    """
    names = [item["ResTarget"]["name"] for item in node.get("cols") or ()]
    columns = [relation.column(name) for name in names] if names else list(relation.columns)
    if len(values) > len(columns):
        raise NotKnown
    given = {
        column.number: value for column, value in zip(columns, values, strict=False) if column is not None
    }
    row: Values = {}
    for column in relation.columns:
        value = given.get(column.number, DEFAULT)
        if value is UNKNOWN:
            continue
        try:
            row[column.number] = stored(catalog, column, value)
        except NotLiteral:
            continue
    return row


def _guard(catalog: Catalog, relation: Relation, condition: Node) -> bool | None:
    """Whether `WHERE NOT EXISTS (SELECT … FROM the table itself WHERE literals)` holds; None for anything else."""
    tag, fields = only(condition)
    if tag == "A_Const":
        value = literal(condition)
        return value if isinstance(value, bool) else None
    if tag != "BoolExpr" or fields["boolop"] != "NOT_EXPR" or "SubLink" not in fields["args"][0]:
        return None
    link = fields["args"][0]["SubLink"]
    query = link["subselect"].get("SelectStmt", {})
    sources = query.get("fromClause") or []
    plain = link["subLinkType"] == "EXISTS_SUBLINK" and len(sources) == 1 and "RangeVar" in sources[0]
    if not plain or sources[0]["RangeVar"]["relname"] != relation.name:
        return None
    seeds = seeds_of(catalog, relation)
    alias = (sources[0]["RangeVar"].get("alias") or {}).get("aliasname", "")
    verdicts = [Conditions(catalog, relation, alias).of(row, query.get("whereClause")) for row in seeds.rows]
    if Truth.YES in verdicts:
        return False
    return None if Truth.OPEN in verdicts or seeds.doubts else True


class _Insertion:
    """Adds rows to a table; ON CONFLICT leaves or updates those that have an equal key."""

    def __init__(self, run: Run, relation: Table, conflict: Node | None) -> None:
        self.catalog = run.catalog
        self.relation = relation
        self.because = run.origin()
        self.conflict = conflict
        self.updates = (conflict or {}).get("action") == "ONCONFLICT_UPDATE"

    def add(self, rows: list[Values]) -> None:
        seeds = seeds_of(self.catalog, self.relation)
        if self.conflict is None:
            if is_possible(self.catalog, self.relation, [*seeds.rows, *rows]):
                _put(self.catalog, self.relation, Seeds((*seeds.rows, *rows), seeds.doubts))
            return
        target = self._target()
        if target is None and "infer" in self.conflict:
            doubt(self.catalog, self.relation.oid, "which rows are in conflict is not known", self.because)
            return
        keys = [target] if target is not None else unique_keys(self.catalog, self.relation)
        found = list(seeds.rows)
        for row in rows:
            at = next((at for at, other in enumerate(found) if _conflicts(row, other, keys)), None)
            if at is not None:
                found[at] = self._updated(found[at], row) if self.updates else found[at]
            elif not seeds.doubts:
                found.append(row)
            elif target is not None and all(number in row for number in target):
                kept = {number: row[number] for number in target}
                found.append(self._updated(row, row, kept) if self.updates else kept)
        if is_possible(self.catalog, self.relation, found):
            _put(self.catalog, self.relation, Seeds(tuple(found), seeds.doubts))

    def _target(self) -> tuple[int, ...] | None:
        """The columns of ON CONFLICT (…) or ON CONSTRAINT …; None where that is neither."""
        infer = (self.conflict or {}).get("infer") or {}
        names = [element["IndexElem"].get("name", "") for element in infer.get("indexElems") or ()]
        columns = [self.relation.column(name) for name in names]
        if names:
            numbers = tuple(column.number for column in columns if column is not None)
            return numbers if len(numbers) == len(names) else None
        for constraint in self.catalog.constraints(self.relation.oid):
            if constraint.name == infer.get("conname"):
                return constraint.columns
        return None

    def _updated(self, row: Values, new: Values, kept: Values | None = None) -> Values:
        """A row after `DO UPDATE SET a = EXCLUDED.a, b = 'x' WHERE …`; `kept`: what of it is known before."""
        conflict = self.conflict or {}
        changed = dict(row if kept is None else kept)
        verdict = Truth.YES
        if "whereClause" in conflict:
            verdict = Conditions(self.catalog, self.relation).of(changed, conflict["whereClause"])
        if verdict in (Truth.NO, Truth.NULL):
            return changed
        for item in conflict.get("targetList") or ():
            column = self.relation.column(item["ResTarget"]["name"])
            if column is None:
                continue
            changed.pop(column.number, None)
            value = self._excluded(item["ResTarget"]["val"], new)
            if value is not UNKNOWN and verdict is Truth.YES:
                try:
                    changed[column.number] = stored(self.catalog, column, value)
                except NotLiteral:
                    continue
        return changed

    def _excluded(self, node: Node, new: Values) -> Any:  # noqa: ANN401 - a value
        tag, fields = only(node)
        if tag == "ColumnRef":
            names = strings(fields["fields"])
            column = self.relation.column(names[-1])
            if names[0] == "excluded" and column is not None:
                return new.get(column.number, UNKNOWN)
            return UNKNOWN
        try:
            return literal(node)
        except NotLiteral:
            return UNKNOWN


def unique_keys(catalog: Catalog, relation: Relation) -> list[tuple[int, ...]]:
    """The columns of each unique index of a table, those on expressions or parts of the rows left out."""
    return [
        tuple(key.number for key in index.keys)
        for index in catalog.indexes(relation.oid)
        if index.unique and index.predicate is None and all(key.number for key in index.keys)
    ]


def is_possible(catalog: Catalog, relation: Relation, rows: list[Values]) -> bool:
    """Whether rows can be there together: a statement that would make others fails, and changes nothing."""
    demanded = [column.number for column in relation.columns if column.not_null]
    if any(row.get(number, UNKNOWN) is None for row in rows for number in demanded):
        return False
    for key in unique_keys(catalog, relation):
        values = [
            tuple(row[number] for number in key) for row in rows if all(number in row for number in key)
        ]
        values = [value for value in values if None not in value]
        if len(set(map(repr, values))) < len(values):
            return False
    return True


def _conflicts(row: Values, other: Values, keys: list[tuple[int, ...]]) -> bool:
    """Whether two rows have an equal key; what is not known (a serial number, a random uuid) is another value."""
    return any(
        all(row.get(number) is not None and row[number] == other.get(number) for number in key)
        for key in keys
    )


# UPDATE, DELETE


def update_rows(run: Run, relation: Relation, node: Node) -> None:
    """Follow an UPDATE: literals where its condition can be decided; else the columns that it sets are not known."""
    catalog = run.catalog
    if not isinstance(relation, Table):
        doubt(catalog, relation.oid, "rows are updated through a view", run.origin(), everything=True)
        return
    seeds = seeds_of(catalog, relation)
    targets = [item["ResTarget"] for item in node.get("targetList") or ()]
    conditions = Conditions(catalog, relation, (node["relation"].get("alias") or {}).get("aliasname", ""))
    found = []
    for row in seeds.rows:
        verdict = conditions.of(row, node.get("whereClause"))
        if verdict is Truth.YES and "fromClause" in node:
            verdict = Truth.OPEN  # it also takes a row of FROM
        changed = row if verdict in (Truth.NO, Truth.NULL) else _set(catalog, relation, row, targets, verdict)
        found.append(changed)
    if is_possible(catalog, relation, found):
        _put(catalog, relation, Seeds(tuple(found), seeds.doubts))
        _cascade(run, relation, "on_update")


def _set(catalog: Catalog, relation: Relation, row: Values, targets: list[Node], verdict: Truth) -> Values:
    changed = dict(row)
    for target in targets:
        column = relation.column(target["name"])
        if column is None:
            continue
        changed.pop(column.number, None)
        try:
            value = stored(catalog, column, literal(_assigned(target["val"])))
        except NotLiteral:
            continue
        if verdict is Truth.YES or row.get(column.number, UNKNOWN) == value:
            changed[column.number] = value
    return changed


def _assigned(node: Node) -> Node:
    """The value of one column of `SET (a, b) = (1, 2)`, or the value as it is."""
    tag, fields = only(node)
    if tag == "MultiAssignRef" and "RowExpr" in fields["source"]:
        value: Node = fields["source"]["RowExpr"]["args"][fields["colno"] - 1]
        return value
    return node


def delete_rows(run: Run, relation: Relation, node: Node) -> None:
    """Follow a DELETE: a row of which its condition can't be decided may be gone."""
    catalog = run.catalog
    if not isinstance(relation, Table):
        doubt(catalog, relation.oid, "rows are deleted through a view", run.origin(), everything=True)
        return
    seeds = seeds_of(catalog, relation)
    conditions = Conditions(catalog, relation, (node["relation"].get("alias") or {}).get("aliasname", ""))
    verdicts = [conditions.of(row, node.get("whereClause")) for row in seeds.rows]
    if "usingClause" in node:
        verdicts = [Truth.OPEN if verdict is Truth.YES else verdict for verdict in verdicts]
    kept = tuple(
        row for row, verdict in zip(seeds.rows, verdicts, strict=True) if verdict in (Truth.NO, Truth.NULL)
    )
    more = [Doubt("which rows are deleted is not known", run.origin())] if Truth.OPEN in verdicts else []
    doubts = () if "whereClause" not in node and "usingClause" not in node else seeds.doubts
    _put(catalog, relation, Seeds(kept, doubts), *more)
    _cascade(run, relation, "on_delete")


def _cascade(run: Run, relation: Relation, action: str) -> None:
    """Rows that refer to what was changed may follow it."""
    for referring in _referring(run.catalog, relation):
        if getattr(referring, action) in "cnd" and referring.table in run.catalog.seed_rows:
            doubt(
                run.catalog,
                referring.table,
                f"they follow changes of {relation.name}",
                run.origin(),
                everything=True,
            )


def _referring(catalog: Catalog, relation: Relation) -> Iterator[Constraint]:
    for edge in list(catalog.dependents.get(relation.oid, ())):
        record = catalog.objects.get(edge.oid)
        if isinstance(record, Constraint) and record.ref_table == relation.oid:
            yield record
