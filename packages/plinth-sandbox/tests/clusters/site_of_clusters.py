"""An account with clusters of EKS, and clients of their API servers."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.signers import RequestSigner

from clusters.api import RefusedError, eventually
from plinth_sandbox.emulator.credentials import management_keys
from plinth_sandbox.executors.push import push
from plinth_sandbox.layout import Layout
from plinth_sandbox.testing import REGION, EmulatedAws


@dataclass
class Site:
    """An account with a cluster."""

    aws: EmulatedAws
    account: str
    request: dict[str, Any]

    @property
    def eks(self) -> Any:
        return self.aws.client("eks", self.account)

    def described(self, name: str = "main") -> dict[str, Any]:
        return self.eks.describe_cluster(name=name)["cluster"]

    def active(self, name: str = "main") -> dict[str, Any]:
        """Returns the cluster once it is active."""
        return eventually(lambda: (found := self.described(name))["status"] == "ACTIVE" and found)

    def session(self, role: str, name: str = "ana@acme.example") -> boto3.Session:
        arn = f"arn:aws:iam::{self.account}:role/{role}"
        issued = self.aws.client("sts", self.account).assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"]
        return boto3.Session(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"], REGION)

    def role(self, name: str) -> str:
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        made = self.aws.client("iam", self.account).create_role(RoleName=name, AssumeRolePolicyDocument=document)
        return made["Role"]["Arn"]

    def entry(self, role: str, **more: Any) -> str:
        """Creates a role with an access entry."""
        arn = self.role(role)
        self.eks.create_access_entry(clusterName="main", principalArn=arn, **more)
        return arn


def token_of(session: boto3.Session, url: str, cluster: str = "main", header: str = "x-k8s-aws-id") -> str:
    """Returns a token as `aws eks get-token` makes it."""
    service = session.client("sts", endpoint_url=url).meta.service_model.service_id
    signer = RequestSigner(service, REGION, "sts", "v4", session.get_credentials(), session.events)
    parameters = {
        "method": "GET",
        "url": f"{url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {header: cluster},
        "context": {},
    }
    signed = signer.generate_presigned_url(parameters, region_name=REGION, expires_in=60, operation_name="")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def ask(cluster: dict[str, Any], token: str, path: str, body: Any = None, method: str = "") -> Any:
    """Returns the JSON that an API server answers. Raises: RefusedError."""
    return json.loads(read(cluster, token, path, body, method))


def read(cluster: dict[str, Any], token: str, path: str, body: Any = None, method: str = "") -> str:
    """Returns the text that an API server answers. Raises: RefusedError."""
    authority = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(cluster["endpoint"] + path, content, headers, method=method or None)
    try:
        with urllib.request.urlopen(request, context=ssl.create_default_context(cadata=authority)) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise RefusedError(error.code, error.read().decode()) from error


REPOSITORY = "fraud/train"
PODS = "/api/v1/namespaces/default/pods"


@dataclass
class Cluster:
    """A cluster in Auto Mode and its API server, as its creator."""

    site: Site

    @property
    def token(self) -> str:
        return token_of(self.site.session("OrganizationAccountAccessRole"), self.site.aws.url)

    def ask(self, path: str, body: Any = None, method: str = "") -> Any:
        return ask(self.site.described(), self.token, path, body, method)

    def run(self, specification: dict[str, Any]) -> str:
        """Creates a pod, waits until it has ended well, and returns its log."""
        name = specification["metadata"]["name"]
        self.ask(PODS, specification)

        def ended() -> Any:
            status = self.ask(f"{PODS}/{name}")["status"]
            return status["phase"] in ("Succeeded", "Failed") and status

        status = eventually(ended)
        said = read(self.site.described(), self.token, f"{PODS}/{name}/log")
        assert status["phase"] == "Succeeded", said
        return said

    def why_waiting(self, specification: dict[str, Any]) -> str:
        """Creates a pod whose image cannot be pulled, and returns the message of the failure."""
        name = specification["metadata"]["name"]
        self.ask(PODS, specification)

        def look() -> Any:
            states = self.ask(f"{PODS}/{name}")["status"].get("containerStatuses") or [{"state": {}}]
            waiting = states[0]["state"].get("waiting") or {}
            return waiting.get("reason") in ("ErrImagePull", "ImagePullBackOff") and waiting["message"]

        return str(eventually(look))

    @property
    def image(self) -> str:
        return f"{self.site.account}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}"


def pushed(cluster: Cluster, image: str) -> str:
    """Pushes an image as the command does, and returns its digest."""
    aws = cluster.site.aws
    values = {**management_keys(aws.directory), "AWS_ENDPOINT_URL": aws.url, "AWS_REGION": REGION}
    return push(Layout(aws.directory.parent), image, values)


def put(cluster: Cluster, tag: str, manifest: str, digest: str) -> None:
    ecr = cluster.site.aws.client("ecr", cluster.site.account)
    ecr.put_image(repositoryName=REPOSITORY, imageTag=tag, imageManifest=manifest, imageDigest=digest)
