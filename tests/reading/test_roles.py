"""Who acts, against whom, who merely speaks."""

from __future__ import annotations

import pytest

from monitor.core.model import Role
from monitor.reading.reader import Reader


def roles(reader: Reader, title: str) -> dict[str, str]:
    return {place.code: place.role.value for place in reader.places(title, "")}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Russia warns Ukraine", {"RUS": "actor", "UKR": "target"}),
        ("Ukraine warned by Russia", {"RUS": "actor", "UKR": "target"}),
        ("Iran threatens to strike Israel", {"IRN": "actor", "ISR": "target"}),
        ("Ethiopia masses troops near Eritrea", {"ETH": "actor", "ERI": "target"}),
        ("Troops of Rwanda move towards Burundi", {"RWA": "actor", "BDI": "target"}),
        ("Serbia sends tanks to border with Kosovo", {"SRB": "actor", "XKX": "target"}),
        ("Poland says Belarus is moving troops", {"BLR": "actor", "POL": "target"}),
        ("Germany says Belarus is moving troops", {"BLR": "actor", "DEU": "speaker"}),
        ("Belarus is moving troops, Germany says", {"BLR": "actor", "DEU": "speaker"}),
        ("According to Germany, Belarus is moving troops", {"BLR": "actor", "DEU": "speaker"}),
        ("Belarus moves tanks west - Pentagon", {"BLR": "actor", "USA": "speaker"}),
        ("India: Pakistan will face consequences", {"IND": "actor", "PAK": "target"}),
        ("NATO warns Russia over Estonia", {"NATO": "actor", "RUS": "target", "EST": "partner"}),
        ("France sends warship to Libya", {"FRA": "actor", "LBY": "location"}),
        ("Iran-backed Houthis threaten Saudi Arabia", {"HOUTHIS": "actor", "SAU": "target", "IRN": "location"}),
        ("Turkey raises readiness in response to Greek drills", {"TUR": "actor", "GRC": "target"}),
        ("Chad warns Sudan it will answer", {"TCD": "actor", "SDN": "target"}),
        ("Kenya warns Somalia that further air raids will be answered", {"KEN": "actor", "SOM": "target"}),
        ("India says China will pay a heavy price", {"IND": "actor", "CHN": "target"}),
        ("Germany will pay for American bases", {"DEU": "actor", "USA": "location"}),
        ("Sri Lankan army encircles Tamil Tigers", {"LKA": "actor", "LTTE": "target"}),
        ("Thai army says it will answer if Cambodia fires", {"KHM": "target", "THA": "actor"}),
        ("China sends ships, Vietnam protests", {"CHN": "actor", "VNM": "target"}),
        (
            "Merkel tells Obama Iran could attack Israel",
            {"DEU": "speaker", "USA": "location", "IRN": "actor", "ISR": "target"},
        ),
        ("Houthis promise answer to U.S. and British strikes", {"HOUTHIS": "actor", "USA": "target", "GBR": "target"}),
        (
            "Russia would attack Estonia, Latvia or Lithuania",
            {"RUS": "actor", "EST": "target", "LVA": "target", "LTU": "target"},
        ),
    ],
)
def test_roles_follow_light_syntax(reader: Reader, title: str, expected: dict[str, str]) -> None:
    assert roles(reader, title) == expected


def test_the_actor_comes_first_and_the_target_second(reader: Reader) -> None:
    places = reader.places("Amid protests in Cyprus, Britain speaks as Turkey threatens Greece", "")
    ranks = [list(Role).index(place.role) for place in places]

    assert places[0].role is Role.ACTOR
    assert ranks == sorted(ranks)
