"""The topic that receives the alarms of an endpoint, and who may publish to it or follow it."""

import pytest

from components.monitoring.alarm_topic import AlarmTopic, AlarmTopicArgs
from iam_evaluator.evaluation import decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, KEY, ORGANIZATION, TOOLING

NAME = "fraud--scoring-prod-alarms"
MAILBOXES = {"owner": "fraud@acme.example", "duty": "duty@acme.example"}
ALLOW = Policy.parse("own", '{"Statement": [{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}]}')
RULES = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/"
EVENTS = Principal(name="events", service="events.amazonaws.com")
ALARMS = Principal(name="alarms", service="cloudwatch.amazonaws.com")


def topic(mailboxes=MAILBOXES):
    args = AlarmTopicArgs(
        topic_name=NAME,
        account_id=ACCOUNT,
        organization_id=ORGANIZATION,
        key_arn=KEY,
        mailboxes=mailboxes,
        rules_arn=f"{RULES}fraud--scoring-prod-*",
    )
    return AlarmTopic("alarms", args)


@pytest.fixture(scope="module")
def recorded():
    return deploy(topic)


@pytest.fixture(scope="module")
def allowed(recorded):
    policy = Policy.parse("topic", recorded.one("aws:sns/topicPolicy:TopicPolicy").inputs["policy"])
    arn = recorded.one("aws:sns/topic:Topic").computed["arn"]
    owner = Account(id=ACCOUNT, organization_id=ORGANIZATION)

    def allowed(principal, action, **keys):
        resource = Resource(arn=arn, account=owner, policy=policy)
        extra = {"aws:SecureTransport": ["true"]} | {key: [value] for key, value in keys.items()}
        return decide(Request(principal=principal, action=action, resource=resource, extra=extra)).allowed

    return allowed


def operator(organization, account=ACCOUNT):
    role_arn = f"arn:aws:iam::{account}:role/operator"
    home = Account(id=account, organization_id=organization)
    return Principal(name="operator", account=home, role_arn=role_arn, identity=(ALLOW,))


def test_only_alarms_of_the_topics_account_publish_as_a_service(allowed):
    assert allowed(ALARMS, "sns:Publish", **{"aws:SourceAccount": ACCOUNT})
    assert not allowed(ALARMS, "sns:Publish", **{"aws:SourceAccount": TOOLING})
    assert not allowed(ALARMS, "sns:Subscribe", **{"aws:SourceAccount": ACCOUNT})
    other = Principal(name="lambda", service="lambda.amazonaws.com")
    assert not allowed(other, "sns:Publish", **{"aws:SourceAccount": ACCOUNT})


def test_only_rules_of_the_use_case_and_environment_publish(allowed):
    assert allowed(EVENTS, "sns:Publish", **{"aws:SourceArn": f"{RULES}fraud--scoring-prod-run-failed"})
    assert not allowed(EVENTS, "sns:Publish", **{"aws:SourceArn": f"{RULES}fraud--other-prod-run-failed"})
    assert not allowed(EVENTS, "sns:Publish", **{"aws:SourceAccount": ACCOUNT})


@pytest.mark.parametrize("action", ["sns:Publish", "sns:Subscribe"])
def test_principals_of_the_account_are_of_its_organization(allowed, action):
    assert allowed(operator(ORGANIZATION), action)
    assert not allowed(operator("o-elsewhere"), action)
    assert not allowed(operator(None), action)


def test_publishing_requires_tls(allowed):
    assert not allowed(operator(ORGANIZATION), "sns:Publish", **{"aws:SecureTransport": "false"})


def test_every_mailbox_follows_the_encrypted_topic(recorded):
    assert recorded.one("aws:sns/topic:Topic").inputs["kmsMasterKeyId"] == KEY
    subscriptions = [
        topic_subscription.inputs for topic_subscription in recorded.all("aws:sns/topicSubscription:TopicSubscription")
    ]
    assert {(subscription["protocol"], subscription["endpoint"]) for subscription in subscriptions} == {
        ("email", mailbox) for mailbox in MAILBOXES.values()
    }
    with pytest.raises(ValueError, match="nobody would receive"):
        deploy(lambda: topic({}))
