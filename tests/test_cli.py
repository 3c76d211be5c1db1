"""The command line as people and programs meet it: help, exit codes, clear refusals, and the records it writes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner, Result

from monitor.adapters.migrations import head, migrate
from monitor.adapters.storage import SqlStorage
from monitor.cli import app
from monitor.core.alerts import AlertState, Level, Outcome
from monitor.core.identity import url_keys
from monitor.core.model import LABELS, SIGNALS
from tests.builders import (
    AT,
    DAY,
    a_decision,
    a_feed_state,
    a_reading,
    an_alert,
    an_alert_article,
    an_article,
    an_event,
    an_identity,
)

ITEM = {"id": "1", "title": "Soldiers mass at the border, the defence ministry says", "date": "2021-11-26"}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Work in an empty folder, without the machine's own settings, and leave no logging behind."""
    for name in ("CONFIG", "DATA", "DATABASE_URL", "PAGE_TOKEN"):
        monkeypatch.delenv(f"CRISIS_MONITOR_{name}", raising=False)
    for name in ("SLACK_BOT_TOKEN", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()


def crisis_monitor(*arguments: object, environ: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env=environ)


def commands() -> list[str]:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return list(group.commands)


def refused(result: Result, *words: str, code: int = 2) -> None:
    """Hold a refusal to its form: the exit code, no traceback, each of `words`, few lines."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.stderr, result.stderr
    assert len(result.stderr.strip().splitlines()) <= 2


# help


@pytest.mark.parametrize("command", commands())
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    result = crisis_monitor(command, "--help")
    assert result.exit_code == 0
    assert "Example:" in result.stdout
    assert f"crisis-monitor {command}" in " ".join(result.stdout.split())


@pytest.mark.parametrize("command", commands())
def test_every_option_has_a_help_text(command: str) -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    assert [each.name for each in group.commands[command].params if not getattr(each, "help", "")] == []


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["history", "--nonsense"], ["score"], ["why"], ["score", "in.jsonl"]]
)
def test_an_unknown_or_incomplete_command_exits_2(arguments: list[str]) -> None:
    result = crisis_monitor(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


# score


def written(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def scored(tmp_path: Path, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    target = tmp_path / "out.jsonl"
    result = crisis_monitor("score", written(tmp_path / "in.jsonl", *rows), "-o", target, "--stack", "linear")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def test_score_writes_one_record_per_item_in_order_with_the_promised_keys(tmp_path: Path) -> None:
    rows = [{**ITEM, "id": str(number), "title": f"{ITEM['title']} ({number})"} for number in (3, 1, 2)]
    records = scored(tmp_path, *rows, {"id": 9, "title": "Rain expected at the weekend"})
    assert [record["id"] for record in records] == ["3", "1", "2", "9"]
    for record in records:
        assert {"id", "scores", "places", "situation", "situations", "claimed_dates", "model"} <= set(record)
        assert set(record) <= {"id", "scores", "places", "situation", "situations", "quote", "speaker"} | {
            "claimed_dates",
            "model",
        }
        assert tuple(record["scores"]) == LABELS
        assert all(0 <= score <= 1 for score in record["scores"].values())
        assert all(set(place) == {"code", "role"} for place in record["places"])
        assert set(record["situations"]) <= set(SIGNALS)
        assert record["situation"] is None or record["situation"] in record["situations"].values()


def test_a_text_without_a_title_is_split_at_its_first_bar(tmp_path: Path) -> None:
    title, text = "Soldiers mass at the border", "The ministry denies it | again."
    split = scored(tmp_path, {"id": "1", "text": f"{title} | {text}"})
    whole = scored(tmp_path, {"id": "1", "title": title, "text": text})
    assert split == whole


def test_gzipped_items_score_the_same(tmp_path: Path) -> None:
    zipped, target = tmp_path / "in.jsonl.gz", tmp_path / "zipped.jsonl"
    zipped.write_bytes(gzip.compress(json.dumps(ITEM).encode()))
    assert crisis_monitor("score", zipped, "-o", target, "--stack", "linear").exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8")) == scored(tmp_path, ITEM)[0]


BAD_LINES = [
    pytest.param("{", "not JSON", id="not JSON"),
    pytest.param("[1]", "not an object", id="not an object"),
    pytest.param('{"title": "x"}', "no id", id="no id"),
    pytest.param('{"id": "1"}', "neither title nor text", id="neither title nor text"),
    pytest.param('{"id": "1", "title": "x", "date": "soon"}', "no date", id="bad date"),
    pytest.param('{"id": "1", "title": 5}', "title is not a text", id="title is a number"),
]


@pytest.mark.parametrize(("line", "expected"), BAD_LINES)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, line: str, expected: str) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(f"{json.dumps(ITEM)}\n\n{line}\n", encoding="utf-8")
    result = crisis_monitor("score", source, "-o", tmp_path / "out.jsonl", "--stack", "linear")
    refused(result, f"{source}:3: ", expected)


def test_a_refused_input_leaves_no_half_written_scores(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("from before\n", encoding="utf-8")
    refused(crisis_monitor("score", written(tmp_path / "in.jsonl", ITEM, [1]), "-o", target, "--stack", "linear"))
    assert target.read_text(encoding="utf-8") == "from before\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    result = crisis_monitor("score", tmp_path / "none.jsonl", "-o", tmp_path / "out.jsonl", "--stack", "linear")
    refused(result, str(tmp_path / "none.jsonl"), "No such file", "give the path")


def test_a_damaged_gzip_file_is_named_with_its_line(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.gz"
    lines = "".join(json.dumps({**ITEM, "id": number}) + "\n" for number in range(2000))
    source.write_bytes(gzip.compress(lines.encode())[:-40])
    result = crisis_monitor("score", source, "-o", tmp_path / "out.jsonl", "--stack", "linear")
    refused(result, f"{source}:", "damaged")


def test_an_output_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    target = tmp_path / "none" / "out.jsonl"
    result = crisis_monitor("score", written(tmp_path / "in.jsonl", ITEM), "-o", target, "--stack", "linear")
    refused(result, str(target), "cannot be written")


def test_an_unknown_stack_is_refused(tmp_path: Path) -> None:
    result = crisis_monitor("score", written(tmp_path / "in.jsonl", ITEM), "-o", tmp_path / "o", "--stack", "best")
    refused(result, "--stack", "auto, linear, both")


# replay


def test_replay_refuses_an_item_without_a_date(tmp_path: Path) -> None:
    source = written(tmp_path / "archive.jsonl", {"id": "1", "title": "x"})
    refused(crisis_monitor("replay", source, "-o", tmp_path / "out", "--stack", "linear"), f"{source}:1: ", "no date")


def test_replay_refuses_an_archive_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "none.jsonl"
    refused(crisis_monitor("replay", missing, "-o", tmp_path / "out", "--stack", "linear"), str(missing))


def test_replay_refuses_a_day_that_is_none(tmp_path: Path) -> None:
    refused(crisis_monitor("replay", "a.jsonl", "-o", tmp_path / "out", "--start", "spring"), "--start", "'spring'")


# configuration


def test_check_config_accepts_the_shipped_files() -> None:
    result = crisis_monitor("check-config")
    assert result.exit_code == 0, result.output
    assert "all good" in result.stdout


def test_check_config_names_every_problem_with_file_line_and_path(tmp_path: Path) -> None:
    (tmp_path / "monitor.yaml").write_text("evaluate_every: 15\nweb:\n  prot: 8080\n", encoding="utf-8")
    result = crisis_monitor("check-config", tmp_path)
    assert result.exit_code == 2
    assert re.search(r"monitor\.yaml:1: evaluate_every: 15 has no unit", result.stdout, re.MULTILINE)
    assert re.search(r'monitor\.yaml:3: web\.prot: unknown key \(did you mean "port"\?\)', result.stdout, re.MULTILINE)
    assert "2 problems" in result.stderr


@pytest.mark.parametrize(
    "command", [["run", "--once"], ["history"], ["feeds"], ["doctor"], ["migrate"], ["test-alert"]]
)
def test_every_command_refuses_a_bad_configuration_before_it_works(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "monitor.yaml").write_text("evaluate_every: often\n", encoding="utf-8")
    result = crisis_monitor(*command, "--config", tmp_path / "bad", "--data", tmp_path / "data")
    refused(result, "monitor.yaml:1: evaluate_every", "1 problem in the configuration")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", [["check-config"], ["history"]])
def test_a_configuration_directory_that_is_not_there_is_named(tmp_path: Path, command: list[str]) -> None:
    result = crisis_monitor(*command, "--config", tmp_path / "none")
    assert result.exit_code == 2
    assert str(tmp_path / "none") in result.stderr


def test_check_config_prints_a_schema_of_each_file() -> None:
    schemas = json.loads(crisis_monitor("check-config", "--schema").stdout)
    assert set(schemas) == {f"{name}.yaml" for name in ("monitor", "feeds", "rules", "outlets", "situations")}


def test_the_configuration_may_come_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "monitor.yaml").write_text("web: 5\n", encoding="utf-8")
    result = crisis_monitor("history", environ={"CRISIS_MONITOR_CONFIG": str(tmp_path / "mine")})
    refused(result, "monitor.yaml:1: web")


# data


@pytest.mark.parametrize(
    ("address", "word"), [("nonsense", "CRISIS_MONITOR_DATABASE_URL"), ("mysql://db/x", "CRISIS_MONITOR_DATABASE_URL")]
)
def test_a_database_address_that_is_none_is_refused(address: str, word: str) -> None:
    refused(crisis_monitor("history", environ={"CRISIS_MONITOR_DATABASE_URL": address}), word)


def test_a_data_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    refused(crisis_monitor("history", "--data", tmp_path / "data"), str(tmp_path / "data"), code=1)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "crisis-monitor.db").write_bytes(b"no database at all" * 100)
    refused(crisis_monitor("history", "--data", tmp_path / "data"), "not a database", code=1)


# history, why, feeds, near-misses, missed


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A data directory with three alerts, an article that alerted and one that did not."""
    (tmp_path / "data").mkdir()
    storage = SqlStorage.open(f"sqlite:///{tmp_path}/data/crisis-monitor.db")
    migrate(storage)
    with storage.transaction() as unit:
        article, quiet = an_article(1), an_article(2, reading=a_reading(0.3))
        unit.add_articles([(article, an_identity(1)), (quiet, an_identity(2))])
        unit.save_feed_state(a_feed_state(feed_id="bbc-world", failures=5, error="HTTP 500"))
        unit.save_alert(an_alert())
        unit.add_event(an_event())
        unit.add_alert_articles("al-1", [an_alert_article(1)])
        coup = an_alert(id="al-2", signal="coup_warning", situation="MLI", countries=("MLI",), rule="coup-warning")
        highest = {"highest": Level.WARNING, "state": AlertState.RESOLVED, "resolved_at": AT + 2 * DAY}
        unit.save_alert(an_alert(**{name: getattr(coup, name) for name in coup.__slots__} | highest))
        unit.save_alert(an_alert(id="al-3", situation="CHN-TWN", opened_at=AT + 9 * DAY, highest=Level.CRITICAL))
        unit.add_decisions(
            [
                a_decision(outcome=Outcome.OPENED, alert_id="al-1"),
                a_decision(article_id="art-2", outcome=Outcome.BELOW_MIN_PROBABILITY, score=0.3),
            ]
        )
    storage.close()
    return tmp_path / "data"


FILTERS = [
    pytest.param([], ["al-3", "al-2", "al-1"], id="none: newest first"),
    pytest.param(["--since", "2021-12-01"], ["al-3"], id="since"),
    pytest.param(["--until", "2021-12-01T00:00Z"], ["al-2", "al-1"], id="until"),
    pytest.param(["--signal", "coup_warning"], ["al-2"], id="signal"),
    pytest.param(["--situation", "MLI"], ["al-2"], id="situation"),
    pytest.param(["--situation", "TWN-*"], ["al-3"], id="a glob matches either side"),
    pytest.param(["--level", "warning"], ["al-3", "al-2"], id="level reached or passed"),
    pytest.param(["--state", "resolved"], ["al-2"], id="state"),
    pytest.param(["--text", "TANKS seen"], ["al-1"], id="text of a title"),
    pytest.param(["--state", "open", "--level", "critical"], ["al-3"], id="all filters hold together"),
    pytest.param(["--since", "1d"], [], id="an age"),
]


@pytest.mark.parametrize(("options", "expected"), FILTERS)
def test_history_filters(desk: Path, options: list[str], expected: list[str]) -> None:
    result = crisis_monitor("history", "--json", "--data", desk, *options)
    assert result.exit_code == 0, result.output
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == expected


def test_history_as_json_has_the_keys_of_the_contract(desk: Path) -> None:
    line = crisis_monitor("history", "--json", "--data", desk, "--situation", "RUS-UKR").stdout
    record = json.loads(line)
    assert list(record) == [
        *("id", "rule", "signal", "situation", "level", "state"),
        *("opened_at", "resolved_at", "events", "articles"),
    ]
    assert record["situation"] == {"key": "RUS-UKR", "countries": ["RUS", "UKR"]}
    assert set(record["events"][0]) == {"at", "kind", "level", "reason", "evidence", "origins", "surge"}
    assert set(record["articles"][0]) == {"id", "title", "at", "source", "score"}
    assert record["opened_at"] == "2021-11-26T12:00:00Z"


def test_history_as_csv_is_a_table(desk: Path) -> None:
    result = crisis_monitor("history", "--csv", "--data", desk)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["id"], row["level"], row["state"]) for row in rows] == [
        ("al-3", "critical", "open"),
        ("al-2", "warning", "resolved"),
        ("al-1", "watch", "open"),
    ]


