"""Cleaning: from markup and any Unicode to one plain, safe line."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.text import one_line, plain, plain_title, shorten, web_link

ANY_TEXT = st.text(st.characters(), max_size=200)  # surrogates, controls and noncharacters too
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)

CLEANED = {
    "plain text": ("Troops gather at the border", "Troops gather at the border"),
    "inline tags vanish": ("Army <b>says</b> no", "Army says no"),
    "blocks give spaces": ("<p>One.</p><p>Two.</p>", "One. Two."),
    "line breaks give spaces": ("One<br>two<br/>three", "One two three"),
    "lists give spaces": ("<ul><li>One</li><li>Two</li></ul>", "One Two"),
    "entities once": ("AT&amp;T &lt;b&gt; &quot;x&quot; &#8217;", 'AT&T <b> "x" \u2019'),
    "entities not twice": ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    "bare ampersand": ("Q&A at R&D", "Q&A at R&D"),
    "script and style go with their text": ("<style>p{}</style>War<script>alert(1)</script>", "War"),
    "comments vanish": ("One<!-- two -->three", "Onethree"),
    "less-than is text": ("1 < 2 and I <3 you", "1 < 2 and I <3 you"),
    "unknown tags are text": ("<Company> wins <contract@x.test>", "<Company> wins <contract@x.test>"),
    "namespaced tags vanish": ("<o:p>Word</o:p>", "Word"),
    "white space folds": (" One \n\t two\u00a0\u2003three ", "One two three"),
    "controls vanish": ("a\x00b\x0bc\x1b[31mRED\x1b[0m", "ab cRED"),
    "bidirectional overrides vanish": ("a\u202egnp.exe\u2066", "agnp.exe"),
    "soft hyphens and zero-width spaces vanish": ("es\u00adca\u200bla\ufefftion", "escalation"),
    "Persian joiners stay": ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    "French before a quotation mark": ("fiert\u00e9\u00a0\u00bb", "fiert\u00e9 \u00bb"),
    "composed form": ("e\u0301", "\u00e9"),
    "surrogate pairs join": ("\ud83d\udca3", "\U0001f4a3"),
    "lone surrogates vanish": ("a\ud800b", "a\ufffdb"),
    "double UTF-8": ("caf\u00c3\u00a9 \u00e2\u20ac\u2122", "caf\u00e9 \u2019"),
    "no double UTF-8": ("\u00c3\u00a9t\u00e9 \u4e2d", "\u00c3\u00a9t\u00e9 \u4e2d"),
    "malformed declaration": ("<![if gte mso 9]>War<![endif]>", "War"),
    "unfinished tag": ("War <b", "War <b"),
}


@pytest.mark.parametrize(("markup", "text"), CLEANED.values(), ids=CLEANED.keys())
def test_markup_becomes_words(markup: str, text: str) -> None:
    assert plain(markup, 1000) == text


@given(ANY_TEXT)
def test_any_text_comes_out_valid_and_on_one_line(text: str) -> None:
    line = one_line(text)

    assert not FORBIDDEN.search(line)
    assert line == " ".join(line.split())
    assert unicodedata.is_normalized("NFC", line)
    line.encode()


@given(ANY_TEXT)
def test_any_markup_comes_out_valid_within_its_limit(text: str) -> None:
    for cleaned in (plain(text, 50), plain_title(text, 50)):
        assert len(cleaned) <= 50
        assert not FORBIDDEN.search(cleaned)


@pytest.mark.parametrize(
    "unit", ["<", "<a ", "<!", "<!--", "</", "<![", "&", "&#", "<a b='", "<script>", "<p", "\u00c3"]
)
def test_traps_for_parsers_cost_little(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    started = time.process_time()

    plain(text, 20_000)

    assert time.process_time() - started < 4


def test_a_title_that_is_only_markup_is_shown_and_not_lost() -> None:
    assert plain_title("<script>alert(1)</script>", 100) == "script alert(1) /script"
    assert plain_title("", 100) == ""


def test_a_long_text_is_cut_at_a_word_and_says_so() -> None:
    assert shorten("one two three four", 15) == "one two three\u2026"
    assert shorten("x" * 30, 10) == "x" * 9 + "\u2026"
    assert shorten("short", 10) == "short"


LINKS = {
    "absolute": ("https://e.test/1?a=b#c", "https://e.test/1?a=b#c"),
    "relative": ("/1", "https://feeds.test/1"),
    "relative to folder": ("2.html", "https://feeds.test/news/2.html"),
    "scheme relative": ("//other.test/x", "https://other.test/x"),
    "space": ("https://e.test/a b", "https://e.test/a%20b"),
    "line break inside": ("https://e.test/\n1", "https://e.test/1"),
    "script": ("javascript:alert(1)", ""),
    "script in capitals": ("JaVaScRiPt:alert(1)", ""),
    "script with a tab": ("java\tscript:alert(1)", ""),
    "script with a NUL": ("java\x00script:alert(1)", ""),
    "data": ("data:text/html,x", ""),
    "file": ("file:///etc/passwd", ""),
    "mail": ("mailto:a@e.test", ""),
    "credentials": ("https://bank.test@evil.test/", ""),
    "backslash host": ("https://bank.test\\@evil.test/", ""),
    "no address": ("http://[::1", ""),
    "empty": ("", ""),
    "too long": ("https://e.test/" + "x" * 5000, ""),
}


@pytest.mark.parametrize(("url", "link"), LINKS.values(), ids=LINKS.keys())
def test_a_link_is_absolute_http_or_nothing(url: str, link: str) -> None:
    assert web_link(url, "https://feeds.test/news/feed.xml") == link


@given(ANY_TEXT)
def test_no_text_becomes_a_link_of_another_scheme(text: str) -> None:
    link = web_link(text, "")

    assert link == "" or link.startswith(("http://", "https://"))
