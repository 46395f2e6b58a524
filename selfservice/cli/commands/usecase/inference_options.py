"""Options of commands that create or request a use case."""

from __future__ import annotations

import click

from settings.types.kinds import INFERENCE_KINDS

goal = click.option(
    "--goal",
    default="",
    metavar="SENTENCE",
    help="What the use case is for. `plinth usecase list --search` finds it, so that nobody builds it twice.",
)
inference = click.option(
    "--inference",
    type=click.Choice(INFERENCE_KINDS),
    help="How released models predict: an endpoint behind an API (default), one whose API answers later, or a pipeline "
    "that predicts files.",
)
results = click.option(
    "--results",
    metavar="DATASET",
    help="Dataset of the data lake to which batch inference returns results. It names the team in `returned_by`.",
)
approvers = click.option(
    "--approver",
    "approvers",
    multiple=True,
    metavar="USER",
    help="Person who may approve promotions; name two or more. Without any, models are not promoted. Repeatable.",
)
