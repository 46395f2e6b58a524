"""S3: access to objects by access point alias.

moto assigns an alias to an access point but finds no bucket under it. The alias takes the place of the bucket name in
the path. A full ARN would become a host name (``<name>-<account>.<host>``), which does not resolve on this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.s3.responses import S3Response
from moto.s3control.models import s3control_backends

ALIAS = "-s3alias"
"""Suffix of every alias, which no bucket name has (S3 User Guide, "Bucket naming rules")."""


def patch_moto() -> None:
    S3Response.parse_bucket_name_from_url = _behind_aliases(S3Response.parse_bucket_name_from_url)


def _behind_aliases(parse: Callable[..., str | None]) -> Callable[..., str | None]:
    @wraps(parse)
    def parse_bucket_name_from_url(response: Any, request: Any, url: str) -> str | None:
        name = parse(response, request, url)
        return bucket_behind(name) if name else name

    return parse_bucket_name_from_url


def bucket_behind(name: str) -> str:
    """Returns the bucket of an access point alias, or the name itself if it is none."""
    if not name.endswith(ALIAS):
        return name
    for account, backends in list(s3control_backends.items()):
        for point in backends["aws"].access_points[account].values():
            if point.alias == name:
                return str(point.bucket)
    return name
