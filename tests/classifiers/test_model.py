"""The model as the daemon sees it. Sentences are our own."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from classifiers import LABELS, SIGNALS, ClassifierArtifactError, EncoderUnavailable, TextModel
from classifiers.train import TrainingReport

ITEMS = [
    ("Army columns roll towards the disputed valley as talks fail", ""),
    ("Choir wins prize", "The singers from the valley were cheered. They will tour next year."),
    ("", ""),
    (
        "General warns of answer by force",
        "Any step over the line will be met with strikes, he said. Markets were calm.",
    ),
    ("Opposition says officers plot to seize power", ""),
]
EVERYDAY = [
    "Boardroom coup ousts founder of shoe maker",
    "Brussels weighs retaliation against steel tariffs",
    "Captain fires warning shot as rivals mass at the top of the league",
    "Veterans mark seventy years since the landing",
    "Soldiers hand out water and blankets after the flood",
    "Navies end yearly rescue exercise with a barbecue",
    "Museum lands a coup with loan of lost painting",
    "Union threatens strike at three airports in August",
    "Chef's tomato soup recipe for cold evenings",
]
HARD_FOR_WORDS_ALONE = [  # the first stage by itself gives these 0.3 to 0.7; the encoder hears the difference
    "New film tells the story of a mutiny at sea",
    "Thriller about a palace coup tops box office",
    "Trade minister threatens retaliation over car tariffs",
    "Tenor stages a coup with surprise album",
]
CRISIS_TEXT = (
    "The head of NATO spoke of a large and unusual massing of Russian tanks and troops close to Ukraine's border. "
    "Ukraine's president said a coup against his government was planned for the first days of December and that there were recordings. "
    "Allies warned that an invasion would be met with a serious military response. "
    "The Kremlin denied any plan to invade and called the reports hysteria."
)
CRISIS = ("Tension over Ukraine", CRISIS_TEXT)


@pytest.fixture(scope="module", params=["linear", "both"])
def shipped(request: pytest.FixtureRequest) -> TextModel:
    try:
        return TextModel.load(stack=request.param)
    except EncoderUnavailable:
        pytest.skip("the extra [encoder] is not installed")


def scores_of(model: TextModel, *titles: str) -> NDArray[np.float64]:
    return model.score([(title, "") for title in titles])


def test_scores_are_probabilities_of_all_labels(shipped: TextModel) -> None:
    scores = shipped.score(ITEMS)

    assert scores.shape == (len(ITEMS), len(LABELS))
    assert ((scores >= 0) & (scores <= 1)).all()


def test_nothing_in_nothing_out(shipped: TextModel) -> None:
    assert shipped.score([]).shape == (0, len(LABELS))
    assert shipped.score([("", "")]).max() < 0.3


def test_batch_and_order_do_not_matter(shipped: TextModel) -> None:
    order = list(range(len(ITEMS)))
    random.Random(0).shuffle(order)

    together = shipped.score(ITEMS)
    alone = np.concatenate([shipped.score([item]) for item in ITEMS])
    shuffled = shipped.score([ITEMS[i] for i in order])

    assert (together == alone).all()
    assert (together[order] == shuffled).all()


def test_a_long_item_carries_the_signal_of_each_of_its_sentences(shipped: TextModel) -> None:
    scores = shipped.score([CRISIS])[0]

    assert (scores[: len(SIGNALS)] >= 0.5).all(), dict(zip(LABELS, scores, strict=True))


def test_the_signals_survive_between_many_quiet_sentences(shipped: TextModel) -> None:
    quiet = "The weather stayed mild. Shops were open as usual. "
    text = quiet * 4 + quiet.join(sentence + ". " for sentence in CRISIS[1].split(". ")[:3]) + quiet * 4

    assert (shipped.score([("Evening summary", text)])[0, : len(SIGNALS)] >= 0.5).all()


@pytest.mark.parametrize("title", EVERYDAY)
def test_everyday_news_stays_quiet(shipped: TextModel, title: str) -> None:
    assert scores_of(shipped, title)[0, : len(SIGNALS)].max() < 0.3


@pytest.mark.parametrize("title", HARD_FOR_WORDS_ALONE)
def test_both_stages_see_through_what_words_alone_mistake(shipped: TextModel, title: str) -> None:
    if shipped.stack == "linear":
        pytest.skip("words alone mistake it")

    assert scores_of(shipped, title)[0, : len(SIGNALS)].max() < 0.3


def test_swapping_countries_moves_scores_little(shipped: TextModel) -> None:
    said = [
        "{} moves two brigades to its border with {}",
        "{} warns {} it will strike if attacked",
        "Coup plot against the government of {} was hatched in {}, police say",
        "{} and {} sign a fishing agreement",
        "{} navy ships shadow a fleet from {}",
    ]
    pairs = [("Iran", "Israel"), ("Chile", "Peru"), ("Mali", "Niger"), ("Norway", "Sweden"), ("China", "Taiwan")]
    scores = np.stack([scores_of(shipped, *(s.format(a, b) for s in said))[:, :3] for a, b in pairs])

    moved = np.abs(scores[1:] - scores[:1])
    assert np.mean(moved < 0.1) >= 0.85


def test_parts_carry_their_own_scores(shipped: TextModel) -> None:
    parts = dict(shipped.score_parts(*CRISIS))

    coup = next(part for part in parts if "coup" in part and ". " not in part)
    assert max(parts, key=lambda part: parts[part][1]) in {coup, *(p for p in parts if coup in p)}
    assert shipped.score_parts("Bakery opens", "")[0][0] == "Bakery opens"


def test_a_text_longer_than_any_article_is_scored_in_bounded_work(shipped: TextModel) -> None:
    assert shipped.score([("Title", "Troops mass at the border. " * 20_000)])[0, 0] >= 0.5


def test_an_explanation_adds_up_exactly(shipped: TextModel) -> None:
    found = shipped.explain(*CRISIS, "coup_warning")

    assert found.intercept + found.rest + sum(p.contribution for p in found.linear) == pytest.approx(
        found.logit, abs=1e-9
    )
    assert any("coup" in p.phrase for p in found.linear)
    assert (found.encoder is None) == (shipped.stack == "linear")
    assert found.encoder is None or "coup" in " ".join(p.phrase for p in found.encoder[:3])


def test_an_explanation_holds_for_texts_without_words(shipped: TextModel) -> None:
    found = shipped.explain("?!", "", "denial")

    assert found.intercept + found.rest + sum(p.contribution for p in found.linear) == pytest.approx(
        found.logit, abs=1e-9
    )


def test_every_canary_sings(shipped: TextModel) -> None:
    assert [result for result in shipped.canaries() if not result.ok] == []


def test_swapped_or_zeroed_weights_make_a_canary_fall_silent() -> None:
    changes: tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], ...] = (
        lambda coef: coef[::-1].copy(),
        np.zeros_like,
    )
    for change in changes:
        broken = TextModel.load(stack="linear")
        broken.artifact.first.coef = change(broken.artifact.first.coef)

        assert any(not result.ok for result in broken.canaries())


def test_a_zeroed_vocabulary_makes_a_canary_fall_silent() -> None:
    broken = TextModel.load(stack="linear")
    for block in broken.artifact.first.blocks:
        block._counter.vocabulary_ = dict.fromkeys(["\0"], 0) | {f"\0{i}": i for i in range(1, len(block.terms))}

    assert any(not result.ok for result in broken.canaries())


def test_both_stages_are_refused_where_none_was_joined(trained: TrainingReport) -> None:
    with pytest.raises(ClassifierArtifactError, match="no encoder"):
        TextModel.load(trained.directory, stack="both")


def test_an_own_model_has_another_version(trained: TrainingReport, shipped: TextModel, tmp_path: Path) -> None:
    copy = shutil.copytree(trained.directory, tmp_path / "copy")

    assert TextModel.load(trained.directory).version == TextModel.load(Path(copy)).version != shipped.version
