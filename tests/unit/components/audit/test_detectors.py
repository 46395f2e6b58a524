"""Detectors for threats, misconfiguration, external access, vulnerabilities and personal data."""

import pytest

from components.audit.access_analysis import AccessAnalysis, AccessAnalysisArgs
from components.audit.findings_hub import FindingsHub, FindingsHubArgs
from components.audit.organization_inventory import OrganizationInventory, OrganizationInventoryArgs
from components.audit.personal_data_search import PersonalDataSearch, PersonalDataSearchArgs
from components.audit.threat_detection import ThreatDetection, ThreatDetectionArgs
from components.audit.vulnerability_scans import VulnerabilityScans, VulnerabilityScansArgs
from tests.support.documents import statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY

FEATURES = {
    "EBS_MALWARE_PROTECTION",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
    "S3_DATA_EVENTS",
}
ENDS = (
    "aws-foundational-security-best-practices/v/1.0.0",
    "cis-aws-foundations-benchmark/v/5.0.0",
    "ai-security-best-practices/v/1.0.0",
)
STANDARDS = [f"arn:aws:securityhub:eu-west-1::standards/{ends}" for ends in ENDS]
MEMBERS = (
    "aws:guardduty/organizationConfiguration:OrganizationConfiguration",
    "aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature",
    "aws:securityhub/organizationConfiguration:OrganizationConfiguration",
    "aws:securityhub/configurationPolicy:ConfigurationPolicy",
    "aws:securityhub/configurationPolicyAssociation:ConfigurationPolicyAssociation",
    "aws:inspector2/organizationConfiguration:OrganizationConfiguration",
    "aws:macie2/organizationConfiguration:OrganizationConfiguration",
)


def threats(delegated=True):
    return ThreatDetection("threats", ThreatDetectionArgs(is_delegated=delegated))


def findings(delegated=True):
    args = FindingsHubArgs(policy_name="standards", region="eu-west-1", root_id="r-root", is_delegated=delegated)
    return FindingsHub("findings", args)


def scans(delegated=True):
    return VulnerabilityScans("scans", VulnerabilityScansArgs(account_id=ACCOUNT, is_delegated=delegated))


def personal_data(delegated=True):
    return PersonalDataSearch("personal-data", PersonalDataSearchArgs(is_delegated=delegated))


EVERYTHING = (threats, findings, scans, personal_data)


def test_guardduty_covers_data_clusters_functions_and_runtime():
    recorder = deploy(threats)
    features = recorder.all("aws:guardduty/detectorFeature:DetectorFeature")
    assert {f.inputs["name"] for f in features if f.inputs["status"] == "ENABLED"} == FEATURES
    assert recorder.one("aws:guardduty/detector:Detector").inputs["findingPublishingFrequency"] == "FIFTEEN_MINUTES"


def test_guardduty_manages_the_agents_of_runtime_monitoring():
    recorder = deploy(threats)
    (runtime,) = [
        f
        for f in recorder.all("aws:guardduty/detectorFeature:DetectorFeature")
        if f.inputs["name"] == "RUNTIME_MONITORING"
    ]
    agents = {part["name"]: part["status"] for part in runtime.inputs["additionalConfigurations"]}
    assert agents == {
        "EC2_AGENT_MANAGEMENT": "ENABLED",
        "ECS_FARGATE_AGENT_MANAGEMENT": "ENABLED",
        "EKS_ADDON_MANAGEMENT": "ENABLED",
    }


def test_members_of_the_organization_get_the_same_protection_plans():
    recorder = deploy(threats)
    assert recorder.one(MEMBERS[0]).inputs["autoEnableOrganizationMembers"] == "ALL"
    features = recorder.all(MEMBERS[1])
    assert {f.inputs["name"] for f in features if f.inputs["autoEnable"] == "ALL"} == FEATURES


