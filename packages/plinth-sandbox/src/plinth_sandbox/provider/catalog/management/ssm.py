"""AWS Systems Manager."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update

PARAMETER = Resource(
    type="aws:ssm/parameter:Parameter",
    create="put_parameter",
    identifier="{name}",
    address={"Name": "{name}"},
    read=[
        Call("get_parameter", {"WithDecryption": True}, within="Parameter"),
        Call(
            "describe_parameters",
            {"ParameterFilters": [{"Key": "Name", "Values": ["{name}"]}]},
            within="Parameters[0]",
        ),
    ],
    update=[Update(Call("put_parameter", {"Overwrite": True}))],
    delete="delete_parameter",
    defaults={"tier": "Standard", "dataType": "text", "overwrite": False},
    computed=["arn", "keyId"],
    volatile=["version"],
    unread=["overwrite"],
    tags=Tagging(
        "add_tags_to_resource",
        "remove_tags_from_resource",
        address={"ResourceType": "Parameter", "ResourceId": "{name}"},
    ),
)

SERVICE_SETTING = Resource(
    type="aws:ssm/serviceSetting:ServiceSetting",
    put="update_service_setting",
    identifier="{settingId}",
    address={"SettingId": "{settingId}"},
    read=Call("get_service_setting", within="ServiceSetting"),
    exists="ServiceSetting.Status != 'Default'",
    delete="reset_service_setting",
    volatile=["status"],
    name=None,
)

RESOURCES = [PARAMETER, SERVICE_SETTING]
