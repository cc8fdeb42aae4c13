"""Keeps one comment on a pull request up to date. Whatever goes wrong here is a notice: the gate is the exit code.

In the job of the check itself SCHEMAGUARD_MARKDOWN names the page to post. In a job of its own (`workflow_run`),
which may write where the one of a fork may not, SCHEMAGUARD_REPORT names the JSON report of that run: untrusted data,
of which only numbers, rule names, paths and messages are taken, each of them escaped.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from action.event import Event

LIMIT = 65_000
"""Characters of a comment, of which GitHub takes 65,536."""

MOST = 50
"""Findings that are told of a report that nobody vouches for."""

MARKER = re.compile(r"<!-- schemaguard:[A-Za-z0-9._/-]* -->")


class Skipped(Exception):  # noqa: N818 - nothing went wrong
    """There is no comment to write; the message says why."""


def main() -> int:
    """Write the comment; always 0."""
    try:
        number, page = from_report() if os.environ.get("SCHEMAGUARD_REPORT") else from_check()
        said = post(number, page)
    except Skipped as skipped:
        said = str(skipped)
    except urllib.error.HTTPError as error:
        said = f"GitHub answers {error.code}: the token may not comment here (`pull-requests: write`)"
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = f"the comment was not written: {type(error).__name__}: {error}"
    sys.stdout.write(f"::notice title=schemaguard::{escaped(said)}\n")
    return 0


def from_check() -> tuple[int, str]:
    """The pull request of the event, and the page that the check has written."""
    event = Event()
    if event.name != "pull_request" or event.pull_request is None:
        raise Skipped(f"no comment: the event is `{event.name}`, which is about no pull request")
    if event.is_from_a_fork:
        raise Skipped(
            "no comment: the pull request is from a fork, whose token may not write; the summary has the report"
        )
    return event.pull_request, Path(os.environ["SCHEMAGUARD_MARKDOWN"]).read_text(encoding="utf-8")


def from_report() -> tuple[int, str]:
    """The pull request whose head the run was for, as GitHub knows it, and a page made of the run's report."""
    run = Event().payload["workflow_run"]
    sha, owner = str(run["head_sha"]), str(run["head_repository"]["owner"]["login"])
    branch = urllib.parse.quote(f"{owner}:{run['head_branch']}", safe="")
    query = f"?state=open&head={branch}&per_page=100"
    found = [each["number"] for each in call("GET", f"/pulls{query}") if each["head"]["sha"] == sha]
    if len(found) != 1:
        raise Skipped(f"no comment: {len(found)} open pull requests have the commit {sha[:12]} as their head")
    report = json.loads(Path(os.environ["SCHEMAGUARD_REPORT"]).read_text(encoding="utf-8"))
    return int(found[0]), page_of(report, str(run["html_url"]))


def page_of(report: dict[str, Any], address: str) -> str:
    """A page in which every word of the report is plain text."""
    new = [each for each in report["findings"] if each["status"] == "new"]
    order = ["error", "warning", "info"]
    new.sort(key=lambda each: (order.index(each["severity"]), str(each["location"]["path"])))
    lines = [
        f"<!-- schemaguard:{re.sub('[^A-Za-z0-9._/-]', '_', str(report['project'])).replace('--', '__')} -->"
    ]
    lines.append(f"### schemaguard: {len(new)} new findings" if new else "### ✅ schemaguard: all clear")
    lines.append("")
    for each in new[:MOST]:
        place = f"{each['location']['path']}:{int(each['location']['line'])}"
        lines.append(f"- {each['severity']} {plain(each['rule'])}: {plain(each['message'])} ({plain(place)})")
    if len(new) > MOST:
        lines.append(f"- and {len(new) - MOST} more")
    lines += ["", f"<sub>The whole report is in [the summary of the run]({address}).</sub>", ""]
    return "\n".join(lines)


def plain(text: object) -> str:
    """Text without markup, mentions, references, links or line ends; cut where it is long."""
    one_line = "".join(char if char.isprintable() else " " for char in str(text))[:500]
    return re.sub(
        r"[^\w\s.,;()/=+'-]|_|://|www\.",
        lambda found: "".join(f"&#{ord(char)};" for char in found[0]),
        one_line,
    )


def post(number: int, page: str) -> str:
    """Write or rewrite the comment, and say which; all clear where nothing was said before needs none."""
    marker = MARKER.match(page)
    if marker is None:
        raise Skipped("no comment: the report has no marker to find it by again")
    body = page[:LIMIT]
    known = find(number, marker[0])
    if known is not None:
        call("PATCH", f"/issues/comments/{known}", {"body": body})
        return "the comment on the pull request was brought up to date"
    if "all clear" in page.partition("\n")[2].partition("\n")[0]:
        raise Skipped("no comment: all clear, and nothing to take back")
    call("POST", f"/issues/{number}/comments", {"body": body})
    return "commented on the pull request"


def find(number: int, marker: str) -> int | None:
    """The id of the comment that begins with the marker, written by a bot: anybody could write the marker."""
    for page in range(1, 31):
        found = call("GET", f"/issues/{number}/comments?per_page=100&page={page}")
        for comment in found:
            if str(comment["body"]).startswith(marker) and comment["user"]["type"] == "Bot":
                return int(comment["id"])
        if len(found) < 100:
            break
    return None


def call(method: str, path: str, body: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
    """Ask GitHub's API about this repository."""
    api, repository = (
        os.environ.get("GITHUB_API_URL", "https://api.github.com"),
        os.environ["GITHUB_REPOSITORY"],
    )
    request = urllib.request.Request(
        f"{api}/repos/{repository}{path}",
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ.get('GITHUB_TOKEN', '')}",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "schemaguard",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def escaped(text: str) -> str:
    """Text for a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


if __name__ == "__main__":
    sys.exit(main())
