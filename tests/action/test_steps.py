"""
The Action's steps under a simulated runner: each event, hostile names, forks, comments.
"""

# long: the steps of one action, event by event
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.action.support import ACTION, pull_request
from tests.gate.support import CLEAN
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from tests.action.support import Api, Runner

DEFECT = "GRANT DELETE ON ledger TO app;\n"
"""Two findings: the ledger is append-only, and open to all tenants."""


def changed(runner: Runner, text: str = DEFECT) -> str:
    """A legacy schema on main, and a change on a branch; the base's commit."""
    runner.repo.legacy()
    base = runner.repo.git("rev-parse", "HEAD")
    runner.repo.commit({"db/0002_change.sql": text})
    return base


# What is compared with


def test_a_pull_request_that_adds_a_defect(runner: Runner) -> None:
    """The log, annotations, the summary, the outputs and the exit code."""
    ran = runner.check("pull_request", pull_request(changed(runner)), SARIF_FILE="out/report.sarif")

    assert ran.code == 1
    assert "error[append-only-mutable]" in ran.log
    assert [re.sub("::.*", "", each.removeprefix("::")) for each in ran.commands] == [
        f"error file=db/0002_change.sql,line=1,endLine=1,col=1,endColumn=30,title=schemaguard%3A {rule}"
        for rule in ("append-only-mutable", "row-security-disabled")
    ]
    assert ran.summary.startswith("<!-- schemaguard:. -->\n### 🛑 schemaguard: 2 errors\n")
    assert ran.outputs["exit-code"] == "1"
    assert ran.outputs["new-findings"] == "2"
    assert int(ran.outputs["findings"]) > 5
    assert ran.outputs["sarif"] == "out/report.sarif"
    assert (runner.repo.folder / "out/report.sarif").is_file()


def test_a_clean_pull_request(runner: Runner) -> None:
    """It passes on the legacy schema."""
    ran = runner.check("pull_request", pull_request(changed(runner, CLEAN)))

    assert (ran.code, ran.commands, ran.outputs["new-findings"]) == (0, [], "0")
    assert ran.outputs["sarif"] == ""
    assert "all clear" in ran.summary


def test_a_pull_request_from_a_fork(runner: Runner) -> None:
    """No token is needed to judge: annotations, the summary and the exit code are all there."""
    ran = runner.check("pull_request", pull_request(changed(runner), repository="mallory/billing"))

    assert (ran.code, len(ran.commands)) == (1, 2)
    assert "### 🛑 schemaguard: 2 errors" in ran.summary


