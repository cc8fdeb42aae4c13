"""Classes of the project: class statements, and objects made from them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.scope import Scope
from schemaguard.sources.alembic.interpreter.values import (
    Class,
    Descriptor,
    Function,
    Instance,
    Raised,
    Symbol,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value

ENUMERATIONS = {
    "enum.Enum": object,
    "enum.StrEnum": str,
    "enum.IntEnum": int,
    "enum.Flag": int,
    "enum.IntFlag": int,
}
NAMED_TUPLE = "typing.NamedTuple"
DATA_MODELS = frozenset(
    ("pydantic.BaseModel", "pydantic.main.BaseModel", "sqlmodel.SQLModel", "msgspec.Struct")
)
SETTINGS = frozenset(
    ("pydantic.BaseSettings", "pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings")
)


def define_class(machine: Machine, node: ast.ClassDef, scope: Scope) -> Class:
    """The class that a class statement makes."""
    bases = [machine.evaluate(base, scope) for base in node.bases]
    # A class body sees the module and enclosing functions; functions in it do not see the class body.
    body = Scope(scope.file, scope)
    machine.run(node.body, body)
    cls = Class(node.name, [base for base in bases if base is not object], body.names, scope.file)
    cls.node = node
    for value in body.names.values():
        for function in (value, value.function if isinstance(value, Descriptor) else None):
            if isinstance(function, Function):
                function.owner = cls
                function.scope = scope
    for ancestor in cls.ancestors()[1:]:
        if isinstance(ancestor, Class):
            cls.traits.update({name: trait for name, trait in ancestor.traits.items() if name != "members"})
    _give_traits(cls)
    return cls


def _give_traits(cls: Class) -> None:
    symbols = cls.symbols()
    kinds = [ENUMERATIONS[symbol] for symbol in symbols if symbol in ENUMERATIONS]
    if kinds:
        _make_members(cls, kinds)
    elif NAMED_TUPLE in symbols:
        cls.traits["fields"] = field_names(cls)
        cls.traits["tuple"] = True
    elif any(symbol in DATA_MODELS for symbol in symbols):
        cls.traits["fields"] = field_names(cls)
    elif any(symbol in SETTINGS for symbol in symbols):
        cls.traits["settings"] = True


def _make_members(cls: Class, kinds: list[type]) -> None:
    """Turn the assignments of an enumeration's body into its members."""
    mixin = next((base for base in cls.ancestors() if base in (str, int, float)), None)
    text = str if str in kinds or "enum.IntEnum" in cls.symbols() else None
    members: dict[str, Value] = {}
    cls.traits["text"] = text
    for name, value in list(cls.attributes.items()):
        if name.startswith("_") or isinstance(value, (Function, Descriptor, Class)):
            continue
        if isinstance(value, Symbol) or (isinstance(value, Unknown) and "auto()" in value.origin):
            value = name.lower() if str in kinds else len(members) + 1  # noqa: PLW2901 - enum.auto()
        same = next(
            (
                member
                for member in members.values()
                if isinstance(member, Instance) and _value(member) == value
            ),
            None,
        )
        data = value if mixin is not None or str in kinds or int in kinds else None
        members[name] = same or Instance(
            cls, {"name": name, "value": value, "_value_": value, "_name_": name}, data
        )
    cls.traits["members"] = members


def _value(member: Instance) -> Value:
    return member.attributes.get("value")


def field_names(cls: Class) -> list[str]:
    """Names of the annotated fields of a class and its bases, in the order of `__init__`'s parameters."""
    names: list[str] = []
    for ancestor in reversed(cls.ancestors()):
        if isinstance(ancestor, Class) and ancestor.node is not None:
            for statement in ancestor.node.body:
                match statement:
                    case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if name not in names:
                        if "ClassVar" not in ast.dump(annotation):
                            names.append(name)
    return names


