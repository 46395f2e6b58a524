"""Defaults for every workload of a cluster in EKS Auto Mode: enforced network policies, and encrypted volumes."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

_DRIVER = "ebs.csi.eks.amazonaws.com"
"""CSI driver of EKS Auto Mode (EKS User Guide, "Create a storage class")."""
_NETWORK_SETTINGS = "amazon-vpc-cni"
"""ConfigMap that the network of EKS reads (EKS User Guide, "Use Network Policies with EKS Auto Mode")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterDefaultsArgs:
    """Arguments of :class:`ClusterDefaults`."""

    storage_class: str = "encrypted"
    """Name of the default storage class."""


class ClusterDefaults(pulumi.ComponentResource):
    """Settings of the whole cluster.

    EKS Auto Mode accepts network policies and ignores them until its controller is enabled, and it creates no storage
    class.

    Creates: the ConfigMap that enables the network policy controller; the default storage class, whose gp3 volumes are
    encrypted with the account's default key for volumes and deleted with their claim.

    Outputs: ``storage_class``.

    Cost: none of its own.

    Example::

        ClusterDefaults("defaults", ClusterDefaultsArgs(), pulumi.ResourceOptions(provider=cluster_provider))
    """

    storage_class: pulumi.Output[str]
    """Name of the default storage class; known once network policies are enforced."""

    def __init__(self, name: str, args: ClusterDefaultsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:ClusterDefaults", name, None, opts)
        network = kubernetes.core.v1.ConfigMap(
            f"{name}-network",
            metadata=ObjectMetaArgs(name=_NETWORK_SETTINGS, namespace="kube-system"),
            data={"enable-network-policy-controller": "true"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        storage = kubernetes.storage.v1.StorageClass(
            f"{name}-storage",
            metadata=ObjectMetaArgs(
                name=args.storage_class, annotations={"storageclass.kubernetes.io/is-default-class": "true"}
            ),
            provisioner=_DRIVER,
            parameters={"type": "gp3", "encrypted": "true"},
            reclaim_policy="Delete",
            allow_volume_expansion=True,
            # A volume is in one zone, so the zone of its first pod decides.
            volume_binding_mode="WaitForFirstConsumer",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.storage_class = pulumi.Output.all(storage.metadata.name, network.id).apply(lambda known: str(known[0]))
        self.register_outputs({"storage_class": self.storage_class})
