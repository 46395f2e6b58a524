"""Names of the roles by which deployments enter an account, and of the one that they come from."""

from __future__ import annotations

from components.identity.workloads.bounded_role import ROLE_PATH

ACCESS_ROLE = "OrganizationAccountAccessRole"
"""By which the management account enters a new account; Organizations creates it under this name by default."""
DEPLOYER = "platform-deployer"
"""By which the runner of the account that governs enters any other."""
RUNNER = "platform-runner"
"""Role that stack operations run with in the account that governs."""
PLATFORM_DEPLOYER = f"arn:aws:iam::*:role{ROLE_PATH}{DEPLOYER}"
"""Every account's deployer, as policies name them."""
