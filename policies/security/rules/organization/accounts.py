"""Rules about accounts, tags and providers: everything lands where it belongs, and says whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import PROVIDER_TYPE, Subject
from policies.security.rule import EVERY_AWS_RESOURCE, Judgement, Relation, Rule, Verdict, for_each, refuse
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
DURABLE = (
    *ACCOUNT,
    "aws:cloudtrail/trail:Trail",
    "aws:dynamodb/table:Table",
    "aws:ecr/repository:Repository",
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
)
"""Types that hold what cannot be made again."""

_UNCALLED = refuse("has nobody whom AWS calls about its security", fix="set contacts.security of the organization")

STRICT_ENVIRONMENTS = [kind for kind in ENVIRONMENTS if team_organizational_unit_of(kind) == "Production"]

RESERVED_PREFIX = "plinth:"
ENVIRONMENT_TAG = f"{RESERVED_PREFIX}environment"
REQUIRED_TAGS = tuple(
    f"{RESERVED_PREFIX}{key}" for key in ("stack", "team", "environment", "lifecycle", "owner", "cost-centre")
)
"""What bills, access by attribute and clean-up go by."""
OF_ONE_THING = (BRANCH_TAG, EXPIRY_TAG, USE_CASE_TAG, USER_TAG)
"""Reserved tags that say what one resource is of, where its stack has several: a person's place in Studio, what is a
use case's or a branch's."""
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
"""What a use case has of its own, which begins with ``<team>--<use-case>-``, and where its name stands."""


def stays_in_its_unit(subject: Subject) -> Verdict:
    if subject.properties.flag("closeOnDeletion") is True:
        return refuse("would be closed by a deletion", fix="set closeOnDeletion to false: accounts are recycled")
    unit = subject.properties.text("parentId")
    if lacks(unit) or (isinstance(unit, str) and unit.startswith("r-")):
        return refuse("lies in the root, under no unit's guardrails", fix="set parentId to its organizational unit")
    return None


def stay_in_their_units(stack: Stack) -> Iterator[Judgement]:
    """ACC-05: a team's unit of production holds development, preproduction and production, and no experiments."""
    accounts = stack.of(ACCOUNT)
    loose, strict = _units_of("experimentation", accounts), _units_of("production", accounts)
    for account in accounts:
        units, environment = _units(account), _environment(account)
        elsewhere = bool(units and strict and not units & strict)
        if environment in STRICT_ENVIRONMENTS and (units & loose or elsewhere):
            yield account, refuse("lies outside the unit of production", fix="set parentId to the production unit")
        elif environment == "experimentation" and units & strict:
            yield account, refuse("lies in the unit of production", fix="set parentId to the unit of experimentation")


def have_a_mailbox_each(stack: Stack) -> Iterator[Judgement]:
    """AWS compares addresses in lower case, and never lets one serve a second account."""
    seen: set[str] = set()
    for account in stack.of(ACCOUNT):
        address = account.properties.text("email")
        if isinstance(address, str) and address.lower() in seen:
            yield account, refuse("shares its mailbox with another account", fix="give it an address of its own")
        elif isinstance(address, str):
            seen.add(address.lower())


def have_a_security_contact(stack: Stack) -> Iterator[Judgement]:
    """In the stacks that make accounts. AWS wants the management account, which nobody makes, unnamed."""
    if stack.surroundings.kind not in ("organization", "team"):
        return
    called = [contact for contact in stack.of(CONTACT) if _is_for_security(contact)]
    for account in stack.of(ACCOUNT):
        if not any(names(contact, "accountId", account) for contact in called):
            yield account, _UNCALLED
    own = any(lacks(contact.properties.value("accountId")) for contact in called)
    for itself in stack.itself if stack.surroundings.kind == "organization" and not own else []:
        yield itself, _UNCALLED


def _is_for_security(contact: Subject) -> bool:
    return contact.properties.text("alternateContactType") in ("SECURITY", UNKNOWN)


