"""Rules about accounts, tags and providers: placement of accounts and resources, and required tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import PROVIDER_TYPE, Resource
from policies.evaluation.rule import EVERY_AWS_RESOURCE, CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack, refers_to
from settings.derived.tags import BRANCH_TAG, DATA_CLASS_TAG, EXPIRY_TAG, USER_TAG
from settings.team.use_case import USE_CASE_TAG
from settings.types.kinds import ENVIRONMENTS, team_organizational_unit_of

ACCOUNT = ("aws:organizations/account:Account",)
CONTACT = ("aws:account/alternativeContact:AlternativeContact",)
PROVIDER = (PROVIDER_TYPE,)
ORGANIZATION = ("aws:organizations/organization:Organization",)
ROOT_ACCESS = ("aws:iam/organizationsFeatures:OrganizationsFeatures",)

POLICY_TYPES = (
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "TAG_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
)
ROOT_FEATURES = ("RootCredentialsManagement", "RootSessions")
DURABLE_TYPES = (
    *ACCOUNT,
    "aws:cloudtrail/trail:Trail",
    "aws:dynamodb/table:Table",
    "aws:ecr/repository:Repository",
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
)
"""Types whose contents cannot be recreated."""

_NO_SECURITY_CONTACT = violation("has no security contact", fix="set contacts.security of the organization")

STRICT_ENVIRONMENTS = [kind for kind in ENVIRONMENTS if team_organizational_unit_of(kind) == "Production"]

RESERVED_PREFIX = "plinth:"
ENVIRONMENT_TAG = f"{RESERVED_PREFIX}environment"
REQUIRED_TAGS = tuple(
    f"{RESERVED_PREFIX}{key}" for key in ("stack", "team", "environment", "lifecycle", "owner", "cost-centre")
)
"""Tags that cost allocation, attribute-based access control and clean-up use."""
PER_RESOURCE_TAGS = (BRANCH_TAG, EXPIRY_TAG, USE_CASE_TAG, USER_TAG)
"""Reserved tags that differ between resources of a stack: the user of a Studio profile, the use case, the branch and
its expiry."""
NAMED_BY_USE_CASE: Mapping[str, str] = {
    "aws:codebuild/project:Project": "name",
    "aws:codepipeline/pipeline:Pipeline": "name",
    "aws:ecr/repository:Repository": "name",
    "aws:iam/role:Role": "name",
    "aws:lambda/function:Function": "name",
    "aws:sagemaker/endpoint:Endpoint": "name",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "name",
    "aws:sagemaker/featureGroup:FeatureGroup": "featureGroupName",
    "aws:sagemaker/model:Model": "name",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "modelPackageGroupName",
    "aws:sagemaker/pipeline:Pipeline": "pipelineName",
    "aws:sfn/stateMachine:StateMachine": "name",
}
"""Property with the resource's name, by type. Names that belong to a use case begin with ``<team>--<use-case>-``."""


def is_in_a_unit_and_never_closed(resource: Resource) -> Violation | None:
    if resource.properties.flag("closeOnDeletion") is True:
        return violation(
            "would be closed on deletion", fix="set closeOnDeletion to false, because accounts are recycled"
        )
    unit = resource.properties.text("parentId")
    if is_missing(unit) or (isinstance(unit, str) and unit.startswith("r-")):
        return violation("is in the root, without a unit's guardrails", fix="set parentId to its organizational unit")
    return None


def accounts_are_in_their_units(stack: Stack) -> Iterator[CheckResult]:
    """Checks that a team's production unit contains development, preproduction and production, and not experimentation
    (ACC-05)."""
    accounts = stack.of(ACCOUNT)
    loose, strict = _units_of("experimentation", accounts), _units_of("production", accounts)
    for account in accounts:
        units, environment = _units(account), _environment(account)
        outside = bool(units and strict and not units & strict)
        if environment in STRICT_ENVIRONMENTS and (units & loose or outside):
            yield account, violation("is outside the production unit", fix="set parentId to the production unit")
        elif environment == "experimentation" and units & strict:
            yield account, violation("is in the production unit", fix="set parentId to the experimentation unit")


