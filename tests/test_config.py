"""The configuration: shipped files are right, wrong ones are named with file, line, path and remedy."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from monitor.config import (
    Config,
    Reloaded,
    check,
    database_url,
    fingerprint,
    json_schemas,
    load,
    reload,
    schema_text,
)
from monitor.config.strict_yaml import MAX_BYTES, Document, parse
from monitor.config.values import duration_text, parse_duration, parse_size, size_text
from monitor.core.alerts import Level
from monitor.core.errors import ConfigError
from monitor.core.model import FeedKind
from monitor.shipped import shipped_directory

CASES = sorted((Path(__file__).parent / "config_cases").glob("*.yaml"))
SHIPPED = shipped_directory("config")
CANARY = "xoxb-canary-secret"

RULES = """\
defaults: {notify: [desk], window: 48h, situations: [RUS-UKR]}
rules:
  - name: one
    signal: coup_warning
    levels: {watch: {evidence: 1.0}}
  - name: two
    signal: troop_concentration
    situations: {not: ["CHN-*"]}
    window: 24h
    hold: 0.8
    enabled: false
    notify: []
    levels: {watch: {evidence: 1}, critical: {evidence: 3.5, origins: 2}}
channels:
  desk: {slack: {channel: "#watch", token_env: DESK_TOKEN}, min_level: warning, budget_per_day: 5, fallback: room}
  room: {console: {}}
