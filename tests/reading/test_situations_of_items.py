"""Which situation each signal of an item is about."""

from __future__ import annotations

import pytest

from monitor.reading.reader import Reader, TextScores
from tests.reading.conftest import DAY, Read

TROOPS, COUP, THREAT = "troop_concentration", "coup_warning", "military_response_threat"


@pytest.mark.parametrize(
    ("title", "signal", "key"),
    [
        ("NATO warns Russia over Estonia", THREAT, "EST-RUS"),
        ("NATO warns Russia against any attack", THREAT, "RUS-UKR"),
        ("US warns China over Taiwan", THREAT, "CHN-TWN"),
        ("China warns US over Taiwan", THREAT, "CHN-TWN"),
        ("US vows to defend Taiwan", THREAT, "CHN-TWN"),
        ("France vows to defend Greece", THREAT, "GRC"),
        ("US threatens to strike Iran", THREAT, "IRN-USA"),
        ("North Korea threatens US and South Korea", THREAT, "KOR-PRK"),
        ("Mali deploys army to the north", TROOPS, "MLI"),
        ("US sends carrier to Taiwan Strait", TROOPS, "CHN-TWN"),
        ("India reinforces Line of Control", TROOPS, "IND-PAK"),
        ("Troops gather in Donbas", TROOPS, "RUS-UKR"),
        ("Turkey escorts ships to Gaza", TROOPS, "TUR"),
        ("Hezbollah threatens Israel", THREAT, "HEZBOLLAH-ISR"),
        ("ECOWAS threatens to intervene in Niger after coup", THREAT, "ECOWAS-NER"),
        ("ECOWAS threatens to intervene in Niger after coup", COUP, "NER"),
        ("Kyiv says Moscow plots coup in Moldova", COUP, "MDA"),
        ("Venezuela accuses US of planning coup", COUP, "VEN"),
        ("Russia denies plan to overthrow Zelensky", COUP, "UKR"),
        ("Wagner fighters march on Moscow", COUP, "RUS"),
        ("African Union condemns Gabon coup", COUP, "GAB"),
        ("Soldiers seize power in Guinea", COUP, "GIN"),
        ("US says soldiers in Burkina Faso detained president", COUP, "BFA"),
        ("South African troops enter Lesotho to end mutiny", COUP, "LSO"),
        ("Honduran army stages coup as Chavez threatens to invade", COUP, "HND"),
        ("Moscow denies everything as Kyiv speaks of a planned overthrow", COUP, "UKR"),
        ("Chad claims officers plotted overthrow with Sudanese money", COUP, "TCD"),
        ("Western ministers meeting in Riga say Russia would meet force in Ukraine", THREAT, "RUS-UKR"),
        ("BRUSSELS, Nov 26 - NATO warns Russia over Estonia", THREAT, "EST-RUS"),
        ("Iran vows answer to Israel for Haniyeh killing", THREAT, "IRN-ISR"),
        ("Iran vows to punish Israel for killing Haniyeh", THREAT, "IRN-ISR"),
        ("Hezbollah threatens war if Gaza is overrun", THREAT, "HEZBOLLAH-ISR"),
        ("US threatens retaliation for Iranian strikes on Israel", THREAT, "IRN-ISR"),
        ("China tells Japan to back off Taiwan or face defeat", THREAT, "CHN-JPN"),
        ("US warns China off Taiwan with ships off Taiwan", THREAT, "CHN-TWN"),
        ("Finland and Sweden hold drills as Russian jets mass near Stockholm", TROOPS, "FIN-RUS"),
        ("Taliban mass outside Kabul", TROOPS, "AFG-TALIBAN"),
        ("Egypt sends police to Gaza border", TROOPS, "EGY-PSE"),
        ("Wagner forces move closer to border, Poland warns", TROOPS, "POL-WAGNER"),
        ("Kim calls South enemy and vows to occupy it", THREAT, "KOR-PRK"),
        ("Lesotho's premier flees to Pretoria, accuses army of coup", COUP, "LSO"),
    ],
)
def test_a_signal_has_its_own_situation(read: Read, title: str, signal: str, key: str) -> None:
    assert read(title, **{signal: 0}).situations[signal] == key


