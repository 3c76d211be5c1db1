"""The language of an item."""

from __future__ import annotations

import resource

import pytest

from monitor.reading import language
from monitor.reading.language import detect_language

GERMAN = "Die Regierung hat am Freitag beschlossen, weitere Soldaten an die Grenze zu schicken, wie ein Sprecher sagte."
FRENCH = (
    "Le gouvernement a annoncé vendredi qu'il envoyait des renforts à la frontière, selon un porte-parole de l'armée."
)


@pytest.mark.parametrize(
    ("title", "text", "declared", "expected"),
    [
        ("Iran vows revenge", "", "en", "en"),
        ("Macron: non", "", "en", "en"),
        ("Bundeswehr schickt Panzer", "", "de-DE", "de"),
        (GERMAN, "", "en", "de"),
        (FRENCH, "", "", "fr"),
        ("Россия стягивает войска к границе", "", "en", "ru"),
        ("Troops near the border say they are ready for a long stay in the hills", "", "en", "en"),
        ("Troops are at the border", "", "", "en"),
        ("Уряд перекинув війська до кордону з Білоруссю", "", "", "uk"),
        ("Die Armee will in dieser Woche in Richtung der Grenze ziehen, heißt es in Berlin", "", "en", "de"),
        ("", "", "", ""),
        ("", "", "en", "en"),
    ],
)
def test_the_language_is_told_by_enough_text_or_by_the_feed(
    title: str, text: str, declared: str, expected: str
) -> None:
    assert detect_language(title, text, declared) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Ukraine, Mali, Niger: Macron, Merz, Orban",
        "Hezbollah-Nasrallah-Beirut",
        "Erdogan Assad Kurdi Ankara Damascus Idlib Aleppo Afrin Manbij Raqqa Kobani",
        "Kim Jong Un oversees Hwasong-18 launch from Pyongyang Sunan airfield, KCNA reports",
        "Junta chief Abdourahamane Tchiani ousts Mohamed Bazoum, Niamey",
    ],
)
def test_an_english_headline_of_an_english_feed_stays_english(title: str) -> None:
    assert detect_language(title, "", "en") == "en"


def test_without_room_on_disk_for_its_model_what_a_feed_declares_holds() -> None:
    german = "Ein ruhiger Tag am See, an dem niemand etwas Schlimmes meldet und alle schlafen"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    language._identifier.cache_clear()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        assert detect_language(german, "", "en") == "en"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert detect_language(german, "", "en") == "de"
