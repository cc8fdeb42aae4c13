"""A generator of migration histories: governed multi-tenant tables with policies, grants, triggers and views.

The same number of migrations gives the same bytes. A migration is of one of four kinds, in a fixed rotation and of 14
statements each, so that a history of ten times the length has ten times of everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROLES = ("app_rw", "app_ro", "app_admin")

FIRST = """\
CREATE ROLE app_rw LOGIN;
CREATE ROLE app_ro LOGIN;
CREATE ROLE app_admin LOGIN;
CREATE TABLE tenants (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tenants IS 'Purpose: who pays. Data class: internal. Ownership: platform.';
CREATE TABLE channels (code text PRIMARY KEY, title text NOT NULL, is_active boolean NOT NULL DEFAULT true);
INSERT INTO channels (code, title) VALUES ('web', 'Web'), ('mail', 'Mail'), ('shop', 'Shop');
"""

TABLE = """\
CREATE TABLE ledger_{n} (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
    channel text NOT NULL REFERENCES channels (code),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed', 'void')),
    external_id text,
    note text,
    posted_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, external_id)
);
COMMENT ON TABLE ledger_{n} IS 'Purpose: postings. Data class: financial. Ownership: billing.';
COMMENT ON COLUMN ledger_{n}.amount_cents IS 'Integer cents.';
CREATE INDEX ledger_{n}_posted ON ledger_{n} (tenant_id, posted_at DESC);
ALTER TABLE ledger_{n} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_{n} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON ledger_{n}
    USING (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid);
REVOKE ALL ON TABLE ledger_{n} FROM PUBLIC;
GRANT SELECT, INSERT ON TABLE ledger_{n} TO app_rw;
GRANT SELECT ON TABLE ledger_{n} TO app_ro;
"""

COLUMNS = """\
ALTER TABLE ledger_{n} ADD COLUMN reviewed_at timestamptz;
ALTER TABLE ledger_{n} ADD COLUMN reviewer text;
ALTER TABLE ledger_{n} ADD COLUMN attempt integer NOT NULL DEFAULT 0;
ALTER TABLE ledger_{n} ALTER COLUMN note SET DEFAULT '';
COMMENT ON COLUMN ledger_{n}.reviewer IS 'Who looked at it.';
CREATE INDEX ledger_{n}_reviewed ON ledger_{n} (tenant_id, reviewed_at) WHERE reviewed_at IS NOT NULL;
UPDATE ledger_{n} SET note = '' WHERE note IS NULL;
"""

GUARD = """\
CREATE FUNCTION guard_{n}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger_{n} is append-only';
END;
$$;
COMMENT ON FUNCTION guard_{n}() IS 'Refuses changes of posted rows.';
CREATE TRIGGER guard_{n} BEFORE UPDATE OR DELETE ON ledger_{n} FOR EACH ROW EXECUTE FUNCTION guard_{n}();
CREATE TRIGGER guard_{n}_truncate BEFORE TRUNCATE ON ledger_{n} FOR EACH STATEMENT EXECUTE FUNCTION guard_{n}();
COMMENT ON TRIGGER guard_{n} ON ledger_{n} IS 'Append-only.';
COMMENT ON TRIGGER guard_{n}_truncate ON ledger_{n} IS 'Append-only.';
REVOKE EXECUTE ON FUNCTION guard_{n}() FROM PUBLIC;
"""

VIEW = """\
CREATE VIEW open_{n} WITH (security_invoker = true) AS
    SELECT l.tenant_id, l.channel, c.title, sum(l.amount_cents) AS total_cents, count(*) AS postings
    FROM ledger_{n} l JOIN channels c ON c.code = l.channel
    WHERE l.state = 'open'
    GROUP BY l.tenant_id, l.channel, c.title;
COMMENT ON VIEW open_{n} IS 'Open totals by channel.';
COMMENT ON COLUMN open_{n}.total_cents IS 'Integer cents.';
GRANT SELECT ON open_{n} TO app_ro;
"""

RENAME = """\
ALTER TABLE ledger_{n} RENAME COLUMN note TO remark;
ALTER TABLE ledger_{n} DROP CONSTRAINT ledger_{n}_state_check;
ALTER TABLE ledger_{n} ADD CONSTRAINT ledger_{n}_state_known
    CHECK (state IN ('open', 'closed', 'void', 'held')) NOT VALID;
ALTER TABLE ledger_{n} VALIDATE CONSTRAINT ledger_{n}_state_known;
ALTER INDEX ledger_{n}_posted RENAME TO ledger_{n}_by_time;
DROP INDEX ledger_{n}_reviewed;
CREATE INDEX ledger_{n}_reviewer ON ledger_{n} (tenant_id, reviewer);
"""

GRANTS = """\
GRANT UPDATE (reviewed_at, reviewer) ON ledger_{n} TO app_admin;
GRANT SELECT ON ledger_{n} TO app_admin;
REVOKE UPDATE (reviewer) ON ledger_{n} FROM app_admin;
DROP POLICY tenant_isolation ON ledger_{n};
CREATE POLICY ledger_{n}_by_tenant ON ledger_{n}
    USING (tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid))
    WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid));