def test_a_history_for_people_cuts_off_no_id_and_no_day(desk: Path) -> None:
    storage = SqlStorage.open(f"sqlite:///{desk}/crisis-monitor.db")
    with storage.transaction() as unit:
        unit.save_alert(an_alert(id="al-0123456789abcdef", rule="long-lasting-build-up", situation="RUS-SWE"))
    storage.close()
    shown = crisis_monitor("history", "--data", desk).stdout
    assert "al-0123456789abcdef" in shown
    assert "│ 2021-11-" in shown, "a day stands on one line"
    assert "…" not in shown


def test_an_empty_history_says_that_this_is_no_all_clear(desk: Path) -> None:
    result = crisis_monitor("history", "--data", desk, "--situation", "FRA")
    assert result.exit_code == 0
    assert "not to say that all is clear" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [
        ("--signal", "coup", "coup_warning"),
        ("--level", "red", "watch, warning, critical"),
        ("--state", "closed", "open, resolved"),
        ("--since", "yesterday", "an age such as 7d"),
        ("--until", "2021-13-01", "an age such as 7d"),
        ("--since", "99999999999d", "an age such as 7d"),
    ],
)
def test_history_refuses_a_filter_it_does_not_know_and_names_those_it_does(
    desk: Path, option: str, value: str, known: str
) -> None:
    refused(crisis_monitor("history", "--data", desk, option, value), option, value, known)


