"""Runs every rule across fields and files on the valid parts of the settings."""

from __future__ import annotations

from settings.derived.partial_config import Parts
from settings.rules.accounts import account_faults
from settings.rules.addresses import address_faults
from settings.rules.data.data_apis import data_api_faults
from settings.rules.data.datasets import dataset_faults
from settings.rules.data.feature_groups import feature_group_faults
from settings.rules.data.glue_steps import glue_step_faults
from settings.rules.data.intakes import intake_faults
from settings.rules.data.pushed_data import pushed_data_faults
from settings.rules.data.returned_results import returned_results_faults
from settings.rules.environments import environment_faults
from settings.rules.organization import organization_faults
from settings.rules.placement import placement_faults
from settings.rules.retention import retention_faults
from settings.rules.tags import tag_faults
from settings.types.errors import Fault


def faults_between(parts: Parts) -> list[Fault]:
    """Returns all faults. File names are relative to the stack directory; the loader adds path and line."""
    return [
        *organization_faults(parts.organization),
        *placement_faults(parts),
        *address_faults(parts),
        *account_faults(parts),
        *environment_faults(parts),
        *retention_faults(parts),
        *dataset_faults(parts),
        *pushed_data_faults(parts),
        *returned_results_faults(parts),
        *intake_faults(parts),
        *data_api_faults(parts),
        *glue_step_faults(parts),
        *feature_group_faults(parts),
        *tag_faults(parts),
    ]
