"""When two items are the same article: what publishers change without writing anything new, and what they reuse for new things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.parse_document import parse_document
from monitor.core.identity import digest, fold, identify, normalise_url, same_by_guid, same_by_url, similarity
from monitor.core.model import Article, Entry
from monitor.core.outlets import Outlets
from monitor.core.ports import Unit
from monitor.core.situations import Registry
from monitor.pipeline.intake import Poll, Sorted, article_of, sort
from monitor.pipeline.state import Settings
from tests.builders import AT, DAY, HOUR, a_feed, a_feed_state, a_parsed_feed, a_reading, an_article, an_entry

HOSTILE = Path(__file__).parents[1] / "data" / "hostile"
SETTINGS = Settings(rules=[], channels={}, outlets=Outlets({}), registry=Registry())


class Shelf:
    """What a database knows of articles, by its unique keys: enough of a Unit for sorting."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.held: dict[str, Article] = {}
        self.guids: dict[str, list[Article]] = {}

    def known(self, keys: Sequence[str]) -> dict[str, str]:
        return {key: self.keys[key] for key in keys if key in self.keys}

    def by_guid(self, keys: Sequence[str]) -> dict[str, list[Article]]:
        return {key: self.guids[key] for key in keys if key and key in self.guids}

    def articles(self, ids: Iterable[str]) -> dict[str, Article]:
        return {each: self.held[each] for each in ids if each in self.held}

    def poll(self, *entries: Entry, feed: str = "example", owner: str = "example") -> Sorted:
        poll = Poll(feed=a_feed(id=feed, owner=owner), state=a_feed_state(), parsed=a_parsed_feed(*entries))
        found = sort([poll], SETTINGS, cast("Unit", self))
        for candidate in found.fresh:
            article = article_of(replace(candidate, reading=a_reading()), SETTINGS, AT)
            identity = candidate.item.identity
            self.held[article.id] = article
            self.keys = {**dict.fromkeys(identity.keys, article.id), **self.keys}
            self.guids.setdefault(identity.guid_key, []).append(article)
        self.keys = {**found.aliases, **self.keys}
        for candidate in found.changed:
            assert candidate.former is not None
            new = candidate.item
            self.held[candidate.former.id] = replace(
                candidate.former,
                title=new.entry.title,
                summary=new.entry.summary,
                content_hash=new.identity.content_hash,
            )
        return found


FIRST = an_entry()


@pytest.mark.parametrize(
    "again",
    [
        an_entry(guid="tag:example,other"),
        an_entry(guid=""),
        an_entry(link="http://example.example/news/1"),
        an_entry(link="https://www.example.example/news/1"),
        an_entry(link="https://m.example.example/news/1"),
        an_entry(link="https://example.example/news/1/"),
        an_entry(link="https://example.example/news/1?utm_source=rss&utm_medium=feed&fbclid=x"),
        an_entry(link="https://example.example/news/1#comments"),
        an_entry(link="HTTPS://EXAMPLE.example:443/news/1"),
        an_entry(link="https://example.example/2021/tanks-seen", guid="9"),
        an_entry(link=""),
        an_entry(title="Tanks, seen near the border!"),
        an_entry(title="Ninety tanks at border: what we know", summary="", guid="9", published=None),
        an_entry(title="Minister resigns over leak"),
        an_entry(published=AT + DAY),
        an_entry(published=None),
        an_entry(published=None, bad_date=True, guid=""),
        an_entry(link="https://example.example/new/slug", title="Tanks seen near border", summary=FIRST.summary),
        an_entry(link="https://example.example/new/slug", title="Army: nothing to see", summary=""),
    ],
    ids=lambda entry: f"{entry.guid}|{entry.link}|{entry.title}|{entry.published}",
)
def test_what_publishers_change_without_writing_anything_new_stays_the_same_article(again: Entry) -> None:
    shelf = Shelf()
    assert len(shelf.poll(FIRST).fresh) == 1

    assert shelf.poll(again).fresh == []
    assert shelf.poll(FIRST).fresh == []
    assert len(shelf.held) == 1


@pytest.mark.parametrize(
    "other",
    [
        an_entry(
            link="https://example.example/news/2", title="Flood in the delta", summary="Water rises", published=AT
        ),
        an_entry(guid="2", title="Flood in delta", summary="Water rises", published=AT),
        an_entry(guid="2", link="https://example.example/news/2", published=AT - 9 * DAY),
        an_entry(guid="2", link="https://example.example/news/1?id=2", summary="Another"),
        an_entry(guid="", link="https://example.example/", title="Flood in the delta", summary=""),
    ],
    ids=["same guid", "same link", "same headline another day", "another query", "link to the home page"],
)
def test_what_they_reuse_for_new_things_stays_two(other: Entry) -> None:
    shelf = Shelf()
    shelf.poll(FIRST, an_entry(guid="home", link="https://example.example/", title="Welcome", summary=""))

    assert len(shelf.poll(other).fresh) == 1
    assert shelf.poll(other).fresh == []