def test_why_tells_every_step_of_an_article(desk: Path) -> None:
    result = crisis_monitor("why", "art-1", "--data", desk)
    assert result.exit_code == 0
    for word in ("seen", "scored", "quote", "placed", "joined", "decided", "opened", "al-1", "config-1", "test-1"):
        assert word in result.stdout
    assert "{" not in result.stdout, "it is read by people"


def test_why_finds_an_article_by_an_address_with_tracking(desk: Path) -> None:
    result = crisis_monitor("why", "http://www.example.example/news/1?utm_source=x", "--data", desk)
    assert result.exit_code == 0, result.output
    assert "art-1" in result.stdout


def test_why_tells_the_life_of_an_alert(desk: Path) -> None:
    result = crisis_monitor("why", "al-1", "--data", desk)
    assert result.exit_code == 0
    assert "rests on art-1" in result.stdout


@pytest.mark.parametrize("wanted", ["art-99", "https://example.example/news/99", "…", "%"])
def test_why_of_something_unknown_exits_3_and_says_where_to_look(desk: Path, wanted: str) -> None:
    refused(crisis_monitor("why", wanted, "--data", desk), wanted, "crisis-monitor feeds", code=3)


def test_why_tells_how_every_rule_stood_on_a_situation_at_a_moment(desk: Path) -> None:
    result = crisis_monitor("why", "UKR-RUS", "--at", "2021-11-26T12:05Z", "--data", desk)
    assert result.exit_code == 0
    assert "(RUS-UKR) at 2021-11-26T12:05:00Z" in result.stdout
    assert "rule troop-build-up (Troop concentration)" in result.stdout
    assert "rule coup-warning (Coup warning)\n  verdict   no alert: watch asks what was not there" in result.stdout


