"""`isinstance`, where an object may be Python's, the project's or a library's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.library.inspection import ReflectedType
from schemaguard.sources.alembic.interpreter.values import Class, Instance, Symbol, Undecided, Unknown

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value


def is_instance(machine: Machine, value: Value, wanted: Value) -> bool:
    """Whether `value` is an object of `wanted`, a class or a tuple of classes.

    Raises:
        Undecided: the value or the class is not known.
    """
    if isinstance(value, Unknown):
        raise Undecided(value)
    if isinstance(wanted, tuple):
        return any(is_instance(machine, value, one) for one in wanted)
    match wanted:
        case Unknown():
            raise Undecided(wanted)
        case Class():
            return isinstance(value, Instance) and wanted in value.cls.ancestors()
        case Symbol():
            return _of_library(machine, value, wanted)
        case type():
            if isinstance(value, Instance):
                return wanted is object or any(
                    isinstance(base, type) and issubclass(base, wanted) for base in value.cls.ancestors()
                )
            return isinstance(value, wanted)
    raise TypeError("isinstance() arg 2 must be a type, a tuple of types, or a union")


def _of_library(machine: Machine, value: Value, wanted: Symbol) -> bool:
    if isinstance(value, Instance):
        return wanted in value.cls.ancestors()
    if isinstance(value, (str, int, float, list, dict, tuple, set)) or value is None:
        return wanted.path in _ABSTRACT.get(_kind(value), ())
    real = machine.sqlalchemy.library_class(wanted)
    if real is None:
        raise Undecided(wanted.unknown())
    if isinstance(value, ReflectedType) and isinstance(value := value.real(), Unknown):
        raise Undecided(value)
    return isinstance(value, real)


def _kind(value: Value) -> str:
    return next(
        (kind.__name__ for kind in (str, list, dict, tuple, set, int, float) if isinstance(value, kind)), ""
    )


_COLLECTION = (
    *(f"collections.abc.{name}" for name in ("Iterable", "Collection", "Container", "Sized")),
    *(f"typing.{name}" for name in ("Iterable", "Collection", "Container")),
)
_SEQUENCE = (*_COLLECTION, "collections.abc.Sequence", "typing.Sequence")
_ABSTRACT = {
    "str": _SEQUENCE,
    "list": (*_SEQUENCE, "collections.abc.MutableSequence", "typing.List"),
    "tuple": (*_SEQUENCE, "typing.Tuple"),
    "dict": (
        *_COLLECTION,
        "collections.abc.Mapping",
        "collections.abc.MutableMapping",
        "typing.Mapping",
        "typing.Dict",
    ),
    "set": (*_COLLECTION, "collections.abc.Set", "typing.Set"),
    "int": ("numbers.Number", "numbers.Integral"),
    "float": ("numbers.Number", "numbers.Real"),
}
