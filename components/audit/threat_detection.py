"""GuardDuty in every account of the organization."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

AGENTS = ("EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT")
"""What GuardDuty installs by itself to see a machine's or a container's runtime."""
FEATURES: dict[str, tuple[str, ...]] = {
    "EBS_MALWARE_PROTECTION": (),
    "EKS_AUDIT_LOGS": (),
    "LAMBDA_NETWORK_LOGS": (),
    "RUNTIME_MONITORING": AGENTS,
    "S3_DATA_EVENTS": (),
}
"""Protection plans with their parts (OR-03; FSBP GuardDuty.5 to .13)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreatDetectionArgs:
    """Arguments of :class:`ThreatDetection`."""

    is_delegated: bool
    """Whether the account is GuardDuty's delegated administrator, so that every member is watched with it. An
    organization of one account has no members to watch."""


class ThreatDetection(pulumi.ComponentResource):
    """A detector with every protection plan, here and, by the organization's configuration, in every account.

    Creates: the detector, protected; its features; the same for all members of the organization -> delegated.

    Args: see :class:`ThreatDetectionArgs`.

    Outputs: ``detector_id``.

    Raises: nothing of its own.

    Cost: by the volume of events, in every account; GuardDuty shows an estimate by plan.

    Example::

        ThreatDetection("threats", ThreatDetectionArgs(is_delegated=True))
    """

    detector_id: pulumi.Output[str]
    """Of the account's own detector."""

    def __init__(self, name: str, args: ThreatDetectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:ThreatDetection", name, None, opts)
        self._name = name
        detector = aws.guardduty.Detector(
            name,
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        for feature, parts in FEATURES.items():
            self._switch_on(detector, feature, parts)
        if args.is_delegated:
            self._watch_members(detector)
        self.detector_id = detector.id
        self.register_outputs({"detector_id": self.detector_id})

    def _child(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(after))

    def _switch_on(self, detector: aws.guardduty.Detector, feature: str, parts: tuple[str, ...]) -> None:
        on = [aws.guardduty.DetectorFeatureAdditionalConfigurationArgs(name=part, status="ENABLED") for part in parts]
        aws.guardduty.DetectorFeature(
            f"{self._name}-{_suffix(feature)}",
            detector_id=detector.id,
            name=feature,
            status="ENABLED",
            additional_configurations=on or None,
            opts=self._child(),
        )

    def _watch_members(self, detector: aws.guardduty.Detector) -> None:
        """``ALL``: accounts that are there, accounts that come, and those that somebody took out."""
        members = aws.guardduty.OrganizationConfiguration(
            f"{self._name}-members",
            detector_id=detector.id,
            auto_enable_organization_members="ALL",
            opts=self._child(),
        )
        for feature, parts in FEATURES.items():
            on = [
                aws.guardduty.OrganizationConfigurationFeatureAdditionalConfigurationArgs(name=part, auto_enable="ALL")
                for part in parts
            ]
            aws.guardduty.OrganizationConfigurationFeature(
                f"{self._name}-members-{_suffix(feature)}",
                detector_id=detector.id,
                name=feature,
                auto_enable="ALL",
                additional_configurations=on or None,
                # One request of these at a time changes a detector (GuardDuty refuses the second).
                opts=self._child(members),
            )


def _suffix(feature: str) -> str:
    return feature.lower().replace("_", "-")
