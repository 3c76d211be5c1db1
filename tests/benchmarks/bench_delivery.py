"""How long an alert takes from its commit to Slack's `ok`, on an idle channel: our share of it, against a stand-in on loopback.

    python -m tests.benchmarks.bench_delivery [--alerts 500]

Database on disk with full synchronisation, writing thread, Web API over HTTP. Slack's own time comes on top.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from monitor.core.messages import DeliveryState
from monitor.daemon import Writer
from tests.desk import Desk
from tests.fakes import ManualClock
from tests.servers.slack import SlackStandIn


def measure(folder: Path, count: int) -> list[float]:
    """Return the seconds from commit to `ok` of `count` alerts, one after the other, sorted."""
    clock = ManualClock()
    with SlackStandIn(clock=clock) as slack:
        return sorted(asyncio.run(_deliver(Desk(folder, slack, clock), count)))


async def _deliver(desk: Desk, count: int) -> list[float]:
    spent, writer = [], Writer()
    desk.delivery.in_writer = writer
    for _ in range(count):
        desk.clock.advance(seconds=2)  # the channel is idle
        alert = await writer(desk.open)
        committed = time.perf_counter()
        await desk.delivery.deliver()
        spent.append(time.perf_counter() - committed)
        with desk.storage.reading() as unit:
            assert [row.state for row in unit.notifications_of(alert.id)] == [DeliveryState.SENT]
    writer.close()
    desk.storage.close()
    return spent


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the sorted `values` lie."""
    return values[min(int(share * len(values)), len(values) - 1)]


def main() -> None:
    """Print the quantiles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        spent = measure(Path(folder), options.alerts)
    print(f"{len(spent)} alerts, commit to ok on an idle channel:")
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)):
        print(f"{name} {1000 * quantile(spent, share):8.1f} ms")


if __name__ == "__main__":
    main()
