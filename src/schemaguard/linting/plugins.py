"""Files to rules: importing a Python file, and refusing what is not shaped as a rule, with file and line."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.linting.errors import RuleRefused
from schemaguard.linting.rule import Rule

if TYPE_CHECKING:
    from types import CodeType, ModuleType

GENERATOR = 0x20
"""`inspect.CO_GENERATOR`; the module itself takes longer to load than all rules to be looked at."""

SHAPE = 'a rule\'s file has `rule = Rule(__name__, severity=…, since="…")` and a check registered on it'


def python_rule(path: str, label: str, family: str, module: str) -> Rule:
    """The rule of a Python file: a package's module, or (`module` empty) a file of a plugin folder.

    Raises:
        RuleRefused: the file can't be imported, or what it holds is not a rule.
    """
    try:
        loaded = _import(path, family, module)
    except SyntaxError as error:
        line = error.lineno or 1 if error.filename == path else 1
        raise RuleRefused(label, line, f"it is not Python: {error.msg}") from None
    except Exception as error:  # it is somebody else's code: whatever it raises is named
        raise RuleRefused(label, _line_in(path, error), f"importing it raised {_in_words(error)}") from error
    rule = getattr(loaded, "rule", None)
    if not isinstance(rule, Rule):
        raise RuleRefused(label, 1, SHAPE)
    _require_shape(rule, label)
    return rule


def declared_rule(path: str, label: str, family: str) -> Rule:
    """The rule of a YAML file.

    Raises:
        RuleRefused: the file is not a rule.
    """
    from schemaguard.linting.declarative import read_rule

    return read_rule(path, label, family)


class _Uncached(SourceFileLoader):
    """Loads a plugin without leaving a `__pycache__` in the user's folder."""

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:  # noqa: ANN401 - as its base has it
        """Write nothing."""


def _import(path: str, family: str, module: str) -> ModuleType:
    if module:
        from importlib import import_module

        return import_module(module)
    # The path makes the name unique, family and stem stand where those of a package's module do.
    stem = path.replace("\\", "/").rpartition("/")[2].removesuffix(".py")
    name = f"schemaguard_plugins.{abs(hash(path))}.{family}.{stem}"
    spec = ModuleSpec(name, _Uncached(name, path), origin=path)
    spec.has_location = True
    loaded = module_from_spec(spec)
    sys.modules[name] = loaded
    try:
        spec.loader.exec_module(loaded)  # type: ignore[union-attr] # set above
    except BaseException:
        del sys.modules[name]
        raise
    return loaded


def _require_shape(rule: Rule, label: str) -> None:
    """Refuse a rule without checks, with checks of another signature, or with options without defaults."""
    name = label.rpartition("/")[2].rpartition(".")[0].replace("_", "-")
    if rule.name != name:
        raise RuleRefused(label, 1, f"`Rule` was given {rule.module!r} in place of `__name__`")
    checks: list[tuple[object, int]] = [(check, 1) for check in (*rule.checks, *rule.closing_checks)]
    checks += [(check, 3) for _, check in rule.event_checks]
    if not checks:
        raise RuleRefused(label, 1, SHAPE)
    for check, arguments in checks:
        code: CodeType | None = getattr(check, "__code__", None)
        if code is None:
            raise RuleRefused(label, 1, f"the check {check!r} is not a function")
        if code.co_argcount != arguments:
            wanted = "(project)" if arguments == 1 else "(project, step, event)"
            raise RuleRefused(
                label, code.co_firstlineno, f"`{code.co_name}` takes other arguments than {wanted}"
            )
        if not code.co_flags & GENERATOR:
            raise RuleRefused(label, code.co_firstlineno, f"`{code.co_name}` does not yield findings")
    try:
        msgspec.convert({}, rule.options)
    except (msgspec.ValidationError, TypeError) as error:
        raise RuleRefused(label, 1, f"its options can't be made without a config: {error}") from None


def _line_in(path: str, error: BaseException) -> int:
    """The last line of a file that an exception came through, 1 if it did not."""
    line = 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _in_words(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
