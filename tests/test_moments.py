"""`why SITUATION --at`: what is told of a past moment is what was so then, whatever was rewritten, withdrawn or decided later."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.adapters.migrations import migrate
from monitor.adapters.storage import SqlStorage
from monitor.cli.moments import record_of
from monitor.core import evidence
from monitor.core.alerts import EventKind, Level, Outcome, Rule, Standing
from monitor.core.moment import Moment, look
from monitor.pipeline.pipeline import Pipeline
from tests.builders import AT, HOUR, MINUTE
from tests.fakes import FakeUnderstanding
from tests.test_pipeline import RULE, SETTINGS, entry, poll, told
from tests.test_rebuilding import SETTINGS as BUSY
from tests.test_rebuilding import edition

SIGNAL, SITUATION = "troop_concentration", "RUS-UKR"


@pytest.fixture
def storage(tmp_path: Path) -> SqlStorage:
    opened = SqlStorage.open(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(opened)
    return opened


def newsroom(storage: SqlStorage) -> Pipeline:
    return Pipeline(storage=storage, understanding=FakeUnderstanding(), settings=SETTINGS, rng=random.Random(0))


def moment(storage: SqlStorage, at: datetime, rule: Rule = RULE) -> Moment:
    with storage.reading() as unit:
        return look(rule, record_of(unit, SIGNAL, SITUATION, at), at)


@pytest.mark.parametrize("seed", range(4))
def test_the_standing_told_of_any_moment_is_the_one_that_was_weighed_then(storage: SqlStorage, seed: int) -> None:
    """Forty ticks of outlets that copy, repeat and rewrite; between them the standing is noted, and asked for at the end."""
    pipeline = Pipeline(storage=storage, understanding=FakeUnderstanding(), settings=BUSY, rng=random.Random(0))
    rule, rng, noted = BUSY.rules[0], random.Random(seed), []
    for tick in range(40):
        now = AT + tick * 3 * HOUR
        pipeline.take(edition(rng, tick * 3), now)
        pipeline.pass_time(now)
        assert pipeline._memory
        ledger, later = pipeline._memory.ledger, now + HOUR
        with storage.reading() as unit:
            alert = next(iter(unit.open_alerts()), None)
        standing = evidence.stand(ledger.reports(SIGNAL, SITUATION), rule, later, ledger.history_since)
        noted.append((later, standing, alert.level if alert else None))

    assert any(standing.origins > 1 for _, standing, _ in noted)
    for at, standing, level in noted:
        found = moment(storage, at, rule)
        assert (close(found.standing), found.alert and found.alert[1].level) == (close(standing), level), at


def close(standing: Standing) -> tuple[float, int, int, float]:
    surge = -99.0 if standing.surge is None else standing.surge
    return round(standing.evidence, 9), standing.origins, standing.stories, round(surge, 9)


def test_before_the_second_outlet_the_verdict_says_what_was_missing(storage: SqlStorage) -> None:
    pipeline = newsroom(storage)
    pipeline.take([poll("alpha", entry(f"troops RUS-UKR 0.9 {told(0)}", AT))], AT)
    pipeline.take([poll("beta", entry(f"troops RUS-UKR 0.9 {told(1)}", AT + HOUR))], AT + HOUR)

    before, after = moment(storage, AT + 5 * MINUTE), moment(storage, AT + 65 * MINUTE)
    assert before.alert is None
    assert before.verdict() == (
        "no alert: watch asks what was not there: evidence 0.90 is 0.30 short of 1.2; independent origins 1 of 2"
    )
    assert [(seen.counted, seen.why) for seen in before.seen] == [(True, "adds 0.90 now")]
    assert before.last
    assert before.last.outcome is Outcome.BELOW_THRESHOLD
    assert after.verdict().startswith("alert al-")
    assert "open at watch since 2021-11-26T13:00:00Z" in after.verdict()


def test_an_article_that_reached_us_later_is_told_as_not_yet_seen(storage: SqlStorage) -> None:
    pipeline = newsroom(storage)
    pipeline.take([poll("alpha", entry(f"troops RUS-UKR 0.9 {told(0)}", AT))], AT)
    late = poll("beta", entry(f"troops RUS-UKR 0.8 {told(1)}", AT + MINUTE))
    pipeline.take([late], AT + 30 * MINUTE)

    found = moment(storage, AT + 10 * MINUTE)
    assert found.standing.origins == 1
    assert [seen.why for seen in found.seen if not seen.counted] == ["not yet seen: it reached us 2021-11-26T12:30:00Z"]


def test_what_scored_too_low_and_what_was_a_copy_are_told_with_their_reasons(storage: SqlStorage) -> None:
    pipeline = newsroom(storage)
    page = [
        poll("alpha", entry(f"troops RUS-UKR 0.9 {told(0)}", AT)),
        poll("beta", entry(f"troops RUS-UKR 0.9 {told(0)}", AT + MINUTE)),
        poll("gamma", entry(f"troops RUS-UKR 0.3 {told(2)}", AT)),
    ]
    pipeline.take(page, AT + 2 * MINUTE)

    whys = {seen.article.outlet: seen.why for seen in moment(storage, AT + HOUR).seen}
    assert whys["beta"] == "adds nothing: its origin has told this story already"
    assert whys["gamma"] == "scored 0.30, under min_probability 0.5 of rule build-up"


def test_a_report_rewritten_later_still_counted_then(storage: SqlStorage) -> None:
    pipeline = newsroom(storage)
    pipeline.take([poll("alpha", entry(f"troops RUS-UKR 0.9 {told(0)}", AT, link="https://a.example/1"))], AT)
    corrected = entry("troops RUS-UKR 0.2 corrected", AT, link="https://a.example/1")
    pipeline.take([poll("alpha", corrected, storage=storage)], AT + 2 * HOUR)

    then, now = moment(storage, AT + HOUR), moment(storage, AT + 3 * HOUR)
    assert (then.standing.origins, now.standing.origins) == (1, 0)
    assert now.seen[0].why.startswith("rewritten: it weighs 0.20 from now on, 0.90 before; it read before: troops")


def test_falling_quiet_and_being_heard_of_again_have_decisions_of_their_own(storage: SqlStorage) -> None:
    pipeline, rule = newsroom(storage), replace(RULE, repeat_interval=timedelta(days=9))
    pipeline.settings = replace(SETTINGS, rules=[rule])
    pipeline.take([poll(n, entry(f"troops RUS-UKR 0.9 {told(k)}", AT)) for k, n in enumerate("ab")], AT)
    quiet = AT
    while not any(step.outcome is Outcome.QUIET for step in pipeline.pass_time(quiet)):
        quiet += HOUR
    again = [poll(n, entry(f"troops RUS-UKR 0.9 {told(k + 4)}", quiet)) for k, n in enumerate("ab")]
    pipeline.take(again, quiet + HOUR)

    with storage.reading() as unit:
        (alert,) = unit.open_alerts()
        states = [d for d in unit.decisions_of_alert(alert.id) if not d.article_id]
        assert [event.kind for event in unit.events(alert.id)] == [EventKind.OPENED]
    assert [d.outcome for d in states] == [Outcome.OPENED, Outcome.QUIET, Outcome.REPEAT_INTERVAL]
    assert all(d.reason and d.config_hash and d.model and d.standing for d in states)
    assert alert.level is Level.WATCH


def test_an_article_that_only_denies_has_a_decision_too(storage: SqlStorage) -> None:
    newsroom(storage).take([poll("alpha", entry("denial RUS-UKR 0.9 nothing of the sort", AT))], AT)
    with storage.reading() as unit:
        (article,) = unit.find_articles("https://news.example/denial-RUS-UKR-0.9-nothing-of-the-sort")
        (decision,) = unit.decisions_of_article(article.id)
    assert (decision.outcome, decision.signal, decision.score) == (Outcome.CONTEXT, "denial", 0.9)
    assert decision.config_hash
    assert decision.model