def test_every_account_is_checked_against_the_foundational_cis_and_ai_standards():
    recorder = deploy(findings)
    policy = recorder.one(MEMBERS[3]).inputs["configurationPolicy"]
    assert (policy["serviceEnabled"], policy["enabledStandardArns"]) == (True, STANDARDS)
    assert recorder.one(MEMBERS[4]).inputs["targetId"] == "r-root"
    central = recorder.one(MEMBERS[2]).inputs
    assert central["organizationConfiguration"] == {"configurationType": "CENTRAL"}
    assert (central["autoEnable"], central["autoEnableStandards"]) == (False, "NONE")


def test_an_organization_of_one_account_subscribes_to_the_same_standards():
    subscribed = deploy(lambda: findings(False)).all("aws:securityhub/standardsSubscription:StandardsSubscription")
    assert sorted(s.inputs["standardsArn"] for s in subscribed) == sorted(STANDARDS)


def test_findings_of_all_regions_are_aggregated():
    aggregator = deploy(findings).one("aws:securityhub/findingAggregator:FindingAggregator").inputs
    assert aggregator == {"linkingMode": "ALL_REGIONS"}


def test_external_and_unused_access_is_analyzed_in_the_whole_organization():
    recorder = deploy(lambda: AccessAnalysis("access", AccessAnalysisArgs(analyzer_name="acme")))
    kinds = {a.inputs["type"]: a.inputs for a in recorder.all("aws:accessanalyzer/analyzer:Analyzer")}
    assert set(kinds) == {"ORGANIZATION", "ORGANIZATION_UNUSED_ACCESS"}
    assert kinds["ORGANIZATION_UNUSED_ACCESS"]["configuration"] == {"unusedAccess": {"unusedAccessAge": 90}}
    with pytest.raises(ValueError, match="366 is out of range"):
        AccessAnalysisArgs(analyzer_name="acme", unused_days=366)


def test_images_instances_and_functions_are_scanned_here_and_in_new_accounts():
    recorder = deploy(scans)
    on = recorder.one("aws:inspector2/enabler:Enabler").inputs
    assert (on["accountIds"], on["resourceTypes"]) == ([ACCOUNT], ["EC2", "ECR", "LAMBDA"])
    assert recorder.one(MEMBERS[5]).inputs["autoEnable"] == {"ec2": True, "ecr": True, "lambda": True}


def test_macie_is_enabled_in_new_accounts():
    recorder = deploy(personal_data)
    assert recorder.one("aws:macie2/account:Account").inputs["status"] == "ENABLED"
    assert recorder.one(MEMBERS[6]).inputs == {"autoEnable": True}


@pytest.mark.parametrize("detector", EVERYTHING)
def test_only_a_delegated_administrator_configures_members(detector):
    assert [r.type for r in deploy(detector) if r.type in MEMBERS]
    assert not [r.type for r in deploy(lambda: detector(False)) if r.type in MEMBERS]


@pytest.mark.requirement("AUD-01.a")
def test_the_aggregator_covers_all_accounts_and_regions():
    args = OrganizationInventoryArgs(
        aggregator_name="acme", account_id=ACCOUNT, role_name="audit-inventory", boundary_arn=BOUNDARY
    )
    recorder = deploy(lambda: OrganizationInventory("inventory", args))
    source = recorder.one("aws:cfg/configurationAggregator:ConfigurationAggregator").inputs[
        "organizationAggregationSource"
    ]
    assert source["allRegions"] is True
    assert source["roleArn"].endswith(":role/plinth/audit-inventory")
    asks = statements(recorder.one("aws:iam/rolePolicy:RolePolicy"))["LookUpMembers"]["Action"]
    assert {action.split(":")[0] for action in asks} == {"organizations"}
    assert not [a for a in asks if not a.split(":")[1].startswith(("Describe", "List"))]


@pytest.mark.parametrize("detector", EVERYTHING)
def test_a_preview_with_unknowns_registers_the_same_resources(detector):
    assert {r.urn for r in deploy(detector, preview=True)} == {r.urn for r in deploy(detector)}
