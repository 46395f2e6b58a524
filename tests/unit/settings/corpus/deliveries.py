"""Bad input in deliveries of use cases."""

from __future__ import annotations

from settings.team.delivery import MAX_IMAGES
from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ORGANIZATION, TEAM, Case, Change, organization

DELIVERY = TEAM + "use_cases.scoring.delivery"


def delivery(phase: str = "repeatable", **settings: object) -> Change:
    """Returns a change that writes a use case with this delivery, in an organization of this phase."""
    use_cases = {"scoring": {"delivery": settings}}
    return lambda project: project.organization(phase=phase).team(use_cases=use_cases)


_GITHUB = {"provider": "github", "namespace": "acme"}
_CONNECTION = "arn:aws:codeconnections:{}:111122223333:connection/11111111-2222-3333-4444-555555555555"
_ELSEWHERE = _CONNECTION.format("us-east-1")
_ADOPTED = {**_GITHUB, "connection": _CONNECTION.format("eu-west-1")}


def limited(everywhere: object, **own: object) -> Change:
    """Returns a change that writes minimum gates for the organization, and for a use case."""
    use_cases = {"scoring": {"delivery": {"minimum_gates": own}}}
    return lambda project: project.organization(phase="repeatable", minimum_gates=everywhere).team(use_cases=use_cases)


