"""Names of the roles by which deployments enter an account, and of the one that they come from."""

from __future__ import annotations

ACCESS_ROLE = "OrganizationAccountAccessRole"
"""By which the management account enters a new account; Organizations creates it under this name by default."""
DEPLOYER = "platform-deployer"
"""By which the runner of the account that governs enters any other."""
RUNNER = "platform-runner"
"""Role that stack operations run with in the account that governs."""
