"""
The formats for other programs: their shape, their limits, and what can't be forged in them.
"""

# long: one format after the other, over the same samples
from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator

from schemaguard.catalog.changes import Change
from schemaguard.findings import Evidence, Severity
from schemaguard.report import FORMATS, github, markdown, sarif
from schemaguard.text import Location, SourceFile
from tests.report.samples import BOTH, HOSTILE, MEMBER, MUTABLE, NUMERIC, QUIET, finding, report, result

if TYPE_CHECKING:
    from schemaguard.findings import Finding
    from schemaguard.linting.result import Result

REPORT_SCHEMA = json.loads((files("schemaguard") / "report/report.schema.json").read_text(encoding="utf-8"))
SARIF_SCHEMA = json.loads(Path(__file__).with_name("sarif.schema.json").read_text(encoding="utf-8"))
SAMPLES = {"both": BOTH, "quiet": QUIET, "clean": result()}
MANY = result(
    *(
        finding(
            f"finding number {number}",
            key=f"append-only-mutable:public.t{number}",
            severity=Severity.ERROR
            if number % 3 == 0
            else Severity.WARNING
            if number % 3 == 1
            else Severity.INFO,
            location=Location(f"db/{number:05}.sql", 1, 1, 1, 2),
            evidence=[MEMBER] * 3,
        )
        for number in range(30_000)
    )
)


def hostile(text: str) -> Result:
    """Return a result that holds a hostile text wherever a project's text can stand."""
    file = SourceFile(f"db/{text}.sql", f"SELECT '{text}';\n")
    at = file.span(0, len(file.text)).location
    made = result(
        finding(text, object=text, key=text, location=at, help=text, fix=text, evidence=[Evidence(text, at)]),
        base=text,
        project=text,
        changes=[Change(text, text, f"adds {text}", at, text, [text])],
    )
    made.files.add(file)
    return made


# JSON


@pytest.mark.parametrize("sample", SAMPLES)
def test_json_is_as_its_schema_says(sample: str) -> None:
    """The schema in the package is of this very format."""
    document = json.loads(report("json", SAMPLES[sample], exit_code=1))

    Draft202012Validator.check_schema(REPORT_SCHEMA)
    assert [error.message for error in Draft202012Validator(REPORT_SCHEMA).iter_errors(document)] == []


# long: every field is spelled out
def test_json_says_all() -> None:
    """Every field of a finding, spelled out once."""
    document = json.loads(report("json", QUIET, exit_code=1))

    assert {key: value for key, value in document.items() if key not in ("findings", "schemaguard")} == {
        "format": 1,
        "project": ".",
        "base": "origin/main",
        "changes": [
            {
                "kind": "table-added",
                "object": "public.carts",
                "words": "adds table carts (id)",
                "location": {"path": "db/0002_roles.sql", "line": 1, "column": 22},
                "before": None,
                "after": {},
            },
            {
                "kind": "privilege-taken",
                "object": "app_rw",
                "words": "takes DELETE on ledger from app_rw",
                "location": None,
                "before": None,
                "after": None,
            },
        ],
        "fixed": 1,
        "coverage": {
            "sources": 1,
            "migrations": 97,
            "statements": 1240,
            "replayed": 1231,
            "irrelevant": 2,
            "opaque": 7,
            "blanked": {"psql command": 3},
            "left_out": 0,
            "rules": {"run": 80, "skipped": [{"rule": "public-not-revoked", "reason": "off by default"}]},
        },
        "suppressed": 2,
        "summary": {"error": 1, "warning": 0, "info": 0},
        "exit_code": 1,
    }
    assert [each["status"] for each in document["findings"]] == ["existing", "new", "baseline"]
    assert document["findings"][1] == {
        "rule": "append-only-mutable",
        "family": "append_only",
        "severity": "error",
        "status": "new",
        "message": "`app_rw` can DELETE from `ledger`: it is a member of `writers`",
        "object": "table public.ledger",
        "key": "append-only-mutable:public.ledger:app_rw:DELETE",
        "location": {"path": "db/0001_ledger.sql", "line": 5, "column": 1, "end_line": 5, "end_column": 42},
        "evidence": [
            {
                "message": "`app_rw` is a member of `writers`",
                "location": {
                    "path": "db/0002_roles.sql",
                    "line": 1,
                    "column": 22,
                    "end_line": 1,
                    "end_column": 45,
                },
            },
            {"message": "append-only by the config", "location": None},
        ],
        "help": "Grant SELECT and INSERT only.",
        "fix": "REVOKE DELETE ON public.ledger FROM writers;",
    }


