"""Reviews of pull requests on the real engine: a change is previewed, judged by the branch, and commented on once."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from tests.policies.planted import preview_provider
from tests.support.forge_server import ACTIONS, forge_server
from tests.support.small_project import COMMANDS, SmallProject
from tests.support.workbench import REPOSITORY

RULE = """\
if args.name == "nat":
    report("NW-03 No NAT gateways: remove it, and use an endpoint")
"""

GATEWAY = """
if stack == "fraud":
    import pulumi_aws

    pulumi_aws.ec2.NatGateway("way-out", subnet_id="subnet-0a1b2c3d4e5f60718", connectivity_type="private")
"""


@pytest.fixture
def project(tmp_path):
    small = SmallProject.create(tmp_path)
    small.add_policy_pack(RULE)
    small.write_states("organization", "identity", "audit")
    small.git("init", "--quiet", "--initial-branch", "main")
    small.commit("First")
    small.git("switch", "--quiet", "--create", "change")
    return small


@pytest.mark.requirement("GOV-09.b")
def test_a_change_that_empties_the_policies_is_refused_by_those_of_the_branch(project):
    project.file("policies/test/__main__.py").write_text(
        "from pulumi_policy import PolicyPack\nPolicyPack('test', [])\n"
    )
    project.file("fraud.thing.nat").touch()
    project.commit("Add a gateway")
    code, said = project.plinth("review", "--since", "main")
    assert code == 3, said
    comment = said[said.index("<!-- plinth review -->") :]
    assert "**This change edits policies.** Those of `main` judged it. Edited: `policies/test/__main__.py`." in comment
    assert "**Refused by `NW-03 No NAT gateways`**\n\n- `fraud`: `small:test:Thing nat`" in comment
    assert "remove it, and use an endpoint" in comment
    assert project.resources("fraud") == []


@pytest.mark.requirement("DEV-03.c", "GOV-09.b")
@pytest.mark.threat("T-15")
def test_a_nat_gateway_is_refused_by_the_real_policies_also_if_the_change_empties_them(tmp_path):
    with preview_provider.serving("aws") as attached:
        small = replace(SmallProject.create(tmp_path), variables=attached)
        small.settings_file("churn").unlink()
        for package in ("policies", "settings"):
            shutil.copytree(REPOSITORY / package, small.file(package), ignore=shutil.ignore_patterns("__pycache__"))
        small.file(".venv").symlink_to(COMMANDS.parent)
        small.file(".gitignore").write_text(".venv\n")
        small.write_states("organization", "identity", "audit")
        small.git("init", "--quiet", "--initial-branch", "main")
        small.commit("First")
        small.git("switch", "--quiet", "--create", "change")
        small.file("__main__.py").write_text(small.file("__main__.py").read_text() + GATEWAY)
        small.file("policies/security/pack.py").write_text("def policies():\n    return []\n")
        small.commit("Add a gateway")
        code, said = small.plinth("review", "--since", "main")
    assert code == 3, said
    comment = said[said.index("<!-- plinth review -->") :]
    assert "**This change edits policies.** Those of `main` judged it. Edited: `policies/security/pack.py`." in comment
    refused = comment[comment.index("**Refused by `NW-01 Networks have no internet egress`**") :]
    assert refused.splitlines()[2] == "- `fraud`: `aws:ec2/natGateway:NatGateway way-out`"
    assert "remove it; use the VPC endpoints for AWS services" in refused.splitlines()[5]
    assert small.resources("fraud") == []


def test_the_comment_of_a_pull_request_follows_its_commits(project, tmp_path, monkeypatch):
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    with forge_server() as server:
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": server.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "acme/foundation",
            "GITHUB_TOKEN": "job-token",
        }.items():
            monkeypatch.setenv(name, value)
        project.change_team("fraud", monthly_budget_usd="much")
        project.commit("A wrong value")
        code, said = project.plinth("review", "--since", "main", "--settings-only", "--post")
        assert code == 2, said
        (comment,) = server.comments
        assert comment["author"] == ACTIONS
        assert "### Plinth: no preview" in comment["body"]
        assert "monthly_budget_usd" in comment["body"]
        assert str(tmp_path) not in comment["body"]

        project.change_team("fraud", monthly_budget_usd=6000)
        project.commit("A right value")
        code, said = project.plinth("review", "--since", "main", "--settings-only", "--post")
        assert code == 0, said
        (comment,) = server.comments
        assert "| `fraud` | `fraud` | 2 |  |  |  | succeeded | `Pulumi.fraud.yaml changed` |" in comment["body"]

        project.file("__main__.py").write_text("raise SystemExit('executed')\n")
        project.commit("A program")
        code, said = project.plinth("review", "--since", "main", "--settings-only", "--post")
        assert code == 3, said
        assert "executed" not in said
        (comment,) = server.comments
        assert "__main__.py: is part of the program" in comment["body"]
