"""Policies of resources that no stack declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from selfservice.undeclared.finding import Finding
from selfservice.undeclared.policy_access import admissions
from selfservice.undeclared.readers.policy_listings import PolicyListing
from selfservice.undeclared.reading import Reading


def reader_of(listing: PolicyListing) -> Callable[[Reading], Iterator[Finding]]:
    """Returns the reader of one kind of resources."""

    def read(reading: Reading) -> Iterator[Finding]:
        if reading.account.region in listing.absent_from:
            return
        client = reading.client(listing.service)
        declared = _declared(reading, listing)
        for item in reading.every(listing.service, listing.operation, listing.items) if listing.operation else [""]:
            arn = listing.arn(client, item, reading)
            if not declared.isdisjoint(_names(arn, item)):
                continue
            with reading.of(f"policy of the {listing.what} {arn}"):
                policy = listing.policy(client, item, arn)
                for admission in admissions(policy, reading.account.id, reading.organization) if policy else ():
                    if admission.danger.rank > listing.least.rank:
                        continue
                    yield reading.found(
                        admission.danger,
                        arn,
                        ", ".join(admission.actions),
                        listing.remedy,
                        principals=(admission.principal,),
                    )

    return read


def _declared(reading: Reading, listing: PolicyListing) -> frozenset[str]:
    """Returns the names of resources whose policies stacks declare, which a refresh compares."""
    found: frozenset[str] = frozenset()
    for type_, key in listing.declared:
        if key == "@account":
            found |= {"catalog"} if reading.names("id", type_) else frozenset()
        else:
            found |= reading.names(key, type_)
    return found


def _names(arn: str, item: Any) -> set[str]:
    """Returns the names by which a state may refer to the resource: ARN, name with or without its type, and URL."""
    name = arn.split(":", 5)[5]
    return {arn, name, name.rpartition(":")[2], name.partition("/")[2], *([item] if isinstance(item, str) else ())}