def test_json_lines_are_the_json_report() -> None:
    """A line a finding, and a last one for the rest."""
    document = json.loads(report("json", BOTH, exit_code=1))
    lines = [json.loads(line) for line in report("jsonl", BOTH, exit_code=1).splitlines()]

    assert lines == [*document.pop("findings"), document]


# SARIF


@pytest.mark.parametrize("sample", [*SAMPLES, *range(len(HOSTILE))])
def test_sarif_is_valid(sample: str | int) -> None:
    """What is written is SARIF, within GitHub's limits, whatever names hold."""
    made = SAMPLES[sample] if isinstance(sample, str) else hostile(HOSTILE[sample])
    document = json.loads(report("sarif", made))

    assert [error.message for error in Draft202012Validator(SARIF_SCHEMA).iter_errors(document)] == []


def test_sarif_keeps_to_the_limits() -> None:
    """Of 30,000 findings the most serious 4,999, and one result that counts the rest; under 10 MB."""
    text = report("sarif", MANY)
    [run] = json.loads(text)["runs"]
    results = run["results"]

    assert len(results) == sarif.RESULTS
    assert {each["level"] for each in results} == {"error"}
    assert results[-1]["message"]["text"].startswith("25,001 more findings")
    assert len(text.encode()) < 10_000_000


def test_sarif_tells_the_same_finding_by_the_same_print() -> None:
    """The fingerprint is the key's: it survives a move to another line and file."""
    moved = finding(location=Location("db/0009_other.sql", 80, 3, 80, 9))

    def fingerprint(found: Finding) -> str:
        log = json.loads(report("sarif", result(found)))
        return str(log["runs"][0]["results"][0]["partialFingerprints"]["primaryLocationLineHash"])

    assert fingerprint(moved) == fingerprint(MUTABLE)
    assert fingerprint(NUMERIC) != fingerprint(MUTABLE)


def test_sarif_points_into_the_repository() -> None:
    """Paths are from the repository's root, escaped as URIs, and evidence comes as related locations."""
    log = json.loads(report("sarif", result(MUTABLE), prefix="services/große bücher/"))
    [found] = log["runs"][0]["results"]
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

    assert unquote(uri) == "services/große bücher/db/0001_ledger.sql"
    assert found["relatedLocations"][0]["message"]["text"] == "`app_rw` is a member of `writers`"


def test_sarif_marks_what_is_accepted() -> None:
    """Suppressed findings are there with the reason; those of the base are unchanged."""
    results = json.loads(report("sarif", QUIET))["runs"][0]["results"]

    assert [(each.get("baselineState"), each["properties"]["status"]) for each in results[:3]] == [
        ("unchanged", "existing"),
        (None, "new"),
        ("unchanged", "baseline"),
    ]
    assert [each["suppressions"][0]["kind"] for each in results[3:]] == ["inSource", "external"]
    assert results[3]["suppressions"][0]["justification"] == "agreed in #412"


def test_sarif_rates_access_only() -> None:
    """Who can reach which rows is a matter of security, the type of a column is not."""
    rules = json.loads(report("sarif", BOTH))["runs"][0]["tool"]["driver"]["rules"]
    by_name = {rule["id"]: rule["properties"] for rule in rules}

    assert by_name["append-only-mutable"] == {"tags": ["append_only", "security"], "security-severity": "8.0"}
    assert "security-severity" not in by_name["money-not-integer"]


