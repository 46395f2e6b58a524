"""Rules about repositories of code, images and packages: encrypted with the account's key, and safe from changes."""

from __future__ import annotations

from policies.evaluation.policy_attachments import resource_grants
from policies.evaluation.policy_documents import Statement, account_of
from policies.evaluation.readers import UNKNOWN, is_not_customer_managed
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation

CODE = ("aws:codecommit/repository:Repository",)
IMAGES = ("aws:ecr/repository:Repository",)
IMAGE_POLICY = ("aws:ecr/repositoryPolicy:RepositoryPolicy",)
PACKAGE_DOMAIN = ("aws:codeartifact/domain:Domain",)
PACKAGE_POLICY = (
    "aws:codeartifact/domainPermissions:DomainPermissions",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy",
)

_PULLING = frozenset({"ecr:batchchecklayeravailability", "ecr:batchgetimage", "ecr:getdownloadurlforlayer"})
"""Actions of a pull (ECR User Guide, "Private repository policies")."""
_INSTALLING = frozenset(
    {"codeartifact:getauthorizationtoken", "codeartifact:getrepositoryendpoint", "codeartifact:readfromrepository"}
)
"""Actions of a package manager that installs (CodeArtifact User Guide, "Domain policies" and "Repository policies")."""


def code_is_encrypted_with_an_own_key(resource: Resource) -> Violation | None:
    if is_not_customer_managed(resource.properties.value("kmsKeyId")):
        return violation("is encrypted with a key of AWS", fix="set kmsKeyId to the account's key")
    return None


def images_are_encrypted_scanned_and_immutable(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.text("imageTagMutability") not in ("IMMUTABLE", UNKNOWN):
        return violation("allows tags to move to other images", fix="make its tags immutable")
    if properties.flag("imageScanningConfiguration", "scanOnPush") not in (True, UNKNOWN):
        return violation("does not scan images", fix="set scanOnPush to true")
    if properties.flag("forceDelete") is True:
        return violation("is deleted together with its images", fix="remove forceDelete")
    encryption = properties.blocks("encryptionConfigurations")
    keys = [block.value("kmsKey") for block in encryption]
    if not properties.may_have_more("encryptionConfigurations") and not encryption:
        return violation("is encrypted with a key of AWS", fix="set a KMS key in encryptionConfigurations")
    if any(map(is_not_customer_managed, keys)):
        return violation("is encrypted with a key of AWS", fix="set a KMS key in encryptionConfigurations")
    return None


def others_only_pull(resource: Resource) -> Violation | None:
    return first(map(_allows_too_much, resource_grants(resource)))


def _allows_too_much(statement: Statement) -> Violation | None:
    if not all(map(account_of, statement.principals)) or statement.has_other_principals:
        return violation("does not name accounts", fix="name accounts of the organization, or roles in them")
    if not _PULLING.issuperset(statement.actions):
        return violation("allows other accounts more than pulling", fix="allow only the three actions of a pull")
    return None


def packages_are_encrypted_with_an_own_key(resource: Resource) -> Violation | None:
    if is_not_customer_managed(resource.properties.value("encryptionKey")):
        return violation("is encrypted with a key of AWS", fix="set encryptionKey to the account's key")
    return None


def others_only_install(resource: Resource) -> Violation | None:
    if all(_INSTALLING.issuperset(statement.actions) for statement in resource_grants(resource)):
        return None
    return violation(
        "allows others more than installing",
        fix="allow only the three actions of an installation, and let policies of roles of the account allow the rest",
    )


RULES = (
    Rule(
        id="CC-01",
        title="Code repositories are encrypted with the account's key",
        severity="medium",
        sources=("CodeCommit User Guide, encryption for repositories", "TOOL-04"),
        remedy="Set kmsKeyId to the key of the tooling account.",
        checks=for_each(CODE, code_is_encrypted_with_an_own_key),
    ),
    Rule(
        id="EC-01",
        title="Image repositories are encrypted and scanned, their tags never move, and others only pull",
        severity="high",
        sources=("FSBP ECR.1", "FSBP ECR.2", "FSBP ECR.5", "CKV_AWS_32", "CKV_AWS_51", "CKV_AWS_163", "TOOL-03"),
        remedy="Set immutable tags, a scan on push and a KMS key. In the policy, name accounts and the actions of a "
        "pull. ST-06 requires a condition on aws:PrincipalOrgID.",
        checks=for_each(IMAGES, images_are_encrypted_scanned_and_immutable) | for_each(IMAGE_POLICY, others_only_pull),
    ),
    Rule(
        id="CA-01",
        title="Package repositories are encrypted with the account's key, and others only install",
        severity="high",
        sources=("CodeArtifact User Guide, encryption at rest", "CodeArtifact User Guide, repository policies"),
        remedy="Set encryptionKey to the key of the tooling account. In policies, allow only the actions of an "
        "installation. ST-06 requires a condition on aws:PrincipalOrgID.",
        checks=for_each(PACKAGE_DOMAIN, packages_are_encrypted_with_an_own_key)
        | for_each(PACKAGE_POLICY, others_only_install),
    ),
)
