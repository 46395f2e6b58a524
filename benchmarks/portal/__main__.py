"""Pages of the portal with a large catalog: ``python -m benchmarks.portal``.

The catalog has 200 teams with 1,000 use cases, and 500 requests of which ten are open. Pages are measured at the
server, and in a browser over a slow connection. 100 people then watch one run.
"""

from __future__ import annotations

from benchmarks.portal.catalog import large_catalog
from benchmarks.portal.first_paint import print_first_paints
from benchmarks.portal.server_times import print_server_times, print_watching


def main() -> None:
    with large_catalog() as (items, ids):
        print_server_times(items, ids)
        print_first_paints(ids)
    print_watching()


if __name__ == "__main__":
    main()
