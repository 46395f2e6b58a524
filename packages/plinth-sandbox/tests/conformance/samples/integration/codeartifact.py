"""Samples of AWS CodeArtifact."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample

_DOMAIN = ("aws:codeartifact/domain:Domain", {"domain": "needed-{n}"})
_REPOSITORY = (
    "aws:codeartifact/repository:Repository",
    {"domain": "{domain.outputs.domain}", "repository": "needed"},
)
_IN_DOMAIN = {"domain": "{domain.outputs.domain}"}
_NEEDS = {"domain": _DOMAIN, "repository": _REPOSITORY}


def _policy(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": f"codeartifact:{action}", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _action(document: str) -> str:
    return str(json.loads(document)["Statement"][0]["Action"])


def _tags(aws: Aws, it: Kept) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in aws("codeartifact").list_tags_for_resource(resourceArn=it.id)["tags"]}


def _names(it: Kept) -> dict[str, str]:
    """Returns the domain, and the repository in it, of an ARN."""
    return dict(zip(("domain", "repository"), it.id.rpartition(":")[2].split("/")[1:], strict=False))


def _domain(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("codeartifact").describe_domain(**_names(it))["domain"]
    assert found["arn"] == it.id
    return {"under": found["encryptionKey"], "tags": _tags(aws, it)}


def _repository(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("codeartifact").describe_repository(**_names(it))["repository"]
    assert found["arn"] == it.id
    return {
        "text": found["description"],
        "from": [external_connection["externalConnectionName"] for external_connection in found["externalConnections"]],
        "tags": _tags(aws, it),
    }


SAMPLES = [
    Sample(
        type="aws:codeartifact/domain:Domain",
        needs={"key": ("aws:kms/key:Key", {"deletionWindowInDays": 7})},
        inputs={"domain": "acme-{n}", "encryptionKey": "{key.outputs.arn}", "tags": {"own": "before"}},
        look=_domain,
        seen={"under": "{key.outputs.arn}", "tags": {"from": "provider", "own": "before"}},
        change={"tags": {"own": "after"}},
        seen_changed={"under": "{key.outputs.arn}", "tags": {"from": "provider", "own": "after"}},
        replace={"domain": "other-{n}"},
        drift=lambda aws, it: aws("codeartifact").untag_resource(resourceArn=it.id, tagKeys=["own"]),
        drifts="tags",
        remove=lambda aws, it: aws("codeartifact").delete_domain(**_names(it)),
    ),
    Sample(
        type="aws:codeartifact/repository:Repository",
        needs={"domain": _DOMAIN},
        inputs={
            **_IN_DOMAIN,
            "repository": "pypi",
            "description": "wheels",
            "externalConnections": {"externalConnectionName": "public:pypi"},
            "tags": {"own": "before"},
        },
        look=_repository,
        seen={"text": "wheels", "from": ["public:pypi"], "tags": {"from": "provider", "own": "before"}},
        change={"description": "packages", "externalConnections": None},
        seen_changed={"text": "packages", "from": [], "tags": {"from": "provider", "own": "before"}},
        replace={"repository": "other"},
        drift=lambda aws, it: aws("codeartifact").update_repository(**_names(it), description="drifted"),
        drifts="description",
        remove=lambda aws, it: aws("codeartifact").delete_repository(**_names(it)),
    ),
    Sample(
        type="aws:codeartifact/domainPermissions:DomainPermissions",
        needs={"domain": _DOMAIN},
        inputs={**_IN_DOMAIN, "policyDocument": _policy("GetAuthorizationToken")},
        look=lambda aws, it: _action(
            aws("codeartifact").get_domain_permissions_policy(**_names(it))["policy"]["document"]
        ),
        seen="codeartifact:GetAuthorizationToken",
        change={"policyDocument": _policy("ListRepositoriesInDomain")},
        seen_changed="codeartifact:ListRepositoriesInDomain",
        remove=lambda aws, it: aws("codeartifact").delete_domain_permissions_policy(**_names(it)),
    ),
    Sample(
        type="aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy",
        needs=_NEEDS,
        inputs={
            **_IN_DOMAIN,
            "repository": "{repository.outputs.repository}",
            "policyDocument": _policy("ReadFromRepository"),
        },
        look=lambda aws, it: _action(
            aws("codeartifact").get_repository_permissions_policy(**_names(it))["policy"]["document"]
        ),
        seen="codeartifact:ReadFromRepository",
        change={"policyDocument": _policy("DescribeRepository")},
        seen_changed="codeartifact:DescribeRepository",
        remove=lambda aws, it: aws("codeartifact").delete_repository_permissions_policy(**_names(it)),
    ),
]
