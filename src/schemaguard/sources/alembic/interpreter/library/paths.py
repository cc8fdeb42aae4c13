"""Files that a revision reads: paths, `open`, `os.path`, package resources; only in the project, only for reading."""

from __future__ import annotations

import os.path
import pathlib
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library.managers import Managed
from schemaguard.sources.alembic.interpreter.tracked import Text, Written
from schemaguard.sources.alembic.interpreter.values import Module, Native, Raised, Unknown
from schemaguard.sources.alembic.source import Unreadable
from schemaguard.sources.alembic.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

_PURE = words(
    "name stem suffix suffixes parts parent parents anchor drive root joinpath with_name with_stem "
    "with_suffix relative_to is_relative_to is_absolute as_posix match"
)


def path_attribute(value: pathlib.PurePath, name: str, span: Span) -> Value:
    """An attribute or method of a path."""
    if name in _PURE:
        member: Any = getattr(value, name)
        if name == "parents":
            return tuple(member)
        if not callable(member):
            return member if isinstance(member, (str, tuple, list, pathlib.PurePath)) else None
        return Native(f"Path.{name}", lambda call: _pure(member, call))
    method = _METHODS.get(name)
    if method is None:
        raise Raised(AttributeError(f"'Path' object has no attribute '{name}' that is interpreted"), span)
    return Native(f"Path.{name}", lambda call: method(value, call))


def _pure(method: Callable[..., Value], call: Call) -> Value:
    unknown = call.unknown()
    if unknown is not None:
        return unknown
    return method(*[_part(value) for value in call.arguments], **call.keywords)


def _part(value: Value) -> Value:
    """A part of a path: pathlib takes plain strings only."""
    known = plain(value)
    return str(known) if isinstance(known, str) else known


def read(machine: Machine, path: pathlib.PurePath | str, span: Span) -> Text | Unknown:
    """The text of a file of the project, each character with its place; unknown if it can't be read."""
    try:
        file = machine.project.read_text(pathlib.PurePath(path))
    except Unreadable as error:
        return Unknown(f"the text of {path} ({error})", span)
    length = len(file.text)
    return Text(file.text, (Written(length, file, 0, length, verbatim=True),) if length else ())


def _read_text(path: pathlib.PurePath, call: Call) -> Value:
    return read(call.machine, path, call.span)


def _exists(path: pathlib.PurePath, call: Call) -> Value:
    return call.machine.project.is_file(path) or call.machine.project.is_folder(path)


def _children(path: pathlib.PurePath, call: Call) -> Value:
    return iter(call.machine.project.children(path))


def _glob(pattern_prefix: str) -> Callable[[pathlib.PurePath, Call], Value]:
    def run(path: pathlib.PurePath, call: Call) -> Value:
        pattern = call.required(0)
        if not isinstance(pattern, str):
            return Unknown("", call.span)
        return iter(call.machine.project.glob(path, pattern_prefix + pattern))

    return run


def _same(path: pathlib.PurePath, _call: Call) -> Value:
    return pathlib.PurePosixPath(os.path.normpath(path))


def _open_path(path: pathlib.PurePath, call: Call) -> Value:
    return _opened(call.machine, path, call.argument(0, "mode", "r"), call.span)


_METHODS: dict[str, Callable[[pathlib.PurePath, Call], Value]] = {
    "read_text": _read_text,
    "exists": _exists,
    "is_file": lambda path, call: call.machine.project.is_file(path),
    "is_dir": lambda path, call: call.machine.project.is_folder(path),
    "iterdir": _children,
    "glob": _glob(""),
    "rglob": _glob("**/"),
    "resolve": _same,
    "absolute": _same,
    "expanduser": _same,
    "open": _open_path,
    "__str__": lambda path, _call: str(path),
}


