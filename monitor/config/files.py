"""The shape of each file. Strict: no unknown key, no value of another type. References are checked once all files are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic.json_schema import GenerateJsonSchema

from monitor.config import values as v

Signal = Literal["troop_concentration", "coup_warning", "military_response_threat"]
LevelName = Literal["watch", "warning", "critical"]
Kind = Literal[
    "wire",
    "public_broadcaster",
    "broadcaster",
    "newspaper",
    "government",
    "military",
    "think_tank",
    "state_media",
    "local",
    "ngo",
    "other",
]


class Strict(BaseModel):
    """Base of every part of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FeedDefaults(Strict):
    """What every feed uses unless it says otherwise. `allow_private` is missing on purpose: it is given feed by feed."""

    language: v.Language = "en"
    kind: Kind = "other"
    interval: v.duration("1s", "7d") = timedelta(minutes=10)  # type: ignore[valid-type]  # an Annotated built by a function
    weight: v.Weight = 1.0
    fetch_article: bool = False
    enabled: bool = True


class FeedEntry(FeedDefaults):
    """One feed."""

    id: v.Slug
    url: v.Url
    outlet: v.Text
    owner: v.Text | None = None
    country: v.Country = ""
    allow_private: bool = False


class FeedsFile(Strict):
    """feeds.yaml."""

    defaults: FeedDefaults = FeedDefaults()
    feeds: list[FeedEntry]


class ConditionsEntry(Strict):
    """What a level asks for."""

    evidence: v.Positive | None = None
    origins: Annotated[int, Field(ge=1, le=1000)] | None = None
    surge: v.Positive | None = None


class NotSituations(Strict):
    """All situations but these."""

    not_: Annotated[list[str], Field(alias="not", min_length=1)]


def _situations_form(value: Any) -> str:
    if isinstance(value, dict | NotSituations):
        return "<not>"
    return "<list>" if isinstance(value, list) else "<any>"


Situations = Annotated[
    Annotated[Literal["any"], Tag("<any>")]
    | Annotated[list[str], Field(min_length=1), Tag("<list>")]
    | Annotated[NotSituations, Tag("<not>")],
    Discriminator(_situations_form),
]


class RuleDefaults(Strict):
    """What every rule uses unless it says otherwise."""

    window: v.duration("1h", "30d") = timedelta(hours=72)  # type: ignore[valid-type]  # an Annotated built by a function
    half_life: v.duration("1m", "30d") = timedelta(hours=24)  # type: ignore[valid-type]  # an Annotated built by a function
    min_probability: v.Share = 0.5
    repeat_interval: v.duration("1s", "365d") = timedelta(hours=12)  # type: ignore[valid-type]  # an Annotated built by a function
    resolve_after: v.duration("1s", "365d") = timedelta(hours=24)  # type: ignore[valid-type]  # an Annotated built by a function
    hold: v.Share = 0.5
    enabled: bool = True
    situations: Situations = "any"
    notify: list[str] = []


class LevelsEntry(Strict):
    """The levels of a rule; at least one."""

    watch: ConditionsEntry | None = None
    warning: ConditionsEntry | None = None
    critical: ConditionsEntry | None = None


class RuleEntry(RuleDefaults):
    """One rule."""

    name: v.Slug
    signal: Signal
    levels: LevelsEntry


class SlackEntry(Strict):
    """A Slack channel and where its token is."""

    channel: v.SlackChannel
    token_env: v.Variable | None = None
    token_file: v.Text | None = None


class ConsoleEntry(Strict):
    """The console: nothing to set."""


class QuietHoursEntry(Strict):
    """A daily span."""

    start: v.TimeOfDay
    end: v.TimeOfDay


class ChannelEntry(Strict):
    """One place where notifications go, and how it may spend people's attention."""

    slack: SlackEntry | None = None
    console: ConsoleEntry | None = None
    min_level: LevelName = "watch"
    budget_per_day: Annotated[int, Field(ge=0, le=100_000)] = 20
    fallback: str = ""
    time_zone: v.TimeZone = "UTC"
    quiet_hours: QuietHoursEntry | None = None
    digest: v.OptionalTime = None
    handover: list[v.TimeOfDay] = []
    weekly: v.OptionalWeekly = None
    remind_after: v.duration("1s", "7d") = timedelta(minutes=15)  # type: ignore[valid-type]  # an Annotated built by a function
    remind_times: Annotated[int, Field(ge=0, le=20)] = 3
    escalate_to: str = ""
    storm: Annotated[int, Field(ge=1, le=1000)] = 10


