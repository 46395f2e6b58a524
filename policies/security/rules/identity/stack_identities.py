"""Rules about who is let in where: roles keep to their stack, and policies to the organization."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from policies.security.inputs.policy_attachments import (
    IDENTITY_POLICY,
    RESOURCE_POLICY,
    ROLE,
    admissions,
    grants,
    is_ceiling,
    trust,
)
from policies.security.inputs.policy_documents import ORGANIZATION_KEYS, Statement, account_of, statements
from policies.security.inputs.readers import Unknown
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, first, for_each, refuse
from policies.security.rules.identity.permissions import reads
from policies.security.rules.network.endpoints import ENDPOINT, ENDPOINT_POLICY

OF_A_ROLE = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment")

_SOURCES = frozenset(
    {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "kms:calleraccount"}
)
_OF_OUR_ORGANIZATION = frozenset({"aws:resourceorgid", "aws:resourceorgpaths"})
_OF_ACCOUNTS = frozenset({"aws:resourceaccount"})
_ORGANIZATIONS = ORGANIZATION_KEYS | _OF_OUR_ORGANIZATION | {"aws:vpceorgid", "aws:vpceorgpaths"}
_ACCOUNT_OF_ARN = re.compile(r"arn:aws[\w-]*:[^:]*:[^:]*:(\d{12}):")
_ACCOUNT = re.compile(r"(\d{12})")
DOCUMENTS: Mapping[str, str] = {
    **RESOURCE_POLICY,
    **IDENTITY_POLICY,
    **dict.fromkeys(ROLE, "assumeRolePolicy"),
    **dict.fromkeys((*ENDPOINT, *ENDPOINT_POLICY), "policy"),
}
"""Where policy documents stand, of all sorts."""
_CHECKS = frozenset({"s3:getbucketacl", "s3:listbucket"})
_CONTEXT = "kms:encryptioncontext:"
"""What a service encrypts, which its ARN names with its account (KMS Developer Guide, "Encryption context")."""


def belong_to_a_role_of_the_stack(stack: Stack) -> Iterator[Judgement]:
    """A policy for a role that is not here would be for another team's, or for one that nobody bounded."""
    roles = stack.of(ROLE)
    seen: set[tuple[object, object]] = set()
    for policy in stack.of(OF_A_ROLE):
        if not any(names(policy, "role", role) for role in roles):
            yield policy, refuse("changes a role of another stack", fix="make the role and its policies in one stack")
        held = (policy.properties.value("role"), policy.properties.value("policyArn"))
        if None not in held and not any(isinstance(part, Unknown) for part in held) and held in seen:
            yield policy, refuse("attaches what is attached already", fix="attach each policy once")
        seen.add(held)


def says_when_it_is_assumed(subject: Subject) -> Verdict:
    """Whoever is named alone may be used by others, as a service is by its other customers."""
    if all(statement.conditions for statement in trust(subject)):
        return None
    return refuse("can be assumed at any time from anywhere", fix="add a condition to each statement of its trust")


def admits_the_organization(subject: Subject) -> Verdict:
    return first(_admits_strangers(statement, subject) for statement in admissions(subject))


def _admits_strangers(statement: Statement, subject: Subject) -> Verdict:
    principals = [name for name in statement.principals_of("AWS") if name != "*"]
    if not all(map(account_of, principals)) or statement.has_other_principals:
        return refuse("names a principal that is no account's", fix="name roles by their ARN")
    if _foreign(statement, subject) and not statement.is_confined_by(ORGANIZATION_KEYS):
        return refuse("names an account that may leave the organization", fix="add a condition on aws:PrincipalOrgID")
    if not statement.principals_of("Service") or _only_checks(statement):
        return None
    if not _says_for_whom(statement):
        return refuse("lets a service act for anybody", fix="add a condition on aws:SourceAccount or aws:SourceOrgID")
    if not statement.is_confined_by(ORGANIZATION_KEYS) and strangers(_named_by(statement, _SOURCES), subject):
        return refuse("lets a service act for an account that may leave", fix="add a condition on aws:SourceOrgID")
    return None


def _only_checks(statement: Statement) -> bool:
    """A service looks whether it may write, before it says for whom (Config and log delivery, in their guides)."""
    return set(statement.actions) <= _CHECKS


