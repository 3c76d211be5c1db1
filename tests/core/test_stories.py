"""One report, one story: what joins, what must not, and that a rebuilt index answers as the one before it."""

from __future__ import annotations

import gzip
import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.stories import HORIZON, MEASURED, Match, Member, StoryIndex
from monitor.core.story_measure import compare, same_wording, summaries_agree
from monitor.core.story_text import read_title, strip_title, summary_words
from monitor.core.story_words import stem
from tests.builders import AT, HOUR, MINUTE, a_member, an_article

PAIRS = [
    json.loads(line) for line in (Path(__file__).parent / "data/story_pairs.jsonl").read_text("utf-8").splitlines()
]
SHARED = Path(__file__).parents[3] / "shared/data/archive/frontpages_2023.jsonl.gz"


def meet(held: str, asked: str, *, held_summary: str = "", summary: str = "", after: timedelta = HOUR) -> Match | None:
    index = StoryIndex()
    index.add(a_member(title=held, summary=held_summary))
    return index.find(asked, summary, AT + after)


def test_pairs_written_and_edited_by_hand_reach_both_marks() -> None:
    verdicts = [
        (
            row["same"],
            meet(row["a"], row["b"], held_summary=row.get("summary_a", ""), summary=row.get("summary_b", ""))
            is not None,
        )
        for row in PAIRS
    ]
    right = sum(same and joined for same, joined in verdicts)

    assert len(verdicts) >= 300
    assert right / sum(same for same, _ in verdicts) >= 0.97
    assert right / sum(joined for _, joined in verdicts) >= 0.97


@pytest.mark.parametrize("row", PAIRS[::9], ids=lambda row: row["a"][:40])
def test_which_of_two_texts_came_first_does_not_matter(row: dict[str, str]) -> None:
    one, other = row.get("summary_a", ""), row.get("summary_b", "")
    there = meet(row["a"], row["b"], held_summary=one, summary=other)
    back = meet(row["b"], row["a"], held_summary=other, summary=one)

    assert (there is None) == (back is None)


def test_the_same_text_is_a_copy_of_similarity_one() -> None:
    match = meet("Troops mass at border", "Troops mass at border")

    assert match is not None
    assert match.copy
    assert match.similarity == 1.0
    assert match.member.article_id == "art-1"


@pytest.mark.parametrize(
    "edited",
    [
        "UPDATE 2-Rebel column nears capital as president calls for calm",
        "LIVE: Rebel column nears capital as president calls for calm",
        "Rebel column nears capital as president calls for calm - live updates",
        "Rebel column nears capital as president calls for calm | The Daily Example",
        "Rebel column nears capital as president calls for calm - Example News",
        "Rebel column nears capital as president calls for calm (Reuters)",
        "\u2018Rebel column\u2019 nears capital, as president calls for calm",
        "REBEL COLUMN NEARS CAPITAL AS PRESIDENT CALLS FOR CALM",
        "As president calls for calm, rebel column nears capital",
        "Rebel column nears capital, president calls for calm",
        "Reuters: Rebel column nears capital as president calls for calm",
    ],
)
def test_what_copy_desks_do_to_a_headline_leaves_it_a_copy(edited: str) -> None:
    match = meet("Rebel column nears capital as president calls for calm", edited)

    assert match is not None
    assert match.copy


def test_another_telling_of_the_report_is_no_copy() -> None:
    match = meet(
        "Niger's president Mohamed Bazoum held by guards, prompting fears of attempted coup",
        "Niger coup attempt: President Mohamed Bazoum held by his own guard at palace",
    )

    assert match is not None
    assert not match.copy


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Veteran goalkeeper dies aged 80", "Veteran goalkeeper dies at 80"),
        ("Army chief arrested over plot in capital", "Army chief and two aides arrested over plot in capital"),
        ("Three dead as ferry sinks off southern coast", "Three people dead after ferry sinks near southern coast"),
        (
            "Minister quits over leaked letter to ambassador",
            "Minister resigns over letter to ambassador leaked to press",
        ),
    ],
)
def test_two_newsrooms_that_share_names_and_numbers_are_two_origins(one: str, other: str) -> None:
    assert not same_wording(one, other, apart=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "U.S. says it will answer any attack on its bases in the Gulf with force",
            "US says it will answer any attack on its bases in Gulf with force",
        ),
        (
            "Junta closes borders and suspends constitution after president detained by guards in capital",
            "Junta closes borders and suspends constitution after president detained by guards",
        ),
    ],
)
def test_a_long_headline_shortened_or_respelt_stays_one_text(one: str, other: str) -> None:
    assert same_wording(one, other, apart=False)