def test_a_link_that_never_changes_does_not_swallow_the_next_report() -> None:
    shelf = Shelf()
    link = "https://army.example/press/latest"
    days = [
        an_entry(guid=f"{n}", link=link, title=title, summary="", published=AT + n * DAY)
        for n, title in enumerate(["Convoy leaves garrison", "Bridge closed to traffic", "Reservists called up"])
    ]

    assert [len(shelf.poll(day).fresh) for day in days] == [1, 1, 1]
    assert [len(shelf.poll(day).fresh) for day in days] == [0, 0, 0]
    assert len(shelf.held) == 3


def test_without_guid_and_date_only_texts_with_no_word_in_common_are_two_behind_one_link() -> None:
    entry = an_entry(guid="", published=None, title="Convoy leaves garrison", summary="")
    shelf = Shelf()
    shelf.poll(entry)

    assert shelf.poll(replace(entry, title="Large convoy moves north from town")).fresh == []
    assert len(shelf.poll(replace(entry, title="Bridge closed")).fresh) == 1


def test_an_item_repeated_in_a_document_is_one() -> None:
    found = Shelf().poll(FIRST, FIRST, replace(FIRST, guid="again"), FIRST)

    assert len(found.fresh) == 1
    assert found.changed == []


def test_an_edit_is_noticed_once_and_alone_in_the_feed_it_came_from() -> None:
    shelf = Shelf()
    shelf.poll(FIRST)
    edited = replace(FIRST, title="No tanks near the border after all")

    assert shelf.poll(edited, feed="other-section").changed == []
    assert len(shelf.poll(edited).changed) == 1
    assert shelf.poll(edited).changed == []


def test_a_withdrawn_item_is_noticed_while_it_still_counts() -> None:
    shelf = Shelf()
    shelf.poll(FIRST)
    gone = replace(FIRST, withdrawn=True)

    assert len(shelf.poll(gone).changed) == 1
    shelf.held = {key: replace(article, weighed=False) for key, article in shelf.held.items()}
    assert shelf.poll(gone).changed == []


def test_one_owners_feeds_share_their_articles_and_other_owners_do_not() -> None:
    shelf = Shelf()
    shelf.poll(FIRST)

    assert shelf.poll(FIRST, feed="section").fresh == []
    assert len(shelf.poll(FIRST, feed="rival", owner="rival").fresh) == 1


def test_items_of_nothing_but_text_are_known_by_it() -> None:
    shelf = Shelf()
    bare = Entry(guid="", link="", title="", summary="Forty tanks crossed the river at dawn, two villagers say.")
    brief = Entry(guid="", link="", title="Morning briefing", summary="", published=AT)

    assert len(shelf.poll(bare, brief).fresh) == 2
    assert shelf.poll(replace(bare, published=AT), replace(bare, published=AT + DAY)).fresh == []
    assert len(shelf.poll(replace(brief, published=AT + DAY)).fresh) == 1
    assert shelf.poll(replace(brief, published=AT + HOUR)).fresh == []


def test_an_item_that_says_nothing_is_no_article() -> None:
    assert Shelf().poll(Entry(guid="1", link="https://e.test/1", title="", summary="")).fresh == []


def hostile(name: str) -> tuple[Entry, ...]:
    return parse_document((HOSTILE / name).read_bytes(), "application/rss+xml", "https://e.test/feed").entries


def test_guids_that_flip_between_polls_change_nothing() -> None:
    shelf = Shelf()

    assert len(shelf.poll(*hostile("guid_flip_flop_a.xml")).fresh) == 1
    for name in ("guid_flip_flop_b.xml", "guid_flip_flop_a.xml", "guid_flip_flop_b.xml"):
        assert shelf.poll(*hostile(name)).fresh == []


