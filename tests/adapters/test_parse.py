"""Documents of every format, well made and damaged, to clean entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.adapters import parse_xml
from monitor.adapters.parse import parse_document
from monitor.core.errors import ParseError
from monitor.core.model import Entry, ParsedFeed
from tests.servers.feeds import rss, rss_items

BASE = "https://feeds.test/news/feed.xml"


def parsed(body: str | bytes, content_type: str = "application/xml") -> ParsedFeed:
    return parse_document(body.encode() if isinstance(body, str) else body, content_type, BASE)


def entry(xml: str) -> Entry:
    """Return the one entry of an RSS item."""
    (only,) = parsed(f'<rss version="2.0"><channel><title>x</title><item>{xml}</item></channel></rss>').entries
    return only


FORMATS = {
    "RSS 2.0": rss("War"),
    "RSS 0.91": '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
    '<rss version="0.91"><channel><title>x</title><item><title>War</title><link>https://e.test/1</link></item></channel></rss>',
    "RSS 1.0": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    '<channel><title>x</title></channel><item rdf:about="https://e.test/1"><title>War</title></item></rdf:RDF>',
    "RSS 0.90": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
    "<channel><title>x</title></channel><item><title>War</title></item></rdf:RDF>",
    "Atom 1.0": '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>1</id><title>War</title></entry></feed>',
    "Atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>War</title></entry></feed>',
    "Atom without a namespace": "<feed><title>x</title><entry><title>War</title></entry></feed>",
    "Atom with a prefix": '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>War</a:title></a:entry></a:feed>',
    "Atom, XHTML title": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="xhtml">'
    '<div xmlns="http://www.w3.org/1999/xhtml"><b>War</b></div></title></entry></feed>',
    "CDF": '<CHANNEL><TITLE>x</TITLE><ITEM HREF="https://e.test/1"><TITLE>War</TITLE></ITEM></CHANNEL>',
    "JSON Feed 1.1": json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "title": "War"}]}),
}


@pytest.mark.parametrize("document", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_yields_its_entries(document: str) -> None:
    assert [item.title for item in parsed(document).entries] == ["War"]


def test_an_rss_item_yields_all_its_fields() -> None:
    found = entry(
        "<title>Troops &amp;amp; tanks</title><link>/1</link><guid isPermaLink='false'>id-1</guid>"
        "<description>&lt;p&gt;At the &lt;b&gt;border&lt;/b&gt;.&lt;/p&gt;</description><author>A. Writer</author>"
        "<pubDate>Fri, 26 Nov 2021 10:00:00 GMT</pubDate><source url='https://wire.test/feed'>The Wire</source>"
    )

    assert found == Entry(
        guid="id-1",
        link="https://feeds.test/1",
        title="Troops & tanks",
        summary="At the border.",
        published=datetime(2021, 11, 26, 10, tzinfo=UTC),
        source="The Wire",
        author="A. Writer",
    )


def test_an_atom_entry_yields_its_dates_source_and_language() -> None:
    (found,) = parsed(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><entry><id>tag:1</id><title xml:lang="uk">War</title>'
        '<link rel="alternate" href="1.html"/><updated>2021-11-26T11:00:00Z</updated><published>2021-11-26T10:00:00Z</published>'
        '<source><title>The Wire</title></source><content type="html">&lt;p&gt;Body&lt;/p&gt;</content></entry></feed>'
    ).entries

    assert (found.guid, found.link, found.summary) == ("tag:1", "https://feeds.test/news/1.html", "Body")
    assert (found.published, found.updated) == (
        datetime(2021, 11, 26, 10, tzinfo=UTC),
        datetime(2021, 11, 26, 11, tzinfo=UTC),
    )
    assert (found.source, found.language) == ("The Wire", "uk")


def test_a_feed_tells_its_title_language_and_freshness() -> None:
    feed = parsed(
        "<rss version='2.0'><channel><title>World &amp; more</title><language>en-GB</language><ttl>15</ttl></channel></rss>"
    )

    assert (feed.title, feed.language, feed.ttl, feed.entries) == ("World & more", "en-gb", timedelta(minutes=15), ())


@pytest.mark.parametrize(
    ("elements", "ttl"),
    [
        ("<ttl>0</ttl>", None),
        ("<ttl>often</ttl>", None),
        ("<ttl>99999999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", timedelta(minutes=15)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
    ],
)
def test_freshness_is_read_from_ttl_or_the_syndication_module(elements: str, ttl: timedelta | None) -> None:
    space = "http://purl.org/rss/1.0/modules/syndication/"

    assert parsed(f"<rss version='2.0' xmlns:sy='{space}'><channel>{elements}</channel></rss>").ttl == ttl


def test_a_date_that_cannot_be_read_is_marked_and_a_missing_one_is_not() -> None:
    assert entry("<title>a</title><pubDate>soon</pubDate>").bad_date
    assert not entry("<title>a</title>").bad_date
    assert not entry("<title>a</title><pubDate></pubDate>").bad_date


def test_an_item_takes_its_content_where_it_has_no_summary() -> None:
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'

    assert (
        entry(f"<title>a</title><content:encoded {space}>&lt;p&gt;Body&lt;/p&gt;</content:encoded>").summary == "Body"
    )


@pytest.mark.parametrize(
    "title", ["WITHDRAWN: Old story", "Retracted: Old", "KILL: Old", "CORRECTION - STORY WITHDRAWN: Old"]
)
def test_a_publishers_withdrawal_mark_is_seen(title: str) -> None:
    assert entry(f"<title>{title}</title>").withdrawn


@pytest.mark.parametrize(
    "title", ["Troops withdrawn from border", "Kill: a review", "Withdrawn troops: what next", "Killing spree"]
)
def test_a_title_about_withdrawal_is_no_withdrawal(title: str) -> None:
    assert not entry(f"<title>{title}</title>").withdrawn


def test_a_tombstone_withdraws_the_entry_it_names() -> None:
    feed = parsed(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        '<at:deleted-entry ref="tag:1" when="2021-11-26T10:00:00Z"/><entry><id>tag:2</id><title>War</title></entry></feed>'
    )

    assert [(item.guid, item.withdrawn) for item in feed.entries] == [("tag:2", False), ("tag:1", True)]


NOT_FEEDS: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "white space": (b" \r\n\t", "empty"),
    "a page": (b"<!DOCTYPE html><html><title>News</title></html>", 'HTML page titled "News"'),
    "a page in XHTML": (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head/></html>', "HTML page"),
    "a bot check": (b"<html><title>Just a moment...</title></html>", "bot check"),
    "a subscription list": (b'<opml version="2.0"><body/></opml>', "begins with <opml>"),
    "a map": (b'<kml xmlns="http://www.opengis.net/kml/2.2"/>', "begins with <kml>"),
    "plain text": (b"Service temporarily unavailable", "not a feed"),
    "an archive": (b"\x1f\x8b\x08\x00", "archive"),
    "other JSON": (b'{"error": "denied"}', "without a list of items"),
    "a JSON list": (b"[1, 2]", "without a list of items"),
    "broken JSON": (b'{"items": [', "not valid"),
    "JSON without end": (b'{"items":' + b"[" * 100_000, "too deeply"),
    "random bytes": (bytes(range(256)), "not a feed"),
}


@pytest.mark.parametrize(("body", "said"), NOT_FEEDS.values(), ids=NOT_FEEDS.keys())
def test_what_is_no_feed_is_an_error_that_says_what_it_is(body: bytes, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        parsed(body, "text/html")


def test_a_page_instead_of_a_feed_names_the_feeds_it_links_to() -> None:
    page = (
        "<html><head><link rel='alternate' type='application/rss+xml' href='/rss?a=1&amp;b=2'>"
        "<link rel='alternate' type='application/atom+xml' href='javascript:x'><link rel='icon' href='/i.png'></head></html>"
    )

    with pytest.raises(ParseError, match=r"these feeds: https://feeds\.test/rss\?a=1&b=2$"):
        parsed(page)


def test_harmless_entities_of_a_document_type_are_kept_and_nested_ones_are_not() -> None:
    document = (
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nato "NATO"><!ENTITY b "&nato;&nato;"><!ENTITY e SYSTEM "file:///etc/passwd">]>'
        "<rss><channel><item><title>&nato; &b; &e; &eacute;&nbsp;&hellip;</title></item></channel></rss>"
    )

    assert parsed(document).entries[0].title == "NATO &b; &e; é …"


def test_one_bad_item_does_not_lose_the_others() -> None:
    good = [f"Item {number}" for number in range(20)]
    document = rss(*good[:10], "BAD", *good[10:])
    for bad in ("&#xD800; &#0; \x00", "<b><i>unclosed", "&undefined; & bare", "]]>", "\x1b[31m"):
        titles = [item.title for item in parsed(document.replace("BAD", bad)).entries]
        assert len(titles) == 21
        assert [title for title in titles if title.startswith("Item")] == good


def test_an_item_that_breaks_the_library_is_left_out_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    real = parse_xml._by_feedparser

    def breaking(text: str, base_url: str) -> Any:
        if "BAD" in text:
            raise AttributeError("a bug of the library")
        return real(text, base_url)

    monkeypatch.setattr(parse_xml, "_by_feedparser", breaking)
    feed = parsed(rss(*[f"Item {number}" for number in range(9)], "BAD", "Last"))

    assert [item.title for item in feed.entries] == [*[f"Item {number}" for number in range(9)], "Last"]
    assert feed.remarks == ("one item could not be read: a bug of the library",)


def test_a_document_that_breaks_off_yields_what_it_has() -> None:
    whole = rss("One", "Two", "Three")

    assert [item.title for item in parsed(whole[: whole.index("Three") - 8]).entries][:2] == ["One", "Two"]


def test_words_before_the_document_do_not_hide_it() -> None:
    assert parsed("\ufeff\n  Warning: something\n" + rss("War")).entries[0].title == "War"
    assert parsed("<br />\n<b>Notice</b>: bad\n" + rss("War")).entries[0].title == "War"


def test_a_json_feed_yields_what_is_usable() -> None:
    document = (
        '{"version":"https://jsonfeed.org/version/1.1","title":"A","title":"B","language":"en","expired":NaN,"items":['
        '{"id":12345678901234567890123,"url":"/1","title":"War","content_html":"<p>x</p>","date_published":"2021-11-26T10:00:00Z",'
        '"authors":[{"name":"W"}],"_source":{"title":"Wire"}}, 7, null, [], {"id":"b","content_text":"only text"}]}'
    )
    feed = parsed(document)

    first, second = feed.entries
    assert (feed.title, feed.language) == ("B", "en")
    assert (first.guid, first.link, first.summary, first.author, first.source) == (
        "12345678901234567890123",
        "https://feeds.test/1",
        "x",
        "W",
        "Wire",
    )
    assert (second.title, second.summary) == ("", "only text")
    assert len(feed.remarks) == 3


def test_guids_too_long_to_keep_stay_different() -> None:
    first, second = parsed(rss_items([{"guid": "x" * 5000 + end, "title": "t"} for end in ("a", "b")])).entries

    assert first.guid != second.guid
    assert len(first.guid) < 1100
