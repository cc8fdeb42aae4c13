"""
Results made by hand, for the reports' tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.changes import Change
from schemaguard.findings import Evidence, Finding, Severity
from schemaguard.linting.files import Files
from schemaguard.linting.registry import registry
from schemaguard.linting.result import Coverage, Result, SkippedRule, Suppressed
from schemaguard.report import Style, render
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.text import Location

LEDGER = SourceFile(
    "db/0001_ledger.sql",
    "CREATE TABLE ledger (\n"
    "  id bigint PRIMARY KEY,\n"
    "  amount numeric -- das Geld, 金\n"
    ");\n"
    "GRANT SELECT, DELETE ON ledger TO writers;\n",
)
ROLES = SourceFile("db/0002_roles.sql", 'CREATE ROLE "größe"; GRANT writers TO app_rw;\n')

RULES = registry()


def at(file: SourceFile, words: str) -> Location:
    """Return the place of some words in a file."""
    start = file.text.index(words)
    return file.span(start, start + len(words)).location


def finding(
    message: str = "`app_rw` can DELETE from `ledger`: it is a member of `writers`",
    *,
    rule: str = "append-only-mutable",
    severity: Severity = Severity.ERROR,
    object: str = "table public.ledger",
    key: str = "append-only-mutable:public.ledger:app_rw:DELETE",
    location: Location | None = None,
    evidence: Iterable[Evidence] = (),
    help: str = "Grant SELECT and INSERT only.",
    fix: str = "REVOKE DELETE ON public.ledger FROM writers;",
    status: str = "new",
) -> Finding:
    """Return a finding that differs in what a test is about."""
    return Finding(
        rule=rule,
        family=RULES.load(rule).family,
        severity=severity,
        message=message,
        object=object,
        key=key,
        location=location or at(LEDGER, "GRANT SELECT, DELETE ON ledger TO writers"),
        evidence=tuple(evidence),
        help=help,
        fix=fix,
        status=status,
    )


MEMBER = Evidence("`app_rw` is a member of `writers`", at(ROLES, "GRANT writers TO app_rw"))
LISTED = Evidence("append-only by the config")
MUTABLE = finding(evidence=[MEMBER, LISTED])
NUMERIC = finding(
    "`ledger.amount` is numeric",
    rule="money-not-integer",
    severity=Severity.WARNING,
    object="column public.ledger.amount",
    key="money-not-integer:public.ledger.amount",
    location=at(LEDGER, "amount numeric"),
    fix="",
)
COVERAGE = Coverage(
    1,
    97,
    1240,
    1231,
    2,
    7,
    80,
    (SkippedRule("public-not-revoked", "off by default"),),
    (("psql command", 3),),
)


def result(*findings: Finding, **fields: object) -> Result:
    """Return a result with these findings, in their order."""
    made = Result(
        findings=sorted(findings, key=lambda each: each.order),
        coverage=COVERAGE,
        files=Files([LEDGER, ROLES]),
        rules=[RULES.load("append-only-mutable"), RULES.load("money-not-integer")],
    )
    return made._replace(**fields)  # type: ignore[arg-type] # a test names the fields


BOTH = result(MUTABLE, NUMERIC)
QUIET = result(
    MUTABLE,
    finding(key="append-only-mutable:public.ledger:app_rw:UPDATE", status="baseline"),
    finding(key="append-only-mutable:public.ledger:app_ro:DELETE", status="existing"),
    base="origin/main",
    fixed=[NUMERIC],
    changes=[
        Change(
            "table-added",
            "public.carts",
            "adds table carts (id)",
            at(ROLES, "GRANT writers TO app_rw"),
            None,
            {},
        ),
        Change("privilege-taken", "app_rw", "takes DELETE on ledger from app_rw"),
    ],
    suppressed=[Suppressed(NUMERIC, "source", "agreed in #412"), Suppressed(NUMERIC, "config", "legacy")],
)


def report(format: str, wanted: Result, **style: object) -> str:
    """Return a report."""
    return render(format, wanted, Style(**style))  # type: ignore[arg-type] # a test names the fields


HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://example.org\x1b\\link",
    "\x9b31m",
    "\r::error::forged",
    "\n::set-output name=x::y",
    "%0A::error::forged",
    "</summary><script>alert(1)</script>",
    "<!-- schemaguard:other -->",
    "| a | b |\n|---|---|",
    "```\nout of the fence\n```",
    "`` ` ``",
    "`",
    "@everyone #1 https://example.org www.example.org",
    "[text](https://example.org) {0}",
    "]]>&quot;'\"",
    "\u202egnp.exe",
    "\u2066\u200b\ufeff",
    "a\tb\vc\fd\0e",
    "\ud800",
    "**bold** _it_ ~~x~~ $$x$$",
    "-- --> ::stop-commands::x",
)
"""Texts that a name, a path, a comment or SQL may hold, and that no report may act on."""
