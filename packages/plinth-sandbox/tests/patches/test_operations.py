"""Patches for log groups, event buses, pipes, topics and budgets."""

import pytest

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal

TAGS = [{"Key": "team", "Value": "fraud"}]


def test_a_log_group_returns_its_class_and_accepts_another_key(aws: EmulatedAws, account: str) -> None:
    logs = aws.client("logs", account)
    key = aws.client("kms", account).create_key()["KeyMetadata"]["Arn"]
    logs.create_log_group(logGroupName="/rare", logGroupClass="INFREQUENT_ACCESS")
    logs.associate_kms_key(logGroupName="/rare", kmsKeyId=key)
    (found,) = logs.describe_log_groups(logGroupNamePrefix="/rare")["logGroups"]
    assert (found["logGroupClass"], found["kmsKeyId"]) == ("INFREQUENT_ACCESS", key)
    assert found["logGroupArn"] == f"arn:aws:logs:{REGION}:{account}:log-group:/rare"
    logs.disassociate_kms_key(logGroupName="/rare")
    assert "kmsKeyId" not in logs.describe_log_groups(logGroupNamePrefix="/rare")["logGroups"][0]


def test_events_are_searched_in_the_streams_with_a_prefix_only(aws: EmulatedAws, account: str) -> None:
    logs, now = aws.client("logs", account), int(aws.clock().timestamp() * 1000)
    logs.create_log_group(logGroupName="/jobs")
    for stream in ("first/1", "first/2", "second/1"):
        logs.create_log_stream(logGroupName="/jobs", logStreamName=stream)
        event = {"timestamp": now, "message": stream}
        logs.put_log_events(logGroupName="/jobs", logStreamName=stream, logEvents=[event])

    def found(prefix: str) -> list[str]:
        events = logs.filter_log_events(logGroupName="/jobs", logStreamNamePrefix=prefix)["events"]
        return sorted(event["message"] for event in events)

    assert found("first/") == ["first/1", "first/2"]
    assert found("third/") == []
    both = {"logStreamNames": ["first/1"], "logStreamNamePrefix": "first/"}
    assert refusal(logs.filter_log_events, logGroupName="/jobs", **both) == "InvalidParameterException"


def test_the_description_of_an_event_bus_can_be_changed(aws: EmulatedAws, account: str) -> None:
    events = aws.client("events", account)
    events.create_event_bus(Name="models", Description="old", KmsKeyIdentifier="alias/data")
    events.update_event_bus(Name="models", Description="new")
    found = events.describe_event_bus(Name="models")
    assert (found["Description"], found["KmsKeyIdentifier"]) == ("new", "alias/data")


def test_a_topic_returns_all_its_attributes_until_it_is_deleted(aws: EmulatedAws, account: str) -> None:
    sns = aws.client("sns", account)
    topic = sns.create_topic(Name="alarms", Attributes={"SignatureVersion": "2", "DisplayName": "Alarms"})["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="TracingConfig", AttributeValue="Active")
    found = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (found["SignatureVersion"], found["TracingConfig"], found["DisplayName"]) == ("2", "Active", "Alarms")
    sns.delete_topic(TopicArn=topic)
    sns.create_topic(Name="alarms")
    assert "SignatureVersion" not in sns.get_topic_attributes(TopicArn=topic)["Attributes"]


def test_a_budget_has_tags_notifications_and_subscribers_and_can_change(aws: EmulatedAws) -> None:
    budgets, where = aws.client("budgets"), {"AccountId": MANAGEMENT, "BudgetName": "fraud"}
    arn = f"arn:aws:budgets::{MANAGEMENT}:budget/fraud"
    budget = {"BudgetName": "fraud", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    alarm = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    owner, other = ({"SubscriptionType": "EMAIL", "Address": f"{name}@acme.example"} for name in ("owner", "other"))
    budgets.create_budget(
        AccountId=MANAGEMENT,
        Budget={**budget, "BudgetLimit": {"Amount": "100", "Unit": "USD"}},
        NotificationsWithSubscribers=[{"Notification": alarm, "Subscribers": [owner]}],
        ResourceTags=TAGS,
    )
    budgets.create_subscriber(**where, Notification=alarm, Subscriber=other)
    budgets.delete_subscriber(**where, Notification=alarm, Subscriber=owner)
    (notification,) = budgets.describe_notifications_for_budget(**where)["Notifications"]
    found = budgets.describe_subscribers_for_notification(**where, Notification=notification)
    assert found["Subscribers"] == [other]
    budgets.update_budget(AccountId=MANAGEMENT, NewBudget={**budget, "BudgetLimit": {"Amount": "200", "Unit": "USD"}})
    assert budgets.describe_budget(**where)["Budget"]["BudgetLimit"]["Amount"] == "200"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "cost", "Value": "1"}])
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [*TAGS, {"Key": "cost", "Value": "1"}]
    budgets.delete_notification(**where, Notification={**alarm, "ThresholdType": "PERCENTAGE"})
    assert budgets.describe_notifications_for_budget(**where)["Notifications"] == []


def test_a_second_pipe_with_the_same_name_is_refused_and_changes_nothing(aws: EmulatedAws, account: str) -> None:
    pipes = aws.client("pipes", account)
    ends = {"Source": f"arn:aws:sqs:{REGION}:{account}:steps", "RoleArn": f"arn:aws:iam::{account}:role/pipe"}
    machine = f"arn:aws:states:{REGION}:{account}:stateMachine"
    pipes.create_pipe(Name="steps", Target=f"{machine}:first", **ends)
    with pytest.raises(pipes.exceptions.ConflictException):
        pipes.create_pipe(Name="steps", Target=f"{machine}:second", **ends)
    assert pipes.describe_pipe(Name="steps")["Target"] == f"{machine}:first"
    pipes.delete_pipe(Name="steps")
    pipes.create_pipe(Name="steps", Target=f"{machine}:second", **ends)
