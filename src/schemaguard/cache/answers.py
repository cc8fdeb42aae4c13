"""Whole answers of a run: exit code, notices and reports, for the same question over the same files."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from schemaguard.cache.trace import Trace, TracedTree, would_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.cache.store import Store
    from schemaguard.sources.tree import FileTree


class Answer(msgspec.Struct, frozen=True):
    """What a run says: its exit code, its notices, and each report that was wanted, as it is written."""

    exit_code: int
    notices: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """An answer, and what it rests on."""

    trace: Trace
    answer: Answer


def answered(
    store: Store | None, question: Iterable[str], tree: FileTree, run: Callable[[FileTree], Answer]
) -> Answer:
    """The answer of `run` over `tree`: the one that is kept, if all that it rests on is as it was, else a new one.

    `question`: all that the answer depends on beside the files that `run` reads through the tree that it is given.
    Without a store nothing is looked up or kept.
    """
    if store is None:
        return run(tree)
    name = _named(question)
    kept = store.get(name)
    if kept is not None:
        entry = msgspec.msgpack.decode(kept, type=Entry)  # its checksum holds, so it is what was written
        if would_answer(tree, entry.trace):
            return entry.answer
    traced = TracedTree(tree)
    answer = run(traced)
    store.put(name, msgspec.msgpack.encode(Entry(traced.trace, answer)))
    return answer


def _named(question: Iterable[str]) -> str:
    """The name of a question's entry; parts are told apart by their lengths."""
    digest = blake2b(digest_size=20)
    for part in question:
        data = part.encode(errors="surrogateescape")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()
