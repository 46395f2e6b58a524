"""Creates tokens with which an IAM role enters a cluster of EKS."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from selfservice.engine.account_access import Account

_PREFIX = "k8s-aws-v1."
_CLUSTER_HEADER = "x-k8s-aws-id"
"""Signed header with the name of the cluster, so that a token enters no other cluster (EKS User Guide, "Grant IAM users
access to Kubernetes with EKS access entries"; the format is that of ``aws eks get-token``)."""
_URL_SECONDS = 60
_MARGIN = timedelta(minutes=2)
_VALIDITY = timedelta(minutes=14)
"""EKS accepts a token for 15 minutes after its signature."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the Kubernetes API."""

    text: str
    expires: datetime

    def as_credential(self) -> dict[str, Any]:
        """Returns the answer of a credential plugin (Kubernetes documentation, "client-go credential plugins")."""
        status = {"expirationTimestamp": self.expires.strftime("%Y-%m-%dT%H:%M:%SZ"), "token": self.text}
        return {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}


@dataclass(slots=True)
class KeptToken:
    """A token that is replaced before it expires."""

    account: Account
    cluster: str
    _token: Token | None = None

    def __call__(self) -> str:
        if self._token is None or self._token.expires - datetime.now(UTC) < _MARGIN:
            self._token = cluster_token(self.account, self.cluster)
        return self._token.text


def cluster_token(account: Account, cluster: str) -> Token:
    """Returns a token for a cluster of the account, signed by the account's role.

    A token is a presigned request to AWS STS, which EKS sends to learn who asks. Only the role needs credentials here:
    nothing is sent except to assume it.
    """
    from botocore.signers import RequestSigner

    client = account.client("sts")
    model = client.meta.service_model
    signer = RequestSigner(
        model.service_id, account.region, model.signing_name, "v4", account.credentials(), client.meta.events
    )
    request = {
        "method": "GET",
        "url": f"{client.meta.endpoint_url}/?Action=GetCallerIdentity&Version={model.api_version}",
        "body": {},
        "headers": {_CLUSTER_HEADER: cluster},
        "context": {},
    }
    url = signer.generate_presigned_url(
        request, region_name=account.region, expires_in=_URL_SECONDS, operation_name="GetCallerIdentity"
    )
    text = _PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    return Token(text, datetime.now(UTC) + _VALIDITY)
