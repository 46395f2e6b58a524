"""An account with a use case, people who sign in at emulated IAM Identity Center, and the portal that they open.

The account is the tooling account of the settings. Calls of people are judged by the policies of their permission sets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3
import yaml
from starlette.testclient import TestClient

from components.identity.personas.persona_list import PERSONAS
from plinth_sandbox.emulator.services.identity_center.executor.passwords import password_of
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import eventually
from runtime.promotion.decisions.people import user_of
from runtime.promotion.records import plan_of, review_of
from selfservice.portal.application import application
from selfservice.portal.options import PortalOptions
from tests.unit.selfservice.portal.browser import ADDRESS, Browser
from tests.unit.selfservice.promotions.site import BUCKET, COMMIT, GROUP, PIPELINE, Site

HOME = "eu-central-1"
"""Region of the instance of IAM Identity Center."""
TEAM_TAG = {"key": "plinth:team", "value": "fraud"}
ATTRIBUTES = {"plinth:team": "${path:enterprise.department}", "plinth:user": "${path:userName}"}
"""Attributes of people that session tags have, as the stack ``identity`` sets them."""
SIGNED_IN = {
    "ben": ["LeadScientist-tooling", "LeadScientist-development"],
    "chloe": ["LeadScientist-tooling"],
    "dora": ["DataScientist-tooling"],
    "gina": ["ProductOwner-tooling"],
    "erin": ["MLOpsEngineer-tooling", "MLOpsEngineer-environments"],
    "paul": ["ITPlatform-accounts"],
    "olga": ["LeadScientist-tooling"],
    "anna": ["Auditor-record"],
    "pia": ["ITPlatform-accounts"],
}
"""Permission sets of people. All but Olga are in the team of the use case, or in none. Those of Anna and Pia are in the
account of the trail."""


def package(version: int) -> str:
    """Returns the ARN of a version of main."""
    return f"arn:aws:sagemaker:{REGION}:{MANAGEMENT}:model-package/{GROUP}/{version}"


class DeliverySite(Site):
    """The use case of the example in its tooling account, with people."""

    def __init__(self, aws: EmulatedAws) -> None:
        super().__init__(aws)
        arn = f"arn:aws:codepipeline:{REGION}:{MANAGEMENT}:{PIPELINE}"
        self.codepipeline.tag_resource(resourceArn=arn, tags=[TEAM_TAG])
        group = self.sagemaker.describe_model_package_group(ModelPackageGroupName=GROUP)["ModelPackageGroupArn"]
        self.sagemaker.add_tags(ResourceArn=group, Tags=[{"Key": TEAM_TAG["key"], "Value": TEAM_TAG["value"]}])
        self.sagemaker.create_model_package_group(ModelPackageGroupName="fraud--scoring-develop")
        aws.client("codebuild").create_project(
            name="fraud--scoring-build",
            source={"type": "NO_SOURCE", "buildspec": "{version: 0.2, phases: {build: {commands: ['exit 1']}}}"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            serviceRole=f"arn:aws:iam::{MANAGEMENT}:role/builder",
            tags=[TEAM_TAG],
        )
        self.development = aws.new_account("acme-fraud-development")
        self.production = aws.new_account("acme-fraud-production")
        self.trail_account = aws.new_account("acme-audit")
        self._assignments: dict[tuple[str, str], dict[str, str]] = {}
        """Assignments of permission sets by person and permission set."""
        self._sign_people_up()

    def version(self, metrics: dict[str, str] | None = None, status: str = "PendingManualApproval") -> int:
        """Registers a version with metrics and returns its number."""
        number = self.register(status)
        self.sagemaker.update_model_package(
            ModelPackageArn=package(number),
            CustomerMetadataProperties=metrics or {"f1": "0.9", "commit": COMMIT},
        )
        return number

    def status_of(self, version: int) -> tuple[str, str]:
        """Returns the status of a version, and why it has it."""
        found = self.sagemaker.describe_model_package(ModelPackageName=package(version))
        return found["ModelApprovalStatus"], found.get("ApprovalDescription", "")

    def waits(self, version: int = 1, *, involved: Sequence[str] = (), review: str = "# Promotion") -> tuple[str, str]:
        """Starts a promotion that waits for the review. Returns its execution and the token of the approval."""
        execution = self.begin(version)
        took_part = [{"part": "wrote the training code", "names": [name]} for name in involved]
        plan = {"execution": execution, "version": version, "commit": COMMIT, "metrics": {"f1": 0.9}}
        self.record(plan_of(execution), {**plan, "involved": took_part})
        key = f"fraud/scoring/promotions/{review_of(execution)}"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=review.encode())
        return execution, self.token(PIPELINE, "Review", execution)

    def stop(self, execution: str) -> None:
        """Rejects what waits for the review, so that the next execution enters it."""
        self.decide(execution, "Review", "Rejected")
        self.ended(PIPELINE, execution)

    def review_of(self, execution: str) -> tuple[str, str, str]:
        """Returns the status of the review of an execution, who gave it, and why."""
        action = self.actions(PIPELINE, execution)["Review.Approve"]
        result = action.get("output", {}).get("executionResult", {})
        return action["status"], user_of(action.get("updatedBy", "")), result.get("externalExecutionSummary", "")

    def build(self, branch: str) -> None:
        """Builds a branch, which fails."""
        codebuild = self.aws.client("codebuild")
        variables = [{"name": "BRANCH", "value": branch, "type": "PLAINTEXT"}]
        started = codebuild.start_build(projectName="fraud--scoring-build", environmentVariablesOverride=variables)
        build = started["build"]["id"]
        eventually(lambda: codebuild.batch_get_builds(ids=[build])["builds"][0]["buildStatus"] == "FAILED")

    @contextmanager
    def without(self, user: str, permission_set: str) -> Iterator[None]:
        """Takes a permission set from a person for a while."""
        center, given = self.aws.client("sso-admin", region=HOME), self._assignments[user, permission_set]
        center.delete_account_assignment(**given)
        yield
        center.create_account_assignment(**given)

    def _sign_people_up(self) -> None:
        center, directory = (self.aws.client(service, region=HOME) for service in ("sso-admin", "identitystore"))
        instance = center.list_instances()["Instances"][0]
        ours, store = {"InstanceArn": instance["InstanceArn"]}, instance["IdentityStoreId"]
        attributes = [{"Key": name, "Value": {"Source": [source]}} for name, source in ATTRIBUTES.items()]
        center.create_instance_access_control_attribute_configuration(
            **ours, InstanceAccessControlAttributeConfiguration={"AccessControlAttributes": attributes}
        )
        documents = {
            persona.permission_set_of(access): [
                statement.as_json() for statement in access.statements(REGION, "identity-center")
            ]
            for persona in PERSONAS
            for access in persona.access
        }
        accounts = {"development": self.development, "environments": self.production, "record": self.trail_account}
        created: dict[str, str] = {}
        for user, names in SIGNED_IN.items():
            person = directory.create_user(
                IdentityStoreId=store,
                UserName=user,
                DisplayName=user,
                Name={"GivenName": user, "FamilyName": "Test"},
                Extensions={"aws:identitystore:enterprise": {"department": "churn" if user == "olga" else "fraud"}},
            )["UserId"]
            for name in names:
                if name not in created:
                    made = center.create_permission_set(Name=name, **ours)["PermissionSet"]["PermissionSetArn"]
                    policy = json.dumps({"Version": "2012-10-17", "Statement": documents[name]})
                    center.put_inline_policy_to_permission_set(**ours, PermissionSetArn=made, InlinePolicy=policy)
                    created[name] = made
                self._assignments[user, name] = {
                    **ours,
                    "PermissionSetArn": created[name],
                    "PrincipalType": "USER",
                    "PrincipalId": person,
                    "TargetType": "AWS_ACCOUNT",
                    "TargetId": self.trail_account
                    if user == "pia"
                    else accounts.get(name.rpartition("-")[2], MANAGEMENT),
                }
                center.create_account_assignment(**self._assignments[user, name])


class Signed(Browser):
    """A browser whose person signs in with a password."""

    def __init__(self, client: TestClient, aws: EmulatedAws) -> None:
        super().__init__(client)
        self.aws = aws

    def sign_in(self, user: str) -> None:
        page = urlsplit(self.get("/sign-in").headers["location"])
        answer = urllib3.request(
            "POST",
            f"{self.aws.url}{page.path}",
            body=f"{page.query}&user={user}&password={password_of(user, self.aws.directory)}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            redirect=False,
        )
        back = urlsplit(answer.headers["Location"])
        answered = self.get(f"{back.path}?{back.query}")
        assert (answered.status_code, answered.headers["location"]) == (303, "/"), answered.text


class Delivery:
    """The site, and the portal with everybody's browsers."""

    def __init__(self, site: DeliverySite, made: Any, opened: ExitStack) -> None:
        self.site = site
        self._application, self._opened = made, opened

    def signed_in(self, user: str) -> Signed:
        client = TestClient(self._application, base_url=ADDRESS, raise_server_exceptions=False)
        browser = Signed(self._opened.enter_context(client), self.site.aws)
        browser.sign_in(user)
        return browser


@contextmanager
def delivery_portal(site: DeliverySite, project: Path) -> Iterator[Delivery]:
    """Yields the portal on the example organization, whose tooling account is the one of the site."""
    file = project / "Pulumi.yaml"
    described = yaml.safe_load(file.read_text())
    organization = described["config"]["plinth:organization"]["value"]
    organization["accounts"] = {"organization": {"id": "999999999999"}, "tooling": {"id": MANAGEMENT}}
    file.write_text(yaml.safe_dump(described))
    options = PortalOptions(
        directory=project, region=REGION, issuer_url="https://identitycenter.amazonaws.com/x", address=ADDRESS
    )
    with ExitStack() as opened:
        yield Delivery(site, application(options), opened)
