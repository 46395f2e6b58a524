"""Names of the roles for deployments and for reviews."""

from __future__ import annotations

from components.identity.workloads.bounded_role import ROLE_PATH
from settings.types.aws.account_access import DEPLOYER, REVIEWER

RUNNER = "platform-runner"
"""Role of stack operations in the governance account."""
STACK_WORKER = "platform-stack-worker"
"""Role of the pods in the tooling account's Kubernetes cluster that run stack operations."""
PLATFORM_DEPLOYER = f"arn:aws:iam::*:role{ROLE_PATH}{DEPLOYER}"
"""ARN pattern of the deployers of all accounts."""
REVIEW_RUNNER = "platform-review-runner"
"""Role of reviews of pull requests in the governance account."""
PLATFORM_REVIEWER = f"arn:aws:iam::*:role{ROLE_PATH}{REVIEWER}"
"""ARN pattern of the roles that a review assumes in all accounts."""
