"""
Git repositories made for a test, and the command line run in them.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.support import CommandLine, Done

CONFIG = """\
version: 1
sources: [{sql: "db/*.sql", role: owner}]
external: {roles: {app: {login: true}, writers: {}}}
roles: {application: [app]}
tenancy: {table: tenants, key: id, column: tenant_id, type: uuid, setting: app.tenant}
append_only: {ledger: {guard: optional}}
"""

LEGACY = """\
CREATE TABLE tenants (id uuid PRIMARY KEY);
CREATE TABLE ledger (id uuid PRIMARY KEY, tenant_id uuid);
GRANT SELECT, INSERT, UPDATE ON ledger TO app;
CREATE TABLE loose (id integer, tenant_id uuid);
CREATE TABLE hidden (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants (id));
"""
"""Full of old findings; `hidden` lacks row security, and nobody can reach it."""

CLEAN = """\
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants (id));
CREATE INDEX idx_orders_tenant_id ON orders (tenant_id);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON orders
    USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid));
COMMENT ON POLICY tenant_isolation ON orders IS 'A tenant sees its own orders only';
COMMENT ON TABLE orders IS 'Purpose: what was ordered. Data class: Non-PII. Ownership: sales';
GRANT SELECT, INSERT ON orders TO app;
"""


class Repository:
    """A repository with a `main` branch, and the command line in its folder."""

    def __init__(self, cli: CommandLine) -> None:
        self.cli = cli
        self.folder: Path = cli.folder
        self.git("init", "-q", "-b", "main", "--template=")

    def git(self, *arguments: str) -> str:
        """Run git, which must succeed."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def put(self, path: str, text: str | bytes) -> None:
        """Write one file."""
        self.cli.put(path, text)

    def commit(self, files: dict[str, str] | None = None, message: str = "change") -> str:
        """Write files, commit everything, and give the commit's id."""
        for path, text in (files or {}).items():
            self.put(path, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def legacy(self, **more: str) -> None:
        """Commit the legacy schema on `main`, and go on on a branch."""
        self.commit({"schemaguard.yaml": CONFIG, "db/0001_legacy.sql": LEGACY, **more})
        self.git("checkout", "-q", "-b", "feature")

    def check(self, *arguments: str) -> Done:
        """Judge the folder against `main`."""
        return self.cli("check", "--base", "main", *arguments)

    def report(self, *arguments: str) -> Report:
        """Judge likewise, as JSON."""
        return Report.of(self.check("--format", "json", *arguments))

    def state(self) -> list[tuple[str, bytes, int]]:
        """Every file of the folder with content and time: to see that nothing was written.

        Objects of git without their time: where a merge has one that is there already, git touches it.
        """
        return [
            (
                path.relative_to(self.folder).as_posix(),
                path.read_bytes(),
                0 if "objects" in path.parts else path.stat().st_mtime_ns,
            )
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        ]


class Report:
    """A JSON report."""

    def __init__(self, document: dict[str, Any], code: int, notices: str) -> None:
        self.document = document
        self.code = code
        self.notices = notices

    @classmethod
    def of(cls, done: Done) -> Report:
        """Read what a run wrote, which must be a report."""
        assert done.out, done.err
        return cls(json.loads(done.out), done.code, done.err)

    def with_status(self, status: str) -> list[dict[str, Any]]:
        """The findings of one status."""
        return [finding for finding in self.document["findings"] if finding["status"] == status]

    @property
    def new(self) -> list[tuple[str, str, int]]:
        """Rule, path and line of each new finding."""
        return [
            (each["rule"], each["location"]["path"], each["location"]["line"])
            for each in self.with_status("new")
        ]

    @property
    def new_rules(self) -> set[str]:
        """The rules of new findings."""
        return {rule for rule, _, _ in self.new}

    @property
    def keys(self) -> list[str]:
        """The keys of all findings, sorted."""
        return sorted(finding["key"] for finding in self.document["findings"])
