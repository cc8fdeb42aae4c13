"""
A long random comparison outside of pytest: `python -m tests.oracle.survey --sequences 500 --seed 7`.

Each sequence ends where the two sides part, for what follows would only repeat it. Prints how far they agree, and
what they disagree on, the commonest first.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import traceback
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.postgres.server import EMBEDDED_VERSIONS, embedded
from tests.oracle.pick import RandomPick
from tests.oracle.statements import KINDS, statement
from tests.oracle.twin import Twin, prelude

if TYPE_CHECKING:
    from schemaguard.postgres.server import Connection

STATEMENTS = 40


class Disagreement(NamedTuple):
    """What the sides disagree on (like ones share a bucket), and the particulars."""

    bucket: str
    detail: str


class Survey:
    """Counts over all sequences, and an example of each kind of disagreement."""

    def __init__(self, connection: Connection, kinds: list[str]) -> None:
        self.connection = connection
        self.chosen = kinds
        self.statements = 0
        self.refused = 0
        self.agreed = 0
        self.compared = 0
        self.equal = 0
        self.kinds: Counter[str] = Counter()
        self.buckets: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}

    def sequence(self, generator: random.Random) -> None:
        """Run one sequence until the sides part."""
        history: list[str] = []
        with closing(Twin(self.connection)) as twin:
            for sql in prelude():
                twin.run(sql)
            pick = RandomPick(twin.replay.catalog, generator)
            for _ in range(STATEMENTS):
                name, sql = statement(pick, KINDS[generator.choice(self.chosen)])
                history.append(sql)
                found = self.count(twin, name, sql)
                if found is not None:
                    self.buckets[f"{name}: {found.bucket}"] += 1
                    known = self.examples.get(f"{name}: {found.bucket}")
                    if known is None or len(history) < len(known):
                        self.examples[f"{name}: {found.bucket}"] = list(history)
                    return

    def count(self, twin: Twin, name: str, sql: str) -> Disagreement | None:
        """Run one statement and count what comes of it."""
        found = compare(twin, sql)
        self.statements += 1
        refused = bool(twin.verdicts and twin.verdicts[-1].server.sqlstate)
        self.refused += refused
        if found is None or found.bucket.startswith("fact"):
            self.agreed += 1
            self.compared += not refused
            self.equal += not refused and found is None
            self.kinds[name] += not refused
        return found

    def reduced(self, bucket: str) -> list[str]:
        """Return the shortest part of a bucket's history that still ends in the same disagreement, and its detail."""
        history = self.examples[bucket]
        wanted = bucket.partition(": ")[2]
        detail = self.replayed(history, wanted)
        for position in range(len(history) - 2, -1, -1):
            shorter = history[:position] + history[position + 1 :]
            if (again := self.replayed(shorter, wanted)) is not None:
                history, detail = shorter, again
        return [*history, detail or "(not to be reproduced)"]

    def replayed(self, history: list[str], bucket: str) -> str | None:
        """Return the detail of the last statement's disagreement, if it is in that bucket."""
        with closing(Twin(self.connection)) as twin:
            for sql in (*prelude(), *history[:-1]):
                try:
                    twin.run(sql)
                except Exception:  # noqa: BLE001 - then this is not the same history
                    return None
            found = compare(twin, history[-1])
        return found.detail if found is not None and found.bucket == bucket else None

    def report(self, most: int) -> str:
        """Put the figures and the commonest disagreements into text."""
        lines = [
            (
                f"{self.statements} statements, {self.refused} refused; "
                f"verdicts agree {self.agreed / max(self.statements, 1):.2%}, "
                f"facts equal {self.equal / max(self.compared, 1):.2%} of {self.compared}"
            )
        ]
        for bucket, count in self.buckets.most_common(most):
            lines += ["", f"[{count}] {bucket}", *(f"    {line};" for line in self.reduced(bucket))]
        unused = [name for name in self.chosen if not self.kinds[name]]
        lines += ["", f"{len(self.kinds)} kinds succeeded; never: {', '.join(unused) or 'none'}"]
        return "\n".join(lines)


def compare(twin: Twin, sql: str) -> Disagreement | None:
    """Run one statement on both sides; what they disagree on, None for nothing."""
    try:
        verdict = twin.run(sql)
        if not verdict.agrees:
            server, replay = verdict.server, verdict.replay
            return Disagreement(
                f"server {server.sqlstate} {_plain(server.message)}"
                f" | replay {replay.sqlstate} {_plain(replay.message)} {verdict.opaque}",
                f"-- server {server.sqlstate} {server.message} | replay {replay.sqlstate} {replay.message}",
            )
        found = [] if verdict.server.sqlstate else twin.differences()
    except Exception as error:  # noqa: BLE001 - a survey goes on, and reports
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
        return Disagreement(f"crash {type(error).__name__} {error} at {place}", "")
    if not found:
        return None
    path, one, other = found[0]
    shape = "/".join(_plain(part) for position, part in enumerate(path) if position != 1)
    detail = f"-- {'/'.join(path)}: replay {one!r} server {other!r} ({len(found)} differences)"
    return Disagreement(f"fact {shape}", detail)


def _plain(message: str) -> str:
    """Take names out of a message, so that like disagreements fall together."""
    return re.sub(r'"[^"]*"|\b[a-z]\d\b|\d+', "…", message)


def main() -> None:
    """Run the survey that the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--version", type=int, default=EMBEDDED_VERSIONS[-1])
    parser.add_argument("--most", type=int, default=15, help="how many disagreements to show")
    parser.add_argument(
        "--without", default="", help="kinds of statements to leave out, with commas between them"
    )
    arguments = parser.parse_args()
    kinds = [name for name in KINDS if name not in arguments.without.split(",")]
    start = time.monotonic()
    with (
        embedded(arguments.version) as server,
        server.database() as name,
        server.connect(name) as connection,
    ):
        survey = Survey(connection, kinds)
        for number in range(arguments.sequences):
            survey.sequence(random.Random(f"{arguments.seed} {number}"))  # noqa: S311 - no secret
        seconds = time.monotonic() - start
        sys.stdout.write(f"{survey.report(arguments.most)}\n{seconds:.1f} s\n")


if __name__ == "__main__":
    main()
