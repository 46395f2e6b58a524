"""Actions on Spark applications in an environment."""

from __future__ import annotations

from components.identity.deployer.calls import Part, calls
from components.identity.deployer.resources.accounts import TAGS
from components.identity.deployer.resources.audit import JOURNAL

SPARK: Part = {
    **JOURNAL,
    "aws:emrserverless/application:Application": calls(
        "emr-serverless",
        create="CreateApplication TagResource",
        read="GetApplication ListTagsForResource",
        update=f"UpdateApplication {TAGS}",
        delete="DeleteApplication",
        linked="ops.emr-serverless",
    ),
}