def test_what_github_merges_is_compared_with_what_it_merges_into(runner: Runner) -> None:
    """The base may have moved on since the event: its own commits are not the pull request's."""
    base = changed(runner)
    repo = runner.repo
    repo.git("checkout", "-q", "main")
    repo.commit({"db/0001_m_flat.sql": "CREATE TABLE flat (a int);\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    sha = repo.git("rev-parse", "HEAD")
    ref = "refs/pull/7/merge"
    merged = runner.check("pull_request", pull_request(base), GITHUB_SHA=sha, GITHUB_REF=ref)
    other = runner.check("pull_request", pull_request(base), GITHUB_SHA="1" * 40, GITHUB_REF=ref)

    assert merged.outputs["new-findings"] == "2"
    assert int(other.outputs["new-findings"]) > 2


def test_a_merge_group(runner: Runner) -> None:
    """The queue's own base."""
    ran = runner.check("merge_group", {"merge_group": {"base_sha": changed(runner)}})

    assert (ran.code, ran.outputs["new-findings"]) == (1, "2")


def test_pushes(runner: Runner) -> None:
    """What the push came after; for a new branch, or where that is gone, the default branch; for that one nothing."""
    base = changed(runner)
    repository = {"repository": {"default_branch": "main"}}
    runner.repo.git("update-ref", "refs/remotes/origin/main", base)
    feature, main = {"ref": "refs/heads/feature", **repository}, {"ref": "refs/heads/main", **repository}
    gone, nothing = "1" * 40, "0" * 40
    for payload in ({"before": base, **feature}, {"before": nothing, **feature}, {"before": gone, **feature}):
        ran = runner.check("push", payload)
        assert (ran.code, ran.outputs["new-findings"]) == (1, "2"), payload
    whole = runner.check("push", {"before": nothing, **main})

    assert whole.code == 1
    assert int(whole.outputs["new-findings"]) > 5


def test_other_events_and_a_base_of_ones_own(runner: Runner) -> None:
    """Without a change all is judged; the input says otherwise."""
    base = changed(runner)
    whole = int(runner.check("workflow_dispatch", {}).outputs["new-findings"])

    assert whole > 5
    assert runner.check("schedule", {}, BASE=base).outputs["new-findings"] == "2"
    assert runner.check("pull_request", pull_request(base), BASE="none").outputs["new-findings"] == str(whole)


def test_a_checkout_without_its_history(runner: Runner) -> None:
    """It could not be checked, and that is no pass."""
    changed(runner)
    ran = runner.check("pull_request", pull_request("1" * 40))

    assert (ran.code, ran.outputs["exit-code"], ran.outputs["findings"]) == (2, "2", "")
    assert f"`git fetch origin {'1' * 40}` brings it" in ran.log
    assert ran.summary == "### schemaguard could not check this (exit code 2): the log says why\n"
    assert ran.outputs["markdown"] == ""


# Inputs


def test_inputs(runner: Runner) -> None:
    """Each reaches the command as one word; `args` is split as a shell splits, and nothing in it is expanded."""
    base = changed(runner, "CREATE TABLE t (id uuid PRIMARY KEY);\n")
    runner.repo.put("other config.yaml", "version: 1\nsources: [{sql: 'db/0002*.sql'}]\n")
    event = pull_request(base)

    assert runner.check("pull_request", event, FAIL_ON="info").code == 1
    assert runner.check("pull_request", event, FAIL_ON="never").code == 0
    assert runner.check("pull_request", event, ARGS="--select 'primary-key-missing' --fail-on info").code == 0
    assert runner.check("pull_request", event, ARGS="--select '$(touch hacked)*'").code == 2
    assert (
        "other config"
        not in runner.check("pull_request", event, CONFIG="other config.yaml", ARGS="--ignore '*'").log
    )
    assert runner.check("pull_request", event, PATH="nowhere; touch hacked").code == 2
    assert runner.check("pull_request", event, CONFIG="`touch hacked`").code == 2
    assert not list(runner.repo.folder.glob("*hacked*"))


def test_nothing_of_the_checkout_is_run(runner: Runner) -> None:
    """A pull request may bring modules that are named as those that the check loads."""
    base = changed(runner)
    for name in ("schemaguard.py", "yaml.py", "typing.py", "action/event.py", "sitecustomize.py"):
        runner.repo.put(name, "import pathlib\npathlib.Path('hacked').touch()\n")
    ran = runner.check("pull_request", pull_request(base))

    assert ran.code == 1
    assert not (runner.repo.folder / "hacked").exists()


HOSTILE = (
    "::error::forged",
    "::stop-commands::x",
    "##[error]forged",
    "%0A::error::forged",
    "a\n::set-output name=new-findings::0",
    "</summary><script>",
    "`$(touch hacked)`",
    "| a | b |",
)


def test_hostile_names_inject_no_command(runner: Runner) -> None:
    """What a name holds is text, in the log, in the annotations and in the outputs."""
    tables = "".join(
        f'CREATE TABLE "{name}" (id int);\n-- {name.replace(chr(10), " ")}\n' for name in HOSTILE
    )
    base = changed(runner, tables + "\n::error::at the beginning of a line\n")
    runner.repo.commit({"db/0003_::error::x.sql": "CREATE TABEL x;\n"})
    ran = runner.check("pull_request", pull_request(base))

    assert ran.code == 1
    assert ran.outputs["exit-code"] == "1"
    assert ran.commands
    for command in ran.commands:
        assert re.match(
            r"::(error|warning|notice) (file=db/[^,\n]*,line=\d+,|title=schemaguard::\d)", command
        )
    assert "forged" in ran.log


# Comments


def with_page(runner: Runner, page: str) -> str:
    """The file of a report; its path."""
    path = runner.folder / "page.md"
    path.write_text(page)
    return str(path)


FOUND = "<!-- schemaguard:. -->\n### 🛑 schemaguard: 1 error\n"
CLEAR = "<!-- schemaguard:. -->\n### ✅ schemaguard: all clear\n"


def test_one_comment_is_kept_up_to_date(runner: Runner, api: Api) -> None:
    """Written once, rewritten, and all clear in the end; those of others stay."""
    event = pull_request("1" * 40)
    api.comments = [
        {"id": 90, "user": {"type": "User"}, "body": FOUND},
        {"id": 91, "user": {"type": "Bot"}, "body": "x"},
    ]
    first = runner.comment("pull_request", event, SCHEMAGUARD_MARKDOWN=with_page(runner, CLEAR))

    assert first.commands == ["::notice title=schemaguard::no comment: all clear, and nothing to take back"]
    assert len(api.comments) == 2

    for page in (FOUND, FOUND + "more", CLEAR):
        ran = runner.comment("pull_request", event, SCHEMAGUARD_MARKDOWN=with_page(runner, page))
        assert ran.code == 0
        assert [each["body"] for each in api.comments] == [FOUND, "x", page]
    assert api.asked.count("POST /issues/7/comments") == 1


def test_long_pages_are_cut(runner: Runner, api: Api) -> None:
    """GitHub refuses a comment of more than 65,536 characters."""
    runner.comment(
        "pull_request", pull_request("1"), SCHEMAGUARD_MARKDOWN=with_page(runner, FOUND + "x" * 70_000)
    )

    assert len(api.comments[0]["body"]) == 65_000


@pytest.mark.parametrize(
    ("event", "payload", "said"),
    [
        ("pull_request", pull_request("1", repository="mallory/billing"), "the pull request is from a fork"),
        ("pull_request", pull_request("1", repository=None), "the pull request is from a fork"),
        ("push", {}, "the event is `push`, which is about no pull request"),
        ("merge_group", {}, "the event is `merge_group`"),
    ],
)
def test_no_comment(runner: Runner, api: Api, event: str, payload: dict[str, Any], said: str) -> None:
    """A notice, exit 0, and nothing is asked of GitHub."""
    ran = runner.comment(event, payload, SCHEMAGUARD_MARKDOWN=with_page(runner, FOUND))

    assert ran.code == 0
    assert said in ran.log
    assert api.asked == []


@pytest.mark.parametrize("status", [403, 404, 422, 500])
def test_a_comment_that_is_refused(runner: Runner, api: Api, status: int) -> None:
    """The gate has decided already: a notice, exit 0."""
    api.refuses_with = status
    ran = runner.comment("pull_request", pull_request("1"), SCHEMAGUARD_MARKDOWN=with_page(runner, FOUND))

    assert (ran.code, len(ran.commands)) == (0, 1)
    assert f"GitHub answers {status}" in ran.log


def test_a_page_without_a_marker_or_an_api_that_is_away(runner: Runner) -> None:
    """Likewise."""
    event = pull_request("1")
    nameless = runner.comment("pull_request", event, SCHEMAGUARD_MARKDOWN=with_page(runner, "hello"))
    away = runner.comment("pull_request", event, SCHEMAGUARD_MARKDOWN=with_page(runner, FOUND))

    assert (nameless.code, away.code) == (0, 0)
    assert "no marker" in nameless.log
    assert "the comment was not written" in away.log


# Comments on forks, in a job of their own


def workflow_run(sha: str = "a" * 40) -> dict[str, Any]:
    """The event of a run that has ended."""
    return {
        "workflow_run": {
            "head_sha": sha,
            "head_branch": "patch 1&2",
            "html_url": "https://github.com/acme/billing/actions/runs/5",
            "head_repository": {"owner": {"login": "mallory"}},
        }
    }


def report_file(runner: Runner, text: str) -> str:
    """A report as an artifact brings it; its path."""
    path = runner.folder / "artifact.json"
    path.write_text(text)
    return str(path)


def untrusted(message: str, count: int = 1) -> str:
    """A report with a message that nobody vouches for."""
    finding = {"status": "new", "severity": "error", "rule": message, "message": message,
               "location": {"path": message, "line": 3}}  # fmt: skip
    return json.dumps({"project": message, "findings": [finding] * count})


@pytest.mark.parametrize(
    "text", [*HOSTILE, "@everyone #1 https://evil.example www.evil.example", "<!-- x -->", "[a](b)"]
)
def test_a_report_from_a_fork_is_plain_text(runner: Runner, api: Api, text: str) -> None:
    """The pull request is the one that GitHub knows by that commit; nothing of the report is markup."""
    api.pulls = [{"number": 9, "head": {"sha": "b" * 40}}, {"number": 8, "head": {"sha": "a" * 40}}]
    ran = runner.comment(
        "workflow_run", workflow_run(), SCHEMAGUARD_REPORT=report_file(runner, untrusted(text, 60))
    )
    body = api.comments[0]["body"]
    prose = re.sub(r"&#\d+;", "", body.partition("-->")[2])

    assert ran.log == "::notice title=schemaguard::commented on the pull request\n"
    assert "GET /pulls?state=open&head=mallory%3Apatch%201%262&per_page=100" in api.asked
    assert "POST /issues/8/comments" in api.asked
    assert body.count("<!--") == 1
    assert body.count("\n- ") == 51
    assert re.findall(r"<[^>]*>|@|\[[^]]*\]", prose) == ["<sub>", "[the summary of the run]", "</sub>"]
    assert re.findall(r"https?://[^\s<]+", prose) == ["https://github.com/acme/billing/actions/runs/5)."]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"findings": 1, "project": "x"}',
        '{"findings": [{"status": "new"}], "project": ""}',
        "null",
    ],
)
def test_a_broken_report_from_a_fork(runner: Runner, api: Api, text: str) -> None:
    """A notice, and no comment."""
    api.pulls = [{"number": 8, "head": {"sha": "a" * 40}}]
    ran = runner.comment("workflow_run", workflow_run(), SCHEMAGUARD_REPORT=report_file(runner, text))

    assert (ran.code, api.comments) == (0, [])
    assert "Traceback" not in ran.log


