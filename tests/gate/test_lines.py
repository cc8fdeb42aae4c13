"""
Which lines a change wrote.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import given, strategies as st

from schemaguard.gate.lines import written_lines

TEXTS = st.lists(st.sampled_from([b"a", b"b", b"c", b"", b"  a"]), max_size=12)


@given(TEXTS, TEXTS)
def test_lines(ours: list[bytes], theirs: list[bytes]) -> None:
    """As many of each text as the base has are old; what has no match is new; equal ends are old."""
    head, base = b"\n".join(ours) + b"\n", b"\n".join(theirs) + b"\n"
    found = written_lines(head, base)
    lines, known = head.splitlines(), base.splitlines()
    old = Counter(line for number, line in enumerate(lines, 1) if number not in found)

    assert all(count <= Counter(known)[line] for line, count in old.items())
    assert old == Counter(lines) & Counter(known)
    assert written_lines(head, head) == frozenset()
    assert written_lines(head, b"") == frozenset(range(1, len(lines) + 1))
    for start in range(min(len(lines), len(known))):
        if lines[start] != known[start]:
            break
        assert start + 1 not in found


def test_a_line_put_in_between() -> None:
    """Only that one is new, also where it repeats others."""
    assert written_lines(b"a\nb\nc\n", b"a\nc\n") == {2}
    assert written_lines(b"a\na\na\n", b"a\na\n") == {3}
    assert written_lines(b"x\na\nb\n", b"a\nb\ny\n") == {1}
