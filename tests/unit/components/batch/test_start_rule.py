"""The rule that starts batch inference."""

import pytest

from components.batch.start_rule import StartRule, StartRuleArgs
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, REGION

NAME = "fraud--scoring-prod-start-batch"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:failures"


def rule(**changes):
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{NAME}"
    args = {"rule_name": NAME, "function_name": NAME, "function_arn": function, "dead_letter_queue_arn": QUEUE}
    return StartRule("start", StartRuleArgs(**args | changes))


@pytest.mark.requirement("BI-07.a")
def test_only_the_rule_may_invoke_the_function_and_lost_events_are_kept():
    recorder = deploy(lambda: rule(schedule="rate(1 day)"))
    made = recorder.one("aws:cloudwatch/eventRule:EventRule")
    permission = recorder.one("aws:lambda/permission:Permission")
    target = recorder.one("aws:cloudwatch/eventTarget:EventTarget")
    assert made.inputs["scheduleExpression"] == "rate(1 day)"
    assert made.urn in permission.dependencies
    assert permission.inputs["principal"] == "events.amazonaws.com"
    assert permission.urn in target.dependencies
    assert target.inputs["deadLetterConfig"] == {"arn": QUEUE}


@pytest.mark.parametrize("given", [{}, {"schedule": "rate(1 day)", "pattern": "{}"}])
def test_exactly_one_start_is_given(given):
    with pytest.raises(ValueError, match="give exactly one"):
        rule(**given)
