"""Samples of SageMaker's registry of models."""

from __future__ import annotations

from tests.engine.conformance.sample import Sample
from tests.engine.conformance.samples.sagemaker.common import (
    PROVIDER_TAG,
    tags,
)

SAMPLES = [
    Sample(
        type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        inputs={
            "modelPackageGroupName": "sample-{n}",
            "modelPackageGroupDescription": "what it holds",
            "tags": {"own": "1"},
        },
        look=lambda aws, it: {
            "description": aws("sagemaker").describe_model_package_group(ModelPackageGroupName=it.id)[
                "ModelPackageGroupDescription"
            ],
            "tags": tags(aws, it),
        },
        seen={"description": "what it holds", "tags": {**PROVIDER_TAG, "own": "1"}},
        change={"tags": {"own": "2"}},
        seen_changed={"description": "what it holds", "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"modelPackageGroupDescription": "another"},
        remove=lambda aws, it: aws("sagemaker").delete_model_package_group(ModelPackageGroupName=it.id),
    ),
]
