"""Health and metrics, read from the database and the daemon's signs of life."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from monitor.adapters.slack_socket import SocketState
from monitor.core.errors import StorageError
from monitor.core.polling import health
from monitor.web.health import DRIFT_SPAN, Part, Status, coverage_part, feeds_part, outbox_part, seconds, socket_part
from monitor.web.site import Shelf, Site


def parts_of(site: Site) -> list[Part]:
    """Return the state of every part; an unreachable database fails by itself and hides only what needs it."""
    now, vitals = site.clock(), site.vitals
    parts = [vitals.evaluate_part(now), vitals.model_part(now)]
    parts += [socket_part(vitals.socket, now)] if vitals.socket else []
    try:
        with site.library.reading() as unit:
            states, lease = unit.feed_states(), unit.lease(vitals.lease)
            seen = site.lookout().survey(unit, now)
        outbox = outbox_part(vitals.delivery(), now)
    except StorageError:
        return [Part(name="database", status=Status.FAILING, facts={"reachable": False}, vital=True), *parts]
    feeds = site.feeds()
    return [
        Part(name="database", status=Status.OK, facts={"reachable": True}, vital=True),
        vitals.lease_part(lease, now),
        vitals.polls_part(feeds, states, now),
        *parts,
        outbox,
        feeds_part(feeds, states, now),
        coverage_part(seen),
    ]


def metrics_of(site: Site) -> bytes:
    """Return the metrics in Prometheus' text form. Raises StorageError."""
    registry = CollectorRegistry()
    registry.register(_Gathered(site))
    return generate_latest(registry)


class _Gathered(Collector):
    """Reads everything anew for one scrape, so that nothing is counted twice or forgotten at a restart."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def describe(self) -> list[Metric]:
        """Spare the registry a scrape of its own."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        site, now = self._site, self._site.clock()
        yield from _of_process(site)
        if site.vitals.socket:
            yield from _of_socket(site.vitals.socket)
        with site.library.reading() as unit:
            states, seen = unit.feed_states(), site.lookout().survey(unit, now)
            yield from _of_tables(unit)
            yield _last_day(unit.score_histogram(now - DRIFT_SPAN))
            drifts = site.vitals.drifts(unit.score_spreads, now)
            yield _gauge(
                "score_drift", "Drift of the last day's scores (0 none, 0.25 much)", ("language", "feed"), drifts
            )
        tally = Tally(health(states.get(feed.id), feed, now).value for feed in site.feeds())
        yield _gauge("feeds", "Feeds by health", ("health",), {(key,): number for key, number in tally.items()})
        yield GaugeMetricFamily(
            "crisis_monitor_blind_countries", "Countries nothing is seen of", value=len(seen.blind())
        )
        delivery = site.vitals.delivery()
        oldest = seconds(now, delivery.oldest) or 0
        yield GaugeMetricFamily(
            "crisis_monitor_oldest_pending_seconds", "Age of the oldest notification not yet sent", value=oldest
        )
        yield CounterMetricFamily(
            "crisis_monitor_delivery_repeats",
            "Messages sent again without knowing whether they had arrived",
            value=delivery.repeats,
        )


def _of_process(site: Site) -> Iterator[Metric]:
    vitals = site.vitals
    info = {"version": site.version, "model": vitals.model, "stack": vitals.stack}
    yield InfoMetricFamily("crisis_monitor_build", "Versions at work", value=info)
    yield CounterMetricFamily("crisis_monitor_polls", "Polls taken in since the start", value=vitals.pulse.polls)
    yield CounterMetricFamily("crisis_monitor_poll_failures", "Polls that failed", value=vitals.pulse.failures)
    yield CounterMetricFamily(
        "crisis_monitor_new_articles", "Articles stored since the start", value=vitals.pulse.articles
    )


def _of_socket(state: SocketState) -> Iterator[Metric]:
    up = int(state.connected_since is not None)
    yield GaugeMetricFamily("crisis_monitor_socket_up", "Whether people can act in Slack", value=up)
    yield CounterMetricFamily(
        "crisis_monitor_socket_connections", "Connections to Slack for buttons and commands", value=state.connections
    )
    yield CounterMetricFamily("crisis_monitor_socket_envelopes", "Clicks and commands answered", value=state.envelopes)


def _of_tables(unit: Shelf) -> Iterator[Metric]:
    yield GaugeMetricFamily("crisis_monitor_articles", "Articles kept", value=unit.count_articles())
    yield _gauge("alerts", "Alerts by highest level and state", ("level", "state"), unit.count_alerts())
    yield _gauge("notifications", "Deliveries by channel and state", ("channel", "state"), unit.count_notifications())


def _gauge(name: str, text: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(f"crisis_monitor_{name}", text, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _last_day(histograms: Mapping[str, list[tuple[float, int]]]) -> Metric:
    """Scores of the last day per language: when their shape moves, the model or the news has changed."""
    family = HistogramMetricFamily(
        "crisis_monitor_top_score_last_day", "Strongest signal's score of the last day's articles", labels=("language",)
    )
    for language, steps in sorted(histograms.items()):
        buckets = [(str(step), float(number)) for step, number in steps[:-1]] + [("+Inf", float(steps[-1][1]))]
        family.add_metric((language or "unknown",), buckets, sum_value=None)
    return family
