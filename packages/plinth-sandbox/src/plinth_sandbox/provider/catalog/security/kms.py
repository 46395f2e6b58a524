"""AWS Key Management Service."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

KEY = Resource(
    type="aws:kms/key:Key",
    create=Call("create_key", gives={"id": "KeyMetadata.KeyId"}),
    address={"KeyId": "{id}"},
    read=[
        Call("describe_key", within="KeyMetadata"),
        Call("get_key_policy", {"PolicyName": "default"}),
        "get_key_rotation_status",
    ],
    exists="KeyMetadata.KeyState != 'PendingDeletion'",
    absent="KMSInvalidStateException: .* is pending deletion",
    update=[
        "update_key_description",
        Update(Call("put_key_policy", {"PolicyName": "default"})),
        Update(
            "enable_key_rotation",
            otherwise="disable_key_rotation",
            carries=["enableKeyRotation", "rotationPeriodInDays"],
        ),
        Update("enable_key", otherwise="disable_key", carries=["isEnabled"]),
    ],
    delete=Call("schedule_key_deletion", {"PendingWindowInDays": "{deletionWindowInDays}"}),
    renames={"isEnabled": "Enabled", "enableKeyRotation": "KeyRotationEnabled", "customerMasterKeySpec": "KeySpec"},
    defaults={"isEnabled": True, "keyUsage": "ENCRYPT_DECRYPT", "customerMasterKeySpec": "SYMMETRIC_DEFAULT"},
    computed=["description", "policy", "rotationPeriodInDays"],
    local=["deletionWindowInDays"],
    unread=["bypassPolicyLockoutSafetyCheck", "xksKeyId"],
    tags=Tagging(read="list_resource_tags"),
)

ALIAS = Resource(
    type="aws:kms/alias:Alias",
    create="create_alias",
    identifier="{name}",
    address={"AliasName": "{name}"},
    read=[
        Call("list_aliases", within="Aliases[?AliasName=='{name}'] | [0]"),
        Call("describe_key", {"KeyId": "{name}"}, gives={"targetKeyArn": "KeyMetadata.Arn"}, carries=[]),
    ],
    update=["update_alias"],
    delete="delete_alias",
    renames={"name": "AliasName", "arn": "AliasArn"},
    volatile=["targetKeyArn"],
    name=Name(longest=256, pattern="alias/{name}"),
)

RESOURCES = [KEY, ALIAS]
