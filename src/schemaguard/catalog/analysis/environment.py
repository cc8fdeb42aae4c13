"""Where parse analysis looks things up: functions, operators, casts and types, along the search path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from schemaguard.catalog.analysis.extension_types import installed
from schemaguard.catalog.analysis.type_info import BUILTIN, TypeInfo, extension_type_number, type_info
from schemaguard.catalog.analysis.types import format_type, resolve_type, type_number, type_ref
from schemaguard.catalog.builtin.extensions import members
from schemaguard.catalog.builtin.functions import Routine, functions_named, routine
from schemaguard.catalog.builtin.operators import Cast, Operator, casts, is_polymorphic, operators_named
from schemaguard.catalog.builtin.types import ANY
from schemaguard.catalog.errors import UNDEFINED_SCHEMA, Refused
from schemaguard.catalog.model import Function
from schemaguard.catalog.other_objects import made_cast, made_operators, makes_any
from schemaguard.catalog.state import PG_CATALOG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.model import Extension, TypeRef
    from schemaguard.catalog.session import Session
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node


class Environment:
    """The catalog as one session sees it while a statement is analysed.

    `version`: the server's.
    """

    __slots__ = ("_path", "catalog", "session", "version")

    def __init__(self, session: Session) -> None:
        """Look things up as `session` would now."""
        self.session = session
        self.catalog: Catalog = session.catalog
        self._path: tuple[int, ...] | None = None
        self.version = self.catalog.version

    @property
    def path(self) -> tuple[int, ...]:
        """The schemas of the search path; found out when a name is first looked for in it."""
        if self._path is None:
            self._path = self.session.lookup_schemas()
        return self._path

    def memory(self) -> dict[Any, Any] | None:
        """Where what resolution found for this catalog's types is remembered; None while that may change.

        Types never change what resolution asks of them, and oids are not used twice, so only operators of the
        history's own or of an extension can make an answer wrong later.
        """
        catalog = self.catalog
        if not self.only_builtin_operators():
            return None
        found = _memories.get(catalog)
        if found is None:
            found = _memories[catalog] = {}
        return found

    # Types

    def info(self, number: int) -> TypeInfo:
        """The properties of a type."""
        return BUILTIN.get(number) or type_info(self.catalog, number)

    def base(self, number: int) -> int:
        """The type below a domain, or the type itself."""
        return (BUILTIN.get(number) or type_info(self.catalog, number)).base

    def type(self, node: Node) -> tuple[int, int]:
        """Number and typmod of the type that a TypeName names."""
        ref = resolve_type(self.session, node)
        return type_number(ref), ref.typmod

    def type_text(self, number: int) -> str:
        """The type as messages show it (`format_type_be`)."""
        return type_text(self.catalog, number)

    # Functions

    def functions(self, names: Sequence[str], offset: int = -1) -> list[tuple[int, Routine]]:
        """The routines of a possibly qualified name, each with its schema's place in the search path.

        Raises:
            Refused: the schema does not exist.
        """
        name = names[-1]
        if len(names) == 1:
            return [
                (place, found)
                for place, schema in enumerate(self.path)
                for found in self._functions_in(schema, name)
            ]
        schema = self.catalog.schemas.get(names[-2])
        if schema is None:
            raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist', offset=offset)
        return [(0, found) for found in self._functions_in(schema, name)]

    def _functions_in(self, schema: int, name: str) -> Iterator[Routine]:
        catalog = self.catalog
        if schema == PG_CATALOG:
            version = self.version
            yield from (found for found in functions_named(name) if found.since <= version)
        for oid in catalog.functions.get((schema, name), ()):
            yield routine_of(catalog.objects[oid])
        for extension in installed(catalog):
            contents = members(extension.name)
            if contents is not None and extension.schema == schema and name in contents.functions:
                for row in contents.functions[name]:
                    yield _of_extension(catalog, extension, name, row)

    def only_builtin_function(self, name: str) -> bool:
        """Whether a function of that bare name can only be one of `pg_catalog`."""
        functions = self.catalog.functions
        for schema in self.path:
            if (schema, name) in functions:
                return False
        return not any(
            contents is None or name in contents.functions
            for contents in (members(extension.name) for extension in installed(self.catalog))
        )

    # Operators and casts

    def operators(self, names: Sequence[str], offset: int = -1) -> list[tuple[int, Operator]]:
        """The operators of a possibly qualified name, each with its schema's place in the search path.

        Raises:
            Refused: the schema does not exist.
        """
        name = names[-1]
        if len(names) == 1:
            return [
                (place, found)
                for place, schema in enumerate(self.path)
                for found in self._operators_in(schema, name)
            ]
        schema = self.catalog.schemas.get(names[-2])
        if schema is None:
            raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist', offset=offset)
        return [(0, found) for found in self._operators_in(schema, name)]

    def _operators_in(self, schema: int, name: str) -> Iterator[Operator]:
        if schema == PG_CATALOG:
            yield from operators_named(name)
        for made in made_operators(self.catalog, schema, name) if self.catalog.others else ():
            function = self.catalog.objects.get(made.function)
            called, volatility = (
                (function.name, function.volatility) if isinstance(function, Function) else ("", "v")
            )
            polymorphic = is_polymorphic(made.left, made.right, made.result)
            yield Operator(
                made.oid, name, schema, made.left, made.right, made.result, called, volatility, 0, polymorphic
            )
        for extension in installed(self.catalog):
            contents = members(extension.name)
            if contents is not None and extension.schema == schema and name in contents.operators:
                for _oid, left, right, result, function, volatility in contents.operators[name]:
                    left, right, result = (  # noqa: PLW2901 - as numbers from here on
                        extension_type_number(self.catalog, extension, of) for of in (left, right, result)
                    )
                    polymorphic = is_polymorphic(left, right, result)
                    yield Operator(
                        0, name, schema, left, right, result, function, volatility, extension.oid, polymorphic
                    )

    def only_builtin_operators(self) -> bool:
        """Whether neither the history nor an extension makes operators: what is found holds for all catalogs."""
        if self.catalog.others and makes_any(self.catalog, "pg_operator"):
            return False
        return not any(
            contents is None or contents.operators
            for contents in (members(extension.name) for extension in installed(self.catalog))
        )

    def cast(self, source: int, target: int) -> Cast | None:
        """The cast from one type to another, if there is one by name."""
        found = casts().get((source, target))
        if found is None and self.catalog.others and makes_any(self.catalog, "pg_cast"):
            found = self._made_cast(source, target)
        if found is None and (abs(source) > _LAST_BUILTIN or abs(target) > _LAST_BUILTIN):
            return self._extension_cast(source, target)
        return found

    def _made_cast(self, source: int, target: int) -> Cast | None:
        made = made_cast(self.catalog, type_ref(source), type_ref(target))
        if made is None:
            return None
        function = self.catalog.objects.get(made.function)
        name, count = (function.name, len(function.inputs)) if isinstance(function, Function) else ("", 1)
        return Cast(source, target, name, count, made.context, made.method, made.function)

    def _extension_cast(self, source: int, target: int) -> Cast | None:
        for extension in installed(self.catalog):
            contents = members(extension.name)
            for row in contents.casts if contents is not None else ():
                ends = [extension_type_number(self.catalog, extension, of) for of in row[:2]]
                if ends == [source, target]:
                    function, arguments, context, method = row[2:6]
                    return Cast(source, target, function, arguments, context, method, 0, extension.oid)
        return None

    # What is not known

    def may_have_more(self, what: str, name: str) -> str:
        """Why a function or operator that was not found may exist all the same; "" if it can't."""
        for extension in installed(self.catalog):
            if members(extension.name) is None:
                return f"{what} {name} may belong to the extension {extension.name}, whose contents are not known"
        return ""