def _foreign(statement: Statement, subject: Subject) -> set[str]:
    return strangers(statement.accounts, subject)


def strangers(accounts: set[str], subject: Subject) -> set[str]:
    """Accounts that only AWS can tell to be the organization's: neither the own one nor any that the settings name."""
    own = subject.account_ids
    around = subject.surroundings
    declared = {*around.partner_accounts, *around.durable_accounts, *around.adopted_accounts}
    return set() if isinstance(own, Unknown) else accounts - {*own, *declared}


def _named_by(statement: Statement, keys: Collection[str]) -> set[str]:
    """The accounts in what conditions say, as their ids or in ARNs."""
    said = [value for test in statement.conditions if test.key in keys for value in test.values]
    found = [match for value in said if (match := _ACCOUNT_OF_ARN.match(value) or _ACCOUNT.fullmatch(value))]
    return {match[1] for match in found}


def _says_for_whom(statement: Statement) -> bool:
    by_context = any(test.key.startswith(_CONTEXT) and test.confines for test in statement.conditions)
    return by_context or statement.is_confined_by(_SOURCES)


def reaches_the_organization(subject: Subject) -> Verdict:
    """What an identity may touch is a policy document as well; images that AWS publishes lie in accounts of AWS."""
    if is_ceiling(subject) or not any(_reaches_strangers(statement, subject) for statement in grants(subject)):
        return None
    return refuse("reaches an account that may leave the organization", fix="add a condition on aws:ResourceOrgID")


def _reaches_strangers(statement: Statement, subject: Subject) -> bool:
    pulls = all(action.startswith("ecr:") and reads(action) for action in statement.actions)
    if pulls or statement.is_confined_by(_OF_OUR_ORGANIZATION):
        return False
    named = {match[1] for arn in statement.resources if (match := _ACCOUNT_OF_ARN.match(arn))}
    confined = statement.is_confined_by(_OF_ACCOUNTS)
    return bool(strangers(_named_by(statement, _OF_ACCOUNTS) if confined else named, subject))


def name_one_organization(stack: Stack) -> Iterator[Judgement]:
    """The one that the settings name, else the one that is named first: a condition on a stranger's shuts nobody out
    who belongs to it."""
    ours = stack.surroundings.organization_id
    for holder in stack.of(tuple(DOCUMENTS)):
        for named in _organizations(holder):
            ours = ours or named
            if named != ours:
                yield holder, refuse("names another organization", fix="name the own one in conditions")
                break


def _organizations(holder: Subject) -> list[str]:
    """Of all that documents say of organizations, the ids; paths begin with one."""
    found = statements(holder.properties, DOCUMENTS[holder.type])
    tests = [test for one in (found if isinstance(found, list) else []) for test in one.conditions]
    named = [value for test in tests if test.key in _ORGANIZATIONS for value in test.values]
    return [value.partition("/")[0] for value in named if value.startswith("o-")]


RULES = (
    Rule(
        id="ST-05",
        title="Policies of roles stay with their role",
        severity="high",
        sources=("ACC-04",),
        remedy="Make a role and its policies in one stack, attach each policy once, and trust under a condition.",
        judges=for_each(ROLE, says_when_it_is_assumed),
        relations=(Relation((*ROLE, *OF_A_ROLE), belong_to_a_role_of_the_stack),),
    ),
    Rule(
        id="ST-06",
        title="Policies admit the organization, and reach it, alone",
        severity="critical",
        sources=("RCP-01", "RCP-02", "data perimeter resource policies"),
        remedy="Bind accounts by aws:PrincipalOrgID, services by aws:SourceAccount or aws:SourceOrgID, resources of "
        "other accounts by aws:ResourceOrgID, and name one organization throughout. A preview has no list of accounts: "
        "known are the own one, those that the settings name by id, and partner_accounts. Of any other only AWS can "
        "tell that it belongs to the organization, so that the condition is asked for.",
        judges=for_each(tuple(RESOURCE_POLICY), admits_the_organization)
        | for_each((*IDENTITY_POLICY, *ROLE), reaches_the_organization),
        relations=(Relation(tuple(DOCUMENTS), name_one_organization),),
    ),
)
