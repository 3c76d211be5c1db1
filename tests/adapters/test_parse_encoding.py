"""Titles read right in whatever encoding a document comes, and whatever it says of itself."""

from __future__ import annotations

import pytest

from monitor.adapters.parse import parse_document
from monitor.core.model import ParsedFeed
from tests.servers.feeds import rss


def parsed(body: bytes, content_type: str = "application/xml") -> ParsedFeed:
    return parse_document(body, content_type, "https://feeds.test/feed.xml")


ENCODINGS = {
    "UTF-8 without a word": ("Київ", "utf-8", ""),
    "UTF-8 with a BOM": ("Київ", "utf-8-sig", "UTF-8"),
    "UTF-8 declared as Latin": ("Київ", "utf-8", "ISO-8859-1"),
    "UTF-16 with a BOM": ("Київ", "utf-16", "UTF-16"),
    "UTF-16 without a BOM": ("Київ", "utf-16-le", "UTF-16"),
    "UTF-16 declared as UTF-8": ("Київ", "utf-16-be", "UTF-8"),
    "UTF-32": ("Київ", "utf-32", "UTF-32"),
    "declared Cyrillic": ("Київ", "cp1251", "windows-1251"),
    "Cyrillic declared as UTF-8": ("Війна почалася", "cp1251", "UTF-8"),
    "declared Latin": ("café", "latin-1", "ISO-8859-1"),
    "Latin declared as UTF-8": ("café", "latin-1", "UTF-8"),
    "Latin without a word": ("café", "latin-1", ""),
    "Windows quotes in Latin": ("“war”", "cp1252", "ISO-8859-1"),
    "Chinese": ("战争", "gb18030", "GB2312"),
    "Japanese": ("戦争", "cp932", "Shift_JIS"),
    "Japanese in escapes": ("戦争", "iso2022_jp", "ISO-2022-JP"),
    "an encoding that does not exist": ("café", "utf-8", "no-such-thing"),
    "an encoding that is none of text": ("café", "utf-8", "base64"),
}


@pytest.mark.parametrize(("title", "encoding", "declared"), ENCODINGS.values(), ids=ENCODINGS.keys())
def test_a_title_is_read_whatever_the_encoding_and_what_is_said_of_it(title: str, encoding: str, declared: str) -> None:
    word = f' encoding="{declared}"' if declared else ""
    document = (
        f'<?xml version="1.0"{word}?><rss version="2.0"><channel><item><title>{title}</title></item></channel></rss>'
    )

    assert parsed(document.encode(encoding), "text/xml").entries[0].title == title


def test_the_servers_word_counts_where_the_document_has_none() -> None:
    assert (
        parsed(rss("Київ").replace('<?xml version="1.0"?>', "").encode("koi8-u"), "text/xml; charset=KOI8-U")
        .entries[0]
        .title
        == "Київ"
    )


def test_a_few_bad_bytes_do_not_spoil_the_rest() -> None:
    body = rss("Війна — Київ", "two").encode().replace(b"two", b"caf\xe9 \x93two\x94")

    assert [item.title for item in parsed(body).entries] == ["Війна — Київ", "café “two”"]
