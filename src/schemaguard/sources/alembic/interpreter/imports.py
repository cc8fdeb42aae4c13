"""Imports: modules of the project are read when one of their names is first used, others stay symbols."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.library.outside import symbol_value
from schemaguard.sources.alembic.interpreter.machine import MOST_STEPS
from schemaguard.sources.alembic.interpreter.scope import Lazy, Scope
from schemaguard.sources.alembic.interpreter.trial import QuietTarget
from schemaguard.sources.alembic.interpreter.values import (
    LimitExceeded,
    Module,
    Raised,
    Started,
    Symbol,
    Undecided,
    Unknown,
)
from schemaguard.sources.alembic.source import NotPython, Unreadable

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.completions import Completion
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

MOST_MODULES = 1000


def import_modules(machine: Machine, node: ast.Import, scope: Scope) -> Completion:
    """`import a.b, c as d`."""
    span = scope.file.node_span(node)
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        target = alias.name if alias.asname else bound
        holder = scope.assigned(bound)
        holder.imports[bound] = (alias.name, span)
        machine.write(holder.names, bound, Lazy(partial(machine.load, target, span, bound)))
    return None


def import_names(machine: Machine, node: ast.ImportFrom, scope: Scope) -> Completion:
    """`from a.b import c as d`."""
    span = scope.file.node_span(node)
    module = absolute_name(machine, node, scope)
    if module == "__future__":
        return None
    for alias in node.names:
        if alias.name == "*":
            _import_all(machine, module, span, scope)
            continue
        bound = alias.asname or alias.name
        holder = scope.assigned(bound)
        holder.imports[bound] = (module, span)
        found = Lazy(partial(_member, machine, module, alias.name, span, bound))
        # Where somebody waits for an ImportError, it comes at once.
        machine.write(holder.names, bound, found.resolve() if machine.guarded else found)
    return None


def absolute_name(machine: Machine, node: ast.ImportFrom, scope: Scope) -> str:
    """The dotted name of the module that a `from` names, also a relative one."""
    if not node.level:
        return node.module or ""
    package = _package_of(machine, scope.top)
    parts = package.split(".") if package else []
    base = parts[: len(parts) - (node.level - 1)] if node.level > 1 else parts
    return ".".join([*base, node.module] if node.module else base)


def _package_of(machine: Machine, top: Scope) -> str:
    """The package that a module's relative imports start from."""
    name = top.names.get("__name__")
    module = machine.modules.get(str(name))
    if module is not None and module.is_package:
        return module.name
    return str(name).rpartition(".")[0]


def _member(machine: Machine, module_name: str, name: str, span: Span, bound: str) -> Value:
    """What `from module_name import name` gives."""
    declared = f"{module_name}.{name}"
    if declared in machine.options.values:
        return symbol_value(machine, Symbol(declared, span, bound))
    module = machine.load(module_name, span, bound)
    if isinstance(module, Symbol):
        return symbol_value(machine, Symbol(f"{module.path}.{name}", span, bound))
    if not isinstance(module, Module):
        return module
    return module_attribute(machine, module, name, span)


def module_attribute(machine: Machine, module: Module, name: str, span: Span) -> Value:
    """A name of a module of the project, or a module inside it.

    Raises:
        Raised: an ImportError: it has no such name.
    """
    load_module(machine, module)
    names = module.scope.names
    value = names.get(name, _ABSENT)
    if isinstance(value, Lazy) and not value.is_resolving:
        return value.resolve()
    if value is not _ABSENT and not isinstance(value, Lazy):
        return value
    if value is _ABSENT and _run_definition(machine, module, name):
        return module_attribute(machine, module, name, span)
    submodule = machine.load(f"{module.name}.{name}", span, name)
    if isinstance(submodule, Module):
        return submodule
    if module.scope.stars:
        return symbol_value(machine, module.scope.stars[-1].member(name))
    maker = names.get("__getattr__")
    if maker is not None and not name.startswith("__"):
        return machine.call(maker, Call(machine, [name], {}, span))
    raise Raised(ImportError(f"cannot import name '{name}' from '{module.name}' ({module.file.path})"), span)


_ABSENT = object()