def test_the_sentence_that_carries_the_signal_decides(read: Read) -> None:
    reading = read(
        "Day of tension in two regions",
        "Serbia has put its army on alert over Kosovo.",
        "In Bamako, officers in Mali said they had taken power.",
        **{TROOPS: 1, COUP: 2},
    )

    assert reading.situations == {TROOPS: "SRB-XKX", COUP: "MLI"}


def test_a_sentence_without_names_takes_them_from_the_title(read: Read) -> None:
    reading = read("Ethiopia and Eritrea trade accusations", "Tanks have been moved up.", **{TROOPS: 1})

    assert reading.situations[TROOPS] == "ERI-ETH"


def test_a_missing_side_comes_from_the_text(read: Read) -> None:
    reading = read("Fear of war with Iran grows", "Washington has again threatened force.", **{THREAT: 1})

    assert reading.situations[THREAT] == "IRN-USA"


def test_an_army_at_the_border_is_not_the_one_said_to_rise(read: Read) -> None:
    reading = read(
        "A border, a plot and a warning",
        "Russian battalions are arriving near Yelnya and Voronezh.",
        "It has been a nervous week in Ukraine.",
        "The president claims a plot to remove him by force.",
        **{COUP: 3},
    )

    assert reading.situations[COUP] == "UKR"


def test_nothing_named_gives_no_situation(read: Read) -> None:
    assert read("Troops are on the move", **{TROOPS: 0}).situations == {}


def test_the_government_of_a_local_outlet_is_its_countrys(read: Read) -> None:
    said = "Soldiers have taken the president"

    assert read(said, outlet_country="FJI", **{COUP: 0}).situations == {COUP: "FJI"}
    assert read("Soldiers have taken a hill", outlet_country="FJI", **{TROOPS: 0}).situations == {}


def test_a_pair_of_sentences_is_read_as_two(reader: Reader) -> None:
    """The model also scores neighbouring sentences together; each still speaks for itself."""
    first, second = "Russia massed tanks near Ukraine.", "Gabon's army has seized power."
    scores = TextScores(
        whole={TROOPS: 0.9, COUP: 0.9},
        parts=[
            ("Two crises", {TROOPS: 0.1, COUP: 0.1}),
            (first, {TROOPS: 0.8, COUP: 0.1}),
            (second, {TROOPS: 0.1, COUP: 0.8}),
            (f"{first} {second}", {TROOPS: 0.9, COUP: 0.9}),
        ],
    )

    reading = reader.read("Two crises", f"{first} {second}", scores, published=DAY, language="en")

    assert reading.situations == {TROOPS: "RUS-UKR", COUP: "GAB"}
    assert reading.quotes[COUP].text == second
    assert [place.code for place in reading.places] == ["RUS", "GAB", "UKR"]


def test_what_only_two_sentences_say_together_is_found_within_them(reader: Reader) -> None:
    first, second = "Officers in Mali met at dawn.", "They announced that they had taken over."
    scores = TextScores(
        whole={COUP: 0.9},
        parts=[
            ("Unrest in Chad grows", {COUP: 0.3}),
            (first, {COUP: 0.1}),
            (second, {COUP: 0.25}),
            (f"{first} {second}", {COUP: 0.9}),
        ],
    )

    reading = reader.read("Unrest in Chad grows", f"{first} {second}", scores, published=DAY, language="en")

    assert reading.quotes[COUP].text == second
    assert reading.situations[COUP] == "MLI"


def test_a_text_without_a_title_is_cut_into_its_sentences(reader: Reader) -> None:
    text = "Serbia has put tanks near Kosovo. Gabon's army announced a coup."
    scores = TextScores(whole={TROOPS: 0.9, COUP: 0.9}, parts=[(text, {TROOPS: 0.9, COUP: 0.9})])

    reading = reader.read("", text, scores, published=DAY, language="en")

    assert reading.situations == {TROOPS: "SRB-XKX", COUP: "GAB"}