def test_a_run_of_no_open_pull_request(runner: Runner, api: Api) -> None:
    """It was closed, or has moved on."""
    ran = runner.comment(
        "workflow_run", workflow_run(), SCHEMAGUARD_REPORT=report_file(runner, untrusted("x"))
    )

    assert "0 open pull requests have the commit aaaaaaaaaaaa as their head" in ran.log
    assert api.comments == []


# Installation


def fake_python(folder: Path, version: str) -> str:
    """A PATH with a `python3` that says its version, writes down what it is called with, and makes a venv."""
    folder.mkdir()
    name = folder / "python3"
    name.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *version_info*) exit {0 if version >= "3.11" else 1};; esac\n'
        f'echo "$@" >> {folder}/calls\n'
        "for last; do :; done\n"
        'if [ "$2" = venv ]; then mkdir -p "$last/bin" && cp "$0" "$last/bin/python"; fi\n'
    )
    name.chmod(0o755)
    return f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"


@pytest.mark.parametrize(
    ("version", "last"),
    [
        ("", f"-m pip install --quiet --no-deps --no-build-isolation {ROOT}"),
        ("1.2.3", "-m pip install --quiet --no-deps --only-binary :all: schemaguard==1.2.3"),
    ],
)
def test_installation(runner: Runner, tmp_path: Path, version: str, last: str) -> None:
    """An environment of its own; what others wrote by hash, schemaguard from the Action's own commit or a release."""
    path = fake_python(tmp_path / "bin", "3.12")
    ran = runner.step(
        str(ACTION / "install.sh"), event="push", payload={}, PATH=path, SCHEMAGUARD_VERSION=version
    )
    venv = runner.folder / "schemaguard-venv"

    assert (ran.code, ran.output) == (0, f"python={venv}/bin/python\n")
    assert (tmp_path / "bin" / "calls").read_text().splitlines() == [
        f"-m venv --clear {venv}",
        f"-m pip install --quiet --require-hashes --only-binary :all: --requirement {ACTION}/requirements.txt",
        last,
    ]


