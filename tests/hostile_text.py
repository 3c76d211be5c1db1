"""Strings that have broken other programs, and strategies that mix them with anything Unicode has."""

from __future__ import annotations

import functools

from hypothesis import strategies as st

NAUGHTY = (
    "",
    " ",
    "<!channel> <!here> <!everyone> @channel @here @everyone @HERE \uff20channel",
    "<@U012AB3CD> <#C012AB3CD|general> <!subteam^S012AB3CD> <!date^1392734382^{date}|x>",
    "<https://evil.example/|Reuters> <mailto:a@evil.example|x> https://evil.example/path?x=<y>",
    "]]><script>alert(1)</script><img src=x onerror=alert(1)>",
    "&lt;!channel&gt; &amp;lt;!channel&amp;gt; &#60;!channel&#62;",
    "*bold* _italic_ ~strike~ `code` ```block``` > quote :rotating_light: :fire:",
    "\u202eevil\u202c \u2066x\u2069 \ufeff \u200b@\u200bchannel",
    "\x00\x07\x1b[31mred\x1b[0m\x7f\x85\u2028\u2029",
    "\ud800\udfff",
    "Z" + "\u0301" * 300,
    "👩‍👩‍👧‍👦" * 400,
    "🇺🇦" * 800,
    "👍🏽" * 700,
    "﷽" * 500,
    "&" * 5_000,
    "<" * 5_000,
    "a" * 200_000,
    "word " * 40_000,
    "|".join("a>b<c&d" for _ in range(300)),
    "{{constructor.constructor('x')()}} ${7*7} %s%n {0} \\u0041 \\",
    "Ω≈ç√∫\u02dcµ≤≥÷ 田中さんにあげて下さい الكل في المجمو عة",
    "NaN null undefined true -1 0x0 1e309 ;DROP TABLE alerts--",
)
NAUGHTY_URLS = (
    "",
    "javascript:alert(1)",
    "https://evil.example/|x>",
    "https://user:pw@evil.example/",
    "http://[::1",
    "https://ex\u0430mple.com/кириллица?a=b&c=<d>",
    "https://news.example/" + "a" * 5_000,
    "https://news.example/a&b?c=d&amp;e=f#g",
    "https://" + "a" * 300 + ".example/",
    "HTTPS://NEWS.EXAMPLE/A",
    "https://xn--80ak6aa92e.com/",
    "ftp://news.example/x",
    "https://news.example/\u202egnp.exe",
    "https://news.example/@channel",
)


@functools.cache
def texts() -> st.SearchStrategy[str]:
    """Return any string: naughty, random, or both at once."""
    anything = st.text(st.characters(), max_size=60)
    naughty = st.sampled_from(NAUGHTY)
    return st.one_of(naughty, anything, st.builds(lambda one, other: one + other, anything, naughty))


@functools.cache
def urls() -> st.SearchStrategy[str]:
    """Return an address, a would-be address, or none."""
    return st.one_of(st.sampled_from(NAUGHTY_URLS), st.builds(lambda tail: f"https://news.example/{tail}", texts()))