def _units_of(environment: str, accounts: Sequence[Subject]) -> set[str]:
    return {unit for account in accounts if _environment(account) == environment for unit in _units(account)}


def _environment(account: Subject) -> str | Unknown | None:
    return account.properties.text("tags", ENVIRONMENT_TAG)


def _units(account: Subject) -> set[str]:
    """The unit's id, and the resource that it comes from where the id is not known yet."""
    parent = account.properties.text("parentId")
    return {*account.sources.get("parentId", ()), *([parent] if isinstance(parent, str) else [])}


def outlives_its_stack(subject: Subject) -> Verdict:
    if not subject.surroundings.is_durable or subject.protected:
        return None
    return refuse("would go with its stack", fix="set the option protect on the component that makes it")


def tags_what_it_makes(subject: Subject) -> Verdict:
    tags = _default_tags(subject.properties)
    if isinstance(tags, Unknown):
        return None
    required = (*REQUIRED_TAGS, DATA_CLASS_TAG) if subject.surroundings.kind == "dataset" else REQUIRED_TAGS
    missing = [key for key in required if lacks(tags.value(key))]
    return refuse(f"does not tag with {', '.join(missing)}", fix="add them to its defaultTags") if missing else None


def keeps_the_reserved_tags(subject: Subject) -> Verdict:
    """An account is tagged for the stack that will live in it, not for the one that makes it."""
    if subject.type in ACCOUNT or subject.provider is None:
        return None
    own, given = subject.properties.value("tags"), _default_tags(subject.provider.properties)
    if not isinstance(own, dict) or isinstance(given, Unknown):
        return None
    reserved = [key for key in own if key.startswith(RESERVED_PREFIX) and key not in OF_ONE_THING]
    changed = [key for key in reserved if _differ(own[key], given.value(key))]
    return refuse(f"sets {', '.join(changed)} itself", fix="leave the provider's tags alone") if changed else None


def says_its_use_case(subject: Subject) -> Verdict:
    """By a tag that its name begins with, which other use cases' things do not."""
    name = subject.properties.text(NAMED_BY_USE_CASE[subject.type])
    case, tags = subject.properties.text("tags", USE_CASE_TAG), subject.properties.value("tags")
    if not isinstance(name, str) or UNKNOWN in (case, tags):
        return None
    _team, _, own = name.partition("--")
    if not own or (not lacks(case) and own.startswith(f"{case}-")):
        return None
    return refuse(f"does not say which use case's it is, by {USE_CASE_TAG}", fix="tag it with what its name says")


def _differ(own: object, given: object) -> bool:
    return UNKNOWN not in (own, given) and own != given


def _default_tags(provider: Properties) -> Properties | Unknown:
    declared = provider.json("defaultTags")
    tags = declared.get("tags") if isinstance(declared, dict) else declared
    if isinstance(tags, Unknown):
        return UNKNOWN
    return Properties(tags if isinstance(tags, dict) else {})


def names_its_account(subject: Subject) -> Verdict:
    if _is_default(subject.name):
        return refuse("is made by the engine", fix="pass an explicit provider to the component")
    accounts = subject.properties.json("allowedAccountIds")
    if not isinstance(accounts, Unknown) and (not isinstance(accounts, list) or len(accounts) != 1):
        return refuse("does not name one account", fix="set allowedAccountIds to the id of the stack's account")
    region = subject.properties.text("region")
    if lacks(region):
        return refuse("names no region", fix="set region")
    return _outside(region, subject)


def goes_through_a_named_provider(subject: Subject) -> Verdict:
    if subject.provider is None or _is_default(subject.provider.name):
        return refuse("goes through a default provider", fix="pass an explicit provider to its component")
    return _outside(subject.properties.text("region"), subject)


def _is_default(provider: str) -> bool:
    """The engine names what it makes itself ``default`` or ``default_<version>``."""
    return provider == "default" or provider.startswith("default_")


