"""The page on which people allow a client that waits: ``/device`` of the access portal.

Source: RFC 8628, section 3.3 (read 2026-11-30).
"""

from __future__ import annotations

import html
from urllib.parse import parse_qsl

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.identity_center.executor.oidc_operations import DEVICE_PATH, sign_in_of
from plinth_sandbox.emulator.services.identity_center.executor.sign_in_form import WRONG, form, text, who_signed_in

_CODE = """<label for="user_code">Code</label>
<input id="user_code" name="user_code" value="{code}" autocomplete="off" required>"""


def answer(request: Request, runtime: Runtime) -> Answer:
    """Shows the form with the code of the address, or allows the client that waits with the code of a filled form."""
    given = dict(parse_qsl(request.body.decode(errors="replace") if request.method == "POST" else request.query))
    fields = _CODE.format(code=html.escape(given.get("user_code", "")))
    if request.method != "POST":
        return form(DEVICE_PATH, fields, button="Allow access")
    name = who_signed_in(given, runtime)
    if name is None:
        return form(DEVICE_PATH, fields, WRONG, button="Allow access")
    with runtime.outside.lock:
        device = sign_in_of(runtime).devices.with_user_code(given.get("user_code", ""))
        if device is None:
            return form(DEVICE_PATH, fields, "The code is not valid, or has expired.", button="Allow access")
        device.user = name
    return text(200, "Request approved. You can close this window.")