DELIVERIES = [
    Case(
        51,
        "minimum gate with two limits",
        limited({"f1": {"at_least": 0.8, "at_most": 0.9}}),
        Code.MINIMUM_GATE,
        ORGANIZATION + "minimum_gates.f1",
        ("has not exactly one limit", "at_least or at_most"),
    ),
    Case(
        51,
        "minimum gate in the other direction",
        limited({"rmse": {"at_most": 70}}, rmse={"at_least": 10}),
        Code.MINIMUM_GATE,
        f"{DELIVERY}.minimum_gates.rmse",
        ("is limited by at_least", "the organization limits it by at_most"),
    ),
    Case(
        51,
        "minimum gate of a name that is no metric",
        limited({"F1": {"at_least": 0.8}}),
        Code.MINIMUM_GATE,
        ORGANIZATION + "minimum_gates.F1",
        ("not the name of a metric", "try f1"),
    ),
    Case(
        51,
        "minimum gate with a text",
        limited({"f1": {"at_least": "high"}}),
        Code.WRONG_TYPE,
        ORGANIZATION + "minimum_gates.f1.at_least",
        ("write a number",),
    ),
    Case(
        169,
        "delivery before the tooling account",
        delivery("initial"),
        Code.NOT_IN_PHASE,
        DELIVERY,
        ("tooling account", "repeatable"),
    ),
    Case(
        170,
        "too many images",
        delivery(images=[f"image-{number}" for number in range(MAX_IMAGES + 1)]),
        Code.DELIVERY,
        f"{DELIVERY}.images",
        (f"({MAX_IMAGES})", "combine several"),
    ),
    Case(
        171,
        "image named twice",
        delivery(images=["train", "train"]),
        Code.DELIVERY,
        f"{DELIVERY}.images",
        ("occurs 2 times", "write it once"),
    ),
    Case(
        172,
        "image with capitals",
        delivery(images=["Train"]),
        Code.SLUG,
        f"{DELIVERY}.images[0]",
        ("container image name", "try train"),
    ),
    Case(
        173,
        "builds of three minutes",
        delivery(build_minutes=3),
        Code.OUT_OF_RANGE,
        f"{DELIVERY}.build_minutes",
        ("5 to 2,160 minutes", "5"),
    ),
    Case(
        174,
        "team with the prefix of feature groups",
        lambda project: project.team("features"),
        Code.STACK_UNKNOWN,
        "",
        ("reserved by the foundation",),
    ),
    Case(
        175,
        "provider without an owner",
        lambda project: project.organization(source={"provider": "github"}),
        Code.SOURCE,
        "plinth:organization.source.namespace",
        ("repositories of github have an owner", "name it"),
    ),
    Case(
        176,
        "owner with CodeCommit",
        lambda project: project.organization(source={"namespace": "acme"}),
        Code.SOURCE,
        "plinth:organization.source.namespace",
        ("no meaning with CodeCommit", "remove it"),
    ),
    Case(
        177,
        "unknown provider",
        lambda project: project.organization(source={"provider": "sourceforge"}),
        Code.NOT_ALLOWED,
        "plinth:organization.source.provider",
        ("github",),
    ),
    Case(
        178,
        "name instead of the ARN of a connection",
        lambda project: project.organization(source={**_GITHUB, "connection": "acme-github"}),
        Code.FORMAT,
        "plinth:organization.source.connection",
        ("not the ARN of a connection", "list-connections"),
    ),
    Case(
        179,
        "connection in another region",
        lambda project: project.organization(source={**_GITHUB, "connection": _ELSEWHERE}),
        Code.SOURCE,
        "plinth:organization.source.connection",
        ("a connection in us-east-1", "builds run in eu-west-1"),
    ),
    Case(
        180,
        "repository with a host",
        delivery(source=_GITHUB, repositories={"build": "https://github.com/acme/scoring"}),
        Code.FORMAT,
        f"{DELIVERY}.repositories.build",
        ("<owner>/<name>, without host", "acme/fraud-scoring"),
    ),
    Case(
        181,
        "repository of CodeCommit with a name",
        delivery(repositories={"build": "acme/scoring"}),
        Code.SOURCE,
        f"{DELIVERY}.repositories",
        ("no meaning with CodeCommit", "set `source`"),
    ),
    Case(
        182,
        "one repository for both purposes",
        delivery(source=_ADOPTED, repositories={"build": "acme/scoring", "deployment": "acme/Scoring"}),
        Code.SOURCE,
        f"{DELIVERY}.repositories",
        ("two purposes or use cases", "another one"),
    ),
    Case(
        183,
        "provider of a use case without a connection",
        delivery(source=_GITHUB),
        Code.SOURCE,
        f"{DELIVERY}.source.connection",
        ("is missing", "ARN of a connection"),
    ),
    Case(
        184,
        "one approver, named twice",
        lambda project: project.organization(promotion_image="1").team(
            use_cases={"scoring": {"delivery": {"approvers": ["ben", "ben"]}}}
        ),
        Code.DELIVERY,
        f"{DELIVERY}.approvers",
        ("names one person", "name two or more people"),
    ),
    Case(
        184,
        "one approver of releases",
        lambda project: project.organization(promotion_image="1").team(
            use_cases={"scoring": {"delivery": {"approvers": ["ben", "chloe"], "release_approvers": ["dan"]}}}
        ),
        Code.DELIVERY,
        f"{DELIVERY}.release_approvers",
        ("dan", "names one person", "name two or more people"),
    ),
    Case(
        184,
        "approvers of the business without others",
        lambda project: project.organization(promotion_image="1").team(
            use_cases={"scoring": {"delivery": {"business_approvers": ["gina"]}}}
        ),
        Code.DELIVERY,
        f"{DELIVERY}.business_approvers",
        ("gina", "needs approvers", "add approvers, or remove it"),
    ),
    Case(
        184,
        "a goal of several lines",
        lambda project: project.organization(phase="repeatable").team(use_cases={"scoring": {"goal": "one\ntwo"}}),
        Code.FORMAT,
        f"{TEAM}use_cases.scoring.goal",
        ("has a line break", "write one line"),
    ),
    Case(
        184,
        "a goal that is an essay",
        lambda project: project.organization(phase="repeatable").team(use_cases={"scoring": {"goal": "x" * 257}}),
        Code.OUT_OF_RANGE,
        f"{TEAM}use_cases.scoring.goal",
        ("has 257 characters, more than 256", "shorten it to one sentence"),
    ),
    Case(
        45,
        "a contributor who is listed twice",
        delivery(contributors=["ana", "ben", "ana"]),
        Code.DELIVERY,
        f"{DELIVERY}.contributors",
        ("ana", "occurs 2 times", "list each person once"),
    ),
    Case(
        45,
        "more contributors than a tag can hold",
        delivery(contributors=[f"person-{number:02}@acme.example" for number in range(12)]),
        Code.DELIVERY,
        f"{DELIVERY}.contributors",
        ("has 277 characters with separators", "name fewer people"),
    ),
    Case(
        45,
        "contributors of repositories at a source provider",
        delivery(contributors=["ana"], source=_ADOPTED),
        Code.DELIVERY,
        f"{DELIVERY}.contributors",
        ("ana", "has no effect: the repositories are at a source provider", "restrict them there"),
    ),
    Case(
        45,
        "an approver who is listed twice among others",
        lambda project: project.organization(promotion_image="1").team(
            use_cases={"scoring": {"delivery": {"approvers": ["ben", "chloe", "ben"]}}}
        ),
        Code.DELIVERY,
        f"{DELIVERY}.approvers",
        ("ben", "occurs 2 times", "list each person once"),
    ),
    *(
        Case(
            55,
            f"template at {version}",
            organization(templates={"own": {"url": "https://git.acme.example/ml/template", "version": version}}),
            Code.TEMPLATE_VERSION,
            ORGANIZATION + "templates.own.version",
            ("names a branch, or a tag without a number", "2.1.0"),
        )
        for version in ("main", "HEAD", "latest")
    ),
    Case(
        55,
        "template with an abbreviated commit",
        organization(
            templates={"own": {"url": "https://git.acme.example/ml/template", "version": "2.1.0", "commit": "4b825dc"}}
        ),
        Code.FORMAT,
        ORGANIZATION + "templates.own.commit",
        ("is not the full hash of a commit", "git ls-remote --tags"),
    ),
    Case(
        36,
        "retraining without a trigger",
        delivery(retraining={"cooldown_days": 1}),
        Code.RETRAINING,
        DELIVERY + ".retraining",
        ("starts no retraining", "set on_drift, on_data or schedule, or remove it"),
    ),
    Case(
        36,
        "retraining by new data of a dataset that does not exist",
        delivery(retraining={"on_data": ["card-payment"]}),
        Code.RETRAINING,
        DELIVERY + ".retraining.on_data",
        ("card-payment", "is not a dataset"),
    ),
    Case(
        36,
        "retraining by new data that is listed twice",
        delivery(retraining={"on_data": ["card-payments", "card-payments"]}),
        Code.RETRAINING,
        DELIVERY + ".retraining.on_data",
        ("is listed twice", "list it once"),
    ),
    Case(
        36,
        "retraining by drift without approvers",
        delivery(retraining={"on_drift": True}),
        Code.RETRAINING,
        DELIVERY + ".retraining.on_drift",
        ("needs approvers: nothing in production is compared", "set a schedule and remove on_drift"),
    ),
    Case(
        36,
        "retraining by drift of asynchronous inference",
        lambda project: project.organization(phase="reliable", promotion_image="1").team(
            use_cases={
                "scoring": {
                    "inference": ["asynchronous"],
                    "delivery": {"approvers": ["ben", "chloe"], "retraining": {"on_drift": True}},
                }
            }
        ),
        Code.RETRAINING,
        DELIVERY + ".retraining.on_drift",
        ("needs real-time or batch inference: nothing", "set a schedule"),
    ),
    Case(
        36,
        "schedule of retraining that no service accepts",
        delivery(retraining={"schedule": "every monday"}),
        Code.SCHEDULE,
        DELIVERY + ".retraining.schedule",
        ("every monday", "cron"),
    ),
    Case(
        36,
        "more retrainings than days",
        delivery(retraining={"schedule": "cron(0 4 ? * MON *)", "runs_per_month": 32}),
        Code.OUT_OF_RANGE,
        DELIVERY + ".retraining.runs_per_month",
        ("is outside 1 to 31 retrainings", "31"),
    ),
]
