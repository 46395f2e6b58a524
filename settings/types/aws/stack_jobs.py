"""Parameters of Jobs that run stack operations. The command line creates the Jobs, and the cluster admits no others."""

from __future__ import annotations

from settings.types.aws.account_access import PERSON_VARIABLE

JOB_COMMAND = ("python", "-m", "selfservice.clusters.pod")
"""Command of the container of a Job."""
INPUT_VARIABLE = "PLINTH_JOB_INPUT"
"""Environment variable that names the job input."""
BUCKET_VARIABLE = "PLINTH_STATE_BUCKET"
POD_VARIABLE, UID_VARIABLE, NAMESPACE_VARIABLE = "PLINTH_POD", "PLINTH_POD_UID", "PLINTH_NAMESPACE"
BACKEND_VARIABLE, REGION_VARIABLE, HOME_VARIABLE = "PULUMI_BACKEND_URL", "AWS_REGION", "HOME"
JOB_VARIABLES = (
    INPUT_VARIABLE, BUCKET_VARIABLE, PERSON_VARIABLE, BACKEND_VARIABLE, REGION_VARIABLE, HOME_VARIABLE,
    POD_VARIABLE, UID_VARIABLE, NAMESPACE_VARIABLE,
)  # fmt: skip
"""Environment variables of the container. Kubernetes and EKS add others."""
