"""EMR Serverless."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Wait

APPLICATION = Resource(
    type="aws:emrserverless/application:Application",
    service="emr-serverless",
    create=Call("create_application", gives={"id": "applicationId"}),
    address={"applicationId": "{id}"},
    # AWS returns the type capitalised, whatever the request contained. The vendor's provider writes it in lower case.
    read=Call(
        "get_application",
        within="application",
        gives={"type": "application.type=='Spark' && 'spark' || 'hive'"},
    ),
    update=["update_application"],
    delete="delete_application",
    absent="ValidationException: .*TERMINATED",
    exists="application.state!='TERMINATED'",
    defaults={"architecture": "X86_64"},
    computed=["autoStartConfiguration", "autoStopConfiguration"],
    ready=Wait(
        Call("get_application"),
        until="contains(['CREATED', 'STARTED', 'STOPPED'], application.state)",
        failed="application.state=='TERMINATED'",
        reason="application.stateDetails",
    ),
    gone=Wait(Call("get_application"), until="application.state=='TERMINATED'", failed="`false`"),
    name=None,
    tags=Tagging("tag_resource", "untag_resource", "list_tags_for_resource"),
)

RESOURCES = [APPLICATION]
