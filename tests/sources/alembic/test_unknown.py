"""
What is not known: whatever the value turns out to be, the history does what the interpreter says it may do.

Each program is run by Python once for every value that the unknown could have, and interpreted once without knowing
it. What the interpreter calls certain must happen in every run, and whatever happens in a run must have been said to be
possible, unless the interpreter says that something there can't be known at all.
"""

# long: each construct that cannot be known, with the remedy its message names
from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.sources.alembic.projects import interpreted, revision

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.alembic.targets import RecordingTarget

VALUES = ["", "a", "b", "1", "zz"]

# Each is the body of `upgrade`; `x` is an environment variable that nobody declares.
PROGRAMS = {
    "condition": """
        if x == "a":
            op.execute("A")
        op.execute("always")
    """,
    "same on both sides": """
        if x:
            op.execute("A")
        else:
            op.execute("A")
    """,
    "else": """
        if x == "a":
            op.execute("A")
        elif x == "b":
            op.execute("B")
        else:
            op.execute("C")
    """,
    "nested": """
        if x:
            op.execute("outer")
            if x == "b":
                op.execute("inner")
    """,
    "early return": """
        if x == "a":
            return
        op.execute("later")
    """,
    "return in a function": """
        def choose():
            if x:
                return "T"
            return "T"
        op.execute(choose())
        def other():
            if x == "a":
                return "A"
            if x == "b":
                return "B"
            return "C"
        op.execute("before")
        name = other()
        if name == "A":
            op.execute("was A")
    """,
    "assignment": """
        name = "N"
        if x:
            name = "M"
        same = "S"
        if x:
            same = "S"
        op.execute(same)
        if name == "M":
            op.execute("changed")
    """,
    "loop with break": """
        for name in ["a", "b", "c"]:
            if name == x:
                break
            op.execute(name)
        op.execute("end")
    """,
    "loop with continue": """
        for name in ["a", "b"]:
            if name == x:
                continue
            op.execute(name)
        else:
            op.execute("else")
    """,
    "loop over it": """
        for character in x:
            op.execute("C")
        op.execute("end")
    """,
    "while": """
        n = 0
        while n < 3 and x:
            n += 1
            op.execute("round")
        op.execute("end")
    """,
    "raise": """
        if x == "zz":
            raise ValueError("never run with this")
        op.execute("A")
    """,
    "assert": """
        assert x != "zz"
        op.execute("A")
    """,
    "list": """
        tables = ["t"]
        if x:
            tables.append("u")
        for table in tables:
            op.execute(table)
    """,
    "dict": """
        tables = {"t": 1}
        if x == "a":
            tables["u"] = 2
            del tables["t"]
        for table in tables:
            op.execute(table)
    """,
    "set and deque": """
        from collections import deque
        names, queue = {"n"}, deque(["q"])
        if x:
            names.add("m")
            queue.append("r")
        for name in sorted(names):
            op.execute(name)
        for name in queue:
            op.execute(name)
    """,
    "list that ends the same": """
        tables = ["t"]
        if x:
            tables.append("u")
        else:
            tables.extend(["u"])
        for table in tables:
            op.execute(table)
    """,
    "object": """
        class Holder:
            name = "before"
        holder = Holder()
        if x == "a":
            holder.name = "after"
            Holder.name = "class"
        op.execute("go")
        if holder.name == "after":
            op.execute("after")
    """,
    "deletion": """
        name = "N"
        if x:
            del name
            name = "N"
        op.execute(name)
    """,
    "conditional expression": """
        op.execute("A" if x else "A")
        kind = "K" if x == "a" else "L"
        if kind == "K":
            op.execute("k")
    """,
    "boolean": """
        if x and False:
            op.execute("never")
        if x or True:
            op.execute("always")
        if not (x or True):
            op.execute("never")
        if (x == "a" and x != "b") or x == "zz":
            op.execute("perhaps")
    """,
    "comparison": """
        if 1 < 2 < len(x) < 5:
            op.execute("A")
        if "a" in x:
            op.execute("B")
        if x in ("a", "b"):
            op.execute("C")
        if x is None:
            op.execute("never")
        if "k" in ["k", x]:
            op.execute("always")
        if x in []:
            op.execute("never")
    """,
    "match": """
        match x:
            case "a":
                op.execute("A")
            case "b" | "zz":
                op.execute("B")
            case _:
                op.execute("C")
    """,
    "match of parts": """
        match [x, 1]:
            case ["a", number]:
                op.execute("A")
            case _:
                op.execute("other")
        match {"k": x}:
            case {"k": "b"}:
                op.execute("B")
    """,
    "generator": """
        def names():
            yield "first"
            if x:
                yield "second"
        for name in names():
            op.execute(name)
    """,
    "any and all": """
        if any(name == x for name in ("a", "b")):
            op.execute("any")
        if all([True, x]):
            op.execute("all")
        if any([True, x]):
            op.execute("always")
        if all([False, x]):
            op.execute("never")
    """,
    "functions of it": """
        if x.upper() == "A":
            op.execute("A")
        if len(x) > 1:
            op.execute("L")
        if x.startswith("z"):
            op.execute("Z")
        if isinstance(x, str):
            op.execute("S")
        if f"{x}!" == "b!":
            op.execute("B")
        if "%s" % x == "a" or "{}".format(x) == "zz" or x + "" == "b":
            op.execute("F")
        if sorted([x, "k"])[0] == "k" or max(x, "m") == "m" or [x].count("a"):
            op.execute("M")
    """,
    "handles in containers": """
        names = {"k": x, "l": "L"}
        op.execute(names["l"])
        if names["k"] == "a":
            op.execute("A")
        first, *rest = x, "r"
        op.execute(rest[0])
        pair = [x, "p"]
        pair.remove(x)
        if pair:
            op.execute("P")
        pair.pop()
    """,
    "nested function state": """
        count = [0]
        def bump():
            if x:
                count[0] += 1
            return count[0]
        bump()
        if count[0]:
            op.execute("bumped")
    """,
    "with": """
        from contextlib import contextmanager
        @contextmanager
        def bracket():
            op.execute("(")
            yield
            op.execute(")")
        with bracket():
            if x:
                op.execute("inside")
    """,
    "finally": """
        def work():
            try:
                if x == "a":
                    return
                op.execute("body")
            finally:
                op.execute("finally")
        work()
        op.execute("end")
    """,
    "loop that may return": """
        def find():
            for name in ("a", "b"):
                if name == x:
                    return name
            return None
        if find():
            op.execute("found")
        op.execute("end")
    """,
    "loops in loops": """
        for outer in ("a", "b"):
            for inner in ("1", "2"):
                if x == outer:
                    break
                if x == inner:
                    continue
                op.execute(outer + inner)
            op.execute(outer)
    """,
    "comprehension": """
        wanted = [name for name in ("a", "b") if name != "b"]
        for name in wanted:
            op.execute(name)
        if [name for name in ("a", "b") if name == x]:
            op.execute("some")
    """,
    "effects in comprehensions": """
        [op.execute("A") for character in x]
        list(op.execute(name) for name in ("m", "n") if name != x)
        {op.execute("key"): op.execute("value") for character in x}
        for name in [op.execute("first") or name for name in ("p", "q")]:
            op.execute(name)
    """,
    "keywords of it": """
        def send(first, **rest):
            if rest.get("k") == "a":
                op.execute("A")
            op.execute(first)
        send("F", k=x)
        send(**{"first": "G", "k": "a"})
    """,
    "global": """
        global state
        state = "old"
        if x:
            state = "new"
        if state == "new":
            op.execute("new")
    """,
    "lambda": """
        pick = (lambda: "L") if x else (lambda: "R")
        op.execute("go")
        if pick() == "L":
            op.execute("left")
    """,
    "enumeration": """
        import enum
        class Kind(enum.Enum):
            A = "a"
            B = "b"
        if x in [kind.value for kind in Kind]:
            op.execute("kind")
        op.execute(Kind.A.value)
    """,
    "sorted by it": """
        names = ["b", "a"]
        names.sort(key=lambda name: name if x else "k")
        op.execute("go")
        if names[0] == "a":
            op.execute("sorted")
    """,
    "dictionary with its key": """
        names = {"a": "A", "b": "B"}
        op.execute("go")
        if names.get(x):
            op.execute("known")
        names.pop(x, None)
        if "a" in names:
            op.execute("left")
        names[x] = 5
        if len(names) > 2:
            op.execute("more")
    """,
    "update and extend by it": """
        names = ["a"]
        names.extend(x)
        if len(names) == 1:
            op.execute("one")
        names += x
        for name in names[:1]:
            op.execute("first")
        kinds = {"k": 1}
        kinds.update({name: 1 for name in x})
        if len(kinds) == 1:
            op.execute("only one")
        found = set("q")
        found.update(x)
        found.discard(x)
        if "zz" not in found:
            op.execute("F")
    """,
}


