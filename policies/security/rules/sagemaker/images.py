"""Rules about container images of models, jobs and Studio: from trusted ECR registries, and pinned by digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policies.evaluation.container_images import REGISTRY_IMAGE
from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.security.inputs.pipelines import PIPELINE, definition

MODEL = ("aws:sagemaker/model:Model",)
IMAGE_VERSION = ("aws:sagemaker/imageVersion:ImageVersion",)
TRAINING_JOB = ("aws:sagemaker/trainingJob:TrainingJob",)

_IMAGE_MEMBERS = frozenset({"Image", "ImageUri", "TrainingImage"})
"""Members of a pipeline definition that name an image (SageMaker API: ContainerDefinition, AppSpecification,
AlgorithmSpecification)."""


def model_runs_known_images(resource: Resource) -> Violation | None:
    return first(_check_container(container, resource) for container in containers_of(resource.properties))


def containers_of(model: Properties) -> Sequence[Properties]:
    """Returns the model's container, or the containers of an inference pipeline."""
    return [*model.blocks("primaryContainer"), *model.blocks("containers")]


def _check_container(container: Properties, resource: Resource) -> Violation | None:
    """Checks a container's image. A container made from a model package has the image that was registered with it."""
    image = container.text("image")
    return None if is_missing(image) else _check_image(image, resource)


def image_version_has_a_known_base(resource: Resource) -> Violation | None:
    return _check_image(resource.properties.text("baseImage"), resource)


def training_job_runs_a_known_image(resource: Resource) -> Violation | None:
    """Checks a training job's image. A job that names an algorithm has none."""
    image = resource.properties.text("algorithmSpecification", "trainingImage")
    return None if is_missing(image) else _check_image(image, resource)


def pipeline_runs_known_images(resource: Resource) -> Violation | None:
    return first(_check_image(image, resource) for image in _images_in(definition(resource)))


def _images_in(node: object) -> Iterator[str]:
    """Yields the literal image names in a definition. Pipeline parameters are only known when the pipeline starts."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _IMAGE_MEMBERS and isinstance(value, str):
                yield value
            yield from _images_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from _images_in(item)


def _check_image(image: str | Unknown | None, resource: Resource) -> Violation | None:
    if image is UNKNOWN:
        return None
    named = REGISTRY_IMAGE.fullmatch(str(image))
    if named is None:
        return violation("runs an image from outside ECR", fix="push it to tooling's registry, where it is scanned")
    if named["digest"] is None:
        return violation("names its image by a tag", fix="use @sha256: and the digest, which a push cannot change")
    if is_of_its_own_account(named["account"], resource):
        return violation("runs an image from its own account", fix="build it in tooling, where it is scanned")
    return None


def is_of_its_own_account(account: str, resource: Resource) -> bool:
    """Whether an account is the resource's own, unless the placement shares that account with other kinds."""
    own = resource.account_ids
    return resource.context.account_of_its_own and not isinstance(own, Unknown) and account in own


RULES = (
    Rule(
        id="SM-11",
        title="Images come from tooling or AWS and are pinned by digest",
        severity="high",
        sources=("FSBP SageMaker.16", "FSBP SageMaker.19", "MLSEC04-BP03", "EXP-09"),
        remedy="Push images to tooling's registry, and name them, and images that AWS publishes, by digest.",
        checks=for_each(MODEL, model_runs_known_images)
        | for_each(IMAGE_VERSION, image_version_has_a_known_base)
        | for_each(TRAINING_JOB, training_job_runs_a_known_image)
        | for_each(PIPELINE, pipeline_runs_known_images),
        exceptions={"experimentation": "advisory"},
    ),
)
