"""STS: AssumeRoleWithWebIdentity, for tokens of clusters (IRSA) and of other registered issuers, such as GitHub.

The calls of the session are judged. The certificate of the issuer is not compared with the thumbprints of the provider,
because the sandbox connects to no issuer; for most, AWS does not compare it either.

Sources: STS API, AssumeRoleWithWebIdentity; IAM User Guide, "Available keys for AWS OIDC federation" and "Obtain the
thumbprint for an OpenID Connect identity provider" (read 2026-11-24).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends

from iam_evaluator.context_keys import context_key
from iam_evaluator.errors import UnsupportedError
from iam_evaluator.request import Principal
from iam_evaluator.request import Request as Permission
from plinth_sandbox.emulator.authorization.principals import role_of
from plinth_sandbox.emulator.authorization.resources import resource_of
from plinth_sandbox.emulator.authorization.sessions import JUDGED_SESSIONS, JudgedSession, Origin
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.patches.patch import Exchange, Memory
from plinth_sandbox.emulator.services.sts.executor.web_tokens import MalformedTokenError, WebToken, keys_of, register

EXECUTOR = "sts"
"""Service whose operation this is. Reports about it contain the keys of an issuer."""
_ACTION = "sts:AssumeRoleWithWebIdentity"
_INVALID = "InvalidIdentityToken"


def _assume(exchange: Exchange, runtime: Runtime) -> Answer:
    given = exchange.call.parameters
    arn = str(given["RoleArn"])
    token = _parsed(str(given["WebIdentityToken"]))
    provider = _provider(token, arn.split(":")[4])
    _verify(token, provider, runtime.memory)
    _require_trust(token, provider, arn, str(given["RoleSessionName"]), exchange.call.region, runtime.memory)
    answer = exchange.amend(lambda result: result.update(_described(token, provider)))
    if answer.succeeded:
        key = str(exchange.call.result(answer)["Credentials"]["AccessKeyId"])
        policies = [given["Policy"]] if given.get("Policy") else []
        policies += [policy_arn["arn"] for policy_arn in given.get("PolicyArns", [])]
        session = JudgedSession(arn, str(given["RoleSessionName"]), Origin(), policies=tuple(policies))
        runtime.memory.notes(JUDGED_SESSIONS)[key] = session
    return answer


def _parsed(text: str) -> WebToken:
    try:
        return WebToken.parse(text)
    except MalformedTokenError as error:
        message = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        raise AwsError(_INVALID, message) from error


def _provider(token: WebToken, account: str) -> Any:
    """Returns the account's provider for the issuer of a token. Raises: AwsError."""
    path = token.issuer.removeprefix("https://")
    arn = f"arn:aws:iam::{account}:oidc-provider/{path}"
    provider = iam_backends[account]["aws"].open_id_providers.get(arn) if path != token.issuer else None
    if provider is None:
        raise AwsError(_INVALID, f"No OpenIDConnect provider found in your account for {token.issuer}")
    return provider


def _verify(token: WebToken, provider: Any, memory: Memory) -> None:
    """Raises AwsError unless the issuer signed the token, for a client of the provider, and it is valid now."""
    keys = keys_of(token.issuer, memory)
    if keys is None:
        message = (
            "Couldn't retrieve verification key from your identity provider,  please reference "
            "AssumeRoleWithWebIdentity documentation for requirements"
        )
        raise AwsError(_INVALID, message)
    if not token.is_signed_by(keys):
        raise AwsError(_INVALID, "The web identity token provided could not be validated: its signature is invalid")
    if not set(token.audiences) & set(provider.client_id_list):
        raise AwsError(_INVALID, "Incorrect token audience")
    now = datetime.now(UTC).timestamp()
    expiry, begin = token.claims.get("exp"), token.claims.get("nbf", 0)
    if not isinstance(expiry, int | float) or not token.claims.get("sub"):
        raise AwsError(_INVALID, "The web identity token lacks a required claim: exp or sub")
    if now >= expiry:
        message = f"Token expired: current date/time {now:.0f} must be before the expiration date/time {expiry:.0f}"
        raise AwsError("ExpiredTokenException", message)
    if not isinstance(begin, int | float) or now < begin:
        raise AwsError("IDPRejectedClaim", "The web identity token is not valid yet", 403)


def _require_trust(token: WebToken, provider: Any, arn: str, session: str, region: str, memory: Memory) -> None:
    """Raises AwsError unless the trust policy of the role, and policies of the organization, admit the token."""
    issuer = str(provider.url)
    context = {f"{issuer}:{name}": values for name, values in _claims(token).items()}
    context |= {"aws:FederatedProvider": (str(provider.arn),), "sts:RoleSessionName": (session,)}
    request = Permission(
        principal=Principal(name=str(provider.arn), federated=str(provider.arn)),
        action=_ACTION,
        resource=resource_of(arn, _ACTION, arn.split(":")[4], memory),
        region=region,
        extra={key: values for key, values in context.items() if context_key(key) is not None},
    )
    try:
        allowed = role_of(arn) is not None and decide(request).allowed
    except UnsupportedError as error:
        raise AwsError("NotImplementedBySandbox", f"The sandbox cannot judge a policy: {error}") from error
    if not allowed:
        raise AwsError("AccessDenied", f"Not authorized to perform {_ACTION}", 403)


def _claims(token: WebToken) -> dict[str, tuple[str, ...]]:
    return {"aud": tuple(token.audiences[:1]), "sub": (str(token.claims["sub"]),)}


def _described(token: WebToken, provider: Any) -> dict[str, Any]:
    return {
        "SubjectFromWebIdentityToken": str(token.claims["sub"]),
        "Audience": token.audiences[0],
        "Provider": str(provider.arn),
    }


def registration(issuer: str, keys: Sequence[Mapping[str, Any]]) -> Request:
    """Returns the call that records the keys of an issuer."""
    return request_of(Outcome(EXECUTOR, issuer, "", "us-east-1", "SUCCEEDED", "", 0, {"keys": list(keys)}))


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Records the keys of an issuer that somebody has registered."""
    register(outcome.run, outcome.left["keys"], runtime.memory)


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {"AssumeRoleWithWebIdentity": _assume}
