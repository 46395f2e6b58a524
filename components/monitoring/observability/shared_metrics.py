"""Metrics that source accounts share with the monitoring account."""

from __future__ import annotations

METRICS = "AWS::CloudWatch::Metric"
"""Type of the shared resources."""

OF_MODELS = "Namespace IN ('AWS/SageMaker', '/aws/sagemaker/Endpoints') OR Namespace LIKE 'plinth/%'"
"""Filter for metrics of endpoints, of their instances, and of monitoring, which has a namespace for each use case
(OAM API Reference, MetricConfiguration: up to five conditions)."""