@pytest.mark.parametrize(
    ("name", "articles"),
    [("duplicate_guids.xml", 5), ("bad_dates.xml", 12), ("no_guid_no_link_no_date.xml", 1)],
)
def test_hostile_documents_lose_no_item_and_repeat_none(name: str, articles: int) -> None:
    shelf = Shelf()

    assert len(shelf.poll(*hostile(name)).fresh) == articles
    assert shelf.poll(*reversed(hostile(name))).fresh == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.test/a/index.html", "http://e.test/a"),
        ("https://e.test/a/amp/", "https://amp.e.test/a"),
        ("https://e.test/a?b=1&c=2", "https://e.test/a?c=2&utm_campaign=x&b=1"),
        ("https://e.test/a;jsessionid=12AB", "https://e.test/a"),
        ("https://e.test/caf%C3%A9", "https://e.test/café"),
        ("https://e.test:80/a", "http://e.test/a"),
        ("https://www.m.e.test/a?at_medium=RSS", "https://e.test/a"),
    ],
)
def test_addresses_of_one_article(one: str, other: str) -> None:
    assert normalise_url(one) == normalise_url(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.test/a?id=1", "https://e.test/a?id=2"),
        ("https://e.test/a", "https://f.test/a"),
        ("https://e.test/a", "https://e.test/A"),
        ("https://e.test:8080/a", "https://e.test/a"),
        ("https://m.co/a", "https://co/a"),
    ],
)
def test_addresses_of_two_articles(one: str, other: str) -> None:
    assert normalise_url(one) != normalise_url(other)


@pytest.mark.parametrize(
    "url", ["", "ftp://e.test/a", "mailto:a@e.test", "https://", "https://[::1", "http://e.test:x/a"]
)
def test_what_is_no_web_address_has_no_form(url: str) -> None:
    assert normalise_url(url) == ""


@given(st.text(max_size=60))
def test_any_text_may_stand_where_an_address_should(text: str) -> None:
    assert isinstance(normalise_url(f"https://e.test/{text}"), str)
    assert isinstance(normalise_url(text), str)


WORDS = st.text(st.characters(min_codepoint=97, max_codepoint=104), min_size=1, max_size=3)
ENTRIES = st.lists(
    st.builds(
        an_entry,
        guid=st.sampled_from(["", "1", "2"]),
        link=st.sampled_from(["", "https://e.test/a", "https://e.test/b", "https://e.test/"]),
        title=st.lists(WORDS, max_size=4).map(" ".join),
        summary=st.sampled_from(["", "x y", "x z"]),
        published=st.sampled_from([None, AT, AT + HOUR, AT - DAY]),
    ),
    max_size=8,
)


@given(ENTRIES)
def test_a_document_polled_again_brings_nothing_new_in_any_order(entries: list[Entry]) -> None:
    shelf = Shelf()
    shelf.poll(*entries)

    assert shelf.poll(*entries).fresh == []
    assert shelf.poll(*reversed(entries)).fresh == []


@given(ENTRIES)
def test_no_item_of_a_document_is_lost_for_another_title(entries: list[Entry]) -> None:
    titles = {fold(entry.title) for entry in entries if entry.title}
    shelf = Shelf()
    shelf.poll(*entries)

    assert {fold(article.title) for article in shelf.held.values()} >= titles


@given(ENTRIES, st.sampled_from(["example", "other"]))
def test_identities_come_in_order_and_their_first_key_names_the_article(entries: list[Entry], scope: str) -> None:
    found = identify(entries, scope)

    assert len(found) == len(entries)
    assert all(each.keys and each.article_id == f"art-{each.keys[0][:20]}" for each in found)
    assert all(each.url_key in ("", each.keys[0]) for each in found)


def test_likeness_is_the_share_of_common_words() -> None:
    assert similarity("a b c d", "A, b!") == 0.5
    assert similarity("", "") == 1.0
    assert similarity("a", "") == 0.0


def test_digests_tell_where_parts_end() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert len(digest("\ud800")) == 24


def test_likeness_or_the_same_moment_tells_one_article_under_one_guid() -> None:
    former = an_article(title="Tanks seen near the border", summary="", published_at=AT)

    assert same_by_guid(an_entry(title="Tanks seen at the border", summary="", published=None), former)
    assert same_by_guid(an_entry(title="Flood", summary="", published=AT), former)
    assert not same_by_guid(an_entry(title="Flood", summary="", published=AT + HOUR), former)


def test_a_retold_article_shares_words_guid_or_date() -> None:
    former = an_article(title="Tanks seen near the border", summary="", guid="1", published_at=AT)
    other = an_entry(title="Flood in delta", summary="", guid="2", published=AT + HOUR)

    assert not same_by_url(other, former)
    assert same_by_url(replace(other, guid="1"), former)
    assert same_by_url(replace(other, published=AT), former)
    assert same_by_url(replace(other, title="Tanks near delta"), former)
