"""Actions on Spark applications in an environment."""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls
from components.identity.deployer.resources.accounts import TAGS
from components.identity.deployer.resources.audit import LOG_GROUPS

SPARK: ResourceCalls = {
    **LOG_GROUPS,
    "aws:emrserverless/application:Application": calls(
        "emr-serverless",
        create="CreateApplication TagResource",
        read="GetApplication ListTagsForResource",
        update=f"UpdateApplication {TAGS}",
        delete="DeleteApplication",
        linked="ops.emr-serverless",
    ),
}
