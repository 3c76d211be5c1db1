from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from classifiers.encoder_data import (
    Augmentation,
    Example,
    copies,
    digest,
    hold_out,
    read_examples,
    story_folds,
    without_leaks,
)
from classifiers.labels import LABELS

NEVER = Augmentation(swap=0, join_signal=0, join_other=0, shorten=0)


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def example(title: str = "Quiet day", *labels: str, summary: str = "", unsure: tuple[str, ...] = ()) -> Example:
    return Example(
        id=title,
        title=title,
        summary=summary,
        targets=tuple(float(label in labels) for label in LABELS),
        weights=tuple(0.2 if label in unsure else 1.0 for label in LABELS),
    )


def test_a_bar_parts_title_and_summary_only_where_the_archive_keeps_summaries(tmp_path: Path) -> None:
    path = write(
        tmp_path / "items.jsonl",
        {"id": "1", "archive": "feeds_real", "text": "Guard doubled | At the fort", "labels": []},
        {"id": "2", "archive": "wire", "text": "Guard doubled | At the fort", "labels": []},
        {"id": "3", "title": "Guard doubled", "text": "At the fort", "labels": []},
    )

    assert [(e.title, e.summary) for e in read_examples([path])] == [
        ("Guard doubled", "At the fort"),
        ("Guard doubled | At the fort", ""),
        ("Guard doubled", "At the fort"),
    ]


def test_a_label_left_off_in_doubt_counts_a_fifth(tmp_path: Path) -> None:
    path = write(tmp_path / "items.jsonl", {"id": "1", "text": "x", "labels": ["denial"], "unsure": ["coup_warning"]})

    (found,) = read_examples([path])

    assert dict(zip(LABELS, found.targets, strict=True))["denial"] == 1.0
    assert dict(zip(LABELS, found.weights, strict=True))["coup_warning"] == 0.2


def test_a_models_probabilities_stand_in_for_a_readers_labels(tmp_path: Path) -> None:
    soft = dict.fromkeys(LABELS, 0.25)
    path = write(
        tmp_path / "items.jsonl", {"id": "1", "text": "x", "soft": soft}, {"id": "2", "text": "y", "labels": []}
    )

    first, second = read_examples([path])

    assert (first.targets, first.soft) == ((0.25,) * len(LABELS), True)
    assert not second.soft


def test_what_is_held_out_hangs_on_the_ids_alone_and_leaves_no_near_equal_behind() -> None:
    read = [
        example(f"Garrison number {n} of the long northern line moves out tonight with all its guns")
        for n in range(200)
    ]
    guessed = [replace(one, id=f"soft {one.id}", title=f"{n} other words", soft=True) for n, one in enumerate(read)]

    kept, held = hold_out([*read, *guessed], 10)
    later, same = hold_out([example("Ships gather"), *read, *guessed], 10)

    assert 8 < len(held) < 40
    assert not any(one.soft for one in held)
    assert [one.id for one in same if one.id != "Ships gather"] == [one.id for one in held]
    assert len(kept) == len(guessed)  # every other garrison is nearly a held one
    assert len(later) in {len(kept), len(kept) + 1}


def test_items_in_other_languages_are_not_read(tmp_path: Path) -> None:
    path = write(tmp_path / "items.jsonl", {"id": "1", "title": "Ruhe", "lang": "de", "labels": []})

    assert read_examples([path]) == []


def test_what_is_near_a_guard_is_left_out(tmp_path: Path) -> None:
    guard = write(tmp_path / "guard.jsonl", {"id": "g", "title": "Fleet sails at dawn", "text": "", "labels": []})

    kept, dropped = without_leaks([example("Fleet sails at dawn!"), example("Bakers win prize")], [guard])

    assert [e.title for e in kept] == ["Bakers win prize"]
    assert dropped == 1


def test_copies_without_changes_are_the_items_themselves() -> None:
    items = [example("One"), example("Two", "denial")]

    assert copies(items, NEVER, random.Random(0)) == items


def test_a_joined_item_has_the_labels_and_words_of_both() -> None:
    items = [example("Coup feared", "coup_warning"), example("Guns sent east", "troop_concentration")]
    always = Augmentation(swap=0, join_signal=1, join_other=1, shorten=0)

    for seed in range(10):
        for found in copies(items, always, random.Random(seed)):
            for item in items:
                if item.title in found.text:
                    assert all(a >= b for a, b in zip(found.targets, item.targets, strict=True))


def test_a_doubtful_absence_stays_doubtful_when_joined_unless_the_other_has_the_label() -> None:
    doubtful = example("Maybe", unsure=("coup_warning", "denial"))
    sure = example("Surely", "denial")
    always = Augmentation(swap=0, join_signal=1, join_other=1, shorten=0)
    joined = [
        found
        for seed in range(30)
        for found in copies([doubtful, sure], always, random.Random(seed))
        if "Maybe" in found.text and "Surely" in found.text
    ]

    assert joined
    for found in joined:
        weights = dict(zip(LABELS, found.weights, strict=True))
        assert (weights["coup_warning"], weights["denial"]) == (0.2, 1.0)


def test_only_items_without_labels_are_shortened() -> None:
    long = "First thing said. Second thing said. Third thing said."
    always = Augmentation(swap=0, join_signal=0, join_other=0, shorten=1)
    labelled, free = example(long, "denial"), example(long)

    for seed in range(20):
        kept, cut = copies([labelled, free], always, random.Random(seed))
        assert kept == labelled
        assert cut.text in long
        assert cut.text


def test_the_digest_does_not_depend_on_the_order_of_files(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a.jsonl", {"id": 1}), write(tmp_path / "b.jsonl", {"id": 2})

    assert digest([a, b]) == digest([b, a])


def test_every_item_drawn_at_random_is_held_out_by_one_of_the_folds_that_run_and_no_story_is_parted() -> None:
    examples = [example(f"Report {number} of the harbour master at pier {number}") for number in range(40)]
    blind = [replace(example(f"Ferry {number} late again at quay {number}"), drawn_blind=True) for number in range(40)]
    soft = [replace(example("Two brigades leave the fort at dawn today"), soft=True)]
    told_twice = [example("Two brigades leave the fort at dawn today, again")]
    every = [*examples, *blind, *soft, *told_twice]

    of = story_folds(every, 5, only=(0, 3))

    assert set(of[40:80].tolist()) == {0, 3}
    assert set(of[:40].tolist()) == {0, 1, 2, 3, 4}
    assert of[80] == of[81] == -1
    assert story_folds(every, 5, only=(0, 3)).tolist() == of.tolist()


def test_a_stratum_that_says_random_marks_an_item_drawn_blind(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "text": "Ferry late", "labels": [], "stratum": "r3-random"},
        {"id": "2", "text": "Bus late", "labels": [], "stratum": "troop:high"},
        {"id": "3", "text": "Tram late", "labels": []},
    ]

    assert [e.drawn_blind for e in read_examples([write(tmp_path / "items.jsonl", *rows)])] == [True, False, False]
