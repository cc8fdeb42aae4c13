"""PL/pgSQL bodies followed by path to what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.linting.questions.logic.base import NOT_YES, YES, Base, Found
from schemaguard.linting.questions.logic.rewriting import comparison
from schemaguard.linting.questions.logic.routines import NotFollowed, Routines
from schemaguard.linting.questions.logic.worlds import NULL, World
from schemaguard.plpgsql.language import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.linting.questions.logic.scopes import Scope


class Path(NamedTuple):
    """How far a body has come; `returned` holds its value once it has returned."""

    scope: Scope
    world: World
    returned: tuple[Found, ...] = ()


class Bodies(Routines, Base):
    """Follows statements; a loop, or SQL made at run time, is not followed."""

    def ran(self, body: object, scope: Scope, world: World, *, is_set: bool) -> Iterator[Found]:
        """What a PL/pgSQL body returns; of a set, each of its rows."""
        for path in self._run((body,), Path(scope, world), is_set=is_set):
            yield from path.returned

    def _run(self, body: tuple[object, ...], path: Path, *, is_set: bool) -> Iterator[Path]:
        if not body or (path.returned and not is_set):
            yield path
            return
        self.spend()
        for there in self._command(body[0], path, is_set=is_set):
            yield from self._run(body[1:], there, is_set=is_set)

    def _command(  # noqa: C901, PLR0912 - one branch a kind of statement
        self, command: object, path: Path, *, is_set: bool
    ) -> Iterator[Path]:
        scope, world = path.scope, path.world
        match command:
            case tree.Block():
                yield from self._block(command, path, is_set=is_set)
            case tree.Assign():
                name = command.target.text.strip()
                for term, there in self.values(self.expression(command.value.text), scope, world):
                    yield path._replace(scope=_assigned(scope, name, term), world=there)
            case tree.If() | tree.Case():
                yield from self._branches(command, path, is_set=is_set)
            case tree.Return():
                if command.value is None:
                    yield path if is_set else path._replace(returned=((NULL, world),))
                else:
                    for term, there in self.values(self.expression(command.value.text), scope, world):
                        yield path._replace(world=there, returned=(*path.returned, (term, there)))
            case tree.ReturnNext(value=tree.Fragment() as value):
                for term, there in self.values(self.expression(value.text), scope, world):
                    yield path._replace(returned=(*path.returned, (term, there)))
            case tree.ReturnQuery(query=tree.Fragment() as query):
                rows = self.selected(self.query(query.text), scope, world)
                found = tuple((columns[0][1] if columns else NULL, there) for columns, there in rows)
                yield path._replace(returned=(*path.returned, *found))
            case tree.Raise(level="exception" | ""):
                return
            case tree.Sql() if command.into:
                yield from self._into(command, path)
            case tree.Null() | tree.Raise() | tree.Perform() | tree.Sql() | tree.Assert():
                yield path
            case _:
                raise NotFollowed

    def _block(self, block: tree.Block, path: Path, *, is_set: bool) -> Iterator[Path]:
        starts = [path]
        for declared in block.declarations:
            if declared.type is None:
                raise NotFollowed
            starts = [found for start in starts for found in self._declared(declared, start)]
        for start in starts:
            self.catching += bool(block.handlers)
            paths = list(self._run(block.body, start, is_set=is_set))
            self.catching -= bool(block.handlers)
            yield from paths
            for handler in block.handlers:  # of any statement an error may come
                yield from self._run(handler.body, start, is_set=is_set)

    def _declared(self, declared: tree.Declaration, path: Path) -> Iterator[Path]:
        if declared.default is None:
            yield path._replace(scope=_assigned(path.scope, declared.name, NULL))
            return
        for term, there in self.values(self.expression(declared.default.text), path.scope, path.world):
            yield path._replace(scope=_assigned(path.scope, declared.name, term), world=there)

    def _branches(self, command: tree.If | tree.Case, path: Path, *, is_set: bool) -> Iterator[Path]:
        worlds = [path.world]
        operand = getattr(command, "operand", None)
        for fragment, body in command.branches:
            condition = self.expression(fragment.text)
            if operand is not None:
                condition = comparison("=", self.expression(operand.text), condition)
            for there in worlds:
                for then in self.truths(condition, path.scope, there, YES):
                    yield from self._run(body, path._replace(world=then), is_set=is_set)
            worlds = [then for there in worlds for then in self.truths(condition, path.scope, there, NOT_YES)]
        if command.otherwise is None:  # CASE without ELSE: an error
            return
        for there in worlds:
            yield from self._run(command.otherwise, path._replace(world=there), is_set=is_set)

    def _into(self, command: tree.Sql, path: Path) -> Iterator[Path]:
        select = self.query(command.statement.text)
        names = [fragment.text.strip() for fragment in command.into]
        for columns, there in self.selected(select, path.scope, path.world):
            scope = path.scope
            for name, (_column, term) in zip(names, columns, strict=False):
                scope = _assigned(scope, name, term)
            yield path._replace(scope=scope, world=there)
        if not command.strict and (select.get("fromClause") or select.get("whereClause")):
            scope = path.scope
            for name in names:
                scope = _assigned(scope, name, NULL)
            yield path._replace(scope=scope)


def _assigned(scope: Scope, name: str, term: object) -> Scope:
    """The scope with another value of a variable."""
    if not name.replace("_", "").isalnum():
        raise NotFollowed
    return scope._replace(variables={**scope.variables, name.lower(): term})  # type: ignore[dict-item] # a term
