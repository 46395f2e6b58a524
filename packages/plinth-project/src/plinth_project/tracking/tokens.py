"""Tokens with which a client shows the tracking server its IAM role: presigned requests of GetCallerIdentity.

EKS verifies tokens of people in the same way (aws-iam-authenticator). A signed header names the server, so that a token
for one server is no token for another server or cluster.
"""

from __future__ import annotations

import base64
import os
from datetime import timedelta

import boto3
from botocore.signers import RequestSigner

PREFIX = "plinth-mlflow-v1."
SERVER_HEADER = "x-plinth-server"
LIFETIME = timedelta(minutes=15)
"""Time for which the server takes a token."""


class NoCredentialsError(Exception):
    """There are no credentials of AWS to sign a token with."""


def own_session() -> boto3.Session:
    """Returns a session with the credentials and the region of this process. Containers of SageMaker, pods and
    functions have their region in ``AWS_REGION``, which boto3 does not read."""
    return boto3.Session(region_name=boto3.Session().region_name or os.environ.get("AWS_REGION"))


def client_token(session: boto3.Session, server: str) -> str:
    """Returns a token for a server. Signing calls no service. Raises NoCredentialsError."""
    client, keys = session.client("sts"), session.get_credentials()
    if keys is None:
        raise NoCredentialsError("there are no credentials of AWS to sign a token of the tracking server with")
    model = client.meta.service_model
    signer = RequestSigner(
        model.service_id, client.meta.region_name, model.signing_name, "v4", keys, client.meta.events
    )
    request = {
        "method": "GET",
        "url": f"{client.meta.endpoint_url}/?Action=GetCallerIdentity&Version={model.api_version}",
        "body": {},
        "headers": {SERVER_HEADER: server},
        "context": {},
    }
    url = signer.generate_presigned_url(
        request,
        region_name=client.meta.region_name,
        expires_in=int(LIFETIME.total_seconds()),
        operation_name="GetCallerIdentity",
    )
    return PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
