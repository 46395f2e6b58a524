"""Rules about the deliveries of use cases: the phase, and the number and names of images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from settings.derived.source_repositories import source_of
from settings.derived.tags import TAG_VALUE_CHARACTERS, contributors_value
from settings.organization.organization import Organization
from settings.rules.partial_config import PROJECT_FILE, PartialConfig, PlacedDelivery
from settings.rules.retraining import retraining_faults
from settings.team.delivery import MAX_IMAGES, DeliverySettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import first_phase_of, kinds_in
from settings.types.redaction import shown


def delivery_faults(config: PartialConfig) -> Iterator[Fault]:
    for placed in config.deliveries():
        yield from _faults(config, placed)


def _faults(config: PartialConfig, placed: PlacedDelivery) -> Iterator[Fault]:
    file, path, delivery = placed.file, placed.path, placed.settings
    if config.organization.has("phase") and "tooling" not in kinds_in(phase := config.organization.model.phase):
        yield Fault(
            code=Code.NOT_IN_PHASE,
            file=file,
            path=path,
            rule=f"needs the tooling account, which phase {phase} does not have",
            fix=f"set phase: {first_phase_of('tooling')}, or remove it",
        )
    if delivery.approvers and config.organization.has("promotion_image"):
        yield from _faults_of_promotion(config.organization.model, file, f"{path}.approvers")
    yield from _faults_of_approvers(file, path, delivery)
    yield from _faults_of_contributors(config, placed)
    yield from retraining_faults(config, placed)
    images = f"{path}.images"
    if (count := len(delivery.images)) > MAX_IMAGES:
        rule, fix = f"images are more than a use case can have ({MAX_IMAGES})", "combine several"
        yield Fault(code=Code.DELIVERY, file=file, path=images, value=str(count), rule=rule, fix=fix)
    for image, times in Counter(delivery.images).items():
        if times > 1:
            rule, fix = f"occurs {times} times", "write it once"
            yield Fault(code=Code.DELIVERY, file=file, path=images, value=shown(image), rule=rule, fix=fix)


def _faults_of_promotion(organization: Organization, file: str, path: str) -> Iterator[Fault]:
    if organization.promotion_image is None:
        yield Fault(
            code=Code.FIELD_MISSING,
            file=PROJECT_FILE,
            path="plinth:organization.promotion_image",
            rule=f"is missing: {path} in {file} asks for promotions",
            fix="push the image to the ECR repository plinth, and name its tag",
        )


def _faults_of_approvers(file: str, path: str, delivery: DeliverySettings) -> Iterator[Fault]:
    lists = {
        "approvers": delivery.approvers,
        "release_approvers": delivery.release_approvers,
        "business_approvers": delivery.business_approvers,
    }
    for field, people in lists.items():
        if people and not delivery.approvers:
            rule, fix = "needs approvers: the use case has no promotions", "add approvers, or remove it"
            yield Fault(
                code=Code.DELIVERY, file=file, path=f"{path}.{field}", value=shown(people[0]), rule=rule, fix=fix
            )
        else:
            yield from _faults_of_people(file, f"{path}.{field}", people, write_code=field != "business_approvers")


def _faults_of_contributors(config: PartialConfig, placed: PlacedDelivery) -> Iterator[Fault]:
    people, path = placed.settings.contributors, f"{placed.path}.contributors"
    yield from _faults_of_people(placed.file, path, people, write_code=False)
    if not people:
        return
    if config.organization.has("source") and source_of(
        config.organization.model, placed.team, placed.use_case, placed.settings
    ):
        rule, fix = "has no effect: the repositories are at a source provider", "restrict them there, and remove it"
        yield Fault(code=Code.DELIVERY, file=placed.file, path=path, value=shown(people[0]), rule=rule, fix=fix)
    elif (length := len(contributors_value(people))) > TAG_VALUE_CHARACTERS:
        rule = f"has {length} characters with separators, more than the tag of a repository ({TAG_VALUE_CHARACTERS})"
        fix = "name fewer people, or remove it, so that all data scientists and ML engineers push"
        yield Fault(code=Code.DELIVERY, file=placed.file, path=path, value=shown(people[0]), rule=rule, fix=fix)


def _faults_of_people(file: str, path: str, people: Sequence[str], *, write_code: bool) -> Iterator[Fault]:
    if write_code and len(set(people)) == 1:
        rule, fix = "names one person, who may not approve what they wrote or asked for", "name two or more people"
        yield Fault(code=Code.DELIVERY, file=file, path=path, value=shown(people[0]), rule=rule, fix=fix)
        return
    for name, times in Counter(people).items():
        if times > 1:
            rule, fix = f"occurs {times} times", "list each person once"
            yield Fault(code=Code.DELIVERY, file=file, path=path, value=shown(name), rule=rule, fix=fix)
