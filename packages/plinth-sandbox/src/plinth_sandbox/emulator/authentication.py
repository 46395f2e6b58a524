"""Refuses requests that no holder of the sandbox's credentials signed, with the error of the service.

Other users of the machine reach the emulator's port, and it holds secrets. Unsigned requests are refused too, although
AWS answers some. The exceptions are AssumeRoleWithWebIdentity and the calls of IAM Identity Center with which people
sign in. Their tokens are verified instead.
"""

from __future__ import annotations

import hmac

from moto.iam.models import iam_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.credentials import MANAGEMENT_KEY_ID, service_of
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.signature import is_signed, is_signed_with

_STATUS = 403
_WITH_TOKEN = ("sts", "AssumeRoleWithWebIdentity")
_OF_PEOPLE = ("sso", "sso-oidc")
"""Services whose calls carry what proves a person or a client."""
_UNSIGNED = "Missing Authentication Token"
_UNKNOWN = ("InvalidClientTokenId", "The security token included in the request is invalid.")
_EXPIRED = ("ExpiredTokenException", "The security token included in the request is expired")
_FOREIGN = (
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method.",
)
_CODES = {
    "s3": {"InvalidClientTokenId": "InvalidAccessKeyId"},
    "ec2": {"InvalidClientTokenId": "AuthFailure", "SignatureDoesNotMatch": "AuthFailure"},
    "json": {
        "InvalidClientTokenId": "UnrecognizedClientException",
        "SignatureDoesNotMatch": "InvalidSignatureException",
    },
}
"""Codes that differ from those of the query protocol, by service, or for all services with a JSON protocol."""


class Authentication:
    """Compares the signature of each call with the one that its access key makes."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        """Secret access key of the management account."""

    def refusal(self, call: Call) -> Answer | None:
        """Returns None if the holder of the call's access key signed it, or else the error of the service."""
        if not is_signed(call.request):
            if (call.service, call.name) == _WITH_TOKEN or (call.operation and call.service in _OF_PEOPLE):
                return None
            return _unsigned(call.request)
        secret = self.secret_of(call.access_key)
        if secret is None:
            # Keys of a session from before a reset, whose program would else write into the new organization.
            return _refused(call, *(_EXPIRED if call.access_key.startswith("ASIA") else _UNKNOWN))
        return None if is_signed_with(call.request, secret) else _refused(call, *_FOREIGN)

    def secret_of(self, access_key: str) -> str | None:
        """Returns the secret of an access key, or None if there is no such key."""
        is_own = access_key == MANAGEMENT_KEY_ID or service_of(access_key) is not None
        return self._secret if is_own else issued_secret(access_key)

    def is_owner(self, request: Request) -> bool:
        """Returns whether a request to the sandbox itself carries the secret."""
        return hmac.compare_digest(request.header("authorization").encode(), f"Bearer {self._secret}".encode())


def issued_secret(access_key: str) -> str | None:
    """Returns the secret of a key that the emulator issued, or None."""
    for backends in list(iam_backends.values()):
        if (key := backends["aws"].access_keys.get(access_key)) is not None:
            return str(key.secret_access_key)
    return None


def _refused(call: Call, code: str, message: str) -> Answer:
    if call.operation is None:
        return Answer.of_json(_STATUS, {"__type": code, "message": message})
    protocol = str(call.operation.service_model.resolved_protocol)
    family = call.service if call.service in _CODES else "json" if "json" in protocol else ""
    return call.reply(AwsError(_CODES.get(family, {}).get(code, code), message, status=_STATUS))


def _unsigned(request: Request) -> Answer:
    """Answers in the protocol that the request seems to have, because only a signature names the service."""
    if request.header("x-amz-target") or "json" in request.header("content-type"):
        return Answer.of_json(_STATUS, {"__type": "MissingAuthenticationTokenException", "message": _UNSIGNED})
    if request.header("content-type").startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Code>MissingAuthenticationToken</Code><Message>{_UNSIGNED}</Message></Error>"
        text = f"<ErrorResponse>{error}<RequestId>unsigned</RequestId></ErrorResponse>"
    else:
        text = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    return Answer(_STATUS, {"Content-Type": "text/xml"}, text.encode())
