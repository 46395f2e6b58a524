"""AWS CloudTrail."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging, Update

TRAIL = Resource(
    type="aws:cloudtrail/trail:Trail",
    create=Call("create_trail", gives={"id": "TrailARN"}),
    address={"Name": "{id}", "TrailName": "{id}"},
    read=[
        Call("get_trail", within="Trail", gives={"arn": "Trail.TrailARN"}),
        Call("get_trail_status", gives={"enableLogging": "IsLogging"}, carries=[]),
        Call("get_event_selectors", carries=["advancedEventSelectors"]),
    ],
    update=[
        "update_trail",
        Update("put_event_selectors", carries=["advancedEventSelectors"]),
        Update("start_logging", otherwise="stop_logging", carries=["enableLogging"], always=True),
    ],
    delete="delete_trail",
    renames={
        "tags": "TagsList",
        "enableLogFileValidation": "LogFileValidationEnabled",
        "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
    },
    defaults={
        "enableLogging": True,
        "enableLogFileValidation": False,
        "includeGlobalServiceEvents": True,
        "isMultiRegionTrail": False,
        "isOrganizationTrail": False,
    },
    replaces=["name"],
    name=Name(longest=128),
    tags=Tagging("add_tags", "remove_tags", "list_tags", address={"ResourceId": "{id}", "ResourceIdList": ["{id}"]}),
)

ORGANIZATION_DELEGATED_ADMIN_ACCOUNT = Resource(
    type="aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount",
    create=Call("register_organization_delegated_admin", {"MemberAccountId": "{accountId}"}, carries=["accountId"]),
    identifier="{accountId}",
    read=Call(
        "organizations:list_delegated_administrators",
        {"ServicePrincipal": "cloudtrail.amazonaws.com"},
        within="DelegatedAdministrators[?Id=='{accountId}'] | [0]",
    ),
    derived={"servicePrincipal": "cloudtrail.amazonaws.com"},
    delete=Call("deregister_organization_delegated_admin", {"DelegatedAdminAccountId": "{accountId}"}),
    absent="AccountNotRegistered|AWSOrganizationsNotInUse",
    name=None,
)

RESOURCES = [TRAIL, ORGANIZATION_DELEGATED_ADMIN_ACCOUNT]
