"""Settings of the Kubernetes cluster in the tooling account."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.types.aws.log_retention import LOG_RETENTION_DAYS
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.kinds import Phase
from settings.types.model import Settings
from settings.types.values import Checked, List, RoleArn, one_of

FIRST_PHASE_WITH_CLUSTER: Phase = "scalable"
"""Phase from which a cluster is allowed. Earlier phases need none of what runs in it (AMB-15)."""

SUPPORTED_VERSIONS = ("1.35", "1.36")
"""Kubernetes versions in standard support at EKS, the oldest first. Standard support of 1.35 ends on 2027-03-27, and
that of 1.34 on 2026-12-02 (EKS User Guide, "Understand the Kubernetes version lifecycle on EKS", read 2026-11-23)."""


def _version(text: str) -> str:
    if text not in SUPPORTED_VERSIONS:
        listed = ", ".join(SUPPORTED_VERSIONS)
        rule = f"is not a Kubernetes version in standard support at EKS ({listed})"
        raise refusal(Code.NOT_ALLOWED, rule, f'use "{SUPPORTED_VERSIONS[-1]}"; EKS upgrades by one minor at a time')
    return text


KubernetesVersion = Annotated[str, Checked(_version, {"enum": list(SUPPORTED_VERSIONS)})]


class ClusterSettings(Settings):
    """Settings of the cluster. All have defaults."""

    version: KubernetesVersion = Field(
        default=SUPPORTED_VERSIONS[0],
        description="Kubernetes version, in quotes. EKS upgrades the cluster itself when standard support of the "
        "version ends, because extended support is not allowed.",
    )
    log_retention_days: Annotated[int, one_of(LOG_RETENTION_DAYS, "days")] = Field(
        default=365,
        description="Days to keep the logs of the control plane, among them the audit log of the Kubernetes API.",
    )
    administrators: List[RoleArn] = Field(
        default=(),
        description="ARNs of existing roles that administer the cluster, with their path. The deployment roles always "
        "do, and without IAM Identity Center the role of the persona it-platform.",
    )
