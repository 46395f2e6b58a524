"""Names of the roles for deployments and reviews, and of those that sessions of other accounts assume."""

from __future__ import annotations

from typing import Final

from components.identity.workloads.bounded_role import ROLE_PATH
from settings.types.aws.account_access import ACCESS_ROLE, DEPLOYER, DIRECTORY_READER, REVIEWER

RUNNER = "platform-runner"
"""Role of stack operations in the governance account."""
RUNNER_START = "platform-runner-start"
"""Role with which EventBridge starts the runner of requests. Its name keeps deployers from passing it to others."""
RUNNER_EVENTS = "platform-runner-events"
"""Role of the pipe that publishes changes of the team catalog."""
IMAGE_BUILDER = "platform-images"
"""Role of the builds of the platform's image in the tooling account."""
IMAGE_BUILDER_START = "platform-images-start"
"""Role with which EventBridge starts these builds."""
PROVISIONER = "platform-provisioner"
"""Role in the management account that the runner of requests assumes."""
STACK_WORKER = "platform-stack-worker"
"""Role of the pods in the tooling account's Kubernetes cluster that run stack operations."""
PLATFORM_DEPLOYER = f"arn:aws:iam::*:role{ROLE_PATH}{DEPLOYER}"
"""ARN pattern of the deployers of all accounts."""
SIGNED_IN = "aws-reserved/sso.amazonaws.com*/AWSReservedSSO_"
"""Path and beginning of the names of the roles that IAM Identity Center creates. Their path contains its region, except
for us-east-1. IAM reserves ``aws-reserved`` for AWS."""
PLATFORM_DIRECTORY_READER = f"arn:aws:iam::*:role{ROLE_PATH}{DIRECTORY_READER}"
"""ARN pattern of the role in the management account that looks up people."""
PLATFORM_PROVISIONER = f"arn:aws:iam::*:role{ROLE_PATH}{PROVISIONER}"
ACCOUNT_ACCESS = f"arn:aws:iam::*:role/{ACCESS_ROLE}"
"""ARN pattern of the roles that AWS Organizations creates in new accounts."""
REVIEW_RUNNER = "platform-review-runner"
"""Role of reviews of pull requests in the governance account."""
PLATFORM_REVIEWER = f"arn:aws:iam::*:role{ROLE_PATH}{REVIEWER}"
"""ARN pattern of the roles that a review assumes in all accounts."""
ENTERED_FROM_TOOLING = tuple(f"arn:aws:iam::*:role{ROLE_PATH}*--*-{role}" for role in ("operator", "release"))
"""ARN patterns of the roles that builds and promotions of use cases assume in the accounts of teams."""
CONTRIBUTOR: Final = "contributor"
"""Last part of the names of roles with which people of Studio push code, in the tooling account."""
ENTERED_FROM_STUDIO = (f"arn:aws:iam::*:role{ROLE_PATH}*--*-{CONTRIBUTOR}",)
"""ARN patterns of these roles."""
