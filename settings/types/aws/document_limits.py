"""Limits of AWS on policy documents: their sizes, and how many can be attached. This is the only table of them.

Components pack documents by it, the policy pack refuses what exceeds it, and tests measure every stack against it.
Sources read on 2026-11-21: the documentation that each limit names, and botocore 1.44 for those of an API's model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

_IAM = "IAM User Guide, IAM and AWS STS quotas"
_ORGANIZATIONS = "Organizations User Guide, Quotas for AWS Organizations"


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentLimit:
    """The maximum size of one kind of document."""

    size: int
    source: str
    """AWS documentation, or the operation whose model contains the limit."""
    counts_white_space: bool = True
    """Whether white space counts. IAM does not count it."""

    def measure(self, document: str) -> int:
        """Returns the size of a document in bytes. IAM counts characters, all of which it requires to be Latin-1."""
        return len((document if self.counts_white_space else "".join(document.split())).encode())


def _iam(size: int) -> DocumentLimit:
    return DocumentLimit(size=size, counts_white_space=False, source=_IAM)


DocumentKind = Literal[
    "managed policy", "inline policies of a role", "inline policies of a group", "inline policies of a user",
    "trust policy", "permission set policy", "bucket policy", "access point policy", "key policy",
    "topic policy", "queue policy", "secret policy", "repository policy", "registry policy", "catalog policy",
    "table policy", "file system policy", "event bus policy", "log resource policy", "package repository policy",
    "search domain policy", "API policy", "organization resource policy", "model group policy",
    "endpoint policy", "service control policy", "resource control policy", "declarative policy", "tag policy",
    "backup policy", "AI services opt-out policy",
]  # fmt: skip

DOCUMENT_LIMITS: Mapping[DocumentKind, DocumentLimit] = MappingProxyType(
    {
        "managed policy": _iam(6_144),
        "inline policies of a role": _iam(10_240),
        "inline policies of a group": _iam(5_120),
        "inline policies of a user": _iam(2_048),
        # AWS raises this quota to 4,096 on request. The foundation works without a request.
        "trust policy": _iam(2_048),
        # The API accepts 32,768 characters, but the policy becomes an inline policy of a role in each account.
        "permission set policy": _iam(10_240),
        "bucket policy": DocumentLimit(size=20_480, source="S3 User Guide, Bucket policies"),
        "access point policy": DocumentLimit(size=20_480, source="S3 User Guide, Access points restrictions"),
        "key policy": DocumentLimit(size=32_768, source="KMS Developer Guide, Resource quotas"),
        "topic policy": DocumentLimit(size=30_720, source="SNS Developer Guide, Policy quotas"),
        "queue policy": DocumentLimit(size=8_192, source="SQS Developer Guide, Policy quotas"),
        "secret policy": DocumentLimit(size=20_480, source="Secrets Manager PutResourcePolicy"),
        "repository policy": DocumentLimit(size=10_240, source="ECR SetRepositoryPolicy"),
        "registry policy": DocumentLimit(size=10_240, source="ECR PutRegistryPolicy"),
        "catalog policy": DocumentLimit(size=10_240, source="Glue Developer Guide, Resource-based policies"),
        "table policy": DocumentLimit(size=20_480, source="DynamoDB Developer Guide, Resource-based policies"),
        "file system policy": DocumentLimit(size=20_000, source="EFS PutFileSystemPolicy"),
        "event bus policy": DocumentLimit(size=10_240, source="EventBridge User Guide, Quotas"),
        "log resource policy": DocumentLimit(size=5_120, source="CloudWatch Logs User Guide, Quotas"),
        "package repository policy": DocumentLimit(size=7_168, source="CodeArtifact PutDomainPermissionsPolicy"),
        "search domain policy": DocumentLimit(size=102_400, source="OpenSearch Service CreateDomain"),
        "API policy": DocumentLimit(size=8_192, source="API Gateway Developer Guide, Quotas"),
        "organization resource policy": DocumentLimit(size=40_000, source="Organizations PutResourcePolicy"),
        "model group policy": DocumentLimit(size=20_480, source="SageMaker PutModelPackageGroupPolicy"),
        "endpoint policy": DocumentLimit(size=20_480, source="VPC User Guide, Endpoint policies"),
        # 5,120 until 15 May 2026 (AWS What's New, "AWS Organizations increases service control policy quotas").
        "service control policy": DocumentLimit(size=10_240, source=_ORGANIZATIONS),
        "resource control policy": DocumentLimit(size=5_120, source=_ORGANIZATIONS),
        "declarative policy": DocumentLimit(size=10_000, source=_ORGANIZATIONS),
        "tag policy": DocumentLimit(size=10_000, source=_ORGANIZATIONS),
        "backup policy": DocumentLimit(size=10_000, source=_ORGANIZATIONS),
        "AI services opt-out policy": DocumentLimit(size=2_500, source=_ORGANIZATIONS),
    }
)

MANAGED_POLICIES_OF_A_ROLE = 10
"""Managed policies that can be attached to a role without a quota increase (IAM User Guide, "IAM and AWS STS
quotas")."""

ORGANIZATION_POLICIES: Mapping[str, DocumentKind] = MappingProxyType(
    {
        "SERVICE_CONTROL_POLICY": "service control policy",
        "RESOURCE_CONTROL_POLICY": "resource control policy",
        "DECLARATIVE_POLICY_EC2": "declarative policy",
        "TAG_POLICY": "tag policy",
        "BACKUP_POLICY": "backup policy",
        "AISERVICES_OPT_OUT_POLICY": "AI services opt-out policy",
    }
)
"""Kind of document by the policy type of Organizations."""

POLICIES_OF_A_TARGET: Mapping[str, int] = MappingProxyType(
    {
        "SERVICE_CONTROL_POLICY": 9,
        "RESOURCE_CONTROL_POLICY": 4,
        "DECLARATIVE_POLICY_EC2": 10,
        "TAG_POLICY": 10,
        "AISERVICES_OPT_OUT_POLICY": 5,
    }
)
"""Policies of a type that can be attached to one root, unit or account, besides AWS's policy ``FullAWSAccess``. The
quotas are ten service control policies (five until 15 May 2026) and five resource control policies."""
