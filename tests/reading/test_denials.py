"""Who denies."""

from __future__ import annotations

import pytest

from tests.reading.conftest import Read


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("Russia denies plan to attack Ukraine", ("RUS",)),
        ("Kremlin dismisses talk of invasion as hysteria", ("RUS",)),
        ("Rwanda has rejected claims that its troops are in Congo", ("RWA",)),
        ("Beijing says it has no plans to blockade Taiwan", ("CHN",)),
        ("Iran: no intention to close the strait", ("IRN",)),
        ("Congo says Rwandan troops crossed, Kigali denies it", ("RWA",)),
        ("Australia sends ships, Canberra denies plan to invade Fiji", ("AUS",)),
        ("Turkey warns Greece", ()),
    ],
)
def test_the_party_that_denies_is_named(read: Read, sentence: str, codes: tuple[str, ...]) -> None:
    assert read(sentence, denial=0).denied_by == codes


def test_a_denial_is_tied_to_the_sentence_that_holds_it(read: Read) -> None:
    reading = read("Rwanda moves troops, Congo says", "Uganda spoke of rain.", "Kigali denied it.", denial=2)

    assert reading.denied_by == ("RWA",)


def test_nobody_denies_where_nothing_is_denied(read: Read) -> None:
    assert read("Egypt never sleeps").denied_by == ()
