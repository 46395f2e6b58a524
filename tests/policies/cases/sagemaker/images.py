"""Cases of policies/security/rules/sagemaker/images.py."""

from __future__ import annotations

import json
from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, OTHER_ACCOUNT, OWN_ACCOUNT, Case, Situation, but

DIGEST = f"@sha256:{'0123456789abcdef' * 4}"
TOOLING = f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/studio/torch"
KNOWN = f"{TOOLING}{DIGEST}"
FAULTS = {
    "comes from a public registry": f"docker.io/pytorch/pytorch{DIGEST}",
    "comes from ECR's public gallery": f"public.ecr.aws/docker/library/python{DIGEST}",
    "is named by a tag": f"{TOOLING}:latest",
    "is named by nothing": TOOLING,
    "has a digest cut short": f"{TOOLING}@sha256:0123",
    "was made by the environment's own account": f"{OWN_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/mine{DIGEST}",
}
UNUSUAL = {
    "has a tag in addition to the digest": f"{TOOLING}:2.3{DIGEST}",
    "is published by AWS": f"763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training{DIGEST}",
    "is known to the deployment alone": UNKNOWN,
}


def steps(image: Any, of_processing: str = KNOWN, of_model: str = KNOWN) -> str:
    """Returns a pipeline with three steps, the second of which trains with the image."""
    processing = {"AppSpecification": {"ImageUri": of_processing}}
    model = {"PrimaryContainer": {"Image": of_model}}
    training = {"AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"}}
    return json.dumps({"Steps": [{"Arguments": arguments} for arguments in (processing, training, model)]})


CASES = [
    Case(
        rule="SM-11",
        type="aws:sagemaker/model:Model",
        compliant=Situation(inputs={"primaryContainer": {"image": KNOWN}}),
        optional=frozenset({"primaryContainer", "primaryContainer.image"}),
        refused={
            **{what: but({"primaryContainer.image": image}) for what, image in FAULTS.items()},
            "has a second container of unknown origin": but(
                {"containers": [{"image": KNOWN}, {"image": "python:3.12"}]}
            ),
        },
        accepted={
            **{what: but({"primaryContainer.image": image}) for what, image in UNUSUAL.items()},
            "is of a registered package": but({"primaryContainer": {"modelPackageName": "arn:aws:sagemaker:::p/1"}}),
            "shares its account with tooling": but(
                {"primaryContainer.image": FAULTS["was made by the environment's own account"]},
                account_of_its_own=False,
            ),
        },
    ),
    Case(
        rule="SM-11",
        type="aws:sagemaker/imageVersion:ImageVersion",
        compliant=Situation(inputs={"baseImage": KNOWN}),
        refused={what: but({"baseImage": image}) for what, image in FAULTS.items()},
        accepted={what: but({"baseImage": image}) for what, image in UNUSUAL.items()},
    ),
    Case(
        rule="SM-11",
        type="aws:sagemaker/trainingJob:TrainingJob",
        compliant=Situation(inputs={"algorithmSpecification": {"trainingImage": KNOWN}}),
        optional=frozenset({"algorithmSpecification", "algorithmSpecification.trainingImage"}),
        refused={what: but({"algorithmSpecification.trainingImage": image}) for what, image in FAULTS.items()},
        accepted={what: but({"algorithmSpecification.trainingImage": image}) for what, image in UNUSUAL.items()},
    ),
    Case(
        rule="SM-11",
        type="aws:sagemaker/pipeline:Pipeline",
        compliant=Situation(inputs={"pipelineDefinition": steps(KNOWN)}),
        optional=frozenset({"pipelineDefinition"}),
        refused={
            **{what: but({"pipelineDefinition": steps(image)}) for what, image in FAULTS.items()},
            "processes with an image of unknown origin": but({"pipelineDefinition": steps(KNOWN, "python:3.12")}),
            "has a model of unknown origin": but({"pipelineDefinition": steps(KNOWN, KNOWN, "python:3.12")}),
        },
        accepted={
            "has an image that is a parameter": but({"pipelineDefinition": steps({"Get": "Parameters.Image"})}),
            "is known to the deployment alone": but({"pipelineDefinition": UNKNOWN}),
            "is no definition": but({"pipelineDefinition": "{"}),
            "is in a bucket": but({"pipelineDefinition": ABSENT, "pipelineDefinitionS3Location": {"bucket": "b"}}),
        },
    ),
]
