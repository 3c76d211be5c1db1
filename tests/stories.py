"""Made-up reports for end-to-end tests: every outlet tells a thing in its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

import yaml

from tests.servers.feeds import FeedServer, page, rss_items

BUILD_UP = (
    "Russia masses tanks and artillery near the Ukrainian border, officials say",
    "Tens of thousands of Russian soldiers gather within reach of Ukraine",
    "Fresh Russian battalions move towards Ukraine as Kyiv sounds the alarm",
    "Satellite pictures show growing camps of Russian troops on Ukraine's frontier",
)
COUP = (
    "Mali's government says soldiers are plotting a coup",
    "Officers arrested in Bamako over plan to overthrow Mali's president",
    "Rumours of an army takeover grow in Mali as troops surround the palace",
    "Coup attempt feared in Mali after gunfire at barracks in the capital",
)
THREAT = (
    "Iran threatens to strike Israel if its nuclear sites are attacked",
    "Tehran vows crushing military response to any Israeli attack",
    "Iranian general warns Israel of missile retaliation should it bomb reactors",
    "Israel will be hit with force if it attacks, Iran's supreme leader says",
)
EVERYDAY = (
    "Striker threatens to leave as club masses its forces in midfield",
    "Boardroom coup at toy maker ousts chairman",
    "EU threatens retaliation over new tariffs on steel",
    "Veterans mark eightieth anniversary of the landings",
    "Soldiers deploy with sandbags as river floods three towns",
    "New thriller retells a coup that never was",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Town:
    """Feeds of several outlets on one loopback server, and a configuration directory that names them."""

    config: Path
    server: FeedServer

    def publish(self, outlet: str, titles: Sequence[str], at: datetime) -> None:
        """Put a feed with these titles, all dated `at`, on the server."""
        items = [item_of(outlet, number, title, at) for number, title in enumerate(titles)]
        self.server.put(f"/{outlet}.xml", page(rss_items(items, title=outlet)))


def item_of(outlet: str, number: int, title: str, at: datetime) -> Mapping[str, str]:
    """Return one item of an outlet's feed."""
    link = f"https://{outlet}.example/{number}-{title[:20].replace(' ', '-').lower()}"
    return {"title": title, "link": link, "guid": link, "pubDate": format_datetime(at)}


def found_town(directory: Path, server: FeedServer, outlets: Sequence[str], channel: Mapping[str, object]) -> Town:
    """Write a configuration whose feeds are `outlets` on `server` and whose one channel is `channel`."""
    directory.mkdir(parents=True, exist_ok=True)
    feeds = [
        {
            "id": name,
            "url": server.url(f"/{name}.xml"),
            "outlet": name,
            "owner": name,
            "country": "GBR",
            "kind": "newspaper",
            "allow_private": True,
        }
        for name in outlets
    ]
    (directory / "feeds.yaml").write_text(yaml.safe_dump({"feeds": feeds}), encoding="utf-8")
    rules = yaml.safe_load((Path(__file__).parent.parent / "config" / "rules.yaml").read_text(encoding="utf-8"))
    rules["channels"] = {"desk": dict(channel)}
    (directory / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    return Town(config=directory, server=server)
