"""Documents made to break a reader, damaged ones, and captured ones."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.adapters.parse import parse_document
from monitor.core.errors import ParseError
from monitor.core.model import ParsedFeed
from tests.servers.feeds import rss, rss_items

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ROOT / "tests" / "data" / "hostile"
CORPUS = ROOT.parent / "shared" / "feeds"
BASE = "https://feeds.test/news/feed.xml"


def parsed(body: bytes) -> ParsedFeed:
    return parse_document(body, "application/xml", BASE)


def hostile(name: str) -> ParsedFeed:
    return parsed((HOSTILE / name).read_bytes())


EXPECTED = {
    "bad_dates.xml": 12,
    "bad_links.xml": 18,
    "billion_laughs.xml": 1,
    "bom_and_leading_space.xml": 1,
    "deep_nesting.xml": 1,
    "duplicate_guids.xml": 5,
    "empty_channel.xml": 0,
    "external_entity_file.xml": 1,
    "external_entity_http.xml": 1,
    "guid_flip_flop_a.xml": 1,
    "guid_flip_flop_b.xml": 1,
    "html_instead_of_feed.xml": None,
    "jsonfeed_nan_dup_deep.json": None,
    "jsonfeed_ok.json": 2,
    "lone_surrogate.xml": 1,
    "long_title_200k.xml": 1,
    "many_items_5000.xml": 5000,
    "no_guid_no_link_no_date.xml": 2,
    "null_and_controls.xml": 1,
    "redos_author.xml": 1,
    "slack_mentions.xml": 12,
    "truncated_cdata.xml": 1,
    "utf16_nobom.xml": 1,
    "wrong_encoding.xml": 1,
    "xss_titles.xml": 8,
    "zero_bytes.xml": None,
}


@pytest.mark.parametrize("name", sorted(path.name for path in HOSTILE.iterdir()))
def test_a_hostile_document_yields_its_entries_or_says_why_not(name: str) -> None:
    expected = EXPECTED[name]
    if expected is None:
        with pytest.raises(ParseError):
            hostile(name)
    else:
        assert len(hostile(name).entries) == expected


def test_what_hostile_documents_hide_comes_out_plain() -> None:
    assert hostile("null_and_controls.xml").entries[0].title == "abRED"
    assert hostile("wrong_encoding.xml").entries[0].title == "Київ атаковано"
    assert hostile("truncated_cdata.xml").entries[0].title.startswith("Breaking: capital under")
    assert len(hostile("long_title_200k.xml").entries[0].title) == 1000
    assert hostile("lone_surrogate.xml").entries[0].title == "\U0001f4a3"
    assert all(item.title for item in hostile("xss_titles.xml").entries)
    assert all(
        item.link.startswith(("http://", "https://")) or not item.link for item in hostile("bad_links.xml").entries
    )


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title type="xhtml">'
    '<div xmlns="http://www.w3.org/1999/xhtml"><b>War</b></div></title><updated>2021-11-26T11:00:00Z</updated></entry></feed>'
)
JSON = '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"title":"War","content_html":"<p>x</p>"}]}'
MATERIAL = st.sampled_from(
    [rss("War", "Peace"), ATOM, JSON, rss_items([{"title": "<b>x</b>", "pubDate": "soon", "author": "a@b.test"}])]
)
PIECES = st.sampled_from(
    [b"<item>", b"</item>", b"<![CDATA[", b"]]>", b"&", b"<!DOCTYPE", b"<", b"\x00", b"\xff", b'"', b"&#xD800;", b"{"]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MATERIAL, st.lists(st.tuples(st.floats(0, 1), PIECES | st.binary(max_size=8), st.integers(0, 12)), max_size=6))
@example(rss("War"), [])
def test_no_damage_raises_anything_but_a_parse_error(document: str, damage: list[tuple[float, bytes, int]]) -> None:
    body = document.encode()
    for place, piece, cut in damage:
        at = int(place * len(body))
        body = body[:at] + piece + body[at + cut :]
    try:
        feed = parsed(body)
    except ParseError:
        return

    for item in feed.entries:
        f"{item.guid}{item.link}{item.title}{item.summary}{item.source}{item.author}".encode()


def test_feedparser_is_only_ever_handed_bytes_in_memory() -> None:
    calls = [
        (path, call)
        for folder in ("monitor", "classifiers")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("feedparser.parse", "feedparser.api.parse")
    ]

    assert [path.name for path, _ in calls] == ["parse_xml.py"]
    for _, call in calls:
        assert ast.unparse(call.args[0]).startswith("io.BytesIO(")
    imports = [
        path
        for path in (ROOT / "monitor").rglob("*.py")
        if "from feedparser import" in path.read_text(encoding="utf-8")
    ]
    assert not imports


@pytest.mark.shared
def test_captured_feeds_yield_at_least_the_entries_that_feedparser_finds() -> None:
    if not (CORPUS / "INDEX.jsonl").exists():
        pytest.skip("the captured feeds lie beside the project and are not here")
    rows = [json.loads(line) for line in (CORPUS / "INDEX.jsonl").read_text(encoding="utf-8").splitlines()]
    readable = [row for row in rows if (row["entries_by_feedparser_6.0.12"] or 0) > 0 and row["bytes"] < 200_000]

    for row in readable[::6]:
        found = parse_document((CORPUS / row["file"]).read_bytes(), "", BASE)
        assert len(found.entries) >= row["entries_by_feedparser_6.0.12"], row["file"]
