"""Requests to an API server with the certificate of its administrator, who needs no webhook to enter."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.kubernetes.certificates import Certificates

ADMINISTRATOR = "plinth-sandbox"
"""User of the sandbox itself, in the group whose members may do everything."""
MASTERS = "system:masters"
_APPLY = "application/apply-patch+yaml"
_MANAGER = "eks"
"""Name as which the fields of applied objects are managed."""


@dataclass(frozen=True, slots=True)
class Administrator:
    """A client of an API server."""

    server: str
    """URL of the API server."""
    certificates: Certificates

    def ask(
        self, path: str, method: str = "GET", body: Mapping[str, Any] | None = None, *, kind: str = "application/json"
    ) -> bytes | None:
        """Returns the answer of the API server, or None if it refuses or does not answer."""
        context = ssl.create_default_context(cafile=self.certificates.authority)
        pair = self.certificates.client(ADMINISTRATOR, MASTERS)
        context.load_cert_chain(pair.certificate, pair.key)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": kind}
        request = urllib.request.Request(f"{self.server}{path}", content, headers, method=method)
        try:
            with opener.open(request, timeout=30) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, OSError):
            return None

    def apply(self, path: str, manifest: Mapping[str, Any]) -> bool:
        """Creates an object or updates it. Returns whether it did."""
        applied = f"{path}?fieldManager={_MANAGER}&force=true"
        return self.ask(applied, "PATCH", manifest, kind=_APPLY) is not None

    def review_token(self, token: str, audience: str) -> dict[str, Any]:
        """Returns what the API server says about a token for an audience: the status of a TokenReview."""
        review = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, "audiences": [audience]},
        }
        said = self.ask("/apis/authentication.k8s.io/v1/tokenreviews", "POST", review)
        return {} if said is None else dict(json.loads(said)["status"])

    def token_keys(self) -> list[dict[str, Any]]:
        """Returns the public keys with which tokens of service accounts are signed, as JSON Web Keys."""
        said = self.ask("/openid/v1/jwks")
        return [] if said is None else list(json.loads(said)["keys"])

    def annotations_of(self, namespace: str, service_account: str) -> dict[str, str]:
        """Returns the annotations of a service account, or none if it does not exist."""
        said = self.ask(f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}")
        return {} if said is None else dict(json.loads(said)["metadata"].get("annotations") or {})
