"""Reproducible identifiers.

moto draws all identifiers from one generator. Seeding it for each call makes an identifier a function of the sandbox's
seed and the call's position in the journal. A replay of the journal therefore restores the same accounts, keys and
networks, whatever was read in between.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from moto.core import base_backend
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal import mock_random


def seed(*parts: object) -> None:
    """Seeds every source of randomness with ``parts``."""
    text = ":".join(map(str, parts))
    mock_random.seed(text)
    random.seed(text)


@contextmanager
def seeded(*parts: object) -> Iterator[None]:
    """Like :func:`seed`, for the duration of a block. Afterwards the previous random state continues."""
    before, before_global = mock_random.getstate(), random.getstate()
    seed(*parts)
    try:
        yield
    finally:
        mock_random.setstate(before)
        random.setstate(before_global)


def tie_to(sandbox_seed: str, prepare: Callable[[str], object]) -> None:
    """Ties the other sources of randomness of the process to ``sandbox_seed``. Called once per process.

    ``prepare`` gets the name of a service before its default resources are created, whichever call comes first.
    """
    # KMS key material, initialisation vectors and uuid.uuid4 use this source. Nothing that this process creates is
    # secret.
    os.urandom = mock_random.randbytes
    # moto numbers its dictionaries with random values. Drawn from the same source, an import would shift all later
    # values.
    base_backend.uuid4 = lambda: UUID(bytes=secrets.token_bytes(16), version=4)
    create = AccountSpecificBackend.__getitem__

    def create_seeded(self: AccountSpecificBackend[object], region: str) -> object:
        """Seeds the default resources of a service in a region, so that they do not depend on the call that comes
        first."""
        if region in self.keys():
            return create(self, region)
        prepare(self.service_name)
        with seeded(sandbox_seed, self.service_name, self.account_id, region):
            return create(self, region)

    AccountSpecificBackend.__getitem__ = create_seeded
