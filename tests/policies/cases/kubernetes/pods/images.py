"""Cases of policies/kubernetes/rules/pods/images.py."""

from __future__ import annotations

from tests.policies.cases.kubernetes.workloads import DIGEST, IMAGE, workloads

FAULTS = {
    "is of a public registry": f"docker.io/library/python{DIGEST}",
    "is of the public gallery": f"public.ecr.aws/docker/library/python{DIGEST}",
    "is of no registry": "python:3.12",
    "has a tag": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/plinth/runner:1.2",
    "is of a host that looks like ECR": f"111111111111.dkr.ecr.eu-west-1.amazonaws.com.example.org/runner{DIGEST}",
}

CASES = workloads(
    "KU-04",
    {"containers": [{"image": IMAGE}], "initContainers": [{"image": IMAGE}]},
    optional=("", "containers", "containers.0", "initContainers", "initContainers.0"),
    refused={
        f"{what} in {name}": {name: [{"image": IMAGE}, {"image": image}]}
        for what, image in FAULTS.items()
        for name in ("containers", "initContainers", "ephemeralContainers")
    },
    accepted={"has a tag and the digest": {"containers.0.image": IMAGE.replace("@", ":1.2@")}},
)
