"""Cases of policies/kubernetes/rules/clusters/nodes.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import Case, Situation, but

CASES = [
    Case(
        rule="EK-07",
        type=type_,
        compliant=Situation(inputs={"launchTemplate": {"id": "lt-1", "version": "1"}}),
        optional=frozenset({"launchTemplate.version"}),
        refused={
            "names no template": but({"launchTemplate": {"id": "", "version": "1"}}),
            "lets people log in": but({"remoteAccess": {"ec2SshKey": "ana"}}),
        },
        accepted={
            "names its template": but({"launchTemplate": {"name": "nodes"}}),
            "lets nobody log in": but({"remoteAccess": {}}),
            "may let nobody log in": but({"remoteAccess": UNKNOWN}),
        },
    )
    for type_ in ("aws:eks/nodeGroup:NodeGroup",)
]