def test_equal_short_headlines_over_different_texts_are_two_tellings() -> None:
    one = "Eleven landing ships and two submarines left harbour overnight, harbour workers told a local station."
    other = "Satellite pictures taken at noon show empty berths where most of the ships had lain for many weeks."

    match = meet("Fleet leaves Sevastopol", "Fleet leaves Sevastopol", held_summary=one, summary=other)

    assert match is not None
    assert not match.copy


def test_a_wire_text_under_another_headline_is_a_copy() -> None:
    text = (
        "Forty tanks crossed the river before dawn on Friday, according to two villagers who counted them from a roof."
    )

    match = meet(
        "What the villagers saw",
        "Armour on the move",
        held_summary=text,
        summary="KUPIANSK, Nov 26 (Reuters) - " + text,
    )

    assert match is not None
    assert match.copy


def test_two_strikes_on_one_day_stay_two_stories() -> None:
    assert meet("Strike on Kharkiv kills five", "Strike on Odesa kills five") is None
    assert meet("Strike on Kharkiv kills five", "Strike on Kharkiv kills 12") is None
    assert meet("NATO warns Russia over Estonia", "Russia warns NATO over Estonia") is None


def test_a_vague_text_does_not_bring_two_different_reports_together() -> None:
    index = StoryIndex()
    index.add(a_member(1, story_id="story", title="Blast at market in Quetta kills 14 people"))
    index.add(a_member(2, story_id="story", title="Blast at market in Quetta kills people"))

    assert index.find("Blast at market in Quetta kills 30 people", "", AT) is None
    assert index.find("Blast at market in Quetta kills people", "", AT) is not None


def test_the_outlets_own_name_is_no_part_of_its_headline() -> None:
    assert strip_title("Shots heard near palace - Kyiv Bugle", "Kyiv Bugle") == "Shots heard near palace"
    assert strip_title("Shots heard near palace - Zelensky") == "Shots heard near palace - Zelensky"
    assert strip_title("Shots heard near palace - example.com") == "Shots heard near palace"
    assert strip_title("Palace shots | Bugle") == "Palace shots | Bugle"


def test_words_of_scripts_without_spaces_are_compared_by_pairs_of_signs() -> None:
    match = meet("北约警告俄罗斯不要在边境集结军队", "北约警告俄罗斯, 不要在边境集结军队")

    assert match is not None
    assert meet("北约警告俄罗斯不要在边境集结军队", "地震袭击日本北部海岸造成多人受伤") is None


@pytest.mark.parametrize("empty", ["", "   ", "!!!", "the of and"])
def test_a_title_without_words_joins_nothing(empty: str) -> None:
    assert meet("Troops mass at border", empty) is None
    assert meet(empty, "Troops mass at border") is None


def test_a_headline_of_empty_words_alone_still_finds_its_copy() -> None:
    match = meet("Breaking news this hour", "Breaking news this hour")

    assert match is not None


def test_after_72_hours_a_report_is_a_new_one() -> None:
    assert meet("Troops mass at border", "Troops mass at border", after=HORIZON) is not None
    assert meet("Troops mass at border", "Troops mass at border", after=HORIZON + MINUTE) is None


def test_a_rewritten_member_is_known_by_its_present_wording_and_leaves_with_it() -> None:
    index = StoryIndex()
    index.add(a_member(title="Troops mass at border"))
    index.add(a_member(title="Minister opens hospital wing", at=AT + HOUR))

    assert len(index) == 1
    assert index.find("Troops mass at border", "", AT + HOUR) is None
    assert index.find("Minister opens hospital wing", "", AT + HORIZON + MINUTE) is not None
    index.expire(AT + HORIZON + 2 * HOUR)
    assert len(index) == 0


def test_the_first_of_equals_is_the_match() -> None:
    index = StoryIndex()
    for number in (3, 1, 2):
        index.add(a_member(number, title="Troops mass at border", at=AT + number * MINUTE))

    match = index.find("Troops mass at border", "", AT + HOUR)

    assert match is not None
    assert match.member.article_id == "art-1"


