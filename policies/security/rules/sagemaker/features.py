"""Rules about Feature Store: encrypted, stored in the lake, governed by LF-tags, and accessed through endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.evaluation.policy_attachments import IDENTITY_POLICY, grants, is_boundary
from policies.evaluation.policy_documents import NETWORK_KEYS, Statement
from policies.evaluation.readers import UNKNOWN, Unknown, is_missing, is_not_customer_managed
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack, refers_to

GROUP = ("aws:sagemaker/featureGroup:FeatureGroup",)
ROLE = ("aws:iam/role:Role",)
TAGS = ("aws:lakeformation/resourceLfTags:ResourceLfTags",)

_OFFLINE, _ONLINE = "offlineStoreConfig", "onlineStoreConfig"
_STORAGE = (_OFFLINE, "s3StorageConfig")
_CATALOG = (_OFFLINE, "dataCatalogConfig")
_LAKE = re.compile(r"s3://[a-z0-9-]+-lake-(curated|results)-[a-z0-9-]+/.+")
_RECORDS = tuple(f"sagemaker:{verb}" for verb in ("batchgetrecord", "deleterecord", "getrecord", "putrecord"))


def is_encrypted_and_in_the_lake(resource: Resource) -> Violation | None:
    properties = resource.properties
    online = properties.flag(_ONLINE, "enableOnlineStore") in (True, UNKNOWN)
    if online and is_not_customer_managed(properties.value(_ONLINE, "securityConfig", "kmsKeyId")):
        return violation(
            "does not encrypt the online store with a customer managed key",
            fix="set onlineStoreConfig.securityConfig.kmsKeyId",
        )
    if is_missing(properties.value(_OFFLINE)):
        return None
    if is_not_customer_managed(properties.value(*_STORAGE, "kmsKeyId")):
        return violation(
            "does not encrypt the offline store with a customer managed key", fix="set s3StorageConfig.kmsKeyId"
        )
    place = properties.text(*_STORAGE, "s3Uri")
    if isinstance(place, str) and not _LAKE.fullmatch(place):
        return violation(
            "has its offline store outside the lake", fix="set s3Uri to a folder of the lake's curated zone"
        )
    return None


def is_in_the_data_catalog(resource: Resource) -> Violation | None:
    properties = resource.properties
    if is_missing(properties.value(_OFFLINE)):
        return None
    if properties.flag(_OFFLINE, "disableGlueTableCreation") is True:
        return violation("has no table in the Data Catalog", fix="remove disableGlueTableCreation")
    missing = [part for part in ("database", "tableName") if is_missing(properties.value(*_CATALOG, part))]
    if missing:
        return violation(
            f"does not set {' and '.join(missing)} of its table", fix="name the lake's database and a table in it"
        )
    return None


def role_and_tags_belong_to_the_stack(stack: Stack) -> Iterator[CheckResult]:
    """Checks that the role and the LF-tags of a feature group are created in its stack."""
    for group in stack.of(GROUP):
        if not any(refers_to(group, "roleArn", role) for role in stack.of(ROLE)) and not _is_unknown(group, "roleArn"):
            yield group, violation("writes with a role of another stack", fix="give it a role of its own stack")
        elif not is_missing(group.properties.value(_OFFLINE)) and not any(
            _tags(tags, group) for tags in stack.of(TAGS)
        ):
            yield group, violation("has an offline table without LF-tags", fix="tag the table in the same stack")


def _is_unknown(group: Resource, key: str) -> bool:
    """Whether a property is unknown and depends on no resource of the stack. A preview knows the ARN of a role that the
    stack does not create."""
    return isinstance(group.properties.value(key), Unknown) and not group.sources.get(key)


def _tags(tags: Resource, group: Resource) -> bool:
    wanted, found = group.properties.value(*_CATALOG, "tableName"), tags.properties.value("table", "name")
    return UNKNOWN in (wanted, found) or found == wanted


def accesses_records_through_endpoints(resource: Resource) -> Violation | None:
    """Requires an endpoint condition for access to records, in identity policies because feature groups have no
    resource policy."""
    if is_boundary(resource) or all(_requires_an_endpoint(s) for s in grants(resource) if any(map(s.covers, _RECORDS))):
        return None
    return violation("allows access to records from any network", fix="add a condition on aws:SourceVpce")


def _requires_an_endpoint(statement: Statement) -> bool:
    return any(test.key in NETWORK_KEYS for test in statement.conditions)


RULES = (
    Rule(
        id="SM-18",
        title="Feature groups are encrypted with a customer managed key, and offline stores are in the lake",
        severity="high",
        sources=(
            "FSBP SageMaker.17",
            "FSBP SageMaker.18",
            "condition keys sagemaker:FeatureGroupOnlineStoreKmsKey, FeatureGroupOfflineStoreKmsKey",
        ),
        remedy="Encrypt both stores with the lake's key, and put the offline store in a folder of the curated zone.",
        checks=for_each(GROUP, is_encrypted_and_in_the_lake),
    ),
    Rule(
        id="ST-19",
        title="Offline stores are governed by Lake Formation, and online stores are accessed through endpoints",
        severity="high",
        sources=("SageMaker Developer Guide, Lake Formation with feature groups", "FS-01"),
        remedy="Name database and table, and create the table's LF-tags and the role in the feature group's own stack. "
        "Allow reading and writing records only through an endpoint.",
        checks=for_each(GROUP, is_in_the_data_catalog)
        | for_each(tuple(IDENTITY_POLICY), accesses_records_through_endpoints),
        stack_checks=(StackCheck((*GROUP, *ROLE, *TAGS), role_and_tags_belong_to_the_stack),),
    ),
)
