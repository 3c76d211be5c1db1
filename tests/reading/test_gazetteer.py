"""Names that have several meanings."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.core.situations import Registry
from monitor.reading.gazetteer import Gazetteer
from monitor.reading.reader import Reader
from monitor.reading.tokens import tokenise


def codes(reader: Reader, title: str, text: str = "") -> list[str]:
    return sorted(place.code for place in reader.places(title, text))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("U.S., U.K. and U.A.E. hold talks", ["ARE", "GBR", "USA"]),
        ("It told us nothing about them", []),
        ("US and UK sign pact", ["GBR", "USA"]),
        ("N. Korea and S.Korea exchange fire", ["KOR", "PRK"]),
        ("DPRK and ROK envoys meet", ["KOR", "PRK"]),
        ("DRC and Congo-Brazzaville close ferry", ["COD", "COG"]),
        ("Guinea, Guinea-Bissau, Equatorial Guinea and Papua New Guinea", ["GIN", "GNB", "GNQ", "PNG"]),
        ("Niger and Nigeria, not the Niger Delta", ["NER", "NGA"]),
        ("Sudan and South Sudan share a pipeline", ["SDN", "SSD"]),
        ("Jordan's king meets Michael Jordan", ["JOR"]),
        ("Jordan Henderson signs for club", []),
        ("Air Jordan shoes sold out", []),
        ("Chad Smith of the band leaves", []),
        ("Chad sends soldiers north", ["TCD"]),
        ("Georgia governor calls Senate runoff in Atlanta", ["USA"]),
        ("Georgia's parliament in Tbilisi votes", ["GEO"]),
        ("Athens, Georgia, campus opens", ["USA"]),
        ("Roast turkey for Thanksgiving", []),
        ("Turkey Recalls Envoy From Cairo", ["EGY", "TUR"]),
        ("Turkiye and Türkiye are one name", ["TUR"]),
        ("Cuba Gooding Jr. in court", []),
        ("Paris Hilton in Rome", ["ITA"]),
        ("New Mexico and Mexico share a river", ["MEX", "USA"]),
        ("Washington Post reports on Washington Nationals", []),
        ("The White House and the Kremlin trade barbs", ["RUS", "USA"]),
        ("Downing Street and the Elysée agree", ["FRA", "GBR"]),
        ("Kiev or Kyiv, the capital is one", ["UKR"]),
        ("South China Morning Post moves office", []),
        ("Swiss franc, French fries, Brazil nuts and a china shop", []),
        ("RUSSIA SENDS TANKS TO BORDER WITH ESTONIA", ["EST", "RUS"]),
        ("russia sends tanks to estonia", ["EST", "RUS"]),
        ("East Timor thanks Australia", ["AUS", "TLS"]),
        ("Dominica and the Dominican Republic", ["DMA", "DOM"]),
        ("Korean War veterans meet", []),
        ("Côte d'Ivoire and São Tomé", ["CIV", "STP"]),
        ("Hezbollah and Hamas leaders meet IRGC general", ["HAMAS", "HEZBOLLAH", "IRN"]),
        ("Lebanon, Pennsylvania, fire chief retires", ["USA"]),
    ],
)
def test_a_name_is_taken_for_what_it_means(reader: Reader, title: str, expected: list[str]) -> None:
    assert codes(reader, title) == expected


def test_a_generic_name_counts_only_beside_the_alliance_itself(reader: Reader) -> None:
    assert codes(reader, "NATO leaders meet", "The ministers said the alliance would answer Russia.") == ["NATO", "RUS"]
    assert codes(reader, "The alliance of farmers meets in Ghana") == ["GHA"]


@pytest.mark.parametrize(("year", "code"), [(2005, "NOR"), (2018, "NATO")])
def test_the_date_tells_which_office_a_name_held(registry: Registry, year: int, code: str) -> None:
    found = Gazetteer(registry).find(tokenise("Stoltenberg speaks of allies"), date(year, 6, 1))

    assert [mention.code for mention in found] == [code]


@pytest.mark.parametrize(
    ("text", "year", "code"),
    [
        ("Honduras: Castro says plotters want to overthrow her", 2026, "HND"),
        ("Honduras: Castro says plotters want to overthrow her", 2030, "HND"),
        ("Castro warns Cuba of an invasion", 2030, "CUB"),
        ("Castro warns of an invasion", 1985, "CUB"),
    ],
    ids=["in office", "named, years later", "the other one named", "in office, nobody named"],
)
def test_of_two_leaders_of_one_name_the_one_in_office_or_of_the_named_country_is_meant(
    registry: Registry, text: str, year: int, code: str
) -> None:
    found = Gazetteer(registry).find(tokenise(text), date(year, 6, 1))

    assert {mention.code for mention in found} == {code}


def test_a_leader_of_another_time_is_still_known(registry: Registry) -> None:
    found = Gazetteer(registry).find(tokenise("Gaddafi threatens Benghazi"), date(2026, 1, 1))

    assert [mention.code for mention in found] == ["LBY", "LBY"]


def test_north_and_south_stand_for_the_halves_of_a_named_country(reader: Reader) -> None:
    assert codes(reader, "North Korea threatens the South over drills") == ["KOR", "PRK"]
    assert codes(reader, "The South of France is hot") == ["FRA"]


def test_an_empty_text_names_nothing(reader: Reader) -> None:
    assert codes(reader, "", "") == []
    assert codes(reader, "...", "!?") == []
