"""The permissions that reading calls of S3 Control need. Its requests have the form of requests for objects.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3" (read 2026-11-24).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from plinth_sandbox.emulator.authorization.permissions.needed import Needed, UnknownPermissionsError
from plinth_sandbox.emulator.call import Call

_PREFIX = "/v20180820/"
"""Beginning of the paths of the API."""
_ACCOUNT = "x-amz-account-id"
"""Header that every request of the API has, and no request for an object."""
_POINT = re.compile(r"accesspoint/([^/]+)(/policy|/policyStatus)?")
_OF_POINTS = {"": "GetAccessPoint", "/policy": "GetAccessPointPolicy", "/policyStatus": "GetAccessPointPolicyStatus"}


def is_control(call: Call) -> bool:
    """Returns whether a call is one of S3 Control."""
    return call.request.path.startswith(_PREFIX) and bool(call.request.header(_ACCOUNT))


def needed_by(call: Call) -> Iterator[Needed]:
    """Yields the permissions that a call of S3 Control needs. Raises UnknownPermissionsError for calls that change."""
    path = call.request.path.removeprefix(_PREFIX)
    if call.request.method == "GET" and path == "configuration/publicAccessBlock":
        yield Needed("s3:GetAccountPublicAccessBlock", "*")
        return
    if call.request.method == "GET" and path == "accesspoint":
        yield Needed("s3:ListAccessPoints", "*")
        return
    point = _POINT.fullmatch(path)
    if call.request.method != "GET" or point is None:
        raise UnknownPermissionsError(f"s3control {call.request.method} {path} has no known action")
    owner = call.request.header(_ACCOUNT)
    yield Needed(f"s3:{_OF_POINTS[point[2] or '']}", f"arn:aws:s3:{call.region}:{owner}:accesspoint/{point[1]}")