def concrete(body: str, value: str) -> list[str] | None:
    """The SQL that Python's run of a program sends, with the variable set; None if it ends in its own exception."""
    sent: list[str] = []
    lines = [line[8:] for line in body.strip("\n").splitlines()]
    text = "def upgrade(x, op):\n" + "\n".join(f"    {line}" for line in lines)
    names: dict[str, object] = {}
    exec(text, names)  # noqa: S102 - the programs above
    try:
        names["upgrade"](value, SimpleNamespace(execute=sent.append))  # type: ignore[operator]  # it is a function
    except (ValueError, AssertionError):
        return None
    return sent


def abstract(root: Path, body: str) -> RecordingTarget:
    """What the interpreter says of the program."""
    lines = [line[8:] for line in body.strip("\n").splitlines()]
    text = '    x = os.environ["X"]\n' + "\n".join(f"    {line}" for line in lines)
    return interpreted(root, revision(text, top="import os"))


def allows(log: list[tuple[str, str]], sent: list[str]) -> bool:
    """Whether a run may send this, by what the interpreter said: certain SQL once, the rest perhaps and repeatedly."""
    reachable = {0}
    depth = 0
    for kind, text in log:
        if kind == "maybe":
            depth += 1
        elif kind == "end":
            depth -= 1
        elif kind == "opaque":
            reachable = set(range(min(reachable, default=len(sent) + 1), len(sent) + 1))
        else:
            taken = {at + 1 for at in reachable if at < len(sent) and sent[at] == text}
            while depth and not taken <= reachable:  # a loop of which the number of rounds is not known
                reachable |= taken
                taken = {at + 1 for at in reachable if at < len(sent) and sent[at] == text}
            reachable = reachable if depth else taken
    return len(sent) in reachable


