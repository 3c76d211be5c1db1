"""Who says what a sentence says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.speakers import speaker_of


@pytest.mark.parametrize(
    ("sentence", "who"),
    [
        ("The head of NATO on Monday warned Russia against an attack.", "The head of NATO"),
        ("\u201cWe will answer,\u201d said Defence Minister Ivan Petrov.", "Defence Minister Ivan Petrov"),
        ("Troops are massing, according to two Ukrainian officials.", "two Ukrainian officials"),
        ("Ukraine: Russia plans coup", "Ukraine"),
        ("Russian troops near border, Kyiv says", "Kyiv"),
        ("NATO members warn Russia: an invasion would be costly", "NATO members"),
        ("Ukraine war live: tanks cross the border", ""),
        ("Niger coup: soldiers hold the president", ""),
        ("Special Report: How the army turned", ""),
        ("Iran could close the strait within days: Navy chief", "Navy chief"),
        ("Kremlin to Washington: keep your troops away", "Kremlin"),
        ("The Kremlin has dismissed the claims as hysteria.", "The Kremlin"),
        ("Any attack would be met with force, the foreign ministry said on Tuesday.", "the foreign ministry"),
        (
            "Forces have moved, Ukraine\u2019s president, Volodymyr Zelensky, said.",
            "Ukraine\u2019s president, Volodymyr Zelensky",
        ),
        ("Russian troops massing - Pentagon", "Pentagon"),
        ("UK may send more troops -BBC", "BBC"),
        ("UK may send more troops - BBC News", ""),
        ("Rebels move on bases - army", "army"),
        ("Kyiv secures bridgehead - reports", ""),
        ("Israel moves division to border as Gallant declares 'new phase'", "Gallant"),
        ("Truce appears to hold in Gaza but Israel vows to act", "Israel"),
        ("Crowds flee after gunfire as town falls, says governor", ""),
        ("Ukraine war live: Wagner chief says offensive has begun", "Wagner chief"),
        ("Guinea: special forces claim to hold president", "special forces"),
        ("Niger coup: ECOWAS condemns junta", "ECOWAS"),
        ("Pakistan military not seeking takeover: U.S. general", "U.S. general"),
        ("Lukashenko moves paratroopers west, says NATO tanks are near", "Lukashenko"),
        ("The  army   moves tanks, vows to stay", "The  army"),
        ("Russia raises readiness, warns Georgia of force", "Russia"),
        ("Tanks near the border, warns Kyiv", "Kyiv"),
        ("Iran will not rebuild, Katz warns, hinting at strikes", "Katz"),
        ("Papua defence chief rules out takeover", "Papua defence chief"),
        ("Russia is condemned at summit", ""),
        ("Opposition accused of plotting", ""),
        ("Troops told to retreat from city", ""),
        ("Guinea meets soldiers' demands to end mutiny", ""),
        ("German police arrest 25 over plot to overthrow the state", ""),
        ("He said that troops would move.", ""),
        ("Breaking: tanks in Kyiv", ""),
        ("Troops deployed near the capital", ""),
        ("", ""),
    ],
)
def test_the_speaker_is_named_as_in_the_text(sentence: str, who: str) -> None:
    assert speaker_of(sentence) == who


@given(st.text(max_size=120))
def test_a_speaker_is_always_part_of_the_sentence(sentence: str) -> None:
    assert speaker_of(sentence) in sentence
