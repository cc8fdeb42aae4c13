"""
Secrets are found by their words as the pattern alone would find them.
"""

from __future__ import annotations

from hypothesis import given, strategies as st

from schemaguard.linting.questions.secrets import KEYWORD, _assignments

PARTS = ("password", "PassWord", "passwd", "pwd", "api_key", "apikey", "access_token", "secret", "İ", "ß", "_", " ",
         "=", " = ", "'", '"', "abcd", "x'y", "\n", "(", "password=secret=abcd", "0")  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_as_the_pattern_alone(text: str) -> None:
    assert [m.span() for m in _assignments(text)] == [m.span() for m in KEYWORD.finditer(text)]