COMMENT ON POLICY ledger_{n}_by_tenant ON ledger_{n} IS 'One tenant at a time.';
ALTER TABLE ledger_{n} ADD CONSTRAINT ledger_{n}_attempt_sane CHECK (attempt BETWEEN 0 AND 100);
"""

NOTES = """\
INSERT INTO channels (code, title) VALUES ('c{n}', 'Channel {n}') ON CONFLICT (code) DO NOTHING;
CREATE TABLE notes_{n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    ledger_id uuid NOT NULL REFERENCES ledger_{n} (id),
    body text NOT NULL,
    tags text[] NOT NULL DEFAULT '{{}}',
    payload jsonb NOT NULL DEFAULT '{{}}'::jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE notes_{n} IS 'Purpose: remarks. Data class: internal. Ownership: support.';
CREATE INDEX notes_{n}_ledger ON notes_{n} (tenant_id, ledger_id);
ALTER TABLE notes_{n} ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes_{n} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes_{n}
    USING (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON notes_{n} TO app_rw;
GRANT SELECT ON notes_{n} TO app_ro;
"""

SUMMARY = """\
CREATE MATERIALIZED VIEW totals_{n} AS
    SELECT tenant_id, date_trunc('day', posted_at) AS day, sum(amount_cents) AS total_cents
    FROM ledger_{n} GROUP BY tenant_id, date_trunc('day', posted_at);
CREATE UNIQUE INDEX totals_{n}_day ON totals_{n} (tenant_id, day);
COMMENT ON MATERIALIZED VIEW totals_{n} IS 'Totals by tenant and day.';
GRANT SELECT ON totals_{n} TO app_admin;
REFRESH MATERIALIZED VIEW totals_{n};
"""

KINDS = (
    ("table", TABLE + VIEW),
    ("guard", COLUMNS + GUARD),
    ("rename", RENAME + GRANTS),
    ("notes", NOTES + SUMMARY),
)

CONFIG = """\
version: 1
postgres: 16
sources:
  - {{{source}, role: migration_owner}}
roles: {{application: [app_rw, app_admin], readonly: [app_ro], owner: [migration_owner]}}
external:
  roles: {{migration_owner: {{login: true}}}}
tenancy:
  {{table: tenants, key: id, column: tenant_id, type: uuid, setting: app.current_tenant_id,
   shared: [tenants, channels]}}
money: {{columns: ["*_cents"], types: [integer, bigint], unit: _cents, nonnegative: true}}
append_only: {{"ledger_*": {{guard: required}}}}
taxonomies:
  - {{table: channels, key: code, columns: ["*.channel"]}}
"""


def migrations(count: int) -> Iterator[tuple[str, str]]:
    """Name and SQL of each of `count` migrations."""
    yield "first", FIRST
    for number in range(count - 1):
        kind, text = KINDS[number % len(KINDS)]
        yield f"{kind}_{number // len(KINDS)}", text.format(n=number // len(KINDS))


def write_sql(folder: Path, count: int) -> Path:
    """A project of `count` plain SQL migrations."""
    target = folder / "migrations"
    target.mkdir(parents=True)
    for number, (name, text) in enumerate(migrations(count), 1):
        (target / f"{number:05d}_{name}.sql").write_text(text)
    (folder / "schemaguard.yaml").write_text(CONFIG.format(source='sql: "migrations/*.sql"'))
    return folder


def _statements(text: str) -> list[str]:
    """The statements of a migration; one with a function body stays whole."""
    return [text] if "$$" in text else [part for part in text.split(";\n") if part.strip()]


def write_alembic(folder: Path, count: int) -> Path:
    """The same history as Alembic revisions that pass their SQL to `op.execute`."""
    target = folder / "alembic" / "versions"
    target.mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = alembic\n")
    before = "None"
    for number, (name, text) in enumerate(migrations(count), 1):
        revision = f"r{number:05d}"
        lines = [
            f'"""{name}."""',
            "from alembic import op",
            "",
            f'revision = "{revision}"',
            f"down_revision = {before}",
            "",
            "",
            "def upgrade() -> None:",
            *(f'    op.execute("""{part.strip()}""")' for part in _statements(text)),
            "",
            "",
            "def downgrade() -> None:",
            "    pass",
            "",
        ]
        (target / f"{revision}_{name}.py").write_text("\n".join(lines))
        before = f'"{revision}"'
    (folder / "schemaguard.yaml").write_text(CONFIG.format(source="alembic: alembic.ini"))
    return folder
