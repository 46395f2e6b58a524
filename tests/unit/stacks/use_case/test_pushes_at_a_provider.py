"""A push at GitHub reaches the private build, with the roles, projects and rules that the stacks declare.

The emulator gets what the stacks register. It judges every call of both builds by the declared policies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.emulator.credentials import management_secret
from plinth_sandbox.emulator.process import PROVIDER_PATH
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws
from plinth_sandbox.waiting import eventually
from settings.organization.source import SourceSettings
from tests.support.every_stack import DELIVERED, Deployment, example_foundation, example_organization, example_team

pytestmark = pytest.mark.nightly

STACK = "fraud--scoring"
NAMES = ("build-mirror", "build")
PUSH = f"{STACK}-push"
ROLES = ("mirror", "start", "integration")
SPEC = "version: 0.2\nphases: {build: {commands: ['aws sts get-caller-identity', 'git log -1', '%s']}}\n"


class Site:
    """The tooling account, as the stacks declare it, and a developer at GitHub."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        self.aws, self.copy = aws, folder / "copy"
        self.codebuild, self.codecommit = aws.client("codebuild"), aws.client("codecommit")
        source = SourceSettings(provider="github", namespace="acme")
        teams = [example_team(use_cases=DELIVERED)]
        self.declared = Deployment(example_foundation(organization=example_organization(source=source), teams=teams))
        tooling, organization = (self.declared[stack].exports for stack in ("tooling", "organization"))
        connection = aws.client("codeconnections").create_connection(
            ConnectionName="acme-github", ProviderType="GitHub"
        )
        founded = aws.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.renamed = {
            tooling["connection_arn"]: connection["ConnectionArn"],
            organization["organization_id"]: founded,
            tooling["account_id"]: MANAGEMENT,
        }
        (aws.directory / "images.json").write_text(json.dumps({"aws/codebuild/*": sys.prefix}))
        self.bare = folder / "github" / "acme" / "fraud-scoring-build.git"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        self.git("clone", "--quiet", str(self.bare), str(self.copy))
        self.tell(connection="acme-github", root=str(folder / "github"))
        self._roles()
        self._projects()
        self._rule()

    def declared_as(self, kind: str, stack: str = STACK) -> list[dict[str, Any]]:
        """Returns the inputs of a stack's resources, with the identifiers of this emulator."""
        text = json.dumps([resource.inputs for resource in self.declared[stack].all(kind)])
        for declared, actual in self.renamed.items():
            text = text.replace(declared, actual)
        # The engine sends every number as floating point.
        found: list[dict[str, Any]] = json.loads(text, parse_float=lambda number: int(float(number)))
        return found

    def _roles(self) -> None:
        iam = self.aws.client("iam")
        name = self.declared["tooling"].exports["permissions_boundary_arn"].rpartition("/")[2]
        (boundary,) = (
            candidate for candidate in self.declared_as("aws:iam/policy:Policy", "tooling") if candidate["name"] == name
        )
        arn = iam.create_policy(PolicyName=boundary["name"], Path=boundary["path"], PolicyDocument=boundary["policy"])
        for role in self.declared_as("aws:iam/role:Role"):
            if role["name"] in [f"{STACK}-{suffix}" for suffix in ROLES]:
                iam.create_role(
                    RoleName=role["name"],
                    Path=role["path"],
                    AssumeRolePolicyDocument=role["assumeRolePolicy"],
                    PermissionsBoundary=arn["Policy"]["Arn"],
                )
        for policy in self.declared_as("aws:iam/rolePolicy:RolePolicy"):
            if policy["role"] in [f"{STACK}-{suffix}" for suffix in ROLES]:
                iam.put_role_policy(RoleName=policy["role"], PolicyName="all", PolicyDocument=policy["policy"])

    def _projects(self) -> None:
        self.codecommit.create_repository(repositoryName=f"{STACK}-build")
        for project in self.declared_as("aws:codebuild/project:Project"):
            if project["name"] not in [f"{STACK}-{name}" for name in NAMES]:
                continue
            self.aws.client("logs").create_log_group(logGroupName=f"/aws/codebuild/{project['name']}")
            environment = project["environment"]
            for variable in environment["environmentVariables"]:
                if variable["name"] == "POLL_SECONDS":
                    variable["value"] = "0.5"
            self.codebuild.create_project(
                name=project["name"],
                source=project["source"],
                artifacts=project["artifacts"],
                environment=environment,
                serviceRole=project["serviceRole"],
            )
        for webhook in self.declared_as("aws:codebuild/webhook:Webhook"):
            if webhook["projectName"] == f"{STACK}-build-mirror":
                groups = [group["filters"] for group in webhook["filterGroups"]]
                self.codebuild.create_webhook(projectName=webhook["projectName"], filterGroups=groups)

    def _rule(self) -> None:
        (rule,) = (
            candidate
            for candidate in self.declared_as("aws:cloudwatch/eventRule:EventRule")
            if candidate["name"] == PUSH
        )
        (target,) = (
            candidate
            for candidate in self.declared_as("aws:cloudwatch/eventTarget:EventTarget")
            if candidate["rule"] == PUSH
        )
        events, given = self.aws.client("events"), target["inputTransformer"]
        transformer = {"InputPathsMap": given["inputPaths"], "InputTemplate": given["inputTemplate"]}
        events.put_rule(Name=rule["name"], EventPattern=rule["eventPattern"])
        aimed = {"Id": "build", "Arn": target["arn"], "RoleArn": target["roleArn"], "InputTransformer": transformer}
        events.put_targets(Rule=rule["name"], Targets=[aimed])

    def git(self, *words: str) -> str:
        identity = {f"GIT_{who}_{what}": "ana" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **identity}
        variables = {"PATH": os.environ["PATH"], **settings}
        done = subprocess.run(["git", *words], env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def tell(self, **said: str) -> None:
        owner = {"Authorization": f"Bearer {management_secret(self.aws.directory)}"}
        url = self.aws.url + PROVIDER_PATH
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(said).encode(), owner)) as answer:
            assert json.load(answer) == {}

    def push(self, command: str, branch: str = "main") -> str:
        """Commits a build specification with a command, pushes it to GitHub, and returns the commit."""
        (self.copy / "build_spec.yml").write_text(SPEC % command)
        here = ("-C", str(self.copy))
        self.git(*here, "checkout", "--quiet", "-B", branch)
        self.git(*here, "add", ".")
        self.git(*here, "commit", "--quiet", "--allow-empty", "-m", command)
        self.git(*here, "push", "--quiet", "origin", branch)
        return self.git(*here, "rev-parse", "HEAD")

    def ended(self, project: str) -> dict[str, Any]:
        """Returns the newest build of a project when it has ended."""

        def look() -> dict[str, Any] | None:
            ids = self.codebuild.list_builds_for_project(projectName=f"{STACK}-{project}")["ids"][:1]
            builds = self.codebuild.batch_get_builds(ids=ids)["builds"] if ids else ()
            return next((dict(build) for build in builds if build["buildComplete"]), None)

        return eventually(look)

    def log(self, build: dict[str, Any]) -> str:
        named = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        return "\n".join(event["message"] for event in self.aws.client("logs").get_log_events(**named)["events"])

    def status(self, commit: str) -> str:
        """Returns what GitHub shows at a commit."""
        shown = self.git("-C", str(self.bare), "notes", f"--ref=statuses/{STACK}-build-mirror", "show", commit)
        return shown.rpartition(": ")[2]

    def mirrored(self, branch: str) -> str:
        found = self.codecommit.get_branch(repositoryName=f"{STACK}-build", branchName=branch)["branch"]
        return str(found["commitId"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with EmulatedAws(tmp_path_factory.mktemp("aws")) as server:
        yield Site(server, tmp_path_factory.mktemp("provider"))


@pytest.mark.requirement("CI-01", "CI-08.b", level="run")
def test_a_push_at_github_starts_a_build_as_the_integration_role_whose_result_github_shows(site: Site) -> None:
    commit = site.push("true", branch="feature/faster")
    mirror = site.ended("build-mirror")
    assert mirror["buildStatus"] == "SUCCEEDED", site.log(mirror)
    build = site.ended("build")
    assert (build["buildStatus"], build["resolvedSourceVersion"]) == ("SUCCEEDED", commit)
    assert build["initiator"].startswith(f"{STACK}-start/")
    assert f"assumed-role/{STACK}-integration/" in site.log(build)
    assert {"name": "BRANCH", "value": "feature/faster", "type": "PLAINTEXT"} in build["environment"][
        "environmentVariables"
    ]
    assert site.mirrored("feature/faster") == commit
    assert site.status(commit) == "SUCCEEDED"


@pytest.mark.requirement("CI-08.b", level="run")
def test_github_shows_that_a_build_failed_and_a_late_mirror_does_not_move_a_branch_back(site: Site) -> None:
    first = site.push("true")
    (started,) = site.codebuild.list_builds_for_project(projectName=f"{STACK}-build-mirror")["ids"][:1]
    assert site.ended("build-mirror")["buildStatus"] == "SUCCEEDED"
    second = site.push("false")
    assert site.ended("build-mirror")["buildStatus"] == "FAILED"
    assert (site.status(first), site.status(second)) == ("SUCCEEDED", "FAILED")
    site.codebuild.retry_build(id=started)
    assert "already contains" in site.log(site.ended("build-mirror"))
    assert site.mirrored("main") == second
