"""The page on which people sign in: ``/authorize`` of the OIDC endpoint, and the access portal behind it.

People of the sandbox have passwords that ``plinth sandbox password`` prints.

Sources: RFC 6749, section 4.1, and RFC 7636; the parameters are those that the AWS CLI sends (read 2026-11-29).
"""

from __future__ import annotations

import hmac
import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.identity_center.executor.oidc_operations import sign_in_of
from plinth_sandbox.emulator.services.identity_center.executor.passwords import password_of
from plinth_sandbox.emulator.services.identity_center.executor.people import person_named

AUTHORIZE_PATH = "/authorize"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_ASKED = ("response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method", "scopes")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_FORM = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 22rem; margin: 10vh auto; padding: 0 1rem; }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit; }}
input, button {{ padding: .5rem; margin: .25rem 0 1rem; }}
</style></head><body><main><h1>Sign in</h1><p>Identity Center of the sandbox</p>{message}
<form method="post" action="{path}">{hidden}
<label for="user">Username</label><input id="user" name="user" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button></form></main></body></html>
"""


def answer(request: Request, runtime: Runtime) -> Answer:
    """Shows the form, or answers a filled one: with the form again, or by a redirection to the client."""
    given = dict(parse_qsl(request.body.decode(errors="replace") if request.method == "POST" else request.query))
    sign_in = sign_in_of(runtime)
    client = sign_in.client(given.get("client_id", ""))
    redirect, challenge = given.get("redirect_uri", ""), given.get("code_challenge", "")
    if client is None or not client.admits(redirect):
        return _refused("invalid_client")
    if given.get("response_type") != "code" or given.get("code_challenge_method") != "S256":
        return _refused("unsupported_response_type")
    if _CHALLENGE.fullmatch(challenge) is None:
        return _refused("invalid_request")
    if request.method != "POST":
        return _form(given)
    with runtime.outside.lock:
        person = person_named(given.get("user", ""))
    name = person.name if person is not None else ""
    known = hmac.compare_digest(given.get("password", "").encode(), password_of(name, sign_in.directory).encode())
    if person is None or not known:
        return _form(given, "The username or password is not correct.")
    query = urlencode({"code": sign_in.code(client, name, redirect, challenge), "state": given.get("state", "")})
    return Answer(302, {"Location": f"{redirect}?{query}", "Cache-Control": "no-store"})


def _form(given: Mapping[str, str], problem: str = "") -> Answer:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(given[name])}">' for name in _ASKED if name in given
    )
    message = f'<p role="alert">{html.escape(problem)}</p>' if problem else ""
    text = _FORM.format(path=AUTHORIZE_PATH, hidden=hidden, message=message)
    return Answer(200, _HEADERS, text.encode())


def _refused(error: str) -> Answer:
    return Answer(400, _HEADERS, f"<!DOCTYPE html><title>Sign in</title><p>{error}</p>".encode())
