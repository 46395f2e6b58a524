"""Actions that several policies name together."""

from __future__ import annotations

PULLING = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""Actions of a pull of a container image from ECR."""
