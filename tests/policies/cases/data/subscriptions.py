"""Cases of policies/security/rules/data/subscriptions.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Situation, but, stack_context

COMPANY = stack_context(mail_domains=("acme.example",))
QUEUE, OTHER_QUEUE = (f"arn:aws:sqs:eu-west-1:{account}:messages" for account in (OWN_ACCOUNT, OTHER_ACCOUNT))
FORBIDDEN = ("http", "https", "sms", "application")
CASES = [
    *(
        Case(
            rule="SN-01",
            type=type_,
            compliant=Situation(inputs={"protocol": protocol, "endpoint": "team@acme.example"}, context=COMPANY),
            optional=frozenset({"endpoint"}),
            refused={
                "leads to a stranger": but({"endpoint": "team@stranger.example"}),
                "leads to a stranger with a similar domain": but({"endpoint": "team@notacme.example"}),
                "is of an organization without readable settings": but(mail_domains=()),
            }
            | {f"leads outside by {other}": but({"protocol": other}) for other in FORBIDDEN},
        )
        for type_ in ("aws:sns/topicSubscription:TopicSubscription",)
        for protocol in ("email", "email-json")
    ),
    *(
        Case(
            rule="SN-01",
            type=type_,
            compliant=Situation(inputs={"protocol": protocol, "endpoint": QUEUE}),
            optional=frozenset({"endpoint"}),
            refused={
                "leads to another account": but({"endpoint": OTHER_QUEUE}),
                "leads to no account": but({"endpoint": "queue-1"}),
            },
            accepted={
                "leads to an account of the settings": but(
                    {"endpoint": OTHER_QUEUE}, durable_accounts=(OTHER_ACCOUNT,)
                ),
                "is in an unknown account": but(
                    {"endpoint": OTHER_QUEUE}, provider={"region": "eu-west-1", "allowedAccountIds": UNKNOWN}
                ),
            },
        )
        for type_ in ("aws:sns/topicSubscription:TopicSubscription",)
        for protocol in ("sqs", "lambda", "firehose")
    ),
]