def accounts_have_their_own_address(stack: Stack) -> Iterator[CheckResult]:
    """Checks that each account has its own email address. AWS compares addresses in lower case and rejects reuse."""
    seen: set[str] = set()
    for account in stack.of(ACCOUNT):
        address = account.properties.text("email")
        if isinstance(address, str) and address.lower() in seen:
            yield account, violation("has the email address of another account", fix="give it an address of its own")
        elif isinstance(address, str):
            seen.add(address.lower())


def accounts_have_a_security_contact(stack: Stack) -> Iterator[CheckResult]:
    """Checks stacks that create accounts. The management account is not created, and its contact has no
    ``accountId``."""
    if stack.context.kind not in ("organization", "team"):
        return
    security_contacts = [contact for contact in stack.of(CONTACT) if _is_for_security(contact)]
    for account in stack.of(ACCOUNT):
        if not any(refers_to(contact, "accountId", account) for contact in security_contacts):
            yield account, _NO_SECURITY_CONTACT
    own = any(is_missing(contact.properties.value("accountId")) for contact in security_contacts)
    for representative in stack.representative if stack.context.kind == "organization" and not own else []:
        yield representative, _NO_SECURITY_CONTACT


def _is_for_security(contact: Resource) -> bool:
    return contact.properties.text("alternateContactType") in ("SECURITY", UNKNOWN)


def _units_of(environment: str, accounts: Sequence[Resource]) -> set[str]:
    return {unit for account in accounts if _environment(account) == environment for unit in _units(account)}


def _environment(account: Resource) -> str | Unknown | None:
    return account.properties.text("tags", ENVIRONMENT_TAG)


def _units(account: Resource) -> set[str]:
    """Returns the unit's id, and the URN of the resource that the id comes from, because the id may be unknown."""
    parent = account.properties.text("parentId")
    return {*account.sources.get("parentId", ()), *([parent] if isinstance(parent, str) else [])}


def is_protected(resource: Resource) -> Violation | None:
    if not resource.context.is_durable or resource.protected:
        return None
    return violation("is not protected", fix="set the option protect on its component")


def has_default_tags(resource: Resource) -> Violation | None:
    tags = _default_tags(resource.properties)
    if isinstance(tags, Unknown):
        return None
    required = (*REQUIRED_TAGS, DATA_CLASS_TAG) if resource.context.kind == "dataset" else REQUIRED_TAGS
    missing = [key for key in required if is_missing(tags.value(key))]
    return (
        violation(f"has no default tags {', '.join(missing)}", fix="add them to its defaultTags") if missing else None
    )


def does_not_override_reserved_tags(resource: Resource) -> Violation | None:
    """Checks that a resource does not override reserved tags. An account is exempt: its tags describe the stack that
    will be deployed to it."""
    if resource.type in ACCOUNT or resource.provider is None:
        return None
    own, given = resource.properties.value("tags"), _default_tags(resource.provider.properties)
    if not isinstance(own, dict) or isinstance(given, Unknown):
        return None
    reserved = [key for key in own if key.startswith(RESERVED_PREFIX) and key not in PER_RESOURCE_TAGS]
    changed = [key for key in reserved if _differ(own[key], given.value(key))]
    return violation(f"overrides {', '.join(changed)}", fix="leave these tags to the provider") if changed else None


def has_use_case_tag(resource: Resource) -> Violation | None:
    """Requires the use case tag on resources whose name belongs to a use case, with the value that the name has. The
    provider may set it."""
    name = resource.properties.text(NAMED_BY_USE_CASE[resource.type])
    case, tags = resource.properties.text("tags", USE_CASE_TAG), resource.properties.value("tags")
    if is_missing(case) and resource.provider is not None:
        given = _default_tags(resource.provider.properties)
        case = UNKNOWN if isinstance(given, Unknown) else given.text(USE_CASE_TAG)
    if not isinstance(name, str) or UNKNOWN in (case, tags):
        return None
    _team, _, own = name.partition("--")
    if not own or (not is_missing(case) and own.startswith(f"{case}-")):
        return None
    return violation(f"has no matching tag {USE_CASE_TAG}", fix="tag it with the use case in its name")


