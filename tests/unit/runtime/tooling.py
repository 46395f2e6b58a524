"""An emulated tooling account with what all use cases share."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import boto3
import botocore.session

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws

BUCKET, SOURCES = "acme-artifacts", "acme-promotions"
RELEASE_ROLE = f"arn:aws:iam::{MANAGEMENT}:role/release"
_LOADER = botocore.session.get_session().get_component("data_loader")


class Session:
    """A session of boto3 that makes each client once, because a client parses the model of its service."""

    def __init__(self, url: str, keys: Mapping[str, str]) -> None:
        core = botocore.session.Session()
        core.register_component("data_loader", _LOADER)
        self._session = boto3.session.Session(region_name=REGION, botocore_session=core, **keys)
        self._url, self._clients = url, dict[str, Any]()
        self.get_credentials = self._session.get_credentials

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self._url)  # type: ignore[call-overload]
        return self._clients[service]


class Tooling:
    """An account with buckets, a key, and roles that may do everything."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        self.owner = Session(aws.url, aws.credentials(MANAGEMENT))
        self._sessions: dict[str, Session] = {}
        # Nobody pushes an image: an environment of this machine stands for each.
        (aws.directory / "images.json").write_text(json.dumps({"*/fraud/*": sys.prefix}))
        s3 = self.owner.client("s3")
        self.key_arn = str(self.owner.client("kms").create_key()["KeyMetadata"]["Arn"])
        for bucket in (BUCKET, SOURCES):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        aws.role("promoter", "codepipeline")
        aws.role("starter", "events")
        iam = self.owner.client("iam")
        account = {"Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"}
        for name in ("people", "promotion", "release"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(account))
            everything = _policy({"Action": "*", "Resource": "*"})
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=everything)

    def person(self, name: str) -> Session:
        return self._assumed("people", name)

    def opened(self, **keys: str) -> Session:
        """Stands for ``boto3.Session`` in an action: the promotion role without keys, or the role of the keys."""
        if "aws_access_key_id" not in keys:
            return self._assumed("promotion", "AWSCodeBuild")
        return Session(self.aws.url, {name: value for name, value in keys.items() if name != "region_name"})

    def _assumed(self, role: str, name: str) -> Session:
        if name not in self._sessions:
            taken = self.owner.client("sts").assume_role(
                RoleArn=f"arn:aws:iam::{MANAGEMENT}:role/{role}", RoleSessionName=name
            )["Credentials"]
            keys = {
                "aws_access_key_id": taken["AccessKeyId"],
                "aws_secret_access_key": taken["SecretAccessKey"],
                "aws_session_token": taken["SessionToken"],
            }
            self._sessions[name] = Session(self.aws.url, keys)
        return self._sessions[name]


def _policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    )