def test_versions_that_are_none_and_pythons_that_are_old(runner: Runner, tmp_path: Path) -> None:
    """An input goes to pip only where it is a version."""
    path = fake_python(tmp_path / "bin", "3.12")
    for version in ("1.2 --index-url=x", "latest; touch hacked", "-r x", "1.2.3\n--pre"):
        ran = runner.step(
            str(ACTION / "install.sh"), event="push", payload={}, PATH=path, SCHEMAGUARD_VERSION=version
        )
        assert (ran.code, "is no version" in ran.log) == (2, True), version
    old = fake_python(tmp_path / "old", "3.10")
    for name in ("python3.14", "python3.13", "python3.12", "python3.11", "python"):
        (tmp_path / "old" / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "old" / name).chmod(0o755)
    ran = runner.step(str(ACTION / "install.sh"), event="push", payload={}, PATH=old)

    assert ran.code == 2
    assert "put actions/setup-python before this step" in ran.log


# The files themselves


def test_the_action_is_as_the_documentation_has_it() -> None:
    """Its inputs and outputs; and no expression in any script."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())

    assert list(action["inputs"]) == [
        "path",
        "config",
        "base",
        "fail-on",
        "version",
        "comment",
        "sarif-file",
        "args",
    ]
    assert list(action["outputs"]) == ["exit-code", "findings", "new-findings", "sarif"]
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_requirements_are_all_pinned_by_hash() -> None:
    """Every dependency of the package, with its hashes."""
    text = (ACTION / "requirements.txt").read_text()
    entries = re.findall(
        r"^([a-z0-9-]+)==[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n?)+)", text, re.MULTILINE
    )
    pinned = {name for name, _ in entries}
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]

    assert len(entries) == len(re.findall("^[a-z]", text, re.MULTILINE))
    assert {re.split("[<>=]", each)[0] for each in wanted} | {"setuptools"} <= pinned


def zizmor(path: Path) -> subprocess.CompletedProcess[str]:
    """Lint a file or folder, as pedants do."""
    program = str(Path(sys.executable).parent / "zizmor")
    command = [program, "--offline", "--persona", "pedantic", "--no-progress", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", ["action.yml", "action/comment/action.yml", ".github/workflows"])
def test_zizmor_finds_nothing(path: str) -> None:
    """Not even what only pedants would."""
    done = zizmor(ROOT / path)

    assert done.returncode == 0, done.stdout


def test_the_documented_workflows(tmp_path: Path) -> None:
    """They are workflows, zizmor finds nothing that matters, and they use inputs and outputs that there are."""
    page = (ROOT / "docs" / "gate.md").read_text()
    blocks = [block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "jobs:" in block]
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for number, block in enumerate(blocks):
        text = block.replace("OWNER/", "acme/").replace("@COMMIT", f"@{'a' * 40}")
        (folder / f"{number}.yml").write_text(text)
        assert yaml.safe_load(text)["permissions"] == {}
    found = re.findall(r"^(?:error|warning)\[", zizmor(folder).stdout, re.MULTILINE)
    listed = re.findall(r"^\| (`[a-z`, -]+`) \|", page, re.MULTILINE)
    names = [name for row in listed for name in re.findall("`([a-z-]+)`", row)]

    assert (len(blocks), found) == (2, [])
    for name in (*action["inputs"], *action["outputs"]):
        assert name in names, name