"""


def a_directory(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_wrong_file_is_named_with_line_path_and_remedy(case: Path, tmp_path: Path) -> None:
    text = case.read_text(encoding="utf-8")
    expected = text.splitlines()[0].removeprefix("# expect: ")
    name = case.name.partition(".")[0]
    a_directory(tmp_path, **{name: text})

    problems = check(tmp_path, {})

    shown = [f"{problem.path}: {problem.message}" if problem.path else problem.message for problem in problems]
    found = [problem for problem, line in zip(problems, shown, strict=True) if line.startswith(expected)]
    assert found, shown
    assert found[0].file == str(tmp_path / f"{name}.yaml")
    marked = [number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# here")]
    assert not marked or found[0].line == marked[0]
    assert len(problems) == int((re.search(r"^# problems: (\d+)$", text, re.MULTILINE) or [0, 1])[1]), shown
    assert "canary-secret" not in str(problems[0])


def test_there_are_at_least_forty_kinds_of_wrong_file() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("folder", [SHIPPED, SHIPPED / "profiles" / "single-outlet"], ids=["shipped", "single-outlet"])
def test_shipped_files_have_no_problem(folder: Path) -> None:
    assert check(folder, {}) == []


def test_shipped_feeds_cover_the_world() -> None:
    feeds = load(SHIPPED, {}).feeds

    assert len(feeds) >= 180
    assert len({feed.country for feed in feeds}) >= 60
    assert {feed.kind for feed in feeds} == set(FeedKind)
    assert sum(feed.language == "en" for feed in feeds) >= 150


def test_shipped_outlets_know_agencies_and_state_media() -> None:
    outlets = load(SHIPPED, {}).outlets
    reuters, tass = outlets.find("reuters.com"), outlets.find("ITAR-TASS")

    assert reuters
    assert reuters.agency
    assert reuters.owner == "thomson-reuters"
    assert tass
    assert (tass.state_of, tass.weight) == ("RUS", 0.5)


def test_single_outlet_profile_never_asks_for_origins() -> None:
    rules = load(SHIPPED / "profiles" / "single-outlet", {}).rules

    assert {asked.origins for rule in rules for asked in rule.levels.values()} == {None}


def test_committed_schemas_are_the_generated_ones() -> None:
    schemas = json_schemas()
    committed = {path.name: path.read_text(encoding="utf-8") for path in (SHIPPED / "schema").glob("*.json")}

    assert committed == {f"{Path(name).stem}.schema.json": schema_text(schema) for name, schema in schemas.items()}


def test_schemas_say_durations_as_the_files_do() -> None:
    properties = json_schemas()["monitor.yaml"]["properties"]

    assert properties["evaluate_every"]["default"] == "15s"
    assert properties["web"]["default"]["port"] == 8080


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    a_directory(
        tmp_path,
        monitor="retension: 1d\nweb: {port: x}\n",
        feeds='feeds: [{id: a, url: "ftp://a.example", outlet: A}, {id: b, url: "https://b.example", outlet: B, country: B}]\n',
        rules="rules:\n  - {name: one, signal: coup, levels: {}}\n  - {name: two, signal: coup_warning, levels: {}}\n",
    )

    with pytest.raises(ConfigError) as caught:
        load(tmp_path, {})

    paths = [(Path(problem.file).name, problem.path) for problem in caught.value.problems]
    assert paths == [
        ("monitor.yaml", "retension"),
        ("monitor.yaml", "web.port"),
        ("feeds.yaml", "feeds[0].url"),
        ("feeds.yaml", "feeds[1].country"),
        ("rules.yaml", "rules[0].signal"),
        ("rules.yaml", "rules[1].levels"),
    ]


def test_rules_take_defaults_and_override_every_one(tmp_path: Path) -> None:
    one, two = load(a_directory(tmp_path, rules=RULES), {}).rules

    assert (one.window, one.notify, one.situations) == (timedelta(hours=48), ("desk",), ("RUS-UKR",))
    assert (two.window, two.hold, two.enabled, two.notify) == (timedelta(hours=24), 0.8, False, ())
    assert (two.situations, two.exclude) == ((), ("CHN-*",))
    assert list(two.levels) == [Level.WATCH, Level.CRITICAL]


def test_missing_files_are_the_shipped_ones(tmp_path: Path) -> None:
    config = load(a_directory(tmp_path, rules=RULES), {})

    assert config.feeds == load(SHIPPED, {}).feeds
    assert [rule.name for rule in config.rules] == ["one", "two"]


def test_a_misnamed_file_is_not_passed_over(tmp_path: Path) -> None:
    problems = check(a_directory(tmp_path, rule=RULES), {})

    assert [problem.message for problem in problems] == ['is not read: rename it to "rules.yaml", or move it away']


def test_a_missing_directory_is_a_problem(tmp_path: Path) -> None:
    problems = check(tmp_path / "none", {})

    assert "is no directory" in problems[0].message


def test_a_file_beyond_the_size_limit_is_refused(tmp_path: Path) -> None:
    problems = check(a_directory(tmp_path, feeds="#" * (MAX_BYTES + 1)), {})

    assert problems[0].message.startswith("is larger than 2 MB")


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "outlets.yaml").write_bytes(b"outlets:\n  Caf\xe9: {owner: a}\n")

    problems = check(tmp_path, {})

    assert (problems[0].line, problems[0].message) == (2, "byte 0xe9 is not UTF-8: save the file as UTF-8")


def test_a_channel_without_its_variable_has_no_token_and_is_no_error(tmp_path: Path) -> None:
    directory = a_directory(tmp_path, rules=RULES)

    assert load(directory, {}).channels["desk"].token == ""
    assert load(directory, {"DESK_TOKEN": f" {CANARY}\n"}).channels["desk"].token == CANARY


def test_a_token_file_is_read_beside_the_rules(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{CANARY}\n", encoding="utf-8")
    rules = RULES.replace("token_env: DESK_TOKEN", "token_file: token")

    assert load(a_directory(tmp_path, rules=rules), {}).channels["desk"].token == CANARY


def test_a_token_file_that_holds_more_than_a_token_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"token = {CANARY}\n", encoding="utf-8")
    rules = RULES.replace("token_env: DESK_TOKEN", "token_file: token")

    problems = check(a_directory(tmp_path, rules=rules), {})

    assert problems[0].message == "must hold the token alone, on one line"


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    config = load(a_directory(tmp_path, rules=RULES), {"DESK_TOKEN": CANARY})

    printed = " ".join([repr(config), str(config), repr(config.channels), repr(config.monitor)])
    assert CANARY not in printed
    assert "***" in repr(config)


def test_the_hash_follows_content_and_ignores_secrets_and_comments(tmp_path: Path) -> None:
    directory = a_directory(tmp_path, rules=RULES)
    first = load(directory, {}).hash

    assert load(directory, {"DESK_TOKEN": CANARY}).hash == first
    assert load(a_directory(tmp_path, rules="# more\n" + RULES), {}).hash == first
    assert load(a_directory(tmp_path, rules=RULES.replace("hold: 0.8", "hold: 0.7")), {}).hash != first


def test_a_bad_edit_keeps_the_old_configuration_and_says_so(tmp_path: Path) -> None:
    config = load(a_directory(tmp_path, rules=RULES), {})
    seen = fingerprint(tmp_path)

    assert not reload(config, seen, {}).changed
    bad = reload_after(tmp_path, config, seen, RULES.replace("hold: 0.8", "hold: 8"))
    assert bad.config is config
    assert [problem.path for problem in bad.problems] == ["rules[1].hold"]
    assert not reload(config, bad.fingerprint, {}).changed
    good = reload_after(tmp_path, config, bad.fingerprint, RULES.replace("hold: 0.8", "hold: 0.9"))
    assert (good.config.rules[1].hold, good.problems) == (0.9, ())


def reload_after(directory: Path, config: Config, seen: str, rules: str) -> Reloaded:
    a_directory(directory, rules=rules)
    return reload(config, seen, {})


@pytest.mark.parametrize(
    ("written", "environ", "expected"),
    [
        ("sqlite:///a.db", {}, "sqlite:///{data}/a.db"),
        ("sqlite:////srv/a.db", {}, "sqlite:////srv/a.db"),
        ("sqlite://", {}, "sqlite://"),
        ("postgresql+psycopg://host/name", {}, "postgresql+psycopg://host/name"),
        ("sqlite:///a.db", {"CRISIS_MONITOR_DATABASE_URL": "sqlite:///b.db"}, "sqlite:///{data}/b.db"),
        (
            "sqlite:///a.db",
            {"CRISIS_MONITOR_DATABASE_URL": "postgresql+psycopg://me:pass@host/name"},
            "postgresql+psycopg://me:pass@host/name",
        ),
    ],
)
def test_the_database_is_under_the_data_folder_unless_the_environment_says_otherwise(
    tmp_path: Path, written: str, environ: dict[str, str], expected: str
) -> None:
    config = load(a_directory(tmp_path, monitor=f'database_url: "{written}"\n'), environ)

    assert database_url(config, Path("/data"), environ) == expected.format(data="/data")


def test_a_wrong_database_in_the_environment_is_named_without_its_password() -> None:
    problems = check(SHIPPED, {"CRISIS_MONITOR_DATABASE_URL": "mysql://me:canary-secret@host/name"})

    assert "CRISIS_MONITOR_DATABASE_URL names the database mysql" in problems[0].message
    assert "canary-secret" not in str(problems[0])


def test_slack_address_can_be_replaced_and_must_be_one() -> None:
    assert load(SHIPPED, {}).slack_api_url == "https://slack.com/api/"
    assert load(SHIPPED, {"SLACK_API_URL": "http://127.0.0.1:9/api/"}).slack_api_url == "http://127.0.0.1:9/api/"
    assert check(SHIPPED, {"SLACK_API_URL": "slack"})[0].file == "SLACK_API_URL"


def test_a_private_feed_may_be_polled_fast_when_it_says_so(tmp_path: Path) -> None:
    feeds = 'feeds: [{id: a, url: "http://127.0.0.1:1/a", outlet: Café, allow_private: true, interval: 1s}]\n'

    feed = load(a_directory(tmp_path, feeds=feeds), {}).feeds[0]

    assert (feed.interval, feed.allow_private, feed.owner) == (timedelta(seconds=1), True, "café")


@given(st.integers(0, 30_000), st.sampled_from("smhd"))
def test_a_duration_is_a_whole_number_and_a_unit(number: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]

    found = parse_duration(f"{number}{unit}")

    assert found == timedelta(seconds=number * seconds)
    assert parse_duration(duration_text(found)) == found


@given(st.one_of(st.text(max_size=12), st.floats(), st.integers(), st.booleans(), st.none(), st.lists(st.integers())))
def test_whatever_else_is_refused_with_the_units(value: object) -> None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}[smhd]", value):
        return
    with pytest.raises(PydanticCustomError, match="s, m, h or d"):
        parse_duration(value)


@given(st.integers(0, 10**9), st.sampled_from(["B", "KB", "MB", "GB"]))
def test_a_size_is_a_whole_number_and_a_unit(number: int, unit: str) -> None:
    found = parse_size(f"{number}{unit}")

    assert found == number * 1000 ** ["B", "KB", "MB", "GB"].index(unit)
    assert parse_size(size_text(found)) == found


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    document = parse(text, Document(file="any.yaml"))

    assert document.data is not None or document.problems
