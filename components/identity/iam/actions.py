"""Actions that several policies name together."""

from __future__ import annotations

PULLING = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""Actions of a pull of a container image from ECR."""
PUSHING = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""Actions of a push of a container image to ECR. A push asks for layers and manifests, and downloads no layer."""
JOB_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
"""Actions with which SageMaker writes the logs of a container (SageMaker Developer Guide, "SageMaker Roles")."""
