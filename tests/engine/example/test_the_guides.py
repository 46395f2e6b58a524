"""The pages that a reader follows on the example: their commands run in order and print what the pages show."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.guides.follow import follow
from tests.support.guides.pages import EXAMPLE
from tests.support.guides.shell import Shell
from tests.support.guides.steps import sections_of
from tests.support.workbench import COMMANDS, REPOSITORY, SKIP_CHECKPOINTS, Workbench

FIRST_RUN = "docs/guides/first-run.md"
SECTIONS = list(sections_of(REPOSITORY / FIRST_RUN))
DRIFT = "4. Repair drift"
DRIFTING = "fraud-development"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ANYBODY = {"Sid": "Anybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
SSH: Any = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def clone(acme: Workbench) -> Workbench:
    """The project, with the parts of a clone that the pages name."""
    parts = {".venv": COMMANDS.parent, ".sandbox": acme.root / "sandbox"}
    parts |= {name: REPOSITORY / name for name in ("policies", "templates")}
    for name, target in parts.items():
        (acme.project / name).symlink_to(target)
    return acme


@pytest.fixture(scope="module")
def shell(clone: Workbench) -> Iterator[Shell]:
    """A shell in the folder of the project, with an AWS CLI and without a connection."""
    environment = clone.bare_environment()
    environment.pop(SKIP_CHECKPOINTS, None)  # a page kills a deployment, and continues from its state
    environment["PATH"] = f"{COMMANDS}{os.pathsep}{environment['PATH']}"
    started = Shell.start(clone.project, environment, clone.root / "shell.log")
    yield started
    started.close()


@pytest.mark.parametrize("page", [page for page in EXAMPLE if page != FIRST_RUN])
def test_every_command_of_the_page_does_what_the_page_says(clone: Workbench, shell: Shell, page: str) -> None:
    follow(page, shell, clone.project)


@pytest.mark.parametrize("section", SECTIONS[: SECTIONS.index(DRIFT)])
def test_every_command_of_the_first_run_does_what_the_page_says(clone: Workbench, shell: Shell, section: str) -> None:
    follow(FIRST_RUN, shell, clone.project, section)


def test_what_somebody_changes_at_aws_is_named_by_a_preview_and_removed_by_up(clone: Workbench, shell: Shell) -> None:
    """The page deletes a flow log, and adds a policy to a role and a rule to a group. The test changes more."""
    account = Account(clone)
    before = account.look()
    account.tamper()
    shown = re.findall(r": drift (\S+ \S+)", follow(FIRST_RUN, shell, clone.project, DRIFT))
    assert set(shown) == account.changed
    assert account.look() == before


@pytest.mark.parametrize("section", SECTIONS[SECTIONS.index(DRIFT) + 1 :])
def test_every_command_after_the_drift_does_what_the_page_says(clone: Workbench, shell: Shell, section: str) -> None:
    follow(FIRST_RUN, shell, clone.project, section)


class Account:
    """The account of the stack as somebody with full access sees it."""

    def __init__(self, acme: Workbench) -> None:
        outputs = acme.outputs(DRIFTING)
        self.iam, self.ec2, self.s3, self.kms = (
            acme.client(service, outputs["account_id"]) for service in ("iam", "ec2", "s3", "kms")
        )
        self.bucket, self.logs, self.key = (
            outputs[name] for name in ("bucket_name", "access_log_bucket_name", "key_arn")
        )
        self.role, self.group = f"{DRIFTING}-execution", outputs["studio_security_group_id"]
        self.state = [resource for resource in acme.state(DRIFTING) if resource["custom"]]
        (self.flow_log,) = (resource["id"] for resource in self.state if resource["type"] == "aws:ec2/flowLog:FlowLog")
        groups = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
        self.groups = {resource["id"] for resource in self.state if resource["type"] in groups}

    def tamper(self) -> None:
        """Deletes a bucket, and adds a policy to the role, port 22 to the other groups and statements to policies."""
        versions = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.logs)
        for version in [version for page in versions for version in page.get("Versions", [])]:
            self.s3.delete_object(Bucket=self.logs, Key=version["Key"], VersionId=version["VersionId"])
        self.s3.delete_bucket(Bucket=self.logs)
        self.iam.put_role_policy(RoleName=self.role, PolicyName="more", PolicyDocument=json.dumps(EVERYTHING))
        for group in self.groups - {self.group}:
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=SSH)
        policy = json.loads(self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"])
        policy["Statement"].append({**ANYBODY, "Resource": f"arn:aws:s3:::{self.bucket}/*"})
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(policy))
        policy = json.loads(self.kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])
        policy["Statement"].append({**ANYBODY, "Action": "kms:Decrypt", "Resource": "*"})
        self.kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=json.dumps(policy))

    @property
    def changed(self) -> set[str]:
        """Types and names of the resources that the page and :meth:`tamper` change."""
        policies = {
            ("aws:s3/bucketPolicy:BucketPolicy", self.bucket),
            ("aws:kms/key:Key", self.key.rpartition("/")[2]),
            ("aws:iam/role:Role", self.role),
        }
        return {
            f"{resource['type']} {resource['urn'].rpartition('::')[2]}"
            for resource in self.state
            if resource["id"] in {self.logs, self.flow_log, *self.groups}
            or (resource["type"], resource["id"]) in policies
        }

    def look(self) -> dict[str, object]:
        """Returns what the page and :meth:`tamper` change."""
        role = {"RoleName": self.role}
        rules = self.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [*self.groups]}])
        return {
            "attached": self.iam.list_attached_role_policies(**role)["AttachedPolicies"],
            "inline": self.iam.list_role_policies(**role)["PolicyNames"],
            "rules": {rule["SecurityGroupRuleId"] for rule in rules["SecurityGroupRules"]},
            "logs": self.s3.get_bucket_policy(Bucket=self.logs)["Policy"],
            "key": self.kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"],
            "bucket": self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"],
            "flow logs": len(self.ec2.describe_flow_logs()["FlowLogs"]),
            "encryption": self.s3.get_bucket_encryption(Bucket=self.logs)["ServerSideEncryptionConfiguration"],
        }
