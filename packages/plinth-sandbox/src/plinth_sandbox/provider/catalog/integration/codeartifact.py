"""AWS CodeArtifact. Its resources have ARNs as ids; a policy has the ARN of what it is attached to."""

from __future__ import annotations

from plinth_sandbox.provider.functions.integration.codeartifact import set_external_connection
from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update

_PLACE = "arn:{@partition}:codeartifact:{@region}:{@account}"

DOMAIN = Resource(
    type="aws:codeartifact/domain:Domain",
    create="create_domain",
    identifier=f"{_PLACE}:domain/{{domain}}",
    address={"domain": "{domain}"},
    read=Call("describe_domain", within="domain"),
    delete="delete_domain",
    renames={"domain": "name"},
    computed=["encryptionKey"],
    volatile=["repositoryCount", "assetSizeBytes"],
    name=None,
    tags=Tagging(),
)

REPOSITORY = Resource(
    type="aws:codeartifact/repository:Repository",
    create="create_repository",
    identifier=f"{_PLACE}:repository/{{domain}}/{{repository}}",
    address={"domain": "{domain}", "domainOwner": "{domainOwner}", "repository": "{repository}"},
    read=Call("describe_repository", within="repository"),
    update=[
        "update_repository",
        Update(set_external_connection, otherwise=set_external_connection, carries=["externalConnections"]),
    ],
    delete="delete_repository",
    renames={"domain": "domainName", "repository": "name"},
    computed=["domainOwner", "externalConnections.packageFormat", "externalConnections.status"],
    ordered=["upstreams"],
    name=None,
    tags=Tagging(),
)


def _policy(type_: str, noun: str, *names: str) -> Resource:
    """Returns the policy of a domain or a repository, which these properties name."""
    return Resource(
        type=type_,
        put=f"put_{noun}_permissions_policy",
        identifier=f"{_PLACE}:{noun}/{'/'.join(f'{{{name}}}' for name in names)}",
        address={name: f"{{{name}}}" for name in (*names, "domainOwner")},
        read=Call(f"get_{noun}_permissions_policy", within="policy"),
        delete=f"delete_{noun}_permissions_policy",
        renames={"policyDocument": "document", "policyRevision": "revision"},
        computed=["domainOwner", "policyRevision"],
        volatile=["policyRevision"],
        name=None,
    )


DOMAIN_POLICY = _policy("aws:codeartifact/domainPermissions:DomainPermissions", "domain", "domain")
REPOSITORY_POLICY = _policy(
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy", "repository", "domain", "repository"
)

RESOURCES = [DOMAIN, REPOSITORY, DOMAIN_POLICY, REPOSITORY_POLICY]
