"""The page on which people sign in: ``/authorize`` of the OIDC endpoint, and the access portal behind it.

Sources: RFC 6749, section 4.1, and RFC 7636; the parameters are those that the AWS CLI sends (read 2026-11-29).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.identity_center.executor.oidc_operations import sign_in_of
from plinth_sandbox.emulator.services.identity_center.executor.sign_in_form import (
    WRONG,
    form,
    hidden,
    text,
    who_signed_in,
)

AUTHORIZE_PATH = "/authorize"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_ASKED = ("response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method", "scopes")


def answer(request: Request, runtime: Runtime) -> Answer:
    """Shows the form, or answers a filled one: with the form again, or by a redirection to the client."""
    given = dict(parse_qsl(request.body.decode(errors="replace") if request.method == "POST" else request.query))
    sign_in = sign_in_of(runtime)
    client = sign_in.client(given.get("client_id", ""))
    redirect, challenge = given.get("redirect_uri", ""), given.get("code_challenge", "")
    if client is None or not client.admits(redirect):
        return text(400, "invalid_client")
    if given.get("response_type") != "code" or given.get("code_challenge_method") != "S256":
        return text(400, "unsupported_response_type")
    if _CHALLENGE.fullmatch(challenge) is None:
        return text(400, "invalid_request")
    if request.method != "POST":
        return form(AUTHORIZE_PATH, hidden(given, _ASKED))
    name = who_signed_in(given, runtime)
    if name is None:
        return form(AUTHORIZE_PATH, hidden(given, _ASKED), WRONG)
    query = urlencode({"code": sign_in.code(client, name, redirect, challenge), "state": given.get("state", "")})
    return Answer(302, {"Location": f"{redirect}?{query}", "Cache-Control": "no-store"})
