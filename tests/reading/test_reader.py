"""The whole reading of an item."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from monitor.core.model import LABELS
from monitor.reading.reader import Reader, TextScores
from tests.reading.conftest import DAY, Read

STORY = (
    "Fears for Ukraine grow at alliance meeting",
    "NATO's secretary general spoke on Friday of unusual numbers of Russian tanks and guns drawn up close to Ukraine.",
    "It is the second gathering of this kind in a year, the head of NATO said.",
    "Ukraine's president said that a coup was being prepared in Kyiv and that there were recordings.",
    "It was to take place on December 1-2, he said.",
    "Any invasion of Ukraine would be met with a military answer, ministers of NATO warned Russia.",
    "The Kremlin denied having any part in a plot and called the talk of an attack hysteria.",
)


@pytest.fixture
def november() -> datetime:
    return datetime(2021, 11, 26, 18, 30, tzinfo=UTC)


def test_the_days_before_a_crisis_are_read_as_an_analyst_would(read: Read, november: datetime) -> None:
    reading = read(
        *STORY,
        at=november,
        troop_concentration=1,
        coup_warning=3,
        military_response_threat=5,
        denial=6,
    )

    assert reading.situations == {
        "troop_concentration": "RUS-UKR",
        "coup_warning": "UKR",
        "military_response_threat": "RUS-UKR",
    }
    assert reading.claimed_dates == (date(2021, 12, 1), date(2021, 12, 2))
    assert reading.denied_by == ("RUS",)
    assert reading.quotes["coup_warning"].text == STORY[3]
    assert reading.quotes["coup_warning"].speaker == "Ukraine's president"
    assert reading.quotes["denial"].speaker == "The Kremlin"
    assert {"RUS", "UKR", "NATO"} <= {place.code for place in reading.places}


def test_quotes_are_kept_from_a_score_of_a_tenth(reader: Reader) -> None:
    scores = TextScores(
        whole={"coup_warning": 0.12, "denial": 0.05},
        parts=[("Calm in Lome", {"coup_warning": 0.02}), ("A plot is feared.", {"coup_warning": 0.3, "denial": 0.05})],
    )

    quotes = reader.read("Calm in Lome", "A plot is feared.", scores, published=DAY, language="en").quotes

    assert set(quotes) == {"coup_warning"}
    assert (quotes["coup_warning"].text, quotes["coup_warning"].score) == ("A plot is feared.", 0.3)


def test_without_scores_of_parts_the_title_carries_everything(reader: Reader) -> None:
    scores = TextScores(whole={"military_response_threat": 0.8})

    reading = reader.read("Iran threatens Israel", "It rained in Oslo.", scores, published=DAY, language="en")

    assert reading.quotes["military_response_threat"].text == "Iran threatens Israel"
    assert reading.situations == {"military_response_threat": "IRN-ISR"}


def test_dates_of_sentences_without_a_signal_are_left_alone(read: Read) -> None:
    reading = read(
        "Turkey warns Greece it will act by Friday",
        "Talks go on.",
        "The football final is on April 2.",
        military_response_threat=0,
    )

    assert reading.claimed_dates == (date(2024, 3, 8),)


def test_reading_is_the_same_twice(read: Read, november: datetime) -> None:
    assert read(*STORY, at=november, coup_warning=3) == read(*STORY, at=november, coup_warning=3)


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "?!", "a" * 50_000, "U.S. " * 5_000, "\u202e\u0000\ud800", "- - -", ": , ;"]
)
def test_odd_texts_are_read_without_harm(reader: Reader, text: str) -> None:
    scores = TextScores(whole=dict.fromkeys(LABELS, 0.9))

    assert reader.read(text, text, scores, published=DAY, language="").language == ""


@pytest.mark.parametrize(
    "text", ["December 1 " * 8_000, "." * 60_000, "Russia, Ukraine, " * 8_000, '"x, said ' * 8_000]
)
def test_a_text_made_to_hold_up_the_reader_does_not(reader: Reader, text: str) -> None:
    scores = TextScores(whole=dict.fromkeys(LABELS, 0.9), parts=[(text, dict.fromkeys(LABELS, 0.9))])

    begun = time.process_time()
    reader.read(text, text, scores, published=DAY, language="en")
    reader.places(text, text)

    assert time.process_time() - begun < 1


@pytest.mark.slow
def test_places_and_readings_keep_the_pace_of_a_stream(reader: Reader) -> None:
    """Half of the mark, so that a busy machine does not fail it: 10,000 headlines/s for places, 2,000/s for whole readings."""
    titles = [
        f"{who} warns {whom} over troops near border" for who in ("Russia", "Iran") for whom in ("Ukraine", "Israel")
    ]
    scores = TextScores(whole=dict.fromkeys(LABELS, 0.5), parts=[])

    begun = time.process_time()
    for _ in range(1_000):
        for title in titles:
            reader.places(title, "")
    placed = time.process_time() - begun
    begun = time.process_time()
    for _ in range(500):
        for title in titles:
            reader.read(title, "", scores, published=DAY, language="en")
    whole = time.process_time() - begun

    assert 4_000 / placed >= 5_000
    assert 2_000 / whole >= 1_000
