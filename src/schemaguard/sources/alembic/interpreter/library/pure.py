"""The part of the standard library that only computes: Python's own functions, given known values."""

from __future__ import annotations

import base64
import collections
import copy
import datetime as dt
import decimal
import fractions
import functools
import hashlib
import itertools
import json
import math
import operator
import re
import string
import textwrap
import uuid
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.library.builtin import host_function
from schemaguard.sources.alembic.interpreter.values import (
    Bound,
    Class,
    Descriptor,
    Function,
    Generator,
    Instance,
    Native,
)
from schemaguard.sources.alembic.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.values import Value

PURE: dict[str, tuple[Any, frozenset[str]]] = {
    "itertools": (
        itertools,
        words(
            "chain product permutations combinations zip_longest islice accumulate groupby pairwise starmap takewhile "
            "dropwhile filterfalse combinations_with_replacement compress repeat"
        ),
    ),
    "itertools.chain": (itertools.chain, words("from_iterable")),
    "functools": (functools, words("reduce")),
    "collections": (collections, words("OrderedDict Counter deque ChainMap")),
    "math": (math, words("ceil floor sqrt log log2 log10 gcd isclose trunc pi e inf")),
    "operator": (
        operator,
        words("itemgetter attrgetter add sub mul and_ or_ not_ eq ne lt le gt ge contains getitem concat"),
    ),
    "string": (
        string,
        words(
            "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits punctuation whitespace capwords"
        ),
    ),
    "re": (
        re,
        words(
            "compile escape match search fullmatch findall finditer split IGNORECASE I MULTILINE M DOTALL S VERBOSE X "
            "ASCII A"
        ),
    ),
    "json": (json, words("loads dumps")),
    "textwrap": (textwrap, words("fill shorten wrap")),
    "copy": (copy, words("copy")),
    "datetime": (dt, words("datetime date time timedelta timezone UTC MINYEAR MAXYEAR")),
    "decimal": (decimal, words("Decimal ROUND_HALF_UP")),
    "fractions": (fractions, words("Fraction")),
    "uuid": (uuid, words("UUID uuid3 uuid5 NAMESPACE_DNS NAMESPACE_URL NAMESPACE_OID NAMESPACE_X500")),
    "hashlib": (hashlib, words("md5 sha1 sha224 sha256 sha384 sha512 blake2b blake2s")),
    "base64": (
        base64,
        words("b64encode b64decode urlsafe_b64encode urlsafe_b64decode b32encode b32decode b16encode"),
    ),
}
"""Modules of which these names are used as they are: they compute from their arguments and do nothing else."""

HARMLESS = words(
    "logging warnings time print pprint traceback gc atexit typing typing_extensions abc enum dataclasses "
    "contextlib collections functools itertools operator string re json textwrap copy datetime decimal "
    "fractions uuid hashlib base64 math random secrets sys platform locale inspect types weakref numbers "
    "zoneinfo calendar statistics struct html unicodedata csv io tempfile getpass socket asyncio "
    "threading concurrent os pathlib glob importlib pkgutil shlex configparser tomllib urllib heapq "
    "bisect array queue timeit tokenize ast dis keyword builtins errno signal gettext colorsys stat "
    "fnmatch zlib gzip bz2 lzma zipfile tarfile pickle marshal sqlite3 hmac cmath optparse argparse "
    "__future__"
)
"""Modules of the standard library whose functions can't reach the database of the migration."""


CALLABLE = (
    operator.itemgetter, operator.attrgetter, operator.methodcaller, type(functools.cmp_to_key(lambda _a, _b: 0)),
)  # fmt: skip
"""Types whose objects are functions that only compute."""


def called(function: Callable[..., Value], call: Call) -> Value:
    """Call such an object."""
    unknown = call.unknown()
    return function(*call.arguments) if unknown is None else unknown


def value_of(path: str) -> Value:
    """The constant, type or function that a name of `PURE` stands for; None if it is not among them."""
    module, _dot, name = path.rpartition(".")
    entry = PURE.get(module)
    if entry is None or name not in entry[1]:
        return None
    member = getattr(entry[0], name, None)
    if callable(member) and not isinstance(member, type):
        return Native(path, functools.partial(_call_pure, member))
    result: Value = Native(path, functools.partial(_call_pure, member)) if module in _ITERATORS else member
    return result


_ITERATORS = frozenset(("itertools", "operator", "collections"))
"""Modules whose types take iterables and functions that may be the program's own."""


def hosted(call: Call, value: Value) -> Any:  # noqa: ANN401 - handed to a function of Python's
    """A value as a function of Python's can take it."""
    if isinstance(value, (Function, Bound, Native, Descriptor, Class)):
        return host_function(call, value)
    if isinstance(value, Generator):
        return list(items(call.machine, value, call.span))
    if isinstance(value, Instance):
        return plain(value)
    return value


def _call_pure(function: Any, call: Call) -> Value:  # noqa: ANN401 - any function of the table
    collects = getattr(function, "__module__", "") in ("itertools", "collections", "operator", "_functools")
    unknown = call.unknown()
    if unknown is not None and not collects:
        return unknown
    arguments = [hosted(call, argument) for argument in call.arguments]
    for argument in arguments:
        if isinstance(argument, str) and getattr(function, "__module__", "") == "re":
            refuse_explosive(call, argument)
    result: Value = function(
        *arguments, **{name: hosted(call, value) for name, value in call.keywords.items()}
    )
    if isinstance(result, itertools.groupby):
        return iter([(key, iter(list(group))) for key, group in result])
    if isinstance(result, (map, filter)) or type(result).__module__ == "itertools":
        return iter(list(items(call.machine, result, call.span)))
    return result


_NESTED_QUANTIFIER = re.compile(r"[+*}]\)[+*{]")


def refuse_explosive(call: Call, pattern: str) -> None:
    """A pattern such as `(a+)+` can take time without end."""
    if _NESTED_QUANTIFIER.search(pattern):
        call.machine.check_length(10**9, call.span)


def standard_module(name: str) -> bool:
    """Whether a dotted name belongs to a module of the standard library that can't reach the database."""
    return name.partition(".")[0] in HARMLESS
