"""S3: access to objects by access point alias, and the regions of access points.

moto assigns an alias to an access point but finds no bucket under it. The alias takes the place of the bucket name in
the path. A full ARN would become a host name (``<name>-<account>.<host>``), which does not resolve on this machine.

An access point is in the region of its bucket, and only this region lists it (S3 API Reference, ListAccessPoints). moto
lists all in every region, with ARNs of us-east-1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.s3control.models import AccessPoint, s3control_backends
from moto.s3control.responses import S3ControlResponse

ALIAS = "-s3alias"
"""Suffix of every alias, which no bucket name has (S3 User Guide, "Bucket naming rules")."""


def patch_moto() -> None:
    S3Response.parse_bucket_name_from_url = _behind_aliases(S3Response.parse_bucket_name_from_url)
    AccessPoint.__init__ = _in_region_of_bucket(AccessPoint.__init__)
    S3ControlResponse.list_access_points = _of_one_region(S3ControlResponse.list_access_points)


def _in_region_of_bucket(create: Callable[..., None]) -> Callable[..., None]:
    @wraps(create)
    def initialize(point: AccessPoint, account_id: str, *args: Any, **options: Any) -> None:
        create(point, account_id, *args, **options)
        for backends in list(s3_backends.values()):
            bucket = backends["aws"].buckets.get(point.bucket)
            if bucket is not None:
                point.arn = f"arn:aws:s3:{bucket.region_name}:{account_id}:accesspoint/{point.name}"

    return initialize


def _of_one_region(listing: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(listing)
    def list_access_points(response: S3ControlResponse) -> Any:
        result: Any = listing(response).result
        points = [
            access_point
            for access_point in result["AccessPointList"]
            if access_point["AccessPointArn"].split(":")[3] == response.region
        ]
        return ActionResult(result | {"AccessPointList": points})

    return list_access_points


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