def _differ(own: object, given: object) -> bool:
    return UNKNOWN not in (own, given) and own != given


def _default_tags(provider: Properties) -> Properties | Unknown:
    declared = provider.json("defaultTags")
    tags = declared.get("tags") if isinstance(declared, dict) else declared
    if isinstance(tags, Unknown):
        return UNKNOWN
    return Properties(tags if isinstance(tags, dict) else {})


def has_all_features(resource: Resource) -> Violation | None:
    if resource.properties.text("featureSet") not in (None, "ALL", UNKNOWN):
        return violation("does not enable policies", fix="set featureSet to ALL")
    if resource.properties.may_have_more("enabledPolicyTypes"):
        return None
    enabled = resource.properties.items("enabledPolicyTypes")
    missing = [type_ for type_ in POLICY_TYPES if type_ not in (enabled if isinstance(enabled, list) else [])]
    return violation(f"does not enable {', '.join(missing)}", fix="add them to enabledPolicyTypes") if missing else None


def manages_root_centrally(resource: Resource) -> Violation | None:
    if resource.properties.may_have_more("enabledFeatures"):
        return None
    enabled = resource.properties.items("enabledFeatures")
    missing = [feature for feature in ROOT_FEATURES if feature not in (enabled if isinstance(enabled, list) else [])]
    return violation(f"does not enable {', '.join(missing)}", fix="add them to enabledFeatures") if missing else None


RULES = (
    Rule(
        id="OR-01",
        title="The organization enables every policy type and central root access",
        severity="high",
        sources=("CIS 7.0 2.1.1", "CIS 7.0 2.1.2", "prowler opt_out"),
        remedy="Enable all features and policy types, and central management of root credentials and root sessions.",
        checks=for_each(ORGANIZATION, has_all_features) | for_each(ROOT_ACCESS, manages_root_centrally),
    ),
    Rule(
        id="OR-04",
        title="Accounts are in their unit, have contacts and are never closed on deletion",
        severity="high",
        sources=("FSBP Account.1", "CIS 5.0 1.2", "ACC-03", "ACC-05"),
        remedy="Set parentId to the account's unit and closeOnDeletion to false. Put development, preproduction and "
        "production in one unit, and experimentation in another. Give each account its own email address and a "
        "security contact.",
        checks=for_each(ACCOUNT, is_in_a_unit_and_never_closed),
        stack_checks=(
            StackCheck(ACCOUNT, accounts_are_in_their_units),
            StackCheck(ACCOUNT, accounts_have_their_own_address),
            StackCheck((*PROVIDER, *ACCOUNT, *CONTACT), accounts_have_a_security_contact),
        ),
    ),
    Rule(
        id="OR-05",
        title="Resources have the required tags",
        severity="medium",
        sources=("MLSEC03-BP04", "COST-02", "tag policy"),
        remedy="Give the provider the tags of the stack. A resource may add tags without the prefix plinth:. A "
        "resource of one use case has the use case tag, and the stack of one dataset the data class tag. A bucket, "
        "key or Data Catalog that several share has neither: folders separate use cases, and LF-tags hold the class "
        "of each table and column.",
        checks=for_each(PROVIDER, has_default_tags)
        | for_each(tuple(NAMED_BY_USE_CASE), has_use_case_tag)
        | {EVERY_AWS_RESOURCE: does_not_override_reserved_tags},
    ),
    Rule(
        id="OR-07",
        title="Durable resources are protected",
        severity="high",
        sources=("MLOps tenet auditability", "ACC-03"),
        remedy="Set the option protect on data, keys, records and accounts in stacks of durable kinds.",
        checks=for_each(DURABLE_TYPES, is_protected),
    ),
)