@pytest.mark.parametrize("name", PROGRAMS)
def test_says_what_may_happen(name: str, tmp_path: Path) -> None:
    """Every run, for whatever value, is one that the interpreter allows."""
    target = abstract(tmp_path, PROGRAMS[name])

    for value in VALUES:
        sent = concrete(PROGRAMS[name], value)
        if sent is not None:
            assert allows(target.log, sent), (value, sent, target.log)


CERTAIN = {
    "same on both sides": ["A"],
    "raise": ["A"],
    "assert": ["A"],
    "list that ends the same": ["t", "u"],
    "deletion": ["N"],
}


@pytest.mark.parametrize("name", CERTAIN)
def test_is_certain_where_all_alternatives_agree(name: str, tmp_path: Path) -> None:
    """Alternatives that do the same leave no doubt, nor do those that only the project's own exception ends."""
    target = abstract(tmp_path, PROGRAMS[name])

    assert [sql.text for sql in target.sqls] == CERTAIN[name]


def test_every_pair_of_programs_is_independent(tmp_path: Path) -> None:
    """What one program leaves unknown says nothing of the next: two in a row are allowed what each of them is."""
    for number, (first, second) in enumerate(pairwise(PROGRAMS.values())):
        if "return" in first or "global" in first:
            continue
        body = first.rstrip() + "\n" + second.strip("\n")
        target = abstract(tmp_path / str(number), body)
        for value in VALUES:
            sent = concrete(body, value)
            if sent is not None:
                assert allows(target.log, sent), (value, sent, target.log)
