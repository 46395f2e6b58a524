"""GuardDuty in all accounts of the organization."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

AGENTS = ("EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT")
"""Agents that GuardDuty installs to monitor the runtime of instances and containers."""
FEATURES: dict[str, tuple[str, ...]] = {
    "EBS_MALWARE_PROTECTION": (),
    "EKS_AUDIT_LOGS": (),
    "LAMBDA_NETWORK_LOGS": (),
    "RUNTIME_MONITORING": AGENTS,
    "S3_DATA_EVENTS": (),
}
"""Protection plans with their additional configuration (OR-03; FSBP GuardDuty.5 to .13)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreatDetectionArgs:
    """Arguments of :class:`ThreatDetection`."""

    is_delegated: bool
    """Whether the account is GuardDuty's delegated administrator, which enables GuardDuty in all member accounts. An
    organization of one account has no members."""


class ThreatDetection(pulumi.ComponentResource):
    """A detector with all protection plans, in this account and, by organization configuration, in all accounts.

    Creates: the detector, protected; its features; if delegated, both for all members of the organization.

    Outputs: ``detector_id``.

    Cost: by the volume of events, in each account; GuardDuty shows an estimate by plan.

    Example::

        ThreatDetection("threats", ThreatDetectionArgs(is_delegated=True))
    """

    detector_id: pulumi.Output[str]
    """Id of the account's own detector."""

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
        """Enables GuardDuty for ``ALL`` members: existing accounts, new accounts, and accounts that were removed from
        it."""
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
                # One at a time: GuardDuty rejects concurrent changes to a detector.
                opts=self._child(members),
            )


def _suffix(feature: str) -> str:
    return feature.lower().replace("_", "-")