_LAST_BUILTIN = 16383

_memories: WeakKeyDictionary[Catalog, dict[Any, Any]] = WeakKeyDictionary()


def type_text(catalog: Catalog, number: int) -> str:
    """A type as `format_type_be` prints it: without modifier, `character` for bpchar."""
    text = format_type(catalog, type_ref(number))
    return _BARE.get(text.removesuffix("[]"), text.removesuffix("[]")) + ("[]" if text.endswith("[]") else "")


_BARE = {"bpchar": "character", '"bit"': "bit"}


def routine_of(function: Function) -> Routine:
    """A user-defined function as calls see it."""
    inputs = function.inputs
    arguments = tuple(_number(argument.type) for argument in inputs)
    variadic = 0
    if inputs and inputs[-1].mode == "v":
        last = inputs[-1].type
        variadic = ANY if last.oid == ANY else last.oid if last.array else ANY_OF.get(last.oid, 0)
    outputs = tuple(
        (argument.name, _number(argument.type)) for argument in function.arguments if argument.mode in "obt"
    )
    flags = function.volatility + "l" * function.leakproof + "s" * function.strict
    direct = getattr(function, "direct_arguments", -1)
    return Routine(
        function.oid,
        function.name,
        function.schema,
        function.kind,
        _number(function.returns) if function.returns is not None else 0,
        function.returns_set,
        arguments,
        variadic,
        sum(argument.default is not None for argument in inputs),
        flags,
        0,
        tuple(argument.name for argument in inputs) if any(argument.name for argument in inputs) else (),
        outputs,
        ("o" if direct >= 0 else "n") if function.kind == "a" else "",
        max(direct, 0),
        extension=function.extension,
    )


ANY_OF = {2277: 2283, 5078: 5077}
"""anyarray and anycompatiblearray: the polymorphic types of their elements."""


def _number(ref: TypeRef) -> int:
    return -ref.oid if ref.array else ref.oid


def _of_extension(catalog: Catalog, extension: Extension, name: str, row: list[object]) -> Routine:
    def number(of: object) -> int:
        return extension_type_number(catalog, extension, of)  # type: ignore[arg-type]  # a number or a name

    resolved = list(row)
    resolved[2] = number(row[2])
    resolved[4] = [number(of) for of in row[4]] if len(row) > 4 else []  # type: ignore[attr-defined]
    if len(row) > 5:
        resolved[5] = number(row[5])
    if len(row) > 10:
        resolved[10] = [(output, number(of)) for output, of in row[10]]  # type: ignore[attr-defined]
    return routine(name, extension.schema, resolved, extension.oid)
