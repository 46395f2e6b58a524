"""Settings of a use case, one ML product of a team."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.team.delivery import DeliverySettings
from settings.team.retention import RetentionByClass
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.kinds import InferenceKind
from settings.types.model import Settings
from settings.types.values import Checked, List

MAX_USE_CASES = 100
"""Maximum use cases of a team. Each needs up to six of the 1,000 lifecycle rules of a bucket, and about 100 of the
20,480 bytes of its policy (S3 User Guide, "Bucket quotas").
"""

MOST_GOAL_CHARACTERS = 256
USE_CASE_TAG = "plinth:use-case"
"""Tag of everything of a use case, by which ML buckets identify its roles. Its value is the name of the use case."""


def _ways_of_inference(found: tuple[InferenceKind, ...]) -> tuple[InferenceKind, ...]:
    if not found:
        raise refusal(Code.FIELD_MISSING, "is empty", "set one or more of real-time, asynchronous and batch")
    if len(set(found)) < len(found):
        raise refusal(Code.NAME_REPEATED, "lists a way of inference twice", "list it once")
    return found


def _sentence(text: str) -> str:
    if len(text) > MOST_GOAL_CHARACTERS:
        rule = f"has {len(text)} characters, more than {MOST_GOAL_CHARACTERS}"
        raise refusal(Code.OUT_OF_RANGE, rule, "shorten it to one sentence")
    if not text.isprintable() or text != text.strip():
        raise refusal(Code.FORMAT, "has a line break, a control character, or a space at an end", "write one line")
    return text


Goal = Annotated[str, Checked(_sentence, {"maxLength": MOST_GOAL_CHARACTERS})]
WaysOfInference = Annotated[List[InferenceKind], Checked(_ways_of_inference, {"minItems": 1, "uniqueItems": True})]


class UseCaseSettings(Settings):
    """Settings of one use case. Every field has a default."""

    goal: Goal = Field(
        default="",
        description="What the use case is for, in one sentence of up to 256 characters. `plinth usecase list` shows it "
        "and searches it.",
        examples=["Refuse stolen cards before a payment is booked"],
    )
    inference: WaysOfInference = Field(
        default=("real-time",),
        description="How released models predict: `real-time` (an endpoint behind an API), `asynchronous` (one whose "
        "API answers later, for requests of up to 1 GB or an hour), `batch` (a pipeline that predicts files), or "
        "several while the deployment repository changes from one to the other. A new deployment repository has the "
        "first. Releases have the permissions for these ways only.",
        examples=[["asynchronous"], ["batch"]],
    )
    predicts_on_events: bool = Field(
        default=False,
        description="Whether events of EventBridge can ask real-time endpoints for predictions. Environments to which "
        "models are released then have queues for answers and for failures, and releases may create the rules.",
    )
    models_call_aws: bool = Field(
        default=False,
        description="Whether models call AWS services during inference, such as Feature Store or Athena. Their "
        "containers then have network access, in subnets without internet access.",
    )
    delivery: DeliverySettings | None = Field(
        default=None,
        description="Repositories, builds and model package groups in the tooling account, in a stack of their own. "
        "Default: none.",
    )
    retention: RetentionByClass = Field(
        default_factory=dict,
        description="Retention of the use case's objects by class: feature, develop, main, batch, capture. For a class "
        "that is given, it replaces the retention of the environment.",
    )
