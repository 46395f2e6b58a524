"""Rules about images that models, jobs and Studio run: from registries that answer for them, told by their content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policies.security.inputs.pipelines import PIPELINE, definition
from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, first, for_each, refuse

MODEL = ("aws:sagemaker/model:Model",)
IMAGE_VERSION = ("aws:sagemaker/imageVersion:ImageVersion",)
TRAINING_JOB = ("aws:sagemaker/trainingJob:TrainingJob",)

_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/[^@:]+(?::[^@]+)?"
    r"(?P<digest>@sha256:[0-9a-f]{64})?"
)
_IN_DEFINITIONS = frozenset({"Image", "ImageUri", "TrainingImage"})
"""Members of a pipeline's definition that name an image (SageMaker API: ContainerDefinition, AppSpecification,
AlgorithmSpecification)."""


def model_runs_known_images(subject: Subject) -> Verdict:
    return first(_of_container(container, subject) for container in containers_of(subject.properties))


def containers_of(model: Properties) -> Sequence[Properties]:
    """One, or those of an inference pipeline."""
    return [*model.blocks("primaryContainer"), *model.blocks("containers")]


def _of_container(container: Properties, subject: Subject) -> Verdict:
    """A container made from a model package has the image that was registered, approved and scanned with it."""
    image = container.text("image")
    return None if lacks(image) else _judged(image, subject)


def image_version_is_made_of_a_known_image(subject: Subject) -> Verdict:
    return _judged(subject.properties.text("baseImage"), subject)


def training_job_runs_a_known_image(subject: Subject) -> Verdict:
    """Of an algorithm in place of an image, its owner answers for what it runs."""
    image = subject.properties.text("algorithmSpecification", "trainingImage")
    return None if lacks(image) else _judged(image, subject)


def pipeline_runs_known_images(subject: Subject) -> Verdict:
    return first(_judged(image, subject) for image in _named_in(definition(subject)))


def _named_in(node: object) -> Iterator[str]:
    """Images that are written out. One that is a parameter of the pipeline is given by who starts it."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _IN_DEFINITIONS and isinstance(value, str):
                yield value
            yield from _named_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from _named_in(item)


def _judged(image: str | Unknown | None, subject: Subject) -> Verdict:
    if image is UNKNOWN:
        return None
    named = _IMAGE.fullmatch(str(image))
    if named is None:
        return refuse("runs an image from outside ECR", fix="take it into tooling's registry, where it is scanned")
    if named["digest"] is None:
        return refuse("names its image by a tag", fix="write @sha256: and the digest, which no push moves")
    if is_of_its_own_account(named["account"], subject):
        return refuse("runs an image that its own account made", fix="build it in tooling, where it is scanned")
    return None


def is_of_its_own_account(account: str, subject: Subject) -> bool:
    """Whether an account is the one that is built in, where that is not tooling's too."""
    own = subject.account_ids
    return subject.surroundings.account_of_its_own and not isinstance(own, Unknown) and account in own


RULES = (
    Rule(
        id="SM-11",
        title="Images come from tooling or from AWS, by their digest",
        severity="high",
        sources=("FSBP SageMaker.16", "FSBP SageMaker.19", "MLSEC04-BP03", "EXP-09"),
        remedy="Push images to tooling's registry and name them by digest; those that AWS publishes by digest too.",
        judges=for_each(MODEL, model_runs_known_images)
        | for_each(IMAGE_VERSION, image_version_is_made_of_a_known_image)
        | for_each(TRAINING_JOB, training_job_runs_a_known_image)
        | for_each(PIPELINE, pipeline_runs_known_images),
        exceptions={"experimentation": "advisory"},
    ),
)
