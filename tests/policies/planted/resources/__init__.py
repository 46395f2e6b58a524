"""Functions that create compliant resources. Arguments replace or add properties."""

from __future__ import annotations

from tests.policies.planted.resources.accounts import Accounts
from tests.policies.planted.resources.base import BUCKET, EVERYTHING, NO_HTTP, NO_OLD_TLS
from tests.policies.planted.resources.clusters import Clusters
from tests.policies.planted.resources.data import Data
from tests.policies.planted.resources.delivery import Delivery
from tests.policies.planted.resources.models import Models
from tests.policies.planted.resources.networks import Networks
from tests.policies.planted.resources.serving import Serving
from tests.policies.planted.resources.stores import Stores
from tests.policies.planted.resources.studio import Studio
from tests.policies.planted.resources.workflows import Workflows

__all__ = ["BUCKET", "EVERYTHING", "NO_HTTP", "NO_OLD_TLS", "Planted"]


class Planted(Accounts, Clusters, Data, Delivery, Models, Networks, Serving, Stores, Studio, Workflows):
    """Creates any of the resources in one account, all with one name."""