class RulesFile(Strict):
    """rules.yaml."""

    defaults: RuleDefaults = RuleDefaults()
    rules: list[RuleEntry]
    channels: dict[v.Slug, ChannelEntry] = {}


class WebEntry(Strict):
    """The review page."""

    enabled: bool = True
    host: v.Host = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class PollingEntry(Strict):
    """How feeds are fetched."""

    deadline: v.duration("1s", "10m") = timedelta(seconds=30)  # type: ignore[valid-type]  # an Annotated built by a function
    max_bytes: v.size("1KB", "100MB") = v.Bytes(10_000_000)  # type: ignore[valid-type]  # an Annotated built by a function
    per_host: Annotated[int, Field(ge=1, le=16)] = 2
    max_age: v.duration("1h", "30d") = timedelta(hours=48)  # type: ignore[valid-type]  # an Annotated built by a function
    contact: v.Contact = "mailto:you@example.org"


class SlackAppEntry(Strict):
    """The app behind the buttons: Socket Mode, and who may use them."""

    app_token_env: v.Variable | None = "SLACK_APP_TOKEN"  # noqa: S105  # the name of a variable
    app_token_file: v.Text | None = None
    allowed_users: list[v.SlackId] = []
    allowed_teams: list[v.SlackId] = []


class HeartbeatEntry(Strict):
    """A sign of life for somebody outside; every 0s: none."""

    every: v.duration("0s", "1d") = timedelta(0)  # type: ignore[valid-type]  # an Annotated built by a function
    url: v.OptionalUrl = ""


class MonitorFile(Strict):
    """monitor.yaml."""

    database_url: v.Text = "sqlite:///crisis-monitor.db"
    queue: Literal["local", "procrastinate"] = "local"
    web: WebEntry = WebEntry()
    polling: PollingEntry = PollingEntry()
    evaluate_every: v.duration("1s", "1h") = timedelta(seconds=15)  # type: ignore[valid-type]  # an Annotated built by a function
    retention: v.duration("35d", "36500d") = timedelta(days=400)  # type: ignore[valid-type]  # an Annotated built by a function
    fallback_channel: str = ""
    ops_channel: str = ""
    drill_channel: str = ""
    heartbeat: HeartbeatEntry = HeartbeatEntry()
    public_url: v.OptionalUrl = ""
    slack: SlackAppEntry = SlackAppEntry()
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class OutletEntry(Strict):
    """What is known of one outlet."""

    owner: v.Text | None = None
    weight: v.Weight = 1.0
    aliases: list[v.Text] = []
    state_of: v.Country | None = None
    agency: bool = False


class OutletsFile(Strict):
    """outlets.yaml."""

    outlets: dict[v.Text, OutletEntry] = {}


class ActorEntry(Strict):
    """An alliance, armed group, organisation or territory."""

    names: Annotated[list[v.Text], Field(min_length=1)]
    kind: Literal["alliance", "armed_group", "organisation", "territory"]
    members: list[v.Country] = []
    of: v.Country | None = None


class SituationEntry(Strict):
    """A named situation."""

    name: v.Text
    aliases: list[v.Text] = []
    merge: list[str] = []


class SituationsFile(Strict):
    """situations.yaml."""

    actors: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,30}$")], ActorEntry] = {}
    situations: dict[str, SituationEntry] = {}


class WrittenSchema(GenerateJsonSchema):
    """Says defaults as the files do: 30s, 10MB."""

    def encode_default(self, dft: Any) -> Any:
        """Return `dft` as written in a file."""
        if isinstance(dft, timedelta):
            return v.duration_text(dft)
        return v.size_text(dft) if isinstance(dft, v.Bytes) else super().encode_default(dft)


FILES: dict[str, type[Strict]] = {
    "monitor.yaml": MonitorFile,
    "feeds.yaml": FeedsFile,
    "rules.yaml": RulesFile,
    "outlets.yaml": OutletsFile,
    "situations.yaml": SituationsFile,
}
