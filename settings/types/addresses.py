"""Parses IPv4 ranges and finds free and overlapping blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from settings.types.error_codes import Code
from settings.types.errors import refusal

PRIVATE_RANGES = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))

WIDEST_PUBLIC_PREFIX = 16
"""Prefix length of the widest public range that can belong to a company's network. A condition on ``aws:SourceIp`` with
wider ranges denies next to nobody.
"""
MOST_PUBLIC_ADDRESSES = 2**18
"""Number of addresses that all public ranges of a company have together, at most: as many as four of the widest."""

_NOT_PRIVATE = (
    (IPv4Network("127.0.0.0/8"), "is the loopback range"),
    (IPv4Network("169.254.0.0/16"), "is the link-local range, where AWS keeps its metadata service"),
    (IPv4Network("100.64.0.0/10"), "is the shared range of carriers, which on-premises networks seldom route"),
    (IPv4Network("224.0.0.0/4"), "is the multicast range"),
)


def private_network(value: object) -> IPv4Network:
    """Parses a range that is private and has no host bits."""
    return _private(_network(value))


def public_network(value: object) -> IPv4Network:
    """Parses a range that is routed on the internet, as a company's egress addresses are."""
    network = _network(value)
    is_private = any(network.subnet_of(private) for private in PRIVATE_RANGES)
    if network.prefixlen < WIDEST_PUBLIC_PREFIX and not is_private:
        rule = (
            f"has {network.num_addresses:,} addresses, so guardrails would let nearly anybody in; a range has a prefix "
            f"of /{WIDEST_PUBLIC_PREFIX} or longer"
        )
        raise refusal(Code.CIDR_SIZE, rule, "list the ranges with which the company's traffic leaves")
    if not network.is_global:
        rule = "is not public; AWS sees the address that your traffic leaves with, not the internal one"
        raise refusal(Code.CIDR, rule, "ask the network team for the public range")
    return network


def _network(value: object) -> IPv4Network:
    """Parses an IPv4 range without host bits."""
    if isinstance(value, IPv4Network):
        return value
    if not isinstance(value, str):
        raise refusal(Code.WRONG_TYPE, "is not a string; an address range is a string", 'write "10.1.0.0/19"')
    if ":" in value:
        raise refusal(Code.CIDR, "is IPv6; the foundation's networks are IPv4", "write a range as 10.1.0.0/19")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}", value):
        raise refusal(Code.CIDR, "is not an address range; the form is a.b.c.d/n", "write a range as 10.1.0.0/19")
    try:
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise refusal(
            Code.CIDR, "is not an address range; each part is 0-255 and the prefix 0-32", "write a range as 10.1.0.0/19"
        ) from None
    written = value.partition("/")[0]
    if "." in written and str(network.network_address) != written:
        raise refusal(Code.CIDR, "has host bits set; a range starts with its first address", f"write {network}")
    return network


def _private(network: IPv4Network) -> IPv4Network:
    if any(network.subnet_of(private) for private in PRIVATE_RANGES):
        return network
    listed = ", ".join(map(str, PRIVATE_RANGES))
    found = next(
        (words for range_, words in _NOT_PRIVATE if network.overlaps(range_)), "is public or only partly private"
    )
    raise refusal(
        Code.CIDR_NOT_PRIVATE, f"{found}; networks use the private ranges {listed}", "choose a range inside one of them"
    )


def lowest_free(within: IPv4Network, prefix_length: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """Returns the lowest block of ``prefix_length`` inside ``within`` that overlaps no block of ``taken``."""
    if prefix_length < within.prefixlen:
        return None
    size = 1 << (32 - prefix_length)
    start, end = int(within.network_address), int(within.broadcast_address) + 1
    for block in sorted(taken):
        first, last = int(block.network_address), int(block.broadcast_address)
        if start + size <= first:
            break
        if last >= start:
            start = -(-(last + 1) // size) * size
    return IPv4Network((start, prefix_length)) if start + size <= end else None


def overlaps(
    blocks: Iterable[tuple[str, IPv4Network]],
) -> Iterator[tuple[tuple[str, IPv4Network], tuple[str, IPv4Network]]]:
    """Yields each pair of overlapping blocks, with their owners. Sorts first, so that a block is compared once."""
    widest: tuple[str, IPv4Network] | None = None
    reach = IPv4Address(0)
    for owner, network in sorted(blocks, key=lambda pair: (pair[1], pair[0])):
        if widest is not None and network.network_address <= reach:
            yield widest, (owner, network)
        if widest is None or network.broadcast_address > reach:
            widest, reach = (owner, network), network.broadcast_address
