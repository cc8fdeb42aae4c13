"""
What SQLAlchemy answers on a server, against what the interpreter answers: the inspector, and results of queries.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.replay import Replay
from schemaguard.plpgsql.engine import Engine
from tests.sources.alembic.projects import interpreted, revision
from tests.sources.alembic.targets import Record, RecordingTarget
from tests.sources.alembic.test_differential import sqlalchemy_url
from tests.sources.reading import loaded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.postgres.server import Server

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.filterwarnings("ignore:Did not recognize type"),
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection"),
]

SCHEMA = """
CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0);
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 5) PRIMARY KEY,
    name varchar(20) NOT NULL DEFAULT 'none',
    email text UNIQUE,
    born date,
    height numeric(5, 2) CHECK (height > 0),
    weight double precision,
    score real,
    small smallint,
    "order" integer,
    flags bit(3), more bit varying(5),
    seen timestamptz, wrote timestamp(3), at time, until timetz,
    data jsonb, old json, raw bytea, place point, net inet, key uuid, took interval,
    tags text[], matrix integer[][],
    state mood, price cents, worth money,
    code char(3), letter "char",
    total numeric GENERATED ALWAYS AS (height * 2) STORED,
    CONSTRAINT name_and_born UNIQUE (name, born),
    CONSTRAINT grown CHECK (height < 300)
);
COMMENT ON TABLE people IS 'All of them';
COMMENT ON COLUMN people.name IS 'What they are called';
COMMENT ON INDEX people_email_key IS 'one each';
CREATE INDEX by_name ON people (name, born DESC) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX by_lower ON people (lower(name));
CREATE INDEX by_tags ON people USING gin (tags);
CREATE INDEX including ON people (born) INCLUDE (name);
CREATE TABLE shop.orders (
    id serial,
    person bigint NOT NULL REFERENCES people ON DELETE CASCADE,
    other bigint CONSTRAINT to_other REFERENCES people (id) ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT orders_key PRIMARY KEY (id, person)
);
CREATE VIEW everybody AS SELECT name FROM people;
CREATE MATERIALIZED VIEW kept AS SELECT name FROM people;
CREATE TEMPORARY TABLE scratch (a integer);
CREATE SEQUENCE numbers;
CREATE TABLE parted (a integer, b integer) PARTITION BY RANGE (a);
"""

QUESTIONS = (Path(__file__).parent / "questions.txt").read_text().splitlines()
Q = "SELECT relname, relkind FROM pg_class WHERE relname IN ('people', 'parted', 'everybody') ORDER BY 1"
HEAD = f"from sqlalchemy.orm import Session\nQ = {Q!r}\n"


class Kept(RecordingTarget):
    """Keeps what it is told to execute, and answers from a replay."""

    def __init__(self, replay: Replay) -> None:
        super().__init__()
        self.replay = replay

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        return self.replay.rows(sql, parameters)

    def columns(self, sql: str) -> Sequence[str]:
        return self.replay.columns(sql)

    def reflection(self) -> Record:
        return self.replay.reflection()


@pytest.fixture(scope="module")
def replay(server: Server) -> Replay:
    """Replay the schema, and stay where it ends."""
    found = Replay(new_catalog(server.version), Engine())
    for migration in loaded({"migrations/1.sql": SCHEMA}).migrations:
        found.apply(migration)
    assert [step.error.message for step in found.history.steps if step.error] == []
    return found


@pytest.fixture(scope="module")
def names(server: Server) -> Iterator[dict[str, Any]]:
    """Make the schema on a server, and what a question needs to be asked there."""
    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    with server.database() as name:
        engine = sa.create_engine(sqlalchemy_url(server, name), poolclass=sa.NullPool)
        with engine.connect() as bind:
            bind.exec_driver_sql(SCHEMA)
            yield {"sa": sa, "bind": bind, "Session": Session, "Q": Q}
        engine.dispose()


def answered(question: str, names: dict[str, Any]) -> str:
    """What Python answers, as `repr` prints it; or that it raises."""
    import sqlalchemy as sa

    try:
        return repr(eval(question, {**names, "i": sa.inspect(names["bind"])}))  # noqa: S307 - the questions above
    except (AttributeError, sa.exc.SQLAlchemyError):
        return "raises"


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_what_sqlalchemy_answers(
    question: str, names: dict[str, Any], replay: Replay, tmp_path: Path
) -> None:
    """The same Python expression over the real inspector and connection, and interpreted over the replayed catalog."""
    wanted = answered(question, names)
    target = Kept(replay)
    body = (
        "    bind = op.get_bind()\n    i = sa.inspect(bind)\n"
        f"    try:\n        found = repr(({question}))\n    except Exception:\n        found = 'raises'\n"
        "    op.get_bind().exec_driver_sql(found)\n"
    )
    interpreted(tmp_path, revision(body, top=HEAD), target=target)

    assert target.opaques == []
    assert target.texts[-1] == wanted
