"""Resources that the roles for reviews cannot read, so that a refresh with these roles leaves them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from settings.types.aws.account_access import AccountAccess

_TYPES = frozenset({"aws:s3/bucketObjectv2:BucketObjectv2"})
"""Types whose description AWS gives to readers of their content only. S3 has no permission for HeadObject alone (S3 API
Reference, HeadObject, read on 2026-11-25)."""


def unreadable(resources: Iterable[Mapping[str, Any]], access: AccountAccess) -> list[str]:
    """Returns the URNs of the resources of a state that this access does not admit to."""
    return [str(resource["urn"]) for resource in resources if resource["type"] in _TYPES] if access.reads_only else []
