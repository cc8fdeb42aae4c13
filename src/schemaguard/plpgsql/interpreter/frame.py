"""One activation of a body: its variables, and what its expressions mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import UNDEFINED_COLUMN, Refused
from schemaguard.catalog.model import FIRST_USER_OID, Relation, TypeRef
from schemaguard.plpgsql.context import find_relation, parse_query, parse_type, split_name
from schemaguard.plpgsql.expressions.compile import compile_node
from schemaguard.plpgsql.expressions.scope import EMPTY, Scope, field_of
from schemaguard.plpgsql.queries.select import compile_query
from schemaguard.plpgsql.values.casts import assigned
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemaguard.catalog.model import Function
    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.language.tree import Block, Declaration, Fragment
    from schemaguard.statements.statement import Node
    from schemaguard.text import Span, SqlText

NULL_VALUE_NOT_ALLOWED = "22004"
NOT_ASSIGNED = "55000"


class Variable:
    """A variable; `type` is None for a record, whose fields come with its value."""

    __slots__ = ("constant", "cursor", "name", "not_null", "type", "value")

    def __init__(self, name: str, type_: TypeRef | None, value: Value = None) -> None:
        """Begin with `value`."""
        self.name = name
        self.type = type_
        self.value = value
        self.constant = False
        self.not_null = False
        self.cursor: Declaration | None = None


class Names:
    """The variables in scope, as expressions look them up: `variable`, `record.field`, `label.variable`."""

    def __init__(self) -> None:
        """Begin with nothing in scope."""
        self.scopes: list[tuple[str, dict[str, Variable]]] = []
        self.parameters: list[Variable] = []

    def variable(self, names: Sequence[str]) -> tuple[Variable, list[str]] | None:
        """The variable that a dotted name begins with, and the fields that follow it."""
        for label, variables in reversed(self.scopes):
            if names[0] in variables:
                return variables[names[0]], list(names[1:])
            if label == names[0] and len(names) > 1 and names[1] in variables:
                return variables[names[1]], list(names[2:])
        return None

    def find(self, names: list[str]) -> Callable[[], Value] | None:
        """What the name stands for; a record is asked for its fields when it is read."""
        found = self.variable(names)
        if found is None:
            return None
        variable, fields = found
        if not fields:
            return lambda: variable.value
        return lambda: _field(variable, fields)

    def parameter(self, number: int) -> Callable[[], Value] | None:
        """What `$number` stands for."""
        if not 1 <= number <= len(self.parameters):
            return None
        variable = self.parameters[number - 1]
        return lambda: variable.value


def _field(variable: Variable, fields: list[str]) -> Value:
    """A field of a record variable.

    Raises:
        Refused: it has none of that name, or holds no record yet.
    """
    value = variable.value
    if value is None and variable.type is None:
        raise Refused(NOT_ASSIGNED, f'record "{variable.name}" is not assigned yet')
    if isinstance(value, Record) and fields[0] not in value.names:
        raise Refused(UNDEFINED_COLUMN, f'record "{variable.name}" has no field "{fields[0]}"')
    return field_of(value, fields)


class Frame:
    """A body being run: `text` is its SQL with positions, `function` None for a DO block.

    `open_maybes` counts the stretches of effects that were opened when the body may have been left already;
    `perhaps_returned` is what it returns from then on.
    """

    def __init__(self, context: Context, text: SqlText, function: Function | None = None) -> None:
        """Begin with no variables."""
        self.context = context
        self.text = text
        self.function = function
        self.names = Names()
        self.found = Variable("found", TypeRef(16), value=False)
        self.names.scopes.append(("" if function is None else function.name, {"found": self.found}))
        self.row_count: Value = 0
        self.error: Refused | None = None
        self.returned: Value = None
        self.perhaps_returned: Unknown | None = None
        self.rows: list[Value] = []
        self.open_maybes = 0
        self._cells: dict[int, dict[str, Variable]] = {}
        self._compiled: dict[tuple[int, str], Callable[[], Value]] = {}
        self._blocks: list[Block] = []
        self._owners: list[object] = []

    # Places

    def span(self, start: int, end: int) -> Span:
        """The place of a part of the body."""
        return self.text.span(start, end)

    def sql(self, fragment: Fragment) -> SqlText:
        """A piece of SQL of the body, each character mapped."""
        part = self.text.part(fragment.start, fragment.end)
        part.text = fragment.text
        return part

    # Expressions

    def evaluate(self, fragment: Fragment) -> Value:
        """The value of an expression.

        Raises:
            Refused: the server would not compute it.
        """
        key = (fragment.start, fragment.text)
        get = self._compiled.get(key)
        if get is None:
            get = self._compiled[key] = self._compile(fragment.text)
        return get()

    def _compile(self, text: str) -> Callable[[], Value]:
        """An expression of PL/pgSQL is what stands after SELECT, so it may have a FROM of its own."""
        node = parse_query(f"SELECT {text}")
        fields = node["SelectStmt"]
        plain = (
            not any(clause in fields for clause in _CLAUSES)
            and fields.get("op", "SETOP_NONE") == "SETOP_NONE"
        )
        if plain and len(fields.get("targetList") or ()) == 1:
            target = fields["targetList"][0]["ResTarget"]["val"]
            if "ColumnRef" not in target or "A_Star" not in target["ColumnRef"]["fields"][-1]:
                scope = Scope(self.context, variables=self.names)
                get = compile_node(target, scope)
                if not (scope.aggregates or scope.sets or scope.windows):
                    return lambda: get(EMPTY)
        return lambda: self._first_value(node)

    def _first_value(self, node: Node) -> Value:
        try:
            query = compile_query(node, self.context, None, self.names)
            row = next(query.rows(EMPTY), None)
        except Unanswerable as unanswerable:
            return Unknown(str(unanswerable))
        return None if row is None else row[0]

    def query(self, node: Node) -> tuple[list[str], list[tuple[Value, ...]]]:
        """Columns and rows of a query.

        Raises:
            Unanswerable: they are not known.
        """
        query = compile_query(node, self.context, None, self.names)
        return query.columns, list(query.rows(EMPTY))

    # Variables

    def enter(self, block: Block) -> None:
        """Bring the variables of a block into scope, with their first values."""
        variables = self._cells.setdefault(id(block), {})
        fresh = not variables
        self.names.scopes.append((block.label, variables))
        self._blocks.append(block)  # keeps the block, and so its id, alive
        for declaration in block.declarations:
            if fresh:
                variables[declaration.name] = self._declare(declaration)
            self._initialize(variables[declaration.name], declaration)

    def leave(self) -> None:
        """Take the innermost block's variables out of scope."""
        self.names.scopes.pop()
        self._blocks.pop()

    def loop_scope(self, label: str, variables: dict[str, Variable]) -> None:
        """Bring the variable of an integer loop into scope; `leave_loop` ends it."""
        self.names.scopes.append((label, variables))

    def variable_of(self, command: object, name: str, type_: TypeRef | None) -> Variable:
        """The variable that a loop or handler brings: the same one each time, as expressions are compiled with it."""
        cells = self._cells.setdefault(id(command), {})
        if name not in cells:
            cells[name] = Variable(name, type_)
            self._owners.append(command)  # keeps it, and so its id, alive
        return cells[name]

    def leave_loop(self) -> None:
        """Take the innermost loop variable out of scope."""
        self.names.scopes.pop()

    def _declare(self, declaration: Declaration) -> Variable:
        if declaration.alias_for:
            found = self.names.variable([declaration.alias_for])
            if declaration.alias_for.startswith("$"):
                return self.names.parameters[int(declaration.alias_for[1:]) - 1]
            if found is None:
                message = f'variable "{declaration.alias_for}" does not exist'
                raise Refused("42P02", message)
            return found[0]
        variable = Variable(declaration.name, None)
        if declaration.query is not None:
            variable.cursor = declaration
        elif declaration.type is not None:
            variable.type = self.declared_type(declaration.type.text)
        variable.constant, variable.not_null = declaration.constant, declaration.not_null
        return variable

    def declared_type(self, text: str) -> TypeRef | None:
        """The type that a declaration names: also ``variable%TYPE``, ``table%ROWTYPE``; None for a record.

        Raises:
            Refused: there is no such type.
        """
        lowered = text.lower().rstrip()
        if lowered == "record":
            return None
        if lowered.endswith("%rowtype"):
            name = text[: lowered.rindex("%")].strip()
            relation = find_relation(self.context, split_name(name))
            if relation is not None and relation.oid < FIRST_USER_OID:
                return None  # a row of a system relation: a record with its columns
            if relation is None:
                raise Refused("42P01", f'relation "{name}" does not exist')
            oid = self.context.catalog.types.get((relation.schema, relation.name))
            return None if oid is None else TypeRef(oid)
        if lowered.endswith("%type"):
            parts = split_name(text[: lowered.rindex("%")])
            found = self.names.variable(parts)
            if found is not None and not found[1]:
                return found[0].type
            relation = find_relation(self.context, parts[:-1]) if len(parts) > 1 else None
            if relation is not None and relation.oid < FIRST_USER_OID:
                column = relation.column(parts[-1])
                return None if column is None else column.type
        return self.context.type_named(parse_type(text))

    def _initialize(self, variable: Variable, declaration: Declaration) -> None:
        if declaration.alias_for:
            return
        variable.value = None
        if declaration.default is not None:
            self.store(variable, self.evaluate(declaration.default))
        elif variable.not_null:
            message = f'variable "{variable.name}" must have a default value, since it\'s declared NOT NULL'
            raise Refused(NULL_VALUE_NOT_ALLOWED, message)
        else:
            variable.value = self._empty_row(variable.type)

    def _empty_row(self, type_: TypeRef | None) -> Value:
        """A composite variable begins as a row of NULLs, so that its fields are there."""
        record = None if type_ is None or type_.array else self.context.catalog.objects.get(type_.oid)
        relation = self.context.catalog.objects.get(getattr(record, "relation", 0))
        if not isinstance(relation, Relation):
            return None
        names = tuple(column.name for column in relation.columns)
        return Record(names, (None,) * len(names))

    def store(self, variable: Variable, value: Value) -> None:
        """Assign to a variable, cast to its type.

        Raises:
            Refused: the type does not take the value, or NULL is not allowed.
        """
        if variable.type is not None:
            value = assigned(value, variable.type, self.context)
        if value is None and variable.not_null:
            message = f'null value cannot be assigned to variable "{variable.name}" declared NOT NULL'
            raise Refused(NULL_VALUE_NOT_ALLOWED, message)
        variable.value = value

    def assign(self, target: str, value: Value) -> None:
        """Assign to a variable, a field of a record, or an element of an array.

        Raises:
            Refused: there is no such variable or field.
        """
        node = parse_query(f"SELECT {target}")["SelectStmt"]["targetList"][0]["ResTarget"]["val"]
        tag, fields = only(node)
        steps: list[Any] = []
        if tag == "A_Indirection":
            steps = fields["indirection"]
            tag, fields = only(fields["arg"])
        if tag == "ParamRef":
            if fields["number"] > len(self.names.parameters):
                raise Refused("42601", f'"{target}" is not a known variable')
            variable, names = self.names.parameters[fields["number"] - 1], list[str]()
        else:
            found = self.names.variable(strings(fields["fields"]))
            if found is None:
                raise Refused("42601", f'"{target}" is not a known variable')
            variable, names = found
        path = [*names, *(self._step(step) for step in steps)]
        if not path:
            self.store(variable, value)
        elif isinstance(variable.value, Unknown):
            return
        else:
            if isinstance(path[0], str):
                _field(variable, path[:1])
            variable.value = _replaced(variable.value, path, value)

    def _step(self, node: Node) -> Any:  # noqa: ANN401 - a field's name or a subscript
        tag, fields = only(node)
        if tag == "String":
            return fields["sval"]
        scope = Scope(self.context, variables=self.names)
        return compile_node(fields["uidx"], scope)(EMPTY)


def _replaced(value: Value, path: list[Any], new: Value) -> Value:
    """`value` with the part that `path` leads to replaced."""
    if not path:
        return new
    step, *rest = path
    if isinstance(step, Unknown):
        return step
    if isinstance(step, str):
        if not isinstance(value, Record) or step not in value.names:
            raise Refused(UNDEFINED_COLUMN, f'record has no field "{step}"')
        at = value.names.index(step)
        items = list(value.values)
        items[at] = _replaced(items[at], rest, new)
        return Record(value.names, tuple(items))
    elements = list(value or [])
    index = int(step) - 1
    if index < 0:
        return Unknown("an array with a lower bound below 1 is not followed here")
    elements.extend([None] * (index + 1 - len(elements)))
    elements[index] = _replaced(elements[index], rest, new)
    return elements


_CLAUSES = ("fromClause", "whereClause", "groupClause", "havingClause", "limitCount", "sortClause", "valuesLists",
            "distinctClause", "withClause")  # fmt: skip
