"""The configuration of GitLab Runner for the jobs of one team.

Sources: GitLab Runner documentation 19.4, "Advanced configuration" and "Kubernetes executor".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

HELPER_MILLICPUS, HELPER_MIB = 250, 512
"""Part of a job's vCPUs and memory for the container that fetches sources and stores artifacts."""
USER = 10_001
"""User and group of all containers of a job, which own no file of the node."""
_STORAGE_GIB = 10
"""Space on the disk of the node for the files of a job."""
_END_SECONDS = 5
"""Time in which the shells of a pod end, which do not react to SIGTERM."""
_AGENT = "169.254.170.23"
"""Address of the agent of EKS Pod Identity."""
_PAST_THE_PROXY = (_AGENT, ".amazonaws.com", ".svc", ".cluster.local")
"""Hosts that pods reach without the proxy: services of AWS by their VPC endpoints, and those of the cluster."""

Table = Mapping[str, Any]


def configuration(variables: Mapping[str, str], token: str) -> str:
    """Returns the file ``config.toml``, which contains the token. Raises KeyError if a variable is missing."""
    jobs = int(variables["CI_JOBS"])
    runner = {
        "name": variables["CI_TEAM"],
        "url": variables["CI_FORGE"],
        "token": token,
        "executor": "kubernetes",
        "limit": jobs,
        "environment": [f"{name}={value}" for name, value in job_variables(variables).items()],
    }
    file = [
        *_entries({"concurrent": jobs, "listen_address": f":{variables['CI_PORT']}"}),
        "[[runners]]",
        *_entries(runner),
    ]
    for name, table in _kubernetes(variables).items():
        file += [f"[[runners.{name}]]" if name.startswith("kubernetes.volumes") else f"[runners.{name}]"]
        file += _entries(table)
    return "\n".join(file) + "\n"


def job_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment variables of jobs, which contain no secret."""
    given: dict[str, str] = json.loads(variables["CI_JOB_VARIABLES"])
    return {"HOME": "/tmp", "AWS_REGION": variables["AWS_REGION"], **given, **proxy_variables(variables)}


def proxy_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that lead clients to the proxy, if there is one."""
    if not (proxy := variables.get("CI_PROXY")):
        return {}
    direct = [*_PAST_THE_PROXY, *([api] if (api := variables.get("KUBERNETES_SERVICE_HOST")) else [])]
    return {"HTTPS_PROXY": proxy, "NO_PROXY": ",".join(direct)}


def _kubernetes(variables: Mapping[str, str]) -> dict[str, Table]:
    """Returns the tables of the executor by name. Jobs can overwrite none of these settings, because no setting allows
    it."""
    images: Sequence[str] = json.loads(variables["CI_JOB_IMAGES"])
    millicpus = 1000 * int(variables["CI_JOB_CPUS"]) - HELPER_MILLICPUS
    mib = 1024 * int(variables["CI_JOB_MEMORY_GIB"]) - HELPER_MIB
    context = {"allow_privilege_escalation": False, "privileged": False, "read_only_root_filesystem": True}
    drop = {"drop": ["ALL"]}
    tables: dict[str, Table] = {
        "kubernetes": {
            "namespace": variables["CI_JOB_NAMESPACE"],
            "service_account": variables["CI_JOB_ACCOUNT"],
            "automount_service_account_token": False,
            "image": images[0],
            "allowed_images": list(images),
            "helper_image": variables["CI_HELPER_IMAGE"],
            "pull_policy": "if-not-present",
            "privileged": False,
            "allow_privilege_escalation": False,
            "cap_drop": ["ALL"],
            "cpu_request": f"{millicpus}m",
            "memory_request": f"{mib}Mi",
            "memory_limit": f"{mib}Mi",
            "helper_cpu_request": f"{HELPER_MILLICPUS}m",
            "helper_memory_request": f"{HELPER_MIB}Mi",
            "helper_memory_limit": f"{HELPER_MIB}Mi",
            "ephemeral_storage_request": "1Gi",
            "ephemeral_storage_limit": f"{_STORAGE_GIB}Gi",
            # Nodes that start take minutes.
            "poll_timeout": 600,
            "cleanup_grace_period_seconds": _END_SECONDS,
        },
        # The pod of a job that has ended counts in the quota until it is gone.
        "kubernetes.retry_limits": {"exceeded quota": 60},
        # EKS Auto Mode does not empty the node of a job to save cost.
        "kubernetes.pod_annotations": {"karpenter.sh/do-not-disrupt": "true"},
        "kubernetes.pod_security_context": {
            "run_as_non_root": True,
            "run_as_user": USER,
            "run_as_group": USER,
            "fs_group": USER,
        },
        "kubernetes.pod_security_context.seccomp_profile": {"type": "RuntimeDefault"},
    }
    for container in ("build", "helper", "init_permissions"):
        tables[f"kubernetes.{container}_container_security_context"] = context
        tables[f"kubernetes.{container}_container_security_context.capabilities"] = drop
    tables["kubernetes.volumes.empty_dir"] = {"name": "temporary", "mount_path": "/tmp"}
    return tables


def _entries(table: Table) -> list[str]:
    """Returns the lines of a table. Strings, numbers, booleans and lists of strings have the form of JSON in TOML."""
    return [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items()]
