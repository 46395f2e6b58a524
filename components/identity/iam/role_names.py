"""Names of the roles for deployments."""

from __future__ import annotations

from components.identity.workloads.bounded_role import ROLE_PATH

ACCESS_ROLE = "OrganizationAccountAccessRole"
"""Role with which the management account enters a new account. Organizations creates it with this name by default."""
DEPLOYER = "platform-deployer"
"""Role that the governance account's runner assumes in all other accounts."""
RUNNER = "platform-runner"
"""Role of stack operations in the governance account."""
PLATFORM_DEPLOYER = f"arn:aws:iam::*:role{ROLE_PATH}{DEPLOYER}"
"""ARN pattern of the deployers of all accounts."""