def _run_definition(machine: Machine, module: Module, name: str) -> bool:
    """Run the statement that defines a name that is asked for while the module is still being run.

    Modules are run when they are first needed, so they need each other in another order than Python's.
    """
    for statement in module.file.tree.body if module.is_running else ():
        match statement:
            case (
                ast.FunctionDef(name=defined)
                | ast.AsyncFunctionDef(name=defined)
                | ast.ClassDef(name=defined)
            ):
                names = [defined]
            case ast.Assign(targets=targets):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case _:
                continue
        if name in names:
            machine.run([statement], module.scope)
            return name in module.scope.names
    return False


def _import_all(machine: Machine, module_name: str, span: Span, scope: Scope) -> None:
    module = machine.load(module_name, span, module_name)
    if isinstance(module, Symbol):
        scope.stars.append(module)
        return
    if not isinstance(module, Module):
        return
    load_module(machine, module)
    exported = module.scope.names.get("__all__")
    for name, value in list(module.scope.names.items()):
        public = name in exported if isinstance(exported, (list, tuple)) else not name.startswith("_")
        if public:
            scope.imports.setdefault(name, (module_name, span))
            machine.write(scope.names, name, value)
    scope.stars.extend(module.scope.stars)


def load_module(machine: Machine, module: Module) -> None:
    """Run a module's top level, once; what fails in it costs only the names it would have set."""
    if module.loaded:
        return
    module.loaded = True
    if len(machine.modules) > MOST_MODULES:
        raise LimitExceeded(
            f"more than {MOST_MODULES} modules of the project would be read", module.file.span(0, 0)
        )
    try:
        body = module.file.tree.body
    except NotPython as error:
        raise Raised(
            SyntaxError(f"{module.file.path}: {error.message}"), module.file.line_span(error.line)
        ) from error
    # A module is read for good, also while a branch is only tried, and whatever generator or function asked for it.
    outer = machine.journal, machine.receivers, machine.frames, machine.depth
    machine.journal, machine.receivers, machine.frames = None, [], []
    module.is_running = True
    try:
        run_module_body(machine, body, module.scope)
    finally:
        module.is_running = False
        machine.journal, machine.receivers, machine.frames, machine.depth = outer


def run_module_body(machine: Machine, body: list[ast.stmt], scope: Scope, *, quiet: bool = True) -> None:
    """Run statements one by one; where one raises, the names it assigns are unknown for that reason.

    `quiet`: nothing that they would do to the database counts: Alembic only imports the module.
    """
    outer = machine.target
    if quiet:
        machine.target = QuietTarget(outer)
    try:
        for statement in body:
            try:
                machine.run([statement], scope)
            except Raised as raised:
                if not quiet:
                    machine.target.opaque(raised.span, f"{raised.describe()}: what follows is not read")
                _forget_names(statement, scope, Unknown(f"`{{}}`: {raised.describe()}", raised.span))
            except Undecided as undecided:
                _forget_names(statement, scope, undecided.unknown)
            except LimitExceeded as limit:
                if not quiet or machine.steps > MOST_STEPS:
                    raise  # there is no end to it: nothing that follows would ever run
                span = limit.span or scope.file.node_span(statement)
                _forget_names(statement, scope, Unknown(f"`{{}}`: {limit.message}", span))
            except Started:
                if not quiet:
                    raise
    finally:
        machine.target = outer


def _forget_names(statement: ast.stmt, scope: Scope, unknown: Unknown) -> None:
    for node in ast.walk(statement):
        name = None
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            name = node.name
        if name is not None:
            origin = unknown.origin.replace("`{}`", f"`{name}`")
            scope.names.setdefault(name, Unknown(origin, unknown.span, unknown.remedy))


def find_module(machine: Machine, name: str, span: Span, spelled: str) -> Value:
    """A module by its dotted name: one of the project, not yet run, or the symbol of one outside."""
    known = machine.modules.get(name)
    if known is not None:
        return known
    found = machine.project.find_module(name)
    if found is None:
        return symbol_value(machine, Symbol(name, span, spelled))
    try:
        file = found.read()
    except Unreadable as error:
        return Unknown(f"`{spelled}` ({found.path}: {error})", span)
    module = Module(name, file, Scope(file), is_package=found.is_package)
    module.scope.names["__name__"] = name
    module.scope.names["__file__"] = str(found.absolute)
    machine.modules[name] = module
    return module
