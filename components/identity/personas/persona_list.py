"""All personas of the foundation. People's permissions follow from this list only.

Source: requirements PER-02 to PER-13. A persona has no access to account kinds that it does not name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.identity.personas.approver_permissions import (
    APPROVE_FOR_BUSINESS,
    APPROVE_MODELS,
    BUILD_LAKE,
    OPERATE_DELIVERY,
    REPAIR,
    RUN_ACCOUNT_SETS,
)
from components.identity.personas.monitoring_permissions import WATCH_MODELS
from components.identity.personas.persona import Access, Audience, Persona
from components.identity.personas.read_only_permissions import (
    AUDIT,
    QUERY_TRAIL,
    VIEW_BILL,
    VIEW_PLATFORM,
    VIEW_REGISTRY,
    VIEW_WORKLOADS,
)
from components.identity.personas.training_permissions import TRAIN_MODELS, TRAIN_MODELS_OF_ALL
from components.identity.personas.workload_permissions import (
    CONTRIBUTE_CODE,
    LOOK_UP_PEOPLE,
    OPEN_STUDIO,
    QUERY_GRANTED_DATA,
    REQUEST_USE_CASES,
    REVIEW_CODE,
    reading,
)
from settings.team.studio import STUDIO_ENVIRONMENTS, StudioPersona
from settings.types.kinds import ENVIRONMENTS, KINDS, Environment

STUDIO = "sagemaker/home#/studio"
PIPELINES = "codesuite/codepipeline/pipelines"
BILL = "costmanagement/home"

WITHOUT_GOVERNANCE = tuple(kind for kind in KINDS if kind != "governance")
"""Account kinds that personas other than IT may access. Only IT signs in to the governance account (GOV-01), whose
activity is recorded in the audit account like all others."""

_STUDIO_ACCESS: Mapping[Environment, Access] = {
    "experimentation": Access(
        label="experimentation",
        kinds=("experimentation",),
        capabilities=(OPEN_STUDIO, QUERY_GRANTED_DATA, VIEW_WORKLOADS),
        page=STUDIO,
    ),
    "development": Access(
        label="development",
        kinds=("development",),
        capabilities=(OPEN_STUDIO, VIEW_WORKLOADS, reading(("reports",), "development")),
        page=STUDIO,
    ),
}


def _studio_access(persona: StudioPersona) -> Iterator[Access]:
    """Yields the access to each environment where the persona may open Studio."""
    return (_STUDIO_ACCESS[environment] for environment in STUDIO_ENVIRONMENTS[persona])


DATA_SCIENTIST = Persona(
    name="data-scientist",
    title="DataScientist",
    duty="explores data and builds models",
    audience="team",
    access=(
        *_studio_access("data-scientist"),
        Access(label="tooling", kinds=("tooling",), capabilities=(VIEW_REGISTRY, CONTRIBUTE_CODE), page=PIPELINES),
    ),
)

LEAD_DATA_SCIENTIST = Persona(
    name="lead-data-scientist",
    title="LeadScientist",
    duty="leads use cases and approves their models and releases",
    audience="team",
    access=(
        *_studio_access("lead-data-scientist"),
        Access(
            label="preproduction",
            kinds=("preproduction",),
            capabilities=(reading(("reports", "results"), "preproduction"),),
        ),
        Access(
            label="tooling",
            kinds=("tooling",),
            capabilities=(VIEW_REGISTRY, REVIEW_CODE, TRAIN_MODELS, APPROVE_MODELS, REQUEST_USE_CASES, LOOK_UP_PEOPLE),
            page=PIPELINES,
        ),
    ),
)

ML_ENGINEER = Persona(
    name="ml-engineer",
    title="MLEngineer",
    duty="makes models fit for production, through code",
    audience="team",
    access=(
        *_studio_access("ml-engineer"),
        Access(label="releases", kinds=("preproduction", "production"), capabilities=(VIEW_WORKLOADS, WATCH_MODELS)),
        Access(label="tooling", kinds=("tooling",), capabilities=(VIEW_REGISTRY, CONTRIBUTE_CODE), page=PIPELINES),
    ),
)

DATA_ENGINEER = Persona(
    name="data-engineer",
    title="DataEngineer",
    duty="fills the lake and grants its data",
    audience="organization",
    access=(Access(kinds=("data-lake",), capabilities=(BUILD_LAKE,), page="glue/home"),),
)

BUSINESS_ANALYST = Persona(
    name="business-analyst",
    title="BusinessAnalyst",
    duty="tests hypotheses on pre-production's results",
    audience="team",
    access=(
        Access(
            label="preproduction",
            kinds=("preproduction",),
            capabilities=(reading(("reports", "results"), "preproduction"),),
        ),
        Access(label="tooling", kinds=("tooling",), capabilities=(APPROVE_FOR_BUSINESS,), page=PIPELINES),
    ),
)

PRODUCT_OWNER = Persona(
    name="product-owner",
    title="ProductOwner",
    duty="answers for a team's products and pays for them",
    audience="team",
    access=(
        Access(label="bill", kinds=ENVIRONMENTS, capabilities=(VIEW_BILL,), page=BILL),
        Access(label="tooling", kinds=("tooling",), capabilities=(APPROVE_FOR_BUSINESS,), page=PIPELINES),
    ),
)

BUSINESS_STAKEHOLDER = Persona(
    name="business-stakeholder",
    title="BusinessStakeholder",
    duty="reads what models achieve",
    audience="team",
    access=(Access(kinds=("preproduction",), capabilities=(reading(("reports",), "preproduction"),)),),
)

AUDITOR = Persona(
    name="auditor",
    title="Auditor",
    duty="reads the record of everything and changes nothing",
    audience="organization",
    access=(
        Access(label="record", kinds=("audit",), capabilities=(AUDIT, QUERY_TRAIL), page="cloudtrailv2/home"),
        Access(
            label="accounts",
            kinds=tuple(kind for kind in WITHOUT_GOVERNANCE if kind != "audit"),
            capabilities=(AUDIT,),
            page="cloudtrailv2/home",
        ),
    ),
)

IT_PLATFORM = Persona(
    name="it-platform",
    title="ITPlatform",
    duty="instantiates and decommissions account sets",
    audience="organization",
    access=(
        Access(
            label="governance",
            kinds=("governance",),
            capabilities=(RUN_ACCOUNT_SETS, LOOK_UP_PEOPLE, VIEW_PLATFORM, VIEW_BILL),
        ),
        Access(
            label="accounts",
            kinds=WITHOUT_GOVERNANCE,
            capabilities=(VIEW_PLATFORM, VIEW_BILL),
        ),
    ),
)

MLOPS_ENGINEER = Persona(
    name="mlops-engineer",
    title="MLOpsEngineer",
    duty="operates delivery and what it delivers, through its pipelines",
    audience="organization",
    access=(
        Access(
            label="tooling", kinds=("tooling",), capabilities=(OPERATE_DELIVERY, TRAIN_MODELS_OF_ALL), page=PIPELINES
        ),
        Access(
            label="environments",
            kinds=("development", "preproduction", "production"),
            capabilities=(VIEW_WORKLOADS, WATCH_MODELS),
        ),
    ),
)

BREAK_GLASS = Persona(
    name="break-glass",
    title="BreakGlass",
    duty="opens what nobody can open any more; every sign-in is an alarm",
    audience="organization",
    access=(Access(kinds=WITHOUT_GOVERNANCE, capabilities=(REPAIR,)),),
    session_hours=1,
)

PERSONAS = (
    DATA_SCIENTIST,
    LEAD_DATA_SCIENTIST,
    ML_ENGINEER,
    DATA_ENGINEER,
    BUSINESS_ANALYST,
    PRODUCT_OWNER,
    BUSINESS_STAKEHOLDER,
    AUDITOR,
    IT_PLATFORM,
    MLOPS_ENGINEER,
    BREAK_GLASS,
)


def personas_for(audience: Audience) -> tuple[Persona, ...]:
    return tuple(persona for persona in PERSONAS if persona.audience == audience)
