"""The form of the ARN of a certificate in ACM, which load balancers of tools in the cluster use."""

from __future__ import annotations

from typing import Annotated

from settings.types.values import matching

_CERTIFICATE = r"arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]{36}"


CertificateArn = Annotated[
    str,
    matching(
        _CERTIFICATE,
        "is not the ARN of a certificate in ACM: arn:aws:acm:<region>:<account>:certificate/<id>",
        "copy it from `aws acm list-certificates` in the tooling account",
    ),
]
