"""Which situation each signal of an item is about."""

from __future__ import annotations

import pytest

from tests.reading.conftest import Read

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


def test_nothing_named_gives_no_situation(read: Read) -> None:
    assert read("Troops are on the move", **{TROOPS: 0}).situations == {}


def test_the_government_of_a_local_outlet_is_its_countrys(read: Read) -> None:
    said = "Soldiers have taken the president"

    assert read(said, outlet_country="FJI", **{COUP: 0}).situations == {COUP: "FJI"}
    assert read("Soldiers have taken a hill", outlet_country="FJI", **{TROOPS: 0}).situations == {}
