"""The rule that a production stack matches its pre-production stack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import PROVIDER_TYPE, Resource
from policies.evaluation.rule import EVERY_AWS_RESOURCE, CheckResult, Rule, StackCheck, Violation, violation
from policies.evaluation.stack import Stack
from policies.security.rules.organization.stack_accounts import BASELINE

SWITCH_PROPERTIES = frozenset(
    {
        "accessType", "appNetworkAccessType", "authMode", "authenticationMode", "awsServiceName", "defaultAction",
        "enableDockerAccess", "encryptionType", "executionRoleIdentityConfig", "firewallFailOpen", "httpEndpoint",
        "httpTokens", "imageTagMutability", "internetGatewayBlockMode", "ipProtocol", "keySpec", "keyUsage",
        "logDestinationType", "mode", "mutationProtection", "notebookOutputOption", "objectOwnership", "rootAccess",
        "serviceName", "settingValue", "sseAlgorithm", "state", "status", "tracingConfig", "trafficType", "type",
        "vpcEndpointType",
    }
)  # fmt: skip
"""Properties whose text is a switch. Booleans are switches too; names, sizes and documents are not."""
ACCOUNT_LEVEL = (
    "plinth:security:AccountBaseline",
    "plinth:audit:ConfigurationRecorder",
    "plinth:identity:PlatformDeployer",
)
"""Components that exist once per account. If only one of the two environments has an account of its own, only its stack
has them. That follows from the placement, and other rules require them."""
ACCOUNT_LEVEL_TYPES = frozenset(
    {
        *BASELINE,
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/serviceLinkedRole:ServiceLinkedRole",
    }
)
"""Types that these components consist of. Nothing else is left out, whatever component it belongs to."""

_OFF = frozenset({False})
Switches = Mapping[str, frozenset[object]]


def production_matches_pre_production(stack: Stack) -> Iterator[CheckResult]:
    if stack.context.kind != "production" or stack.rehearsal is None:
        return
    by_type, rehearsed_by_type = (
        _comparable(stack.everything, stack.rehearsal),
        _comparable(stack.rehearsal, stack.everything),
    )
    if not rehearsed_by_type:
        for representative in stack.representative:
            yield (
                representative,
                violation("has no pre-production to compare with", fix="bring up pre-production first"),
            )
        return
    for representative in stack.representative:
        yield representative, _missing_types(set(rehearsed_by_type) - set(by_type))
    for type_, resources in by_type.items():
        for resource in resources:
            yield resource, _differs(resource, rehearsed_by_type.get(type_, ()))


def _comparable(resources: Sequence[Resource], others: Sequence[Resource]) -> Mapping[str, Sequence[Resource]]:
    """Returns the resources by type, without account-level components that only one of the two stacks has."""
    left_out = {part for part in ACCOUNT_LEVEL if not _has(part, others)}
    by_type: defaultdict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        account_level = resource.type in ACCOUNT_LEVEL_TYPES and not left_out.isdisjoint(resource.parents)
        if resource.type.startswith("aws:") and not account_level:
            by_type[resource.type].append(resource)
    return by_type


def _has(component: str, resources: Iterable[Resource]) -> bool:
    return any(component in resource.parents for resource in resources)


def _missing_types(types: Iterable[str]) -> Violation | None:
    named = ", ".join(sorted(types))
    if not named:
        return None
    return violation(
        f"leaves production without {named}, which pre-production has", fix="create it in both stacks or in neither"
    )


def _differs(resource: Resource, of_same_type: Sequence[Resource]) -> Violation | None:
    """Compares a resource with the one of the same name, or else with all others of its type."""
    if not of_same_type:
        return violation(
            f"is a {resource.type}, and pre-production has none", fix="bring it up in pre-production first"
        )
    namesakes = [other for other in of_same_type if other.name == resource.name] or of_same_type
    rehearsed = [_switches(other) for other in namesakes]
    differing = ", ".join(path for path in _paths(_switches(resource), rehearsed) if _is_new(path, resource, rehearsed))
    if not differing:
        return None
    return violation(
        f"is a {resource.type} and differs from pre-production in {differing}",
        fix="set the value that pre-production has, or change pre-production first",
    )


def _paths(own: Switches, rehearsed: Iterable[Switches]) -> list[str]:
    return sorted({*own, *(path for switches in rehearsed for path in switches)})


def _is_new(path: str, resource: Resource, rehearsed: Sequence[Switches]) -> bool:
    """Whether no compared resource has the same switch values. Unknown values are never a difference."""
    own = _switches(resource)
    if any(_is_unknown(path, switches) for switches in (own, *rehearsed)):
        return False
    return own.get(path, _OFF) not in [switches.get(path, _OFF) for switches in rehearsed]


def _is_unknown(path: str, switches: Switches) -> bool:
    return any(
        UNKNOWN in values and (path == unknown or path.startswith(f"{unknown}."))
        for unknown, values in switches.items()
    )


def _switches(resource: Resource) -> Switches:
    """Returns the values of switches by dotted path. Items of a list share a path, and an absent switch is off."""
    found: defaultdict[str, set[object]] = defaultdict(set)
    declared = resource.properties if resource.requested is None else resource.requested
    for path, value in _leaves(declared.tree):
        if isinstance(value, bool) or value is UNKNOWN or path.rpartition(".")[2] in SWITCH_PROPERTIES:
            found[path].add(value)
    return {path: frozenset(values) for path, values in found.items()}


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    elif value is not None:
        yield path, value


RULES = (
    Rule(
        id="ST-14",
        title="Production matches pre-production",
        severity="high",
        sources=("MLOps tenet consistency", "ACC-06"),
        remedy="Create the same resource types with the same switches in both; names, counts and sizes may differ. "
        "Bring up new resources in pre-production first. The command line passes pre-production's resources to the "
        "pack: the previewed ones if both stacks are previewed, or else the deployed ones.",
        stack_checks=(StackCheck((PROVIDER_TYPE, EVERY_AWS_RESOURCE), production_matches_pre_production),),
    ),
)
