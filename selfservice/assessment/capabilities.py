"""The capabilities of a foundation by phase, and the components that show that one is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from settings.types.kinds import Phase

Scope = Literal["organization", "team"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Capability:
    """Something that a phase adds. It is there if all its components are in the states of stacks."""

    name: str
    phase: Phase
    requirements: tuple[str, ...]
    """Ids of the requirements that it serves."""
    components: tuple[str, ...]
    """Types of components without the prefix ``plinth:``."""
    stacks: tuple[str, ...]
    """Kinds of the stacks that contain them."""
    scope: Scope = "organization"
    """Whether one such stack is enough, or every team needs one."""
    next_step: str
    """Command or change of the settings that adds it. ``TEAM`` stands for the name of a team."""


_NETWORK = ("network:PrivateNetwork", "network:PrivateEndpoints", "security:EncryptionKey")

CAPABILITIES = (
    Capability(
        name="organization with guardrails",
        phase="initial",
        requirements=("ACC-01", "ACC-09"),
        components=("organization:Enterprise", "organization:Guardrail"),
        stacks=("organization",),
        next_step="plinth up organization",
    ),
    Capability(
        name="central log archive and trail",
        phase="initial",
        requirements=("AUD-03",),
        components=("audit:LogArchive", "audit:OrganizationTrail"),
        stacks=("audit",),
        next_step="plinth up audit --with-needs",
    ),
    Capability(
        name="permissions of people by persona",
        phase="initial",
        requirements=("PER-01",),
        components=("identity:PermissionSet",),
        stacks=("identity",),
        next_step="plinth up identity --with-needs",
    ),
    Capability(
        name="budget and bill of each team",
        phase="initial",
        requirements=("COST-01",),
        components=("organization:CostBudget",),
        stacks=("team",),
        scope="team",
        next_step="plinth up --team TEAM --with-needs",
    ),
    Capability(
        name="private experimentation environment",
        phase="initial",
        requirements=("EXP-01", "NET-01"),
        components=_NETWORK,
        stacks=("experimentation",),
        scope="team",
        next_step="plinth up --team TEAM --with-needs",
    ),
    Capability(
        name="Studio with users",
        phase="initial",
        requirements=("EXP-01", "EXP-02"),
        components=("studio:StudioDomain", "studio:StudioUser"),
        stacks=("studio",),
        scope="team",
        next_step="list people under `studio.users` in Pulumi.TEAM-experimentation.yaml",
    ),
    Capability(
        name="data lake with a catalog",
        phase="repeatable",
        requirements=("DL-01", "DL-05"),
        components=("data_lake:LakeZones", "data_lake:PublishedZones"),
        stacks=("data-lake", "data-catalog"),
        next_step="plinth up data-lake data-catalog --with-needs",
    ),
    Capability(
        name="published datasets",
        phase="repeatable",
        requirements=("DL-03", "DL-04"),
        components=("data_lake:PublishedDataset",),
        stacks=("dataset",),
        next_step="declare a dataset (guide: Your first dataset)",
    ),
    Capability(
        name="datasets built by jobs",
        phase="repeatable",
        requirements=("DL-02",),
        components=("data_lake:EtlJob",),
        stacks=("dataset",),
        next_step="declare `etl` in the settings of a dataset",
    ),
    Capability(
        name="access to the data lake",
        phase="repeatable",
        requirements=("DL-06",),
        components=("data_lake:TeamGrants",),
        stacks=("data",),
        scope="team",
        next_step="plinth up TEAM-data --with-needs",
    ),
    Capability(
        name="shared features",
        phase="repeatable",
        requirements=("FS-01",),
        components=("feature_store:FeatureGroup",),
        stacks=("feature-group",),
        next_step="declare a feature group (guide: Feature Store)",
    ),
    Capability(
        name="development environment without internet",
        phase="repeatable",
        requirements=("DEV-03", "DEV-07"),
        components=_NETWORK,
        stacks=("development",),
        scope="team",
        next_step="plinth up TEAM-development --with-needs",
    ),
    Capability(
        name="use case with repositories, builds and model registry",
        phase="repeatable",
        requirements=("TOOL-01", "TOOL-02", "REPO-01"),
        components=("delivery:CodeRepositories", "delivery:BuildProject", "registry:ModelPackageGroups"),
        stacks=("use-case",),
        scope="team",
        next_step="plinth usecase create --team TEAM --name NAME",
    ),
    Capability(
        name="pre-production environment",
        phase="reliable",
        requirements=("PRE-01", "PRE-02"),
        components=_NETWORK,
        stacks=("preproduction",),
        scope="team",
        next_step="plinth up TEAM-preproduction --with-needs",
    ),
    Capability(
        name="production environment",
        phase="reliable",
        requirements=("PROD-01",),
        components=_NETWORK,
        stacks=("production",),
        scope="team",
        next_step="plinth up TEAM-production --with-needs",
    ),
    Capability(
        name="promotion with two approvals",
        phase="reliable",
        requirements=("PROM-02", "PROM-07"),
        components=("delivery:PromotionPipeline",),
        stacks=("use-case",),
        scope="team",
        next_step="list `approvers` in the delivery of a use case in Pulumi.TEAM.yaml",
    ),
    Capability(
        name="alarms of models that reach people",
        phase="reliable",
        requirements=("RB-03",),
        components=("monitoring:AlarmTopic",),
        stacks=("use-case",),
        scope="team",
        next_step="list `approvers` in the delivery of a use case in Pulumi.TEAM.yaml",
    ),
    Capability(
        name="data of the lake for predictions",
        phase="reliable",
        requirements=("INT-04", "INT-05"),
        components=("integration:Intake",),
        stacks=("intake",),
        next_step="declare `intake` in the settings of a production environment (guide: Data integration)",
    ),
    Capability(
        name="team catalog",
        phase="scalable",
        requirements=("GOV-01", "GOV-04"),
        components=("governance:TeamCatalog",),
        stacks=("governance",),
        next_step="plinth up governance --with-needs",
    ),
    Capability(
        name="one role that deploys everywhere",
        phase="scalable",
        requirements=("GOV-03",),
        components=("identity:PlatformRunner",),
        stacks=("governance",),
        next_step="plinth up governance --with-needs",
    ),
)
