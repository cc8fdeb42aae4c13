"""
Dates and times written in words: the replay refuses none that a server takes, and none passes that it refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from schemaguard.catalog.analysis.literals.datetimes import (
    NotRead,
    read_date,
    read_time,
    read_timestamp,
    read_timestamptz,
)
from schemaguard.catalog.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.postgres

READERS: dict[str, Callable[[str, int], str]] = {
    "date": read_date,
    "time": read_time,
    "timestamp": read_timestamp,
    "timestamptz": read_timestamptz,
}
WORDS = (
    *(
        "now",
        "NOW()",
        "now( )",
        "(now)",
        "today()",
        "tomorrow",
        "yesterday",
        "epoch",
        "infinity",
        "-infinity",
    ),
    *(
        "allballs",
        "later",
        "nowt",
        "noww()",
        "current_timestamp",
        "CURRENT_TIMESTAMP()",
        "",
        " ",
        "never",
        "()",
    ),
    *("2024-01-31", "2024-02-30", "2024-01-31 25:00", "2024-01-31 10:00+02", "12:30", "25:61", "now()::date"),
)


@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("name", READERS)
def test_words_are_taken_as_the_server_takes_them(
    connection: psycopg.Connection[Any], name: str, text: str
) -> None:
    try:
        connection.execute(f"SELECT %s::text::{name}", (text,))
        taken = True
    except psycopg.Error:
        connection.rollback()
        taken = False
    try:
        READERS[name](text, -1)
        read: bool | None = True
    except Refused:
        read = False
    except NotRead:
        read = None  # taken on trust: nothing is said of it

    assert read in (taken, None)