def test_a_match_is_found_among_many_that_share_its_common_words() -> None:
    index = StoryIndex()
    for number in range(400):
        index.add(a_member(number, title=f"Russia and Ukraine hold talks in town{number:03} over prisoners"))

    match = index.find("Russia, Ukraine hold talks in town277 over prisoners", "", AT)

    assert match is not None
    assert match.member.article_id == "art-277"
    assert index.find("Talks over prisoners", "", AT) is None or MEASURED < 400
    assert index.find("Russia", "", AT) is None


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_an_index_rebuilt_from_its_members_in_any_order_answers_the_same(seed: int) -> None:
    rng = random.Random(seed)
    rows = rng.sample(PAIRS, 40)
    live = StoryIndex()
    members = []
    for number, row in enumerate(rows):
        at = AT + number * 3 * HOUR
        match = live.find(row["a"], "", at)
        member = a_member(number, title=row["a"], at=at, story_id=match.member.story_id if match else f"s{number}")
        live.add(member)
        members.append(member)
    now = AT + 120 * HOUR
    restored = StoryIndex()
    rng.shuffle(members)
    for member in members:
        if now - member.at <= HORIZON:
            restored.add(member)

    for row in rows:
        assert live.find(row["b"], "", now) == restored.find(row["b"], "", now)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_texts_can_be_compared_and_in_either_order(one: str, other: str) -> None:
    left, right = read_title(one), read_title(other)

    assert compare(left, right) == compare(right, left)
    assert 0.0 <= compare(left, right).similarity <= 1.0


def test_stems_lose_endings_and_nothing_else() -> None:
    words = "strikes armies bombing stopped killed ties homs gas king 军队"

    assert [stem(word) for word in words.split()] == [
        "strik",
        "army",
        "bomb",
        "stop",
        "kill",
        "ty",
        "homs",
        "gas",
        "king",
        "军队",
    ]


def test_numbers_are_read_in_digits_and_words() -> None:
    assert read_title("Some 100k march, twelve hurt, 1,500 held on 14th day").tokens[0] == "#100000"
    assert {"#12", "#1500", "#14"} <= read_title("Some 100k march, twelve hurt, 1,500 held on 14th day").bag


def test_a_name_is_told_by_its_capital_unless_all_words_have_one() -> None:
    assert "wagner" in read_title("Fighters of Wagner leave the town").names
    assert "government" not in read_title("Junta Leaders Declare New Government After Meeting").names
    assert read_title("U.S. and N. Korea talk").bag >= {"@USA", "@PRK"}


def test_summaries_tell_only_when_both_are_long_enough() -> None:
    words = summary_words("KYIV (Reuters) - one two three four five six seven eight nine ten eleven")

    assert words[0] == "one"
    assert summaries_agree(words, words) == 1.0
    assert summaries_agree(words, words[:5]) is None


def test_wording_is_the_same_only_with_enough_words_to_tell() -> None:
    assert same_wording("Coup in Mali", "Coup in Mali", apart=False)
    assert not same_wording("Coup in Mali", "Mali coup", apart=False)
    assert not same_wording("Coup in Mali", "Coup in Mali", apart=True)


@pytest.mark.shared
@pytest.mark.slow
def test_on_real_front_pages_copies_are_few_and_one_text_is_one_origin() -> None:
    if not SHARED.exists():
        pytest.skip("the evaluation archives are not beside the project")
    with gzip.open(SHARED, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for _, line in zip(range(6_000), lines, strict=False)]
    index, joined, copies = StoryIndex(), 0, 0
    for row in sorted(rows, key=lambda row: row["date"]):
        at = datetime.fromisoformat(row["date"])
        match = index.find(row["title"], "", at, row["source"])
        joined += match is not None
        copies += match is not None and match.copy
        story = match.member.story_id if match else row["id"]
        index.add(a_member(article_id=row["id"], title=row["title"], at=at, outlet=row["source"], story_id=story))

    assert 0.03 < joined / len(rows) < 0.15
    assert copies < joined


def test_a_member_is_what_the_index_needs_of_an_article() -> None:
    article = an_article(story_id="story", outlet="Example", title="Troops mass at border")

    member = Member.of(article)

    assert (member.article_id, member.story_id, member.outlet, member.at) == ("art-1", "story", "Example", AT)
