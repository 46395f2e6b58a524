"""Samples of AWS Systems Manager."""

from __future__ import annotations

from conformance.sample import Aws, Kept, Sample


def _parameter(aws: Aws, it: Kept) -> tuple[str, str, dict[str, str]]:
    ssm = aws("ssm")
    named = [{"Key": "Name", "Values": [it.id]}]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=it.id)["TagList"]
    return (
        ssm.get_parameter(Name=it.id, WithDecryption=True)["Parameter"]["Value"],
        ssm.describe_parameters(ParameterFilters=named)["Parameters"][0].get("Description", ""),
        {tag["Key"]: tag["Value"] for tag in tags},
    )


SHARING = "/ssm/documents/console/public-sharing-permission"


def _setting(aws: Aws, it: Kept) -> tuple[str, str]:
    found = aws("ssm").get_service_setting(SettingId=SHARING)["ServiceSetting"]
    return found["SettingValue"], found["Status"]


SAMPLES = [
    Sample(
        type="aws:ssm/parameter:Parameter",
        inputs={
            "name": "/acme/parameter-{n}",
            "type": "SecureString",
            "value": "before",
            "description": "of a sample",
            "tags": {"own": "1"},
        },
        look=_parameter,
        seen=("before", "of a sample", {"own": "1", "from": "provider"}),
        change={"value": "after", "description": None, "tags": None},
        seen_changed=("after", "", {"from": "provider"}),
        replace={"name": "/acme/parameter-{n}-renamed"},
        drift=lambda aws, it: aws("ssm").put_parameter(
            Name=it.id, Value="drifted", Type="SecureString", Overwrite=True
        ),
        drifts="value",
        remove=lambda aws, it: aws("ssm").delete_parameter(Name=it.id),
    ),
    Sample(
        type="aws:ssm/serviceSetting:ServiceSetting",
        inputs={"settingId": SHARING, "settingValue": "Disable"},
        look=_setting,
        seen=("Disable", "Customized"),
        change={"settingValue": "Enable"},
        seen_changed=("Enable", "Customized"),
        replace={"settingId": "/ssm/parameter-store/high-throughput-enabled"},
        drift=lambda aws, it: aws("ssm").update_service_setting(SettingId=it.id, SettingValue="Enable"),
        drifts="settingValue",
        remove=lambda aws, it: aws("ssm").reset_service_setting(SettingId=it.id),
    ),
]
