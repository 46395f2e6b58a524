"""Rules about Feature Store: under a key of ours, in the lake, governed with it, and reached through endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.security.inputs.policy_attachments import IDENTITY_POLICY, grants, is_ceiling
from policies.security.inputs.policy_documents import NETWORK_KEYS, Statement
from policies.security.inputs.readers import UNKNOWN, Unknown, is_no_key_of_ours, lacks
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, for_each, refuse

GROUP = ("aws:sagemaker/featureGroup:FeatureGroup",)
ROLE = ("aws:iam/role:Role",)
TAGS = ("aws:lakeformation/resourceLfTags:ResourceLfTags",)

_OFFLINE, _ONLINE = "offlineStoreConfig", "onlineStoreConfig"
_STORED = (_OFFLINE, "s3StorageConfig")
_CATALOGUED = (_OFFLINE, "dataCatalogConfig")
_LAKE = re.compile(r"s3://[a-z0-9-]+-lake-(curated|results)-[a-z0-9-]+/.+")
_RECORDS = tuple(f"sagemaker:{verb}" for verb in ("batchgetrecord", "deleterecord", "getrecord", "putrecord"))


def is_under_a_key_of_ours(subject: Subject) -> Verdict:
    properties = subject.properties
    online = properties.flag(_ONLINE, "enableOnlineStore") in (True, UNKNOWN)
    if online and is_no_key_of_ours(properties.value(_ONLINE, "securityConfig", "kmsKeyId")):
        return refuse("keeps records online without a key of ours", fix="set onlineStoreConfig.securityConfig.kmsKeyId")
    if lacks(properties.value(_OFFLINE)):
        return None
    if is_no_key_of_ours(properties.value(*_STORED, "kmsKeyId")):
        return refuse("keeps records offline without a key of ours", fix="set s3StorageConfig.kmsKeyId")
    place = properties.text(*_STORED, "s3Uri")
    if isinstance(place, str) and not _LAKE.fullmatch(place):
        return refuse("keeps records outside the lake", fix="set s3Uri to a folder of the lake's curated zone")
    return None


def is_in_the_catalogue(subject: Subject) -> Verdict:
    properties = subject.properties
    if lacks(properties.value(_OFFLINE)):
        return None
    if properties.flag(_OFFLINE, "disableGlueTableCreation") is True:
        return refuse("has no table that could be granted", fix="leave disableGlueTableCreation out")
    missing = [part for part in ("database", "tableName") if lacks(properties.value(*_CATALOGUED, part))]
    if missing:
        return refuse(
            f"leaves {' and '.join(missing)} of its table to AWS", fix="name the lake's database and a table in it"
        )
    return None


def are_governed_where_they_are_made(stack: Stack) -> Iterator[Judgement]:
    """The role and the tags of a group belong to its stack: what comes apart is governed by nobody."""
    for group in stack.of(GROUP):
        if not any(names(group, "roleArn", role) for role in stack.of(ROLE)) and not _is_unknown(group, "roleArn"):
            yield group, refuse("writes in a role of elsewhere", fix="give it a role of its own stack")
        elif not lacks(group.properties.value(_OFFLINE)) and not any(_tags(tags, group) for tags in stack.of(TAGS)):
            yield group, refuse("has an offline table without tags", fix="tag the table in the same stack")


def _is_unknown(group: Subject, key: str) -> bool:
    """Of a role that the stack does not make, a preview knows the ARN; of others it has to wait."""
    return isinstance(group.properties.value(key), Unknown) and not group.sources.get(key)


def _tags(tags: Subject, group: Subject) -> bool:
    wanted, found = group.properties.value(*_CATALOGUED, "tableName"), tags.properties.value("table", "name")
    return UNKNOWN in (wanted, found) or found == wanted


def asks_through_an_endpoint(subject: Subject) -> Verdict:
    """Records have no policy of their own: what may ask for them, and from where, identity policies say."""
    if is_ceiling(subject) or all(_comes_by_an_endpoint(s) for s in grants(subject) if any(map(s.covers, _RECORDS))):
        return None
    return refuse("reaches records from any network", fix="add a condition on aws:SourceVpce")


def _comes_by_an_endpoint(statement: Statement) -> bool:
    return any(test.key in NETWORK_KEYS for test in statement.conditions)


RULES = (
    Rule(
        id="SM-18",
        title="Features are kept under a key of ours, and offline in the lake",
        severity="high",
        sources=(
            "FSBP SageMaker.17",
            "FSBP SageMaker.18",
            "condition keys sagemaker:FeatureGroupOnlineStoreKmsKey, FeatureGroupOfflineStoreKmsKey",
        ),
        remedy="Give both stores the lake's key, and the offline store a folder of the curated zone.",
        judges=for_each(GROUP, is_under_a_key_of_ours),
    ),
    Rule(
        id="ST-19",
        title="An offline store is governed with its group, and an online store reached through endpoints",
        severity="high",
        sources=("SageMaker Developer Guide, Lake Formation with feature groups", "FS-01"),
        remedy="Name database and table, tag the table and make the role in the group's own stack; let records be read "
        "and written through an endpoint alone.",
        judges=for_each(GROUP, is_in_the_catalogue) | for_each(tuple(IDENTITY_POLICY), asks_through_an_endpoint),
        relations=(Relation((*GROUP, *ROLE, *TAGS), are_governed_where_they_are_made),),
    ),
)
