"""Third-party words in Slack: no pings, no foreign links, no formatting, no overflow."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.slack_text import cut, host_of, link, plain, size, words
from tests.hostile_text import NAUGHTY, NAUGHTY_URLS, texts, urls
from tests.servers.slack_rules import LINK, LOOSE_MENTION, MENTION

LIMITS = st.integers(min_value=1, max_value=400)


@given(text=texts(), limit=LIMITS)
def test_no_text_passes_its_limit_or_keeps_a_control_character(text: str, limit: int) -> None:
    for shown in (plain(text, limit), words(text, limit)):
        assert size(shown) <= limit
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", shown)
        assert not MENTION.search(shown)
        assert not LOOSE_MENTION.search(shown)
        assert not re.search("[\x00-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)


@given(text=texts(), limit=LIMITS)
def test_marked_words_cannot_format(text: str, limit: int) -> None:
    assert not set("*_~`|") & set(words(text, limit))


@given(url=urls(), label=texts(), limit=st.integers(min_value=40, max_value=2_000))
def test_a_link_shows_its_host_and_its_label_forges_no_other(url: str, label: str, limit: int) -> None:
    shown = link(url, label, limit)

    assert size(shown) <= limit
    found = LINK.findall(shown)
    assert len(found) <= 1
    for address, _ in found:
        assert html.unescape(address) == url
        assert shown.endswith(f"({host_of(url)})")


@pytest.mark.parametrize("url", [url for url in NAUGHTY_URLS if not url.lower().startswith("http")])
def test_only_web_addresses_become_links(url: str) -> None:
    assert link(url, "A title", 300) == "A title"


@pytest.mark.parametrize("url", ["https://user:pw@evil.example/", "https://evil.example/|x>", "http://[::1"])
def test_addresses_that_hide_something_become_no_links(url: str) -> None:
    assert link(url, "A title", 300) == "A title"


def test_a_host_in_another_script_is_shown_as_it_is_resolved() -> None:
    assert host_of("https://ex\u0430mple.com/") == "xn--exmple-4nf.com"


def test_cutting_never_splits_an_entity_or_a_visible_character() -> None:
    assert cut("a" * 8 + "&", 10) == "aaaaaaaa…"
    assert cut("&" * 100, 12) == "&amp;&amp;…"
    assert cut("xx👩‍👩‍👧‍👦yyyy", 9) == "xx…"
    assert cut("🇺🇦🇵🇱🇱🇹", 10) == "🇺🇦🇵🇱…"
    assert cut("cafe\u0301s", 5) == "caf…"


def test_a_long_text_is_cut_at_a_word() -> None:
    assert cut("one two three four", 15) == "one two three…"


def test_every_naughty_string_is_quick() -> None:
    for text in NAUGHTY:
        assert size(words(text, 300)) <= 300
