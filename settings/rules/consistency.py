"""Runs every rule across fields and files on the valid parts of the settings."""

from __future__ import annotations

from settings.rules.accounts import account_faults
from settings.rules.addresses import address_faults
from settings.rules.bucket_names import bucket_name_faults
from settings.rules.cluster import ci_team_faults, cluster_faults
from settings.rules.data.data_apis import data_api_faults
from settings.rules.data.datasets import dataset_faults
from settings.rules.data.feature_groups import feature_group_faults
from settings.rules.data.glue_steps import glue_step_faults
from settings.rules.data.intakes import intake_faults
from settings.rules.data.pushed_data import pushed_data_faults
from settings.rules.data.returned_results import returned_results_faults
from settings.rules.deliveries import delivery_faults
from settings.rules.environments import environment_faults
from settings.rules.minimum_gates import minimum_gate_faults
from settings.rules.organization import organization_faults
from settings.rules.partial_config import PartialConfig
from settings.rules.placement import placement_faults
from settings.rules.retention import retention_faults
from settings.rules.sources import source_faults
from settings.rules.tags import tag_faults
from settings.types.errors import Fault


def consistency_faults(config: PartialConfig) -> list[Fault]:
    """Returns all faults. File names are relative to the stack directory; the loader adds path and line."""
    return [
        *organization_faults(config.organization),
        *cluster_faults(config.organization),
        *ci_team_faults(config),
        *bucket_name_faults(config.organization),
        *placement_faults(config),
        *address_faults(config),
        *account_faults(config),
        *environment_faults(config),
        *delivery_faults(config),
        *source_faults(config),
        *minimum_gate_faults(config),
        *retention_faults(config),
        *dataset_faults(config),
        *pushed_data_faults(config),
        *returned_results_faults(config),
        *intake_faults(config),
        *data_api_faults(config),
        *glue_step_faults(config),
        *feature_group_faults(config),
        *tag_faults(config),
    ]