class OpenFile:
    """A file opened for reading."""

    def __init__(self, text: Text) -> None:
        """Take its text."""
        self.text: Text | None = text

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """The methods of a file."""
        match name:
            case "read" | "getvalue":
                return Native("read", self._read)
            case "readlines":
                return Native("readlines", self._lines)
            case "close" | "seek" | "flush":
                return Native(name, lambda _call: None)
        raise Raised(AttributeError(f"'file' object has no attribute '{name}' that is interpreted"), span)

    def _read(self, _call: Call) -> Value:
        return self._take()

    def _take(self) -> Value:
        text, self.text = self.text, None
        return "" if text is None else text

    def _lines(self, call: Call) -> Value:
        method = call.machine.attribute(self._take(), "splitlines", call.span)
        call.arguments[:], call.keywords = [], {"keepends": True}
        return call.machine.call(method, call)

    def __iter__(self) -> Any:  # noqa: ANN401 - an iterator of strings
        """The lines."""
        text = self._take()
        return iter(str(text).splitlines(keepends=True))


def _opened(machine: Machine, path: Value, mode: Value, span: Span) -> Value:
    if isinstance(path, Unknown):
        return path
    if not isinstance(path, (str, pathlib.PurePath)) or not isinstance(mode, str):
        return Unknown("", span)
    if set(mode) & set("wax+"):
        return Managed(Unknown(f"a file that is written ({path})", span))
    text = read(machine, path, span)
    return text if isinstance(text, Unknown) else Managed(OpenFile(text))


def _open(call: Call) -> Value:
    return _opened(call.machine, call.argument(0, "file"), call.argument(1, "mode", "r"), call.span)


def _path(call: Call) -> Value:
    unknown = call.unknown()
    if unknown is not None:
        return unknown
    return pathlib.PurePosixPath(*[str(argument) for argument in call.arguments])


def _working_directory(call: Call) -> Value:
    return call.machine.project.root


def _working_directory_text(call: Call) -> Value:
    return call.machine.project.root.as_posix()


def _of_os_path(name: str) -> Callable[[Call], Value]:
    function = getattr(os.path, name)

    def run(call: Call) -> Value:
        unknown = call.unknown()
        if unknown is not None:
            return unknown
        arguments = [
            str(argument) if isinstance(argument, pathlib.PurePath) else argument
            for argument in call.arguments
        ]
        result: Value = function(*arguments, **call.keywords)
        return result

    return run


def _normal(call: Call) -> Value:
    value = call.required(0)
    return value if isinstance(value, Unknown) else os.path.normpath(str(value))


def _asks(name: str) -> Callable[[Call], Value]:
    def run(call: Call) -> Value:
        value = call.required(0)
        if isinstance(value, Unknown):
            return value
        path, project = pathlib.PurePosixPath(str(value)), call.machine.project
        is_file, is_folder = project.is_file(path), project.is_folder(path)
        return {"exists": is_file or is_folder, "isfile": is_file, "isdir": is_folder}[name]

    return run


def _list_folder(call: Call) -> Value:
    value = call.argument(0, "path", ".")
    if isinstance(value, Unknown):
        return value
    return [path.name for path in call.machine.project.children(pathlib.PurePosixPath(str(value)))]


def _resource_folder(call: Call) -> Value:
    """`importlib.resources.files(package)`: the folder of a package of the project."""
    anchor = call.required(0)
    module = call.machine.load(anchor, call.span, str(anchor)) if isinstance(anchor, str) else anchor
    if isinstance(module, Module):
        return pathlib.PurePosixPath(str(module.scope.names["__file__"])).parent
    return module if isinstance(module, Unknown) else Unknown("", call.span)


def _resource_text(call: Call) -> Value:
    folder = _resource_folder(call)
    if not isinstance(folder, pathlib.PurePath):
        return folder
    names = [str(name) for name in call.arguments[1:]]
    return read(call.machine, folder.joinpath(*names), call.span)


FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "builtins.open": _open,
    "io.open": _open,
    "codecs.open": _open,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "pathlib.Path.cwd": _working_directory,
    "os.getcwd": _working_directory_text,
    "os.listdir": _list_folder,
    "os.path.realpath": _normal,
    "os.path.abspath": _normal,
    "importlib.resources.files": _resource_folder,
    "importlib.resources.read_text": _resource_text,
    "pkgutil.get_data": _resource_text,
    "pkg_resources.resource_string": _resource_text,
    **{
        f"os.path.{name}": _of_os_path(name)
        for name in ("join", "dirname", "basename", "split", "splitext", "normpath", "isabs", "relpath")
    },
    **{f"os.path.{name}": _asks(name) for name in ("exists", "isfile", "isdir")},
}
