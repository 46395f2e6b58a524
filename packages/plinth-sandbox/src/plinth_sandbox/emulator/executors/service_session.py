"""Sessions of roles that a service opens in the emulator's own name. The calls are in the journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from plinth_sandbox.emulator.call import AwsError, understand
from plinth_sandbox.emulator.credentials import service_key
from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.executors.session import ORIGIN_HEADER


def open_session(
    outside: Outside, service: str, region: str, asked: Mapping[str, str], origin: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the result of AssumeRole in the name of a service, such as ``lambda``. What the session does is judged.

    ``asked`` are the parameters as the query protocol writes them, and ``origin`` says for what the service opens it.
    Raises: AwsError if the role cannot be assumed.
    """
    return _assumed(outside, service_key(service), region, asked, origin)


def chain(outside: Outside, access_key: str, region: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Returns the result of AssumeRole by the session with an access key. Raises: AwsError."""
    return _assumed(outside, access_key, region, asked, {})


def _assumed(
    outside: Outside, access_key: str, region: str, asked: Mapping[str, str], origin: Mapping[str, Any]
) -> dict[str, Any]:
    scope = f"{access_key}/20000101/{region}/sts/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}",
        "Content-Type": "application/x-www-form-urlencoded",
        **({ORIGIN_HEADER: json.dumps(dict(origin))} if origin else {}),
    }
    body = urlencode({"Action": "AssumeRole", "Version": "2011-06-15", **asked}).encode()
    request = Request("POST", "/", headers, body)
    answer = outside.report(request)
    result = understand(request).result(answer) if answer.body else {}
    if not answer.succeeded:
        error = result.get("Error", {})
        raise AwsError(str(error.get("Code", "")), str(error.get("Message", "")), answer.status)
    return result


def tag_parameters(tags: Mapping[str, str]) -> dict[str, str]:
    """Returns transitive session tags as parameters of AssumeRole."""
    parameters: dict[str, str] = {}
    for number, (key, value) in enumerate(tags.items(), 1):
        parameters |= {f"Tags.member.{number}.Key": key, f"Tags.member.{number}.Value": value}
        parameters[f"TransitiveTagKeys.member.{number}"] = key
    return parameters
