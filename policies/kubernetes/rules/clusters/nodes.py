"""The rule about nodes: AWS operates them, or a launch template of the stack protects their credentials."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation

NODE_GROUP = ("aws:eks/nodeGroup:NodeGroup",)


def protects_its_credentials(resource: Resource) -> Violation | None:
    """Requires a launch template, which NW-08 checks. Without one, EKS gives containers access to the metadata of the
    node, with a hop limit of 2 (EKS User Guide, "Customize managed nodes with launch templates")."""
    template = resource.properties
    if is_missing(template.value("launchTemplate", "id")) and is_missing(template.value("launchTemplate", "name")):
        return violation(
            "gives pods the credentials of its nodes (launchTemplate)",
            fix="name a launch template with metadata tokens at one hop, or use EKS Auto Mode",
        )
    if resource.properties.value("remoteAccess") in (None, {}, UNKNOWN):
        return None
    return violation("lets people log in to its nodes (remoteAccess)", fix="remove it")


RULES = (
    Rule(
        id="EK-07",
        title="Nodes keep their credentials from pods",
        severity="high",
        sources=("EKS Best Practices Guides, IAM, restrict access to the instance profile", "CKV_AWS_100"),
        remedy="Use EKS Auto Mode. A node group needs a launch template, in which NW-08 requires metadata tokens at "
        "one hop, and no remote access.",
        checks=for_each(NODE_GROUP, protects_its_credentials),
    ),
)