def instantiate(machine: Machine, cls: Class, call: Call) -> Value:
    """`cls(*arguments)`."""
    if "members" in cls.traits:
        return _member(cls, call)
    instance = Instance(cls)
    try:
        init = cls.find("__init__")
    except KeyError:
        _initialise_without_init(machine, instance, call)
    else:
        _hold_data(instance, call)
        machine.call(
            init, Call(machine, [instance, *call.arguments], call.keywords, call.span, scope=call.scope)
        )
    post_init = cls.attributes.get("__post_init__")
    if "fields" in cls.traits and isinstance(post_init, Function):
        machine.call(post_init, Call(machine, [instance], {}, call.span))
    return instance


def _member(cls: Class, call: Call) -> Value:
    """The member of an enumeration with the given value."""
    wanted = call.required(0, "value")
    if isinstance(wanted, Unknown):
        return wanted
    members = cls.traits["members"]
    for member in members.values() if isinstance(members, dict) else ():
        if isinstance(member, Instance) and (member is wanted or _value(member) == plain(wanted)):
            return member
    raise Raised(ValueError(f"{wanted!r} is not a valid {cls.name}"), call.span)


def _initialise_without_init(machine: Machine, instance: Instance, call: Call) -> None:
    cls = instance.cls
    if "fields" in cls.traits:
        _fill_fields(machine, instance, call)
        return
    _hold_data(instance, call)
    if instance.data is None:
        # A library's class takes what it is given; whoever builds the real object reads it here.
        instance.attributes["__arguments__"] = (tuple(call.arguments), dict(call.keywords))
        if any(isinstance(base, (Symbol, Unknown)) for base in cls.ancestors()):
            return
        if call.arguments or call.keywords:
            raise Raised(TypeError(f"{cls.name}() takes no arguments"), call.span)


def _hold_data(instance: Instance, call: Call) -> None:
    """Make what a base of Python's own holds: an exception's arguments, the text of a `str`."""
    for base in instance.cls.ancestors():
        if isinstance(base, type) and base is not object:
            if issubclass(base, BaseException):
                instance.data = base(*call.arguments)
            elif base in (str, int, float, dict, list, tuple, set):
                make: Callable[..., Value] = base
                instance.data = make(*[plain(argument) for argument in call.arguments[:1]])
            return


def _fill_fields(machine: Machine, instance: Instance, call: Call) -> None:
    """What the `__init__` of a dataclass, named tuple or data model does."""
    cls = instance.cls
    names = cls.traits["fields"]
    fields = names if isinstance(names, list) else []
    given = dict(zip(fields, call.arguments, strict=False))
    given.update(call.keywords)
    for name in fields:
        if name in given:
            instance.attributes[name] = given.pop(name)
            continue
        try:
            default = cls.find(name)
        except KeyError:
            raise Raised(TypeError(f"{cls.name}() is missing its argument '{name}'"), call.span) from None
        instance.attributes[name] = _default_value(machine, default, call)
    if given and not any(symbol in DATA_MODELS for symbol in cls.symbols()):
        raise Raised(TypeError(f"{cls.name}() got an unexpected argument '{next(iter(given))}'"), call.span)
    if cls.traits.get("tuple"):
        instance.data = tuple(instance.attributes.values())


def _as_mapping(value: Instance, _call: Call) -> Value:
    return dict(value.attributes)


def _with_replaced(value: Instance, call: Call) -> Value:
    attributes = {**value.attributes, **call.keywords}
    return Instance(value.cls, attributes, tuple(attributes.values()))


NAMED_TUPLE_METHODS: dict[str, Callable[[Instance, Call], Value]] = {
    "_asdict": _as_mapping,
    "_replace": _with_replaced,
}
"""What every named tuple has, beside what tuples have."""


class Factory:
    """`dataclasses.field(default_factory=…)`."""

    __slots__ = ("make",)

    def __init__(self, make: Value) -> None:
        """Take the callable."""
        self.make = make


def _default_value(machine: Machine, default: Value, call: Call) -> Value:
    if isinstance(default, Factory):
        return machine.call(default.make, Call(machine, [], {}, call.span))
    return default
