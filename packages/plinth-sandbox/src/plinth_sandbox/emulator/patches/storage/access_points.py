"""S3: objects by the alias of an access point, written where a bucket's name is written.

moto gives an access point its alias and then knows no bucket of that name. A full ARN makes a host name of the access
point (``<name>-<account>.<host>``), which names nothing on this machine; the alias stays in the path.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.s3.responses import S3Response
from moto.s3control.models import s3control_backends

ALIAS = "-s3alias"
"""End of every alias, and of no bucket's name (S3 User Guide, "Bucket naming rules")."""


def patch_moto() -> None:
    S3Response.parse_bucket_name_from_url = _behind_aliases(S3Response.parse_bucket_name_from_url)


def _behind_aliases(parse: Callable[..., str | None]) -> Callable[..., str | None]:
    @wraps(parse)
    def parse_bucket_name_from_url(response: Any, request: Any, url: str) -> str | None:
        name = parse(response, request, url)
        return _bucket_behind(name) if name and name.endswith(ALIAS) else name

    return parse_bucket_name_from_url


def _bucket_behind(alias: str) -> str:
    """The name itself where no access point has that alias: then there is no such bucket."""
    for account, backends in list(s3control_backends.items()):
        for point in backends["aws"].access_points[account].values():
            if point.alias == alias:
                return str(point.bucket)
    return alias
