"""AWS Secrets Manager: secrets. Their values are no resources, because a value in a program is in its state."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

SECRET = Resource(
    type="aws:secretsmanager/secret:Secret",
    create=Call("create_secret", gives={"id": "ARN"}, carries=["description", "kmsKeyId", "name"]),
    address={"SecretId": "{id}"},
    read="describe_secret",
    exists="!DeletedDate",
    absent="InvalidRequestException: .*(marked deleted|marked for deletion|scheduled for deletion)",
    update=[Update("update_secret", carries=["description", "kmsKeyId"])],
    delete=Call("delete_secret", {"RecoveryWindowInDays": "{recoveryWindowInDays}"}),
    renames={"arn": "ARN"},
    local=["recoveryWindowInDays"],
    name=Name(longest=512),
    tags=Tagging(address={"SecretId": "{id}"}, read=None),
)

RESOURCES = [SECRET]
