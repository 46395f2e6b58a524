"""The form in which people of the sandbox sign in, with the passwords that ``plinth sandbox user`` prints."""

from __future__ import annotations

import hmac
import html
from collections.abc import Mapping, Sequence

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.services.identity_center.executor.passwords import password_of
from plinth_sandbox.emulator.services.identity_center.executor.people import person_named

WRONG = "The username or password is not correct."
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
<form method="post" action="{path}">{fields}
<label for="user">Username</label><input id="user" name="user" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>{button}</button></form></main></body></html>
"""


def form(path: str, fields: str, problem: str = "", *, button: str = "Sign in") -> Answer:
    """Returns the form that is sent to ``path``, with further ``fields`` as HTML."""
    message = f'<p role="alert">{html.escape(problem)}</p>' if problem else ""
    return Answer(200, _HEADERS, _FORM.format(path=path, fields=fields, message=message, button=button).encode())


def hidden(given: Mapping[str, str], names: Sequence[str]) -> str:
    """Returns hidden fields with values of an earlier request."""
    fields = (
        f'<input type="hidden" name="{name}" value="{html.escape(given[name])}">' for name in names if name in given
    )
    return "".join(fields)


def text(status: int, said: str) -> Answer:
    """Returns a page without a form."""
    return Answer(status, _HEADERS, f"<!DOCTYPE html><title>Sign in</title><p>{html.escape(said)}</p>".encode())


def who_signed_in(given: Mapping[str, str], runtime: Runtime) -> str | None:
    """Returns the user name of a filled form; None if it has no user, or another password."""
    with runtime.outside.lock:
        person = person_named(given.get("user", ""))
    name = person.name if person is not None else ""
    expected = password_of(name, runtime.outside.directory)
    known = hmac.compare_digest(given.get("password", "").encode(), expected.encode())
    return name if person is not None and known else None
