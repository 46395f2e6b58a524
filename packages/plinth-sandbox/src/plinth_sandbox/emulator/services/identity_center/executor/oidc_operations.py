"""IAM Identity Center OIDC: RegisterClient, StartDeviceAuthorization and CreateToken."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.identity_center.executor.device_codes import INTERVAL_SECONDS, SECONDS
from plinth_sandbox.emulator.services.identity_center.executor.sign_in import (
    CLIENT_SECONDS,
    Client,
    SignIn,
    is_loopback,
)

DEVICE_PATH = "/device"
"""Path of the page on which people allow a client that waits."""
_CODE, _REFRESH = "authorization_code", "refresh_token"
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_SCOPES = ("sso:account:access",)
_NOTES = "identity-center-sign-in"


def sign_in_of(runtime: Runtime) -> SignIn:
    """Returns the sign-in of the sandbox."""
    found: SignIn = runtime.memory.notes(_NOTES).setdefault("", SignIn(runtime.outside.directory))
    return found


def _register(exchange: Exchange, runtime: Runtime) -> Answer:
    given = exchange.call.parameters
    grants, redirects = given.get("grantTypes", [_DEVICE]), given.get("redirectUris", [])
    if given["clientType"] != "public":
        raise _refusal("InvalidClientMetadataException", "Only the client type public is supported")
    if unknown := [grant for grant in grants if grant not in (_CODE, _REFRESH, _DEVICE)]:
        raise _refusal("UnsupportedGrantTypeException", f"Unsupported grant type: {unknown[0]}")
    if unknown := [scope for scope in given.get("scopes", ()) if scope not in _SCOPES]:
        raise _refusal("InvalidScopeException", f"Unsupported scope: {unknown[0]}")
    if _CODE in grants and not redirects:
        raise _refusal("InvalidRequestException", "The authorization code grant requires a redirect URI")
    if foreign := [redirect for redirect in redirects if not is_loopback(redirect)]:
        raise _refusal("InvalidRedirectUriException", f"Redirect URI is not supported: {foreign[0]}")
    id_, secret = sign_in_of(runtime).register(redirects, grants)
    issued = int(time.time())
    return exchange.call.reply(
        {
            "clientId": id_,
            "clientSecret": secret,
            "clientIdIssuedAt": issued,
            "clientSecretExpiresAt": issued + CLIENT_SECONDS,
        }
    )


def _start_device(exchange: Exchange, runtime: Runtime) -> Answer:
    given, sign_in = exchange.call.parameters, sign_in_of(runtime)
    client = _client(given, sign_in)
    if _DEVICE not in client.grants:
        raise _refusal("UnauthorizedClientException", f"The client is not registered for {_DEVICE}")
    code, device = sign_in.devices.begin(client.id)
    page = f"{runtime.outside.url}{DEVICE_PATH}"
    return exchange.call.reply(
        {
            "deviceCode": code,
            "userCode": device.user_code,
            "verificationUri": page,
            "verificationUriComplete": f"{page}?user_code={device.user_code}",
            "expiresIn": SECONDS,
            "interval": INTERVAL_SECONDS,
        }
    )


def _create_token(exchange: Exchange, runtime: Runtime) -> Answer:
    given, sign_in = exchange.call.parameters, sign_in_of(runtime)
    client = _client(given, sign_in)
    user = _user(given, client, sign_in)
    if user is None:
        raise _refusal("InvalidGrantException", "Invalid grant")
    return exchange.call.reply(sign_in.tokens(client, user))


def _client(given: Mapping[str, str], sign_in: SignIn) -> Client:
    """Returns the client that calls. Raises: AwsError if it does not prove that it is registered."""
    client = sign_in.client(given["clientId"])
    if client is None or not sign_in.proves(client, given["clientSecret"]):
        raise _refusal("InvalidClientException", "Invalid client")
    return client


def _user(given: Mapping[str, str], client: Client, sign_in: SignIn) -> str | None:
    """Returns the user of the grant, or None if the grant is not valid. Raises: AwsError."""
    grant = given["grantType"]
    if grant not in (_CODE, _REFRESH, _DEVICE):
        raise _refusal("UnsupportedGrantTypeException", f"Unsupported grant type: {grant}")
    if grant not in client.grants:
        raise _refusal("UnauthorizedClientException", f"The client is not registered for {grant}")
    if grant == _DEVICE:
        return sign_in.devices.redeem(client.id, given.get("deviceCode", ""))
    if grant == _REFRESH:
        return sign_in.refreshed(client, given.get("refreshToken", ""))
    return sign_in.exchange(client, given.get("code", ""), given.get("redirectUri", ""), given.get("codeVerifier", ""))


def _refusal(code: str, text: str) -> AwsError:
    """Returns an error with the members of OAuth: ``InvalidGrantException`` is ``invalid_grant``."""
    words = "".join(
        f"_{character.lower()}" if character.isupper() else character for character in code.removesuffix("Exception")
    )
    return AwsError(code, text, error=words.lstrip("_"), error_description=text)


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateToken": _create_token,
    "RegisterClient": _register,
    "StartDeviceAuthorization": _start_device,
}


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Records nothing: sign-in starts no run."""
    del outcome, runtime
