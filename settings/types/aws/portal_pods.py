"""Parameters of the pod of the portal. The stack configures the pod, and the program of the image runs in it."""

from __future__ import annotations

COMMAND = ("python", "-P", "-m", "selfservice.portal.pod")
"""Command of the container."""
PORT = 8080
"""Port on which the pod serves HTTP to the load balancer."""
HEALTH_PATH = "/health"
"""Path that answers without a sign-in, and under every host name, once the portal serves."""
ADDRESS_VARIABLE = "PLINTH_PORTAL_ADDRESS"
"""Environment variable with the address that browsers open."""
ISSUER_VARIABLE = "PLINTH_PORTAL_ISSUER"
"""Environment variable with the issuer URL of IAM Identity Center."""
SETTINGS_ROLE_VARIABLE = "PLINTH_SETTINGS_ROLE"
"""Environment variable with the ARN of the role that reads the repository of the settings."""
REGION_VARIABLE = "AWS_REGION"
ISSUERS = "https://identitycenter.amazonaws.com/"
"""Beginning of issuer URLs; the id of the instance follows (IAM Identity Center User Guide, "Settings")."""


def issuer_of(instance_arn: str) -> str:
    """Returns the issuer URL of an instance of IAM Identity Center."""
    return f"{ISSUERS}{instance_arn.rpartition('/')[2]}"
