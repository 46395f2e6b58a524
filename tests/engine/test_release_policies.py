"""The promotion runs the program of a deployment repository with the security pack of the foundation, on the real
engine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from plinth_sandbox.engine import provide
from plinth_sandbox.engine.image import image_with_engine
from runtime.promotion.engine import DeploymentStack
from runtime.promotion.errors import PromotionError
from runtime.promotion.records import Records
from tests.support.workbench import Workbench
from tests.unit.settings.project import organization

ACCOUNT, REGION, BUCKET = "123456789012", "eu-west-1", "acme-artifacts"
STATE = "fraud/scoring/deployments/.pulumi/stacks/fraud--scoring/fraud-preproduction.json"
LOG_GROUP = "/plinth/fraud/scoring/preprod/api"
ROLE = "fraud--scoring-preprod-release"
ORGANIZATION = organization().model_dump_json(exclude_defaults=True)
TAGS = {
    "plinth:stack": "fraud-preproduction",
    "plinth:team": "fraud",
    "plinth:environment": "preproduction",
    "plinth:lifecycle": "ephemeral",
    "plinth:owner": "fraud-owner@acme.example",
    "plinth:cost-centre": "4711",
}
PROGRAM = f"""
import json
import pulumi
import pulumi_aws as aws

provider = aws.Provider(
    "release",
    region="{REGION}",
    allowed_account_ids=["{ACCOUNT}"],
    assume_roles=[aws.ProviderAssumeRoleArgs(role_arn="arn:aws:iam::{ACCOUNT}:role/{ROLE}", session_name="release")],
    default_tags=aws.ProviderDefaultTagsArgs(tags={json.dumps(TAGS)}),
)
options = pulumi.ResourceOptions(provider=provider)
aws.cloudwatch.Dashboard("shown", dashboard_name="fraud--scoring-preprod", dashboard_body=json.dumps({{"widgets": []}}),
                         opts=options)
pulumi.export("version_arn", pulumi.Config("release").require("version_arn"))
"""
MODEL = f"""
aws.sagemaker.Model(
    "planted",
    name="fraud--scoring-preprod-1",
    region="us-east-1",
    execution_role_arn="arn:aws:iam::{ACCOUNT}:role/fraud--scoring-preprod-serving",
    primary_container=aws.sagemaker.ModelPrimaryContainerArgs(image="weights.example/model:latest"),
    opts=options,
)
"""

LOGS = f"""
aws.cloudwatch.LogGroup("logs", name="{LOG_GROUP}", kms_key_id=pulumi.Config("release").require("key"),
                        retention_in_days=365, opts=options)
"""


class Site:
    """An account whose promotions release, and the program of its deployment repository."""

    def __init__(self, acme: Workbench, program: Path) -> None:
        self.acme, self.program = acme, program
        self.records = Records(s3=acme.client("s3"), bucket=BUCKET, folder="fraud/scoring")

    def stack(self, **settings: str) -> DeploymentStack:
        return DeploymentStack(
            program=self.program,
            project="fraud--scoring",
            name="fraud-preproduction",
            region=REGION,
            records=self.records,
            settings={"plinth:organization": ORGANIZATION, "release:version_arn": "arn:7", **settings},
        )

    def write(self, *parts: str) -> None:
        (self.program / "__main__.py").write_text("".join(parts))

    def refused(self, **settings: str) -> str:
        with pytest.raises(PromotionError) as error:
            self.stack(**settings).deploy()
        return str(error.value)

    def exists(self) -> tuple[list[Any], list[Any]]:
        """Returns the dashboards and the models of the account."""
        dashboards = self.acme.client("cloudwatch").list_dashboards()["DashboardEntries"]
        return dashboards, self.acme.client("sagemaker").list_models()["Models"]


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    workbench = Workbench(tmp_path_factory.mktemp("releases"))
    workbench.project.mkdir()
    (workbench.project / "Pulumi.yaml").write_text("name: plinth\nruntime: python\n")
    workbench.sandbox("up")
    try:
        location = {"LocationConstraint": REGION}
        workbench.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        workbench.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
        yield workbench
    finally:
        workbench.sandbox("down")


@pytest.fixture
def site(acme: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for name in [name for name in os.environ if name.startswith(("AWS_", "PULUMI_"))]:
        monkeypatch.delenv(name)
    variables = acme.environment()
    home = Path(variables["PULUMI_HOME"])
    image = image_with_engine(acme.root / "image", Path(sys.prefix), provide().binary_directory, home)
    for name, value in {**variables, "PATH": f"{image / 'bin'}{os.pathsep}{os.environ['PATH']}"}.items():
        monkeypatch.setenv(name, value)
    # The repository of an attacker replaces the plugin that runs policy packs, and takes another name.
    plugins = {"analyzers": [{"name": "policy-python", "path": str(tmp_path)}]}
    project = {"name": "harmless", "runtime": "python", "plugins": plugins}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps(project))
    return Site(acme, tmp_path)


def test_a_release_that_the_policies_refuse_changes_nothing_and_names_each_rule(site: Site) -> None:
    site.write(PROGRAM, MODEL)
    reason = site.refused()
    assert reason.startswith("the policies refuse the release: ")
    for rule in ("SM-09", "SM-10", "SM-12"):
        assert f"{rule} " in reason
    # Only the settings of the organization say so.
    assert "planted is in a region that is not allowed" in reason
    # The name of the project is that of a release, so it needs no account baseline.
    assert "ST-15" not in reason
    assert "weights.example" not in reason
    assert site.exists() == ([], [])


def test_a_release_that_the_policies_accept_is_deployed(site: Site) -> None:
    site.write(PROGRAM)
    assert site.stack().deploy() == {"version_arn": "arn:7"}
    assert len(site.exists()[0]) == 1


def test_the_update_is_judged_too(site: Site) -> None:
    site.write(PROGRAM, "\nif not pulumi.runtime.is_dry_run():\n", indent(MODEL, "    "))
    assert site.refused().startswith("the policies refuse the release: ")
    assert site.exists()[1] == []


def test_a_resource_whose_creation_was_interrupted_is_adopted(site: Site) -> None:
    key = site.acme.client("kms").create_key()["KeyMetadata"]["Arn"]
    site.write(PROGRAM, LOGS)
    stack = site.stack(**{"release:key": key})
    stack.deploy()
    # The state of an engine that was killed after it asked for the group, and another one that AWS never heard of. An
    # import of a state drops such operations.
    s3, place = site.acme.client("s3"), {"Bucket": BUCKET, "Key": STATE}
    state = json.loads(s3.get_object(**place)["Body"].read())
    latest = state["checkpoint"]["latest"]
    (made,) = [resource for resource in latest["resources"] if resource["type"] == "aws:cloudwatch/logGroup:LogGroup"]
    asked = {name: value for name, value in made.items() if name not in ("id", "outputs")}
    never = {**asked, "urn": f"{asked['urn']}-never", "inputs": {**asked["inputs"], "name": f"{LOG_GROUP}-never"}}
    latest["resources"].remove(made)
    latest["pending_operations"] = [{"resource": resource, "type": "creating"} for resource in (asked, never)]
    s3.put_object(**place, Body=json.dumps(state).encode())
    stack.deploy()
    after = json.loads(stack._run("stack", "export"))["deployment"]
    assert not after.get("pending_operations")
    groups = [
        resource["id"] for resource in after["resources"] if resource["type"] == "aws:cloudwatch/logGroup:LogGroup"
    ]
    assert groups == [LOG_GROUP]