def _outside(region: str | Unknown | None, subject: Subject) -> Verdict:
    allowed = subject.surroundings.allowed_regions
    if not isinstance(region, str) or not allowed or region in allowed:
        return None
    return refuse("lies in a region that is not allowed", fix="use one of the organization's allowed_regions")


def has_all_features(subject: Subject) -> Verdict:
    if subject.properties.text("featureSet") not in (None, "ALL", UNKNOWN):
        return refuse("has no policies", fix="set featureSet to ALL")
    if subject.properties.may_hold_more("enabledPolicyTypes"):
        return None
    enabled = subject.properties.items("enabledPolicyTypes")
    missing = [type_ for type_ in POLICY_TYPES if type_ not in (enabled if isinstance(enabled, list) else [])]
    return refuse(f"leaves {', '.join(missing)} off", fix="add them to enabledPolicyTypes") if missing else None


def manages_root_centrally(subject: Subject) -> Verdict:
    if subject.properties.may_hold_more("enabledFeatures"):
        return None
    enabled = subject.properties.items("enabledFeatures")
    missing = [feature for feature in ROOT_FEATURES if feature not in (enabled if isinstance(enabled, list) else [])]
    return refuse(f"leaves {', '.join(missing)} off", fix="add them to enabledFeatures") if missing else None


RULES = (
    Rule(
        id="OR-01",
        title="The organization has every kind of guardrail, and root is managed centrally",
        severity="high",
        sources=("CIS 7.0 2.1.1", "CIS 7.0 2.1.2", "prowler opt_out"),
        remedy="Enable all features and types of policies, and central management of root credentials and sessions.",
        judges=for_each(ORGANIZATION, has_all_features) | for_each(ROOT_ACCESS, manages_root_centrally),
    ),
    Rule(
        id="OR-04",
        title="Accounts lie in their unit, answer to somebody and are never closed by a deletion",
        severity="high",
        sources=("FSBP Account.1", "CIS 5.0 1.2", "ACC-03", "ACC-05"),
        remedy="Set parentId to the account's unit and closeOnDeletion to false. Development, preproduction and "
        "production lie in one unit, which is not that of experimentation; no two accounts share a mailbox; each has a "
        "security contact.",
        judges=for_each(ACCOUNT, stays_in_its_unit),
        relations=(
            Relation(ACCOUNT, stay_in_their_units),
            Relation(ACCOUNT, have_a_mailbox_each),
            Relation((*PROVIDER, *ACCOUNT, *CONTACT), have_a_security_contact),
        ),
    ),
    Rule(
        id="OR-05",
        title="Everything says whose it is",
        severity="medium",
        sources=("MLSEC03-BP04", "COST-02", "tag policy"),
        remedy="Give the provider the tags of the stack; a resource adds its own, outside the prefix plinth:. What is "
        "one use case's says whose, and what is one dataset's says its class. A bucket, key or catalogue of many has "
        "neither: folders tell use cases apart, and the lake's own tags say the class of each table and column.",
        judges=for_each(PROVIDER, tags_what_it_makes)
        | for_each(tuple(NAMED_BY_USE_CASE), says_its_use_case)
        | {EVERY_AWS_RESOURCE: keeps_the_reserved_tags},
    ),
    Rule(
        id="OR-06",
        title="Everything goes through a provider that names its account and region",
        severity="critical",
        sources=("SCP-03", "ACC-04"),
        remedy="Pass an explicit provider with one allowed account id and an allowed region; give no resource another.",
        judges=for_each(PROVIDER, names_its_account) | {EVERY_AWS_RESOURCE: goes_through_a_named_provider},
    ),
    Rule(
        id="OR-07",
        title="What must outlive a deployment is protected",
        severity="high",
        sources=("MLOps tenet auditability", "ACC-03"),
        remedy="Set the option protect where a durable account keeps data, keys, records or accounts.",
        judges=for_each(DURABLE, outlives_its_stack),
    ),
)
