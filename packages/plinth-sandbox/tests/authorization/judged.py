"""An organization with small roles, and sessions of them that services open, as for a run of an executor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from plinth_sandbox.emulator.credentials import management_secret, service_key
from plinth_sandbox.executors.session import ORIGIN_HEADER
from plinth_sandbox.testing import REGION, EmulatedAws
from plinth_sandbox.waiting import LONGEST_SECONDS

Statement = Mapping[str, Any]


def document(*statements: Statement) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    )


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", **allow(*actions, on=on, **more)}


def trust(principal: Mapping[str, str], **condition: Any) -> dict[str, Any]:
    conditions = {"Condition": condition} if condition else {}
    return {"Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession"], **conditions}


BY_SAGEMAKER = trust({"Service": "sagemaker.amazonaws.com"})


@dataclass
class Organization:
    """An emulated AWS with two member accounts."""

    aws: EmulatedAws
    home: str = field(init=False)
    other: str = field(init=False)

    def __post_init__(self) -> None:
        self.home, self.other = self.aws.new_account("home"), self.aws.new_account("other")
        organizations = self.aws.client("organizations")
        self.root = organizations.list_roots()["Roots"][0]["Id"]
        for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
            organizations.enable_policy_type(RootId=self.root, PolicyType=kind)

    def role(
        self, name: str, *statements: Statement, trusted: Statement = BY_SAGEMAKER, account: str = "", **more: Any
    ) -> str:
        """Creates a role and returns its ARN."""
        iam = self.aws.client("iam", account or self.home)
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trusted), **more)["Role"]["Arn"])
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return arn

    def session(
        self, role: str, service: str = "sagemaker", *, origin: Mapping[str, Any] | None = None, **how: Any
    ) -> Session:
        """Lets a service open a session of a role."""
        secret = management_secret(self.aws.directory)
        keys = {"aws_access_key_id": service_key(service), "aws_secret_access_key": secret}
        sts = client(self.aws, "sts", keys)

        def tell(params: dict[str, Any], **_: object) -> None:
            params["headers"][ORIGIN_HEADER] = json.dumps(origin or {})

        sts.meta.events.register("before-call.sts.AssumeRole", tell)
        return Session(self.aws, sts.assume_role(RoleArn=role, RoleSessionName="run", **how)["Credentials"])

    def bucket(self, name: str, *, account: str = "", policy: str = "") -> Any:
        s3 = self.aws.client("s3", account or self.home)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if policy:
            s3.put_bucket_policy(Bucket=name, Policy=policy)
        return s3


@dataclass
class Session:
    """A session whose calls are judged."""

    aws: EmulatedAws
    credentials: Mapping[str, Any]

    def client(self, service: str) -> Any:
        keys = {
            "aws_access_key_id": self.credentials["AccessKeyId"],
            "aws_secret_access_key": self.credentials["SecretAccessKey"],
            "aws_session_token": self.credentials["SessionToken"],
        }
        return client(self.aws, service, keys)

    def assume(self, role: str, **how: Any) -> Session:
        answer = self.client("sts").assume_role(RoleArn=role, RoleSessionName="further", **how)
        return Session(self.aws, answer["Credentials"])


def client(aws: EmulatedAws, service: str, keys: Mapping[str, str]) -> Any:
    return boto3.client(  # type: ignore[call-overload] # the service is known when it is called
        service,
        endpoint_url=aws.url,
        region_name=REGION,
        config=Config(read_timeout=LONGEST_SECONDS, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        **keys,
    )
