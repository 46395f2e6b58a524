"""Calls for Spark in an environment."""

from __future__ import annotations

from components.identity.deployment.accounts import TAGS
from components.identity.deployment.calls import Part, calls
from components.identity.deployment.watch import JOURNAL

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
