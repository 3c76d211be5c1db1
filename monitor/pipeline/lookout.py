"""Coverage as the database shows it now, looked up at most once a minute."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from monitor.core.coverage import Cause, Coverage, Survey, survey
from monitor.core.model import Feed
from monitor.core.ports import Unit

REFRESH = timedelta(minutes=1)
LANGUAGE_SPAN = timedelta(days=1)


class Lookout:
    """Says which countries cannot be seen, and since when.

    readable: languages the model reads. name_of: the name for people of a country (by its alpha-3 code) or a language (by its code in small letters).
    """

    def __init__(
        self, feeds: Sequence[Feed], *, readable: Collection[str], name_of: Callable[[str], str] = lambda code: code
    ) -> None:
        self.name_of = name_of
        self._feeds = feeds
        self._readable = readable
        self._latest: Survey | None = None

    def survey(self, unit: Unit, now: datetime) -> Survey:
        """Return the coverage at `now`, at most a minute old."""
        latest = self._latest
        if latest is None or not timedelta(0) <= now - latest.at < REFRESH:
            latest = survey(
                self._feeds,
                unit.feed_states(),
                now,
                readable=self._readable,
                began=unit.history_since(),
                unread=unit.unread_feeds(now - LANGUAGE_SPAN),
            )
            self._latest = latest
        return latest

    def blind(self, unit: Unit, countries: Sequence[str], now: datetime) -> list[tuple[str, datetime]]:
        """Return the names of those `countries` that cannot be seen at `now`, with since when."""
        found = self.survey(unit, now)
        pairs = ((code, found.blind_since(code)) for code in countries)
        return [(self.name_of(code), since) for code, since in pairs if since is not None]

    def line(self, coverage: Coverage) -> str:
        """Return one blind country or language in words."""
        since = f" since {coverage.since:%d %B %Y %H:%M} UTC" if coverage.since else ""
        name = self.name_of(coverage.country)
        return f"{f'news in {name}' if coverage.country.islower() else name}{since} ({coverage.why()})"

    def lost(self, found: Survey) -> list[str]:
        """Return a line for every country and language whose feeds are lost; those that were never read are not among them."""
        lost = found.blind(Cause.FAILING) + [
            each for each in found.languages.values() if each.since and each.cause is Cause.FAILING
        ]
        abroad = found.abroad
        elsewhere = (
            [f"all other countries since {abroad.since:%d %B %Y %H:%M} UTC ({abroad.why()})"] if abroad.since else []
        )
        return [self.line(each) for each in lost] + elsewhere
