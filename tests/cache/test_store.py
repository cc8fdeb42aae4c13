"""
The folder of entries: whole or not at all, checked when read, bounded.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from schemaguard.cache import store as module
from schemaguard.cache.store import SUFFIX, Store

if TYPE_CHECKING:
    from pathlib import Path


class Told(list[str]):
    """What the user was told."""

    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def store(tmp_path: Path, told: Told) -> Store:
    return Store(tmp_path / "new" / "folder", told)


def test_what_was_put_is_there(store: Store, told: Told) -> None:
    assert store.get("a") is None

    store.put("a", b"first")
    store.put("a", b"second")
    store.put("b", b"")

    assert (store.get("a"), store.get("b"), told) == (b"second", b"", [])


@pytest.mark.parametrize("at", range(60))
def test_a_changed_byte_is_noticed(store: Store, told: Told, at: int) -> None:
    """Wherever it is: in the mark, the checksum or the content."""
    store.put("a", b"the content of an entry, 25 b")
    path = store.folder / f"a{SUFFIX}"
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)

    assert store.get("a") is None
    assert len(told) == 1
    assert str(path) in told[0]
    assert "ignored" in told[0]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"schemaguard cache 1\n", b"schemaguard cache 2\n" + b"x" * 40]
)
def test_what_is_not_an_entry_is_noticed(store: Store, told: Told, content: bytes) -> None:
    store.put("other", b"")
    (store.folder / f"a{SUFFIX}").write_bytes(content)

    assert store.get("a") is None
    assert len(told) == 1


def test_a_truncated_entry_is_noticed(store: Store, told: Told) -> None:
    store.put("a", b"x" * 1000)
    path = store.folder / f"a{SUFFIX}"
    path.write_bytes(path.read_bytes()[:-1])

    assert store.get("a") is None
    assert len(told) == 1


def test_what_cannot_be_read_is_noticed(store: Store, told: Told) -> None:
    (store.folder / f"a{SUFFIX}").mkdir(parents=True)

    assert store.get("a") is None
    assert "cannot be read" in told[0]


def test_where_nothing_can_be_written_the_run_goes_on(tmp_path: Path, told: Told) -> None:
    (tmp_path / "file").write_text("")

    Store(tmp_path / "file" / "folder", told).put("a", b"x")

    assert len(told) == 1
    assert "cannot be written" in told[0]


def test_nothing_unfinished_is_left(store: Store) -> None:
    store.put("a", b"x")

    assert [each.name for each in store.folder.iterdir()] == [f"a{SUFFIX}"]


def test_what_others_left_unfinished_is_removed_when_it_is_old(store: Store) -> None:
    store.put("a", b"x")
    old, young = store.folder / "b.1.1.tmp", store.folder / "c.1.1.tmp"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)

    store.put("a", b"y")

    assert not old.exists()
    assert young.exists()


def test_entries_are_bounded_in_number(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those go that were used longest ago; the newest stays, whatever it is."""
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    for number in range(3):
        store.put(f"{number}", b"x")
        os.utime(store.folder / f"{number}{SUFFIX}", (1000 + number,) * 2)

    assert store.get("0") == b"x"  # used now
    store.put("new", b"x")

    assert sorted(each.name for each in store.folder.iterdir()) == [
        f"0{SUFFIX}",
        f"2{SUFFIX}",
        f"new{SUFFIX}",
    ]


def test_entries_are_bounded_in_size(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 5000)
    for number in range(5):
        store.put(f"{number}", b"x" * 1500)
        os.utime(store.folder / f"{number}{SUFFIX}", (1000 + number,) * 2)

    assert sorted(each.name for each in store.folder.iterdir()) == [f"{n}{SUFFIX}" for n in (2, 3, 4)]

    store.put("large", b"x" * 10_000)

    assert [each.name for each in store.folder.iterdir()] == [f"large{SUFFIX}"]


def test_many_at_once_read_whole_entries_only(store: Store, told: Told) -> None:
    contents = [bytes([65 + number]) * 20_000 for number in range(8)]
    store.put("a", contents[0])

    def work(content: bytes) -> list[bytes | None]:
        found = []
        for _ in range(20):
            store.put("a", content)
            found.append(store.get("a"))
        return found

    with ThreadPoolExecutor(8) as pool:
        found = [each for part in pool.map(work, contents) for each in part]

    assert set(found) <= set(contents)
    assert told == []
    assert len(list(store.folder.iterdir())) == 1
