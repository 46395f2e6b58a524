"""Cases of policies/kubernetes/rules/pods/isolation.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.cases.kubernetes.workloads import workloads

POD = {
    "hostNetwork": False,
    "securityContext": {"sysctls": [{"name": "net.ipv4.tcp_fin_timeout", "value": "30"}]},
    "volumes": [{"name": "work", "emptyDir": {}}],
    "containers": [
        {
            "securityContext": {"privileged": False, "procMount": "Default"},
            "ports": [{"containerPort": 8080, "hostPort": 0}],
            "readinessProbe": {"httpGet": {"path": "/ready", "host": ""}},
        }
    ],
    "initContainers": [{"name": "prepare"}],
    "ephemeralContainers": [{"name": "debug"}],
}
OPTIONAL = (
    "", "hostNetwork", "securityContext", "securityContext.sysctls", "securityContext.sysctls.0",
    "securityContext.sysctls.0.value", "volumes", "volumes.0", "volumes.0.name", "volumes.0.emptyDir", "containers",
    "containers.0", "containers.0.securityContext", "containers.0.securityContext.privileged",
    "containers.0.securityContext.procMount", "containers.0.ports", "containers.0.ports.0",
    "containers.0.ports.0.containerPort", "containers.0.ports.0.hostPort", "containers.0.readinessProbe",
    "containers.0.readinessProbe.httpGet", "containers.0.readinessProbe.httpGet.path",
    "containers.0.readinessProbe.httpGet.host", "initContainers", "initContainers.0", "initContainers.0.name",
    "ephemeralContainers", "ephemeralContainers.0", "ephemeralContainers.0.name",
)  # fmt: skip
WRONG = {
    ("appArmorProfile", "type"): "Unconfined",
    ("privileged",): True,
    ("procMount",): "Unmasked",
    ("seLinuxOptions", "role"): "sysadm_r",
    ("seLinuxOptions", "type"): "spc_t",
    ("seLinuxOptions", "user"): "root",
    ("windowsOptions", "hostProcess"): True,
}
"""A value that weakens the isolation, for each path of a security context."""
SELINUX_TYPES = ("container_t", "container_init_t", "container_kvm_t", "container_engine_t")
SAFE = (
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem",
)  # fmt: skip
LISTS = ("containers", "initContainers", "ephemeralContainers")
CALLS = {
    f"calls another host in {call} by {protocol}": {f"containers.0.{call}.{protocol}.host": "169.254.169.254"}
    for call in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")
    for protocol in ("httpGet", "tcpSocket")
}

CASES = workloads(
    "KU-02",
    POD,
    optional=OPTIONAL,
    refused={
        **{f"has {name}": {name: True} for name in ("hostIPC", "hostNetwork", "hostPID")},
        **{
            f"sets {'.'.join(path)} in {of}": {f"{of}.0.securityContext.{'.'.join(path)}": WRONG[path]}
            for path in WRONG
            for of in LISTS
        },
        **{
            f"sets {'.'.join(path)} for the pod": {f"securityContext.{'.'.join(path)}": value}
            for path, value in WRONG.items()
        },
        "mounts a path of its node": {"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {}}]},
        "mounts a file system of another host": {"volumes": [{"name": "a", "nfs": {"server": "files"}}]},
        "mounts a volume of a driver": {"volumes": [{"name": "a", "csi": {"driver": "efs.csi.aws.com"}}]},
        "mounts an image": {"volumes": [{"name": "a", "image": {"reference": "docker.io/a"}}]},
        "sets a parameter of the kernel": {"securityContext.sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
        "opens a port of its node": {"initContainers": [{"ports": [{"containerPort": 1}, {"hostPort": 443}]}]},
        **CALLS,
    },
    accepted={
        "mounts every allowed type": {
            "volumes": [
                {"name": member, member: {}}
                for member in (
                    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected",
                    "secret",
                )
            ]
        },
        "mounts secrets by their driver": {"volumes": [{"name": "a", "csi": {"driver": "secrets-store.csi.k8s.io"}}]},
        "mounts a volume of an unknown driver": {"volumes": [{"name": "a", "csi": {"driver": UNKNOWN}}]},
        "sets the defaults": {
            "securityContext": {
                "appArmorProfile": {"type": "Localhost"},
                "seLinuxOptions": {"type": "container_t", "role": "", "user": ""},
            },
            "containers.0.securityContext": {"appArmorProfile": {"type": "RuntimeDefault"}},
        },
        **{f"has the type {name}": {"securityContext.seLinuxOptions": {"type": name}} for name in SELINUX_TYPES},
        "sets every safe parameter": {"securityContext.sysctls": [{"name": name, "value": "1"} for name in SAFE]},
        "is Windows, without access to the host": {"securityContext.windowsOptions": {"hostProcess": False}},
    },
)  # fmt: skip
