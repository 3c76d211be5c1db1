"""The shipped model and the reader together: one item that tells a whole crisis."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.adapters.archive import ArchiveItem, read_items
from monitor.adapters.classifier import ENGLISH, ModelUnderstanding, Stack, load_model
from monitor.adapters.scoring import score_items
from monitor.config import load
from monitor.core.model import SIGNALS
from monitor.core.situations import Registry
from monitor.reading.reader import Reader
from tests.builders import an_entry, an_item

RETELLINGS = Path(__file__).parents[1] / "reading" / "data" / "retellings.jsonl"
AT = datetime(2021, 11, 29, 15, tzinfo=UTC)
TELLINGS = {
    "plain": (
        "Alliance ministers gather as fears over Ukraine grow",
        (
            "NATO's secretary general spoke of large and unusual concentrations of Russian troops and tanks near Ukraine's border. "
            "Ukraine's president said that a coup against his government was planned for 1-2 December and that there were recordings. "
            "NATO members warned Russia that an invasion of Ukraine would be met with serious military consequences. "
            "The Kremlin denied any plan to invade and spoke of hysteria."
        ),
    ),
    "other words": (
        "What we know about the week's events in eastern Europe",
        (
            "Russia has massed tens of thousands of soldiers, artillery and armour along the Ukrainian frontier for the second time this year. "
            "In Kyiv, the president accused plotters of preparing to overthrow him on December 1 or 2. "
            "The alliance is ready to respond with force if Moscow attacks Ukraine, its foreign ministers said in Riga. "
            "Moscow denies that it is massing troops to attack anybody."
        ),
    ),
}


@pytest.fixture(scope="module", params=["linear", "auto"])
def understanding(request: pytest.FixtureRequest) -> tuple[ModelUnderstanding, Reader]:
    stack: Stack = request.param
    reader = Reader(load(Path(__file__).parents[2] / "config", {}).registry)
    return ModelUnderstanding(load_model(stack=stack), reader), reader


@pytest.mark.parametrize("telling", TELLINGS)
def test_one_item_tells_build_up_coup_and_threat_with_keys_and_dates(
    understanding: tuple[ModelUnderstanding, Reader], telling: str
) -> None:
    title, text = TELLINGS[telling]
    item = ArchiveItem(id="1", title=title, text=text, date=AT, source="")

    (record,) = score_items([item], *understanding, AT)

    signals = ("troop_concentration", "coup_warning", "military_response_threat")
    assert {signal: record["scores"][signal] >= 0.5 for signal in signals} == dict.fromkeys(signals, True)
    assert record["situations"] == {
        "troop_concentration": "RUS-UKR",
        "coup_warning": "UKR",
        "military_response_threat": "RUS-UKR",
    }
    assert [date(2021, 12, 1).isoformat(), date(2021, 12, 2).isoformat()] == record["claimed_dates"][:2]
    assert record["scores"]["denial"] >= 0.5


def test_a_crisis_told_anew_raises_every_signal_in_its_place(understanding: tuple[ModelUnderstanding, Reader]) -> None:
    if understanding[0].model.stack == "linear":
        pytest.skip("held with both stages")
    wanted = [json.loads(line) for line in RETELLINGS.read_text(encoding="utf-8").splitlines()]

    records = list(score_items(read_items(RETELLINGS), *understanding, AT))

    assert [record["id"] for record in records] == [each["id"] for each in wanted]
    for record, each in zip(records, wanted, strict=True):
        assert min(record["scores"][signal] for signal in SIGNALS) >= 0.5, record["id"]
        assert each["situations"].items() <= record["situations"].items(), record["id"]
        assert set(each["claimed_dates"]) <= set(record["claimed_dates"]), record["id"]


@pytest.mark.parametrize(
    ("title", "language", "code"),
    [
        pytest.param("Войска стягиваются к границе, сообщили в столице", "", "ru", id="told by its script"),
        pytest.param("Truppen an der Grenze", "de", "de", id="told by its line"),
        pytest.param(
            "Die Regierung warnt vor einem Aufmarsch von Truppen an der Grenze und fordert Klarheit",
            "",
            "de",
            id="by words",
        ),
    ],
)
def test_an_item_in_a_language_nobody_reads_here_has_no_scores_and_says_so(
    title: str, language: str, code: str
) -> None:
    model, reader = load_model(stack="linear"), Reader(Registry())
    items = [
        ArchiveItem(id="1", title="Bakery opens", text="", date=AT, source=""),
        ArchiveItem(id="2", title=title, text="", date=AT, source="", language=language),
        ArchiveItem(id="3", title="Army masses tanks at the border", text="", date=AT, source=""),
    ]

    before, unread, after = score_items(items, ModelUnderstanding(model, reader, ENGLISH), reader, AT)

    assert (unread["id"], unread["scores"], unread["unread"], unread["language"]) == ("2", {}, True, code)
    assert [record["id"] for record in (before, after)] == ["1", "3"]
    assert before["scores"]["troop_concentration"] < 0.3 < after["scores"]["troop_concentration"]
    assert "unread" not in before


def test_an_item_read_live_keeps_the_phrases_that_drove_its_signals() -> None:
    reader = Reader(Registry())
    entries = [an_entry(title="Army masses tanks and troops at the border"), an_entry(title="Bakery opens a shop")]

    told, quiet = ModelUnderstanding(load_model(stack="linear"), reader).read([an_item(entry=e) for e in entries], AT)

    quote = told.quotes["troop_concentration"]
    assert any("troops" in phrase or "tanks" in phrase for phrase in quote.drove)
    assert quote.needed == ()  # without the encoder
    assert not any(each.drove for each in quiet.quotes.values())