# GitHub


def unescaped(text: str) -> str:
    """Return a command's data as the runner reads it."""
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


COMMAND = re.compile(
    r"::(error|warning|notice) file=([^,:]*),line=\d+,endLine=\d+(?:,col=\d+,endColumn=\d+)?,title=[^,:]*::([^\r\n]*)"
)


def test_github_annotates() -> None:
    """One command a finding that counts, the most serious first."""
    lines = report(
        "github", QUIET._replace(findings=[*QUIET.findings, NUMERIC]), prefix="billing/"
    ).splitlines()

    assert lines[0].startswith(
        "::error file=billing/db/0001_ledger.sql,line=5,endLine=5,col=1,endColumn=42,"
        "title=schemaguard%3A append-only-mutable::`app_rw` can DELETE from `ledger`: it is a member of `writers`%0A"
    )
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning"]


def test_github_keeps_to_the_limits() -> None:
    """Ten of each level, the last of which says how many more there are."""
    lines = report("github", MANY).splitlines()

    assert [line.split(" ")[0] for line in lines] == [
        *["::error"] * github.PER_LEVEL,
        *["::warning"] * github.PER_LEVEL,
        *["::notice"] * github.PER_LEVEL,
    ]
    assert lines[9] == (
        "::error title=schemaguard::9,991 more findings of this level: see the log or the job's summary"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_github_commands_cannot_be_forged(text: str) -> None:
    """Whatever a name or path holds, there is one command, and it is ours."""
    [line] = report("github", hostile(text)).split("\n")[:-1]
    found = COMMAND.fullmatch(line)

    assert found is not None
    assert "\x1b" not in line


# GitLab


def test_gitlab_lists_what_counts() -> None:
    """As Code Quality reads it; no leading `./`, one fingerprint a finding."""
    issues = json.loads(report("gitlab", BOTH, prefix="billing/"))

    assert [{**issue, "fingerprint": len(issue["fingerprint"])} for issue in issues] == [
        {
            "description": "`app_rw` can DELETE from `ledger`: it is a member of `writers`",
            "check_name": "append-only-mutable",
            "fingerprint": 64,
            "severity": "critical",
            "location": {"path": "billing/db/0001_ledger.sql", "lines": {"begin": 5, "end": 5}},
        },
        {
            "description": "`ledger.amount` is numeric",
            "check_name": "money-not-integer",
            "fingerprint": 64,
            "severity": "major",
            "location": {"path": "billing/db/0001_ledger.sql", "lines": {"begin": 3, "end": 3}},
        },
    ]
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert json.loads(report("gitlab", QUIET))[0]["check_name"] == "append-only-mutable"


def test_gitlab_clean_is_an_empty_list() -> None:
    """An empty file would be an error there."""
    assert json.loads(report("gitlab", result())) == []


# JUnit


def test_junit_counts_what_it_lists() -> None:
    """A test a rule that ran, a failure a finding, a skipped test a rule that did not run."""
    root = ET.fromstring(report("junit", BOTH))  # noqa: S314 - our own
    cases = root.findall("testsuite/testcase")

    assert (root.get("tests"), root.get("failures")) == ("3", "2")
    assert [case.get("name") for case in cases if case.find("failure") is not None] == [
        "append-only-mutable: table public.ledger",
        "money-not-integer: column public.ledger.amount",
    ]
    assert [case.get("name") for case in cases if case.find("skipped") is not None] == ["public-not-revoked"]


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_stays_well_formed(text: str) -> None:
    """Whatever names hold, also what XML has no way to write."""
    root = ET.fromstring(report("junit", hostile(text)))  # noqa: S314 - our own

    assert len(root.findall("testsuite/testcase/failure")) == 1


# Markdown


def test_markdown_reads_as_a_review() -> None:
    """Verdict, findings to unfold, what was checked; the marker comes first."""
    text = report("markdown", QUIET)

    assert text.splitlines()[0] == "<!-- schemaguard:. -->"
    assert "### 🛑 schemaguard: 1 error" in text
    assert text.count("<details>") == 2
    assert "- adds table carts (id) <code>db/0002&#95;roles.sql&#58;1</code>\n- takes DELETE" in text
    assert "1 finding is in the baseline" in text
    assert "REVOKE DELETE ON public.ledger FROM writers;" in text


def test_markdown_says_all_clear() -> None:
    """And what was fixed."""
    text = report("markdown", result(fixed=[NUMERIC]))

    assert "### ✅ schemaguard: all clear. This change fixes 1 of the base's findings." in text


def test_markdown_keeps_to_the_limit() -> None:
    """30,000 findings make a page that GitHub takes, with the count of those left out; the most serious stay."""
    text = report("markdown", MANY)

    assert len(text.encode("utf-16-le")) // 2 <= markdown.LIMIT
    assert len(text) > markdown.LIMIT * 0.9
    assert "more findings** are not shown here" in text
    assert "⚠️" not in text
    assert text.count("<details>") == text.count("</details>")


def test_markdown_keeps_to_the_limit_with_many_changes() -> None:
    """What a change does has a quarter of the page at most, and says how much is left out."""
    many = [Change("table-added", "t", f"adds table {'_' * 500}{number}") for number in range(3000)]
    text = report("markdown", MANY._replace(base="main", changes=many))
    left_out = re.search(r"- and ([\d,]+) changes more", text)

    assert len(text.encode("utf-16-le")) // 2 <= markdown.LIMIT
    assert left_out is not None
    assert int(left_out[1].replace(",", "")) + text.count("- adds table") == 3000
    assert "more findings** are not shown here" in text


def test_console_tells_what_the_change_does() -> None:
    """A line each, so many; none of it without a base, and a change that does nothing is told so."""
    text = report("console", QUIET)

    assert (
        "What this change does to the schema\n  - adds table carts (id) (db/0002_roles.sql:1)\n  - takes"
        in text
    )
    assert "What this change does" not in report("console", BOTH)
    assert "This change does nothing to the schema." in report("console", result(base="main"))
    assert "This change does nothing to the schema." in report("markdown", result(base="main"))
    many = [Change("table-added", "t", f"adds table t{number}") for number in range(50)]
    assert "- and 10 changes more" in report("console", result(base="main", changes=many))


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_cannot_be_broken_out_of(text: str) -> None:
    """No markup, mention, link or marker of the project's own: outside code blocks all of it is plain text."""
    page = report("markdown", hostile(text))
    prose, fence = [], ""
    for line in page.splitlines():
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith("```"):
            fence = re.match("`+", line)[0]  # type: ignore[index] # it starts with some
        else:
            prose.append(line)
    tags = re.findall(r"<[^>]*>?", "\n".join(prose))

    assert fence == ""
    assert page.count("<!-- schemaguard:") == 1
    assert {re.sub("[ >].*", "", tag) for tag in tags} <= {
        "<!--", "<details", "<summary", "<code", "</code", "</summary", "</details", "<sub", "</sub",
    }  # fmt: skip
    assert not re.search(
        r"[@#\[\]*~|$`]|https?://|www\.",
        re.sub(r"&#\d+;|^#+ |<[^>]*>", "", "\n".join(prose), flags=re.MULTILINE),
    )


# All


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_every_format_can_be_written(format: str, text: str) -> None:
    """There is no text that a format fails on, or that UTF-8 can't hold."""
    assert report(format, hostile(text)).encode()


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_deterministic(format: str) -> None:
    """The same findings, however they were come by, are the same bytes."""
    assert report(format, result(NUMERIC, MUTABLE)) == report(format, result(MUTABLE, NUMERIC))
