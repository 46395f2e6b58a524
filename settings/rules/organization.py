"""Rules about the organization: regions, endpoints, contacts and the address plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from ipaddress import collapse_addresses

from settings.organization.address_plan import ALWAYS_RESERVED
from settings.organization.images.image_settings import place_of
from settings.organization.images.platform_image import IMAGE_HOST
from settings.organization.images.vulnerability_waiver import VulnerabilityWaiver
from settings.organization.operations.request_runner import RUNNER_HOST
from settings.organization.organization import Organization
from settings.organization.packages import PACKAGE_HOST
from settings.rules.partial_config import PartialModel, project_fault
from settings.types import regions
from settings.types.addresses import MOST_PUBLIC_ADDRESSES
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import DurableKind, first_phase_of, kinds_in


def organization_faults(partial: PartialModel[Organization]) -> Iterator[Fault]:
    if partial.has("home_region", "allowed_regions", "enabled_regions"):
        yield from _region_faults(partial.model)
    if partial.has("home_region", "allowed_regions", "region_exceptions"):
        yield from _exception_faults(partial.model)
    if partial.has("corporate_networks"):
        yield from _network_faults(partial.model)
    for part in ("lake", "audit"):
        if partial.has("home_region", "allowed_regions", part):
            copied = partial.model.lake if part == "lake" else partial.model.audit
            yield from _replica_faults(partial.model, f"{part}.replica_region", copied.replica_region)
    if partial.has("home_region", "allowed_regions", "reviews"):
        yield from _state_key_faults(partial.model, "reviews", partial.model.reviews.state_keys)
    if partial.has("phase", "placement", "home_region", "allowed_regions", "request_runner"):
        yield from _runner_faults(partial.model)
    if partial.has("phase", "endpoints"):
        yield from _endpoint_faults(partial.model)
    if partial.has("phase", "home_region", "packages"):
        yield from _package_faults(partial.model)
    if partial.has("home_region", "images"):
        yield from _image_faults(partial.model)
    if partial.has("phase", "home_region", "packages", "platform_image"):
        yield from _platform_image_faults(partial.model)
    if partial.has("contacts") and "security" not in partial.model.contacts:
        yield project_fault(
            Code.FIELD_MISSING,
            "contacts",
            ", ".join(partial.model.contacts),
            "contains no security contact, to whom AWS reports abuse and vulnerabilities",
            "add contacts.security with name, title, email and phone",
        )
    if partial.has("address_plan"):
        yield from _plan_faults(partial.model)


def _region_faults(organization: Organization) -> Iterator[Fault]:
    home, allowed = organization.home_region, organization.allowed_regions
    if allowed and home not in allowed:
        rule = f"is not among allowed_regions ({', '.join(allowed)})"
        yield project_fault(Code.REGION_NOT_ALLOWED, "home_region", home, rule, f"add {home} to allowed_regions")
    if home in regions.WITHOUT_CODE_SERVICES:
        rule = "does not offer CodeBuild and CodePipeline, which build and promote models"
        yield project_fault(Code.REGION_FEATURE, "home_region", home, rule, f"use {regions.nearest_without_gaps(home)}")
    if len(organization.regions) > regions.MOST_REGIONS:
        rule = f"regions are more than accounts may use ({regions.MOST_REGIONS}); the guardrail would deny few others"
        fix = "list the regions in which the company keeps data"
        yield project_fault(Code.OUT_OF_RANGE, "allowed_regions", len(organization.regions), rule, fix)
    places = {"home_region": home, **{f"allowed_regions[{index}]": region for index, region in enumerate(allowed)}}
    for field, region in places.items():
        if region in regions.OPT_IN and region not in organization.enabled_regions:
            fix = f"enable it at AWS and add it to enabled_regions, or use {regions.nearest_without_gaps(region)}"
            yield project_fault(Code.REGION_OPT_IN, field, region, "is disabled at AWS until it is enabled", fix)


def _exception_faults(organization: Organization) -> Iterator[Fault]:
    """Yields exceptions that allow nothing more, and actions of two, each of which would deny the regions of the
    other."""
    known: list[str] = []
    for index, exception in enumerate(organization.region_exceptions):
        field = f"region_exceptions[{index}]"
        for part, values in (("actions", exception.actions), ("regions", exception.regions)):
            if not values:
                rule, fix = "is empty, so that the exception allows nothing", "add one, or remove the exception"
                yield project_fault(Code.FIELD_MISSING, f"{field}.{part}", "", rule, fix)
        for number, region in enumerate(exception.regions):
            if region in organization.regions:
                rule, fix = "is one of allowed_regions already", "remove it here"
                yield project_fault(Code.REGION_NOT_ALLOWED, f"{field}.regions[{number}]", region, rule, fix)
        for number, action in enumerate(exception.actions):
            if any(fnmatchcase(action, known_action) or fnmatchcase(known_action, action) for known_action in known):
                rule, fix = "is in an exception already", "write all regions of the action in one exception"
                yield project_fault(Code.NAME_REPEATED, f"{field}.actions[{number}]", action, rule, fix)
            known.append(action)


def _network_faults(organization: Organization) -> Iterator[Fault]:
    """Limits the ranges together: many wide ones would leave as little to deny as one that is too wide."""
    merged = collapse_addresses(organization.corporate_networks)
    addresses = sum(network.num_addresses for network in merged)
    if addresses > MOST_PUBLIC_ADDRESSES:
        rule = f"addresses together are more than the {MOST_PUBLIC_ADDRESSES:,} that networks of a company may have"
        fix = "list the ranges with which the company's traffic leaves"
        yield project_fault(Code.CIDR_SIZE, "corporate_networks", f"{addresses:,}", rule, fix)


def _replica_faults(organization: Organization, field: str, region: str | None) -> Iterator[Fault]:
    home = organization.home_region
    if region is None:
        return
    if region == home:
        others = [allowed for allowed in organization.regions if allowed != home]
        fix = f"use {' or '.join(others)}" if others else "add a second region to allowed_regions and use it"
        yield project_fault(Code.REGION_NOT_ALLOWED, field, region, "is the home region, which has the originals", fix)
    elif region not in organization.regions:
        rule = f"is not among allowed_regions ({', '.join(organization.regions)})"
        yield project_fault(Code.REGION_NOT_ALLOWED, field, region, rule, f"add {region} to allowed_regions")


def _state_key_faults(organization: Organization, setting: str, keys: Sequence[str]) -> Iterator[Fault]:
    """A key of another region cannot encrypt states in a bucket of these regions (SSE-KMS)."""
    for index, arn in enumerate(keys):
        region = arn.split(":")[3]
        if region not in organization.regions:
            rule = f"is a key of {region}; the organization uses {', '.join(organization.regions)}"
            fix = "write the key of the region of the state bucket"
            yield project_fault(Code.REGION_NOT_ALLOWED, f"{setting}.state_keys[{index}]", arn, rule, fix)


def _endpoint_faults(organization: Organization) -> Iterator[Fault]:
    if organization.endpoints == "shared" and "network" not in kinds_in(organization.phase):
        rule = f"needs the network account, which phase {organization.phase} does not have"
        fix = f"remove the line, or set phase: {first_phase_of('network')}"
        yield project_fault(Code.NOT_IN_PHASE, "endpoints", organization.endpoints, rule, fix)


def _absent_account(organization: Organization, field: str, value: str, kind: DurableKind) -> Fault | None:
    """Returns the fault of a setting that needs an account which the phase does not have, or None if it has it."""
    if kind in kinds_in(organization.phase):
        return None
    rule = f"needs the {kind} account, which phase {organization.phase} does not have"
    fix = f"remove the setting, or set phase: {first_phase_of(kind)}"
    return project_fault(Code.NOT_IN_PHASE, field, value, rule, fix)


def _build_faults(organization: Organization, field: str, value: str, fix: str) -> Iterator[Fault]:
    """Refuses a setting that needs builds of a repository in a home region that does not offer both services."""
    home = organization.home_region
    if home in regions.WITHOUT_CODE_SERVICES | regions.WITHOUT_CODECOMMIT:
        rule = f"needs CodeBuild and CodeCommit, which {home} does not both offer"
        yield project_fault(Code.REGION_FEATURE, field, value, rule, fix)


def _runner_faults(organization: Organization) -> Iterator[Fault]:
    if organization.request_runner is None:
        return
    field, value, home = "request_runner", "a runner of requests", organization.home_region
    if absent := _absent_account(organization, field, value, RUNNER_HOST):
        yield absent
    elif organization.placement.account_of(RUNNER_HOST) == "organization":
        rule = "would be in the management account, where no guardrail limits what runs in it"
        fix = "remove the setting, or place governance in an account of its own: placement: {preset: large}"
        yield project_fault(Code.RUNNER, field, value, rule, fix)
    yield from _build_faults(organization, field, value, "remove the setting, and run `plinth requests run`")
    yield from _state_key_faults(organization, field, organization.request_runner.state_keys)
    workflows = organization.request_runner.workflows
    if workflows is not None and organization.request_runner.serverless_workflows is not None:
        rule = "names a database of yours beside serverless_workflows, which creates one"
        fix = "remove one of them"
        yield project_fault(Code.RUNNER, f"{field}.workflows", workflows.connection, rule, fix)
    if workflows is not None and (region := workflows.connection.split(":")[3]) != home:
        rule = f"is a secret of {region}, and builds read secrets of their own region"
        fix = f"replicate the secret to {home}, and name the replica"
        yield project_fault(Code.REGION_NOT_ALLOWED, f"{field}.workflows.connection", workflows.connection, rule, fix)


def _package_faults(organization: Organization) -> Iterator[Fault]:
    if organization.packages is None:
        return
    field, value, home = "packages", "a package repository", organization.home_region
    if absent := _absent_account(organization, field, value, PACKAGE_HOST):
        yield absent
    if home in regions.WITHOUT_CODEARTIFACT:
        rule = f"needs CodeArtifact, which {home} does not offer"
        fix = "remove the setting, and build images that contain the dependencies"
        yield project_fault(Code.REGION_FEATURE, field, value, rule, fix)


def _image_faults(organization: Organization) -> Iterator[Fault]:
    yield from _image_place_faults(organization, "images.base", organization.images.base)
    yield from _image_place_faults(organization, "images.build_image", organization.images.build_image)
    for number, waiver in enumerate(organization.images.waivers):
        same = [
            earlier_waiver
            for earlier_waiver in organization.images.waivers[:number]
            if _names_same(earlier_waiver, waiver)
        ]
        if same:
            rule, fix = "repeats an earlier waiver of the same finding and use case", "keep the one that holds"
            yield project_fault(Code.IMAGE_WAIVER, f"images.waivers[{number}]", waiver.finding, rule, fix)


def _image_place_faults(organization: Organization, field: str, image: str | None) -> Iterator[Fault]:
    """Builds reach registries of their own region only, through the endpoints of ECR and of S3."""
    home = organization.home_region
    if image and (place := place_of(image)) and place[1] != home:
        rule = f"is in {place[1]}, and the network of builds reaches registries of {home} only"
        fix = f"name the image in {home}; AWS publishes its images in each region"
        yield project_fault(Code.REGION_FEATURE, field, image, rule, fix)


def _platform_image_faults(organization: Organization) -> Iterator[Fault]:
    if organization.platform_image is None:
        return
    field, value = "platform_image", "an image that the tooling account builds"
    if absent := _absent_account(organization, field, value, IMAGE_HOST):
        yield absent
    elif organization.packages is None:
        rule = "installs the dependencies of Plinth from the package repository, and the organization has none"
        yield project_fault(Code.FIELD_MISSING, field, value, rule, "set packages: {}, or push the image yourself")
    yield from _build_faults(organization, field, value, "remove the setting, and push the image yourself")
    yield from _image_place_faults(organization, f"{field}.base", organization.platform_image.base)


def _names_same(waiver: VulnerabilityWaiver, other: VulnerabilityWaiver) -> bool:
    return (waiver.finding, waiver.use_case) == (other.finding, other.use_case)


def _plan_faults(organization: Organization) -> Iterator[Fault]:
    plan = organization.address_plan
    least = plan.team_prefix_length - 4
    if plan.supernet.prefixlen > least:
        rule = f"is too small for durable accounts and teams of /{plan.team_prefix_length} (needs /{least} or larger)"
        yield project_fault(
            Code.CIDR_SIZE,
            "address_plan.supernet",
            plan.supernet,
            rule,
            f"write {plan.supernet.supernet(new_prefix=least)}",
        )
        return
    elsewhere = {**ALWAYS_RESERVED, **plan.reserved}
    for name, network in elsewhere.items():
        if not network.overlaps(plan.durable_block):
            continue
        field = f"address_plan.reserved.{name}" if name in plan.reserved else "address_plan.supernet"
        rule = f"overlaps {plan.durable_block}, the block of the durable accounts in the supernet ({name} is {network})"
        value = network if name in plan.reserved else plan.supernet
        yield project_fault(Code.ADDRESSES_OVERLAP, field, value, rule, "choose another supernet, or free the range")
