"""Rules about providers of AWS: one account, an allowed region, and no option that hides what they do."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing, set_options
from policies.evaluation.resource import PROVIDER_TYPE, Resource
from policies.evaluation.rule import EVERY_AWS_RESOURCE, Rule, Violation, first, for_each, violation

PROVIDER = (PROVIDER_TYPE,)

HARMLESS = frozenset(
    {
        "allowedAccountIds", "assumeRoles", "defaultTags", "region",  # judged by other rules
        "forbiddenAccountIds", "maxRetries", "retryMode", "s3UsEast1RegionalEndpoint", "s3UsePathStyle",
        "skipMetadataApiCheck", "skipRegionValidation", "stsRegion", "tagPolicyCompliance",
        "tokenBucketRateLimiterCapacity", "useDualstackEndpoint", "useFipsEndpoint", "userAgents", "version",
    }
)  # fmt: skip
"""Options that change neither who calls, nor whom, nor what is compared. OR-06 checks the region."""
_UNUSED = ("", "[]", "{}", "false", False, None)
"""Values with which an option is not used. Properties of a provider are text."""


def is_explicit_for_one_account(resource: Resource) -> Violation | None:
    if _is_default(resource.name):
        return violation("is a default provider", fix="pass an explicit provider to the component")
    accounts = resource.properties.json("allowedAccountIds")
    if not isinstance(accounts, Unknown) and (not isinstance(accounts, list) or len(accounts) != 1):
        return violation(
            "does not allow exactly one account", fix="set allowedAccountIds to the id of the stack's account"
        )
    region = resource.properties.text("region")
    if is_missing(region):
        return violation("has no region", fix="set region")
    return _check_region(region, resource)


def uses_an_explicit_provider(resource: Resource) -> Violation | None:
    if resource.provider is None or _is_default(resource.provider.name):
        return violation("uses a default provider", fix="pass an explicit provider to its component")
    return _check_region(resource.properties.text("region"), resource)


def _is_default(provider: str) -> bool:
    """Whether the engine created the provider: it is then named ``default`` or ``default_<version>``."""
    return provider == "default" or provider.startswith("default_")


def _check_region(region: str | Unknown | None, resource: Resource) -> Violation | None:
    allowed = resource.context.allowed_regions
    if not isinstance(region, str) or not allowed or region in allowed:
        return None
    return violation("is in a region that is not allowed", fix="use one of the organization's allowed_regions")


def hides_nothing(resource: Resource) -> Violation | None:
    return _set_options(resource) or _enters_its_account(resource)


def _set_options(resource: Resource) -> Violation | None:
    return first(
        violation(
            f"sets {option}", fix="leave it out: clients, credentials and endpoints come from the engine's environment"
        )
        for option in set_options(resource.properties, HARMLESS, _UNUSED)
    )


def _enters_its_account(resource: Resource) -> Violation | None:
    """Checks that the last assumed role, as which everything is created, is in the allowed account."""
    accounts = resource.properties.json("allowedAccountIds")
    if not isinstance(accounts, list) or UNKNOWN in accounts:
        return None
    entered = [arn.split(":")[4] for arn in _roles(resource.properties) if arn.count(":") > 4]
    if not entered or entered[-1] in accounts:
        return None
    return violation(
        "assumes a role of another account (assumeRoles)", fix="assume the deployer's role in the stack's account"
    )


def _roles(provider: Properties) -> Iterator[str]:
    """Yields the ARNs of assumed roles, in order. An unknown one is empty."""
    roles = provider.json("assumeRoles")
    for role in roles if isinstance(roles, list) else ():
        arn = Properties(role).text("roleArn") if isinstance(role, dict) else None
        yield arn if isinstance(arn, str) else ""


RULES = (
    Rule(
        id="OR-06",
        title="Resources use an explicit provider for one account and an allowed region",
        severity="critical",
        sources=("SCP-03", "ACC-04"),
        remedy="Pass an explicit provider with one allowed account id and an allowed region. Do not override the "
        "region on a resource.",
        checks=for_each(PROVIDER, is_explicit_for_one_account) | {EVERY_AWS_RESOURCE: uses_an_explicit_provider},
    ),
    Rule(
        id="OR-14",
        title="Providers of AWS verify whom they call, and see every difference",
        severity="critical",
        sources=("CKV_AWS_41", "ACC-04"),
        remedy="Set the region, the allowed account, the role and the default tags of a provider. Set no keys, "
        "profiles, endpoints or proxies, do not skip a verification, and ignore no tags. Let the last role that a "
        "provider assumes be in its allowed account.",
        checks=for_each(PROVIDER, hides_nothing),
    ),
)
