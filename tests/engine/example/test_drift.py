"""Drift: what somebody adds at AWS is named by a preview with a refresh, and removed by ``plinth up``."""

from __future__ import annotations

import json
from typing import Any

from tests.support.workbench import Workbench

STACK = "churn-development"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
SSH: Any = [
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
]
ANYBODY = {"Sid": "Anybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}


class Account:
    """The account of the stack as somebody with full access sees it."""

    def __init__(self, acme: Workbench) -> None:
        outputs = acme.outputs(STACK)
        self.iam, self.ec2, self.s3, self.kms = (
            acme.client(service, outputs["account_id"]) for service in ("iam", "ec2", "s3", "kms")
        )
        self.bucket, self.key = outputs["bucket_name"], outputs["key_arn"]
        by_type: dict[str, list[dict[str, Any]]] = {}
        for resource in acme.state(STACK):
            by_type.setdefault(resource["type"], []).append(resource)
        self.role = by_type["aws:iam/role:Role"][0]
        self.groups = [
            *by_type["aws:ec2/securityGroup:SecurityGroup"],
            *by_type["aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"],
        ]
        (self.bucket_policy,) = (
            policy for policy in by_type["aws:s3/bucketPolicy:BucketPolicy"] if policy["id"] == self.bucket
        )
        (self.key_resource,) = (key for key in by_type["aws:kms/key:Key"] if key["outputs"]["arn"] == self.key)

    def tamper(self) -> None:
        """Adds policies to a role, port 22 to every security group, and statements to a bucket and a key policy."""
        self.iam.attach_role_policy(RoleName=self.role["id"], PolicyArn=ADMINISTRATOR)
        self.iam.put_role_policy(
            RoleName=self.role["id"],
            PolicyName="more",
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
            ),
        )
        for group in self.groups:
            self.ec2.authorize_security_group_ingress(GroupId=group["id"], IpPermissions=SSH)
        policy = json.loads(self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"])
        policy["Statement"].append({**ANYBODY, "Resource": f"arn:aws:s3:::{self.bucket}/*"})
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(policy))
        policy = json.loads(self.kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])
        policy["Statement"].append({**ANYBODY, "Action": "kms:Decrypt", "Resource": "*"})
        self.kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=json.dumps(policy))

    @property
    def tampered(self) -> set[str]:
        """URNs of what :meth:`tamper` changes."""
        return {r["urn"] for r in (self.role, *self.groups, self.bucket_policy, self.key_resource)}

    def look(self) -> dict[str, object]:
        """Returns what :meth:`tamper` changes."""
        named = {"RoleName": self.role["id"]}
        rules = self.ec2.describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [group["id"] for group in self.groups]}]
        )["SecurityGroupRules"]
        return {
            "attached": self.iam.list_attached_role_policies(**named)["AttachedPolicies"],
            "inline": self.iam.list_role_policies(**named)["PolicyNames"],
            "rules": {rule["SecurityGroupRuleId"] for rule in rules},
            "bucket": _sids(self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"]),
            "key": _sids(self.kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"]),
        }


def _sids(document: str) -> list[str]:
    return [statement["Sid"] for statement in json.loads(document)["Statement"]]


def test_what_somebody_adds_is_named_by_a_preview_and_removed_by_up(acme: Workbench) -> None:
    account = Account(acme)
    before = account.look()
    account.tamper()
    tampered = account.look()
    assert all(tampered[what] != before[what] for what in before)

    seen = acme.plinth("preview", STACK, "--refresh", "--expect-no-changes", "--json", check=False)
    assert seen.returncode == 4, seen.stdout + seen.stderr
    stack = json.loads(seen.stdout)["stacks"][STACK]
    assert set(stack["drifted"]) == account.tampered
    assert stack["changes"] == {"update": len(account.tampered)}
    assert f"policy {ADMINISTRATOR} added" in seen.stderr
    assert account.look() == tampered, "a preview changes nothing"

    acme.plinth("up", STACK, "--yes")
    assert account.look() == before
    assert json.loads(acme.plinth("up", STACK, "--yes", "--json").stdout)["changes"] == {}