def test_why_of_a_situation_that_nothing_is_stored_on_exits_3(desk: Path) -> None:
    refused(crisis_monitor("why", "ATA", "--at", "2021-11-26T12:05Z", "--data", desk), "nothing is stored", code=3)


def test_why_at_a_moment_asks_for_a_situation(desk: Path) -> None:
    refused(crisis_monitor("why", "art-1", "--at", "2021-11-26T12:05Z", "--data", desk), "--at", "RUS-UKR")


def test_feeds_names_what_fails(desk: Path) -> None:
    result = crisis_monitor("feeds", "--bad", "--json", "--data", desk)
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(record["id"], record["health"], record["error"]) for record in records] == [
        ("bbc-world", "failing", "HTTP 500")
    ]


def test_feeds_names_countries_and_languages_that_cannot_be_seen(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/feeds.yaml").write_text(
        "feeds:\n"
        "  - {id: lost, url: 'https://a.example/feed', outlet: A, country: NER}\n"
        "  - {id: well, url: 'https://b.example/feed', outlet: B, country: GBR, language: ha}\n"
    )
    storage = SqlStorage.open(f"sqlite:///{desk}/crisis-monitor.db")
    with storage.transaction() as unit:
        unit.save_feed_state(a_feed_state(feed_id="lost", failures=3, last_ok_at=AT, next_poll_at=AT + 9999 * DAY))
    storage.close()

    said = crisis_monitor("feeds", "--config", tmp_path / "config", "--data", desk).stdout
    assert "blind: Niger since 26 November 2021 12:00 UTC (its only readable feed is failing or silent)" in said
    assert "blind: news in English since 26 November 2021 12:00 UTC" in said
    assert "news in Hausa" not in said


