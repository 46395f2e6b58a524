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

DOMAIN_POLICY = Resource(
    type="aws:codeartifact/domainPermissions:DomainPermissions",
    put="put_domain_permissions_policy",
    identifier=f"{_PLACE}:domain/{{domain}}",
    address={"domain": "{domain}", "domainOwner": "{domainOwner}"},
    read=Call("get_domain_permissions_policy", within="policy"),
    delete="delete_domain_permissions_policy",
    renames={"policyDocument": "document", "policyRevision": "revision"},
    computed=["domainOwner", "policyRevision"],
    volatile=["policyRevision"],
    name=None,
)

REPOSITORY_POLICY = Resource(
    type="aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy",
    put="put_repository_permissions_policy",
    identifier=f"{_PLACE}:repository/{{domain}}/{{repository}}",
    address={"domain": "{domain}", "domainOwner": "{domainOwner}", "repository": "{repository}"},
    read=Call("get_repository_permissions_policy", within="policy"),
    delete="delete_repository_permissions_policy",
    renames={"policyDocument": "document", "policyRevision": "revision"},
    computed=["domainOwner", "policyRevision"],
    volatile=["policyRevision"],
    name=None,
)

RESOURCES = [DOMAIN, REPOSITORY, DOMAIN_POLICY, REPOSITORY_POLICY]
