"""The acts themselves, without Slack, on both databases."""

from __future__ import annotations

import pytest

from monitor.adapters.storage import SqlStorage
from monitor.core.alerts import EventKind
from monitor.core.desk import ActKind, Person
from monitor.core.messages import DeliveryState
from monitor.pipeline.acts import LONGEST_RESULT, Acts, Deed
from tests.builders import a_notification, an_alert, an_alert_article, an_article, an_event, an_identity
from tests.fakes import ManualClock

ADA = Person(id="U0000ADA", name="ada \u2603 \U0001f6f0", team="T1")


@pytest.fixture
def acts(any_storage: SqlStorage) -> Acts:
    """Give the use cases on a database that holds one alert, posted, with its article."""
    with any_storage.transaction() as unit:
        unit.save_alert(an_alert())
        unit.add_event(an_event())
        unit.add_articles([(an_article(), an_identity())])
        unit.add_alert_articles("al-1", [an_alert_article(title="x" * 20_000)])
        unit.add_notification(a_notification(state=DeliveryState.SENT))
    return Acts(storage=any_storage, clock=ManualClock())


def test_every_act_is_carried_out_once_and_tells_the_same_when_it_comes_again(acts: Acts) -> None:
    deeds = [Deed(key=f"k-{kind.value}", kind=kind, alert_id="al-1", person=ADA) for kind in ActKind]
    told = [acts.do(deed) for deed in deeds]

    assert [acts.do(deed) for deed in deeds] == told
    assert max(len(text) for text in told) <= LONGEST_RESULT
    with acts.storage.reading() as unit:
        assert [act.kind for act in unit.acts(alert_id="al-1")] == sorted(kind.value for kind in ActKind)
        assert [verdict.verdict for verdict in unit.verdicts()] == ["false", "true", "unsure"]
        assert len(unit.silences()) == 2
        assert [event.kind for event in unit.events("al-1")].count(EventKind.ACKNOWLEDGED) == 1
        alert = unit.alert("al-1")
    assert alert
    assert alert.acknowledged_by == ADA.name


def test_an_act_on_an_alert_that_is_not_there_is_told_and_kept(acts: Acts) -> None:
    told = acts.do(Deed(key="k", kind=ActKind.ACKNOWLEDGE, alert_id="al-none", person=ADA))

    assert "no alert al-none" in told
    with acts.storage.reading() as unit:
        assert [act.result for act in unit.acts()] == [told]