def test_near_misses_are_listed_with_their_reason(desk: Path) -> None:
    result = crisis_monitor("near-misses", "--json", "--since", "2021-11-01", "--data", desk)
    (record,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (record["id"], record["outcome"]) == ("art-2", "below_min_probability")
    assert record["reason"]


def test_missed_says_at_which_step_a_report_was_lost(desk: Path) -> None:
    asked = ("--signal", "coup_warning", "--situation", "MLI", "--data", desk)
    result = crisis_monitor("missed", "https://example.example/news/2", *asked)
    assert result.exit_code == 0, result.output
    assert "lost at scored_low" in result.stdout
    assert "lost at no_feed" in crisis_monitor("missed", "https://nowhere.example/1", *asked).stdout


def test_an_address_under_which_an_article_came_again_leads_to_it(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    line = "{id: example, url: 'https://example.example/feed', outlet: Example, owner: example, country: GBR}"
    (tmp_path / "config/feeds.yaml").write_text(f"feeds:\n  - {line}\n")
    again = "https://example.example/world/tanks-seen"
    storage = SqlStorage.open(f"sqlite:///{desk}/crisis-monitor.db")
    with storage.transaction() as unit:
        unit.add_keys({url_keys(again, ["example"])[0]: "art-1"})
    storage.close()
    options = ("--config", tmp_path / "config", "--data", desk)

    assert "article art-1: Tanks seen" in crisis_monitor("why", f"{again}/?utm_source=x", *options).stdout
    missed = crisis_monitor("missed", again, "--signal", "coup_warning", "--situation", "MLI", *options)
    assert "kept as a label" in missed.stdout


def test_missed_refuses_an_unknown_signal(desk: Path) -> None:
    result = crisis_monitor("missed", "x", "--signal", "coup", "--situation", "MLI", "--data", desk)
    refused(result, "--signal", "coup_warning")


def test_migrate_and_doctor_work_on_an_empty_folder(tmp_path: Path) -> None:
    assert f"revision {head()}" in crisis_monitor("migrate", "--data", tmp_path / "new").stdout
    result = crisis_monitor("doctor", "--data", tmp_path / "new")
    for part in ("configuration", "model", "languages", "canaries", "database", "feeds", "sight", "channel desk"):
        assert part in result.stdout


def test_doctor_exits_1_and_names_what_is_wrong(desk: Path) -> None:
    result = crisis_monitor("doctor", "--data", desk)
    assert result.exit_code == 1
    assert "BAD feeds" in result.stdout


def test_a_test_alert_without_a_token_goes_to_the_console(tmp_path: Path) -> None:
    result = crisis_monitor("test-alert", "--data", tmp_path / "data")
    assert result.exit_code == 0, result.output
    assert "test" in result.stdout.lower()
    assert "sent to 1 channel" in result.stdout


def test_a_test_alert_that_cannot_be_sent_exits_1_and_names_the_channel() -> None:
    environ = {"SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_API_URL": "http://127.0.0.1:9/"}
    result = crisis_monitor("test-alert", environ=environ)
    refused(result, "channel desk", code=1)
    assert "xoxb-secret" not in result.output


def test_the_age_of_an_alert_may_be_given_in_weeks(desk: Path) -> None:
    ages = [f"{timedelta(days=7 * 2000) // timedelta(weeks=1)}w"]
    assert len(crisis_monitor("history", "--json", "--data", desk, "--since", *ages).stdout.splitlines()) == 3


def test_a_silence_is_made_listed_and_ended_by_its_commands(desk: Path) -> None:
    made = crisis_monitor(
        "silence", "MLI", "--for", "6h", "--reason", "announced exercise", "--by", "ann", "--data", desk
    )
    assert made.exit_code == 0, made.output
    silence_id = made.output.split(":")[0]
    assert "situation MLI, up to warning, until" in made.output
    assert "by ann: announced exercise; 0 notifications kept back so far" in made.output
    assert made.output.endswith("It mutes no open alert now.\n"), "a key that was mistyped is seen"
    assert crisis_monitor("silence", "--list", "--data", desk).output == made.output.splitlines(keepends=True)[0]

    ended = crisis_monitor("silence", "--end", silence_id, "--by", "bob", "--data", desk)
    assert "by bob; it was ann's: announced exercise" in ended.output
    assert "no silence is in force" in crisis_monitor("silence", "--list", "--data", desk).output
    assert crisis_monitor("silence", "--end", "si-none", "--data", desk).exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say one of"),
        (("MLI", "--list"), "say one of"),
        (("MLI", "--for", "6", "--reason", "x"), "--for"),
        (("MLI", "--for", "31d", "--reason", "x"), "within 30 days"),
        (("MLI", "--for", "6h"), "reason"),
        (("MLI", "--for", "6h", "--reason", "x", "--signal", "war"), "no signal"),
    ],
)
def test_a_silence_that_says_too_little_or_never_ends_is_refused(
    desk: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = crisis_monitor("silence", *arguments, "--data", desk)
    assert result.exit_code == 2
    assert said in result.output
