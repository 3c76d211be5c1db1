"""Fetching from hosts that behave: conditions, validators, redirects, politeness."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from monitor.adapters import fetch
from monitor.adapters.fetch import FeedFetcher
from monitor.adapters.fetch_body import max_age, retry_after
from monitor.core.errors import FetchError
from monitor.core.model import Fetched, Validators
from tests.builders import AT, DAY, HOUR, MINUTE, a_feed
from tests.servers.feeds import FeedServer, page, redirect, rss

DEADLINE = timedelta(seconds=5)
UNKNOWN = Validators()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


def a_fetcher(**changes: Any) -> FeedFetcher:
    base: dict[str, Any] = {
        "contact": "mailto:desk@e.test",
        "deadline": DEADLINE,
        "max_bytes": 1_000_000,
        "per_host": 2,
        "version": "1.2",
    }
    return FeedFetcher(**{**base, **changes})


def fetched(url: str, validators: Validators = UNKNOWN, now: datetime = AT, *, private: bool = True) -> Fetched:
    async def work() -> Fetched:
        async with aclosing(a_fetcher()) as fetcher:
            return await fetcher.fetch(a_feed(url=url, allow_private=private), validators, now)

    return asyncio.run(work())


def refusal(url: str, *, private: bool = True) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetched(url, private=private)
    return caught.value


def test_a_document_comes_with_its_validators_and_the_time_it_was_asked_for_in_full(server: FeedServer) -> None:
    url = server.put("/f", page(rss("One"), etag='"1"', headers={"Last-Modified": "Fri, 26 Nov 2021 10:00:00 GMT"}))

    answer = fetched(url)

    assert (answer.status, answer.body.decode(), answer.final_url) == (200, rss("One"), url)
    assert answer.validators.etag == '"1"'
    assert answer.validators.last_modified == "Fri, 26 Nov 2021 10:00:00 GMT"
    assert answer.validators.checked_at == AT
    assert len(answer.validators.body_hash) == 64
    assert not answer.unchanged
    assert answer.moved_to == ""


def test_the_next_request_is_conditional_and_an_unchanged_feed_costs_no_body(server: FeedServer) -> None:
    url = server.put("/f", page(rss("One"), etag='"1"'))
    first = fetched(url)

    second = fetched(url, first.validators, AT + MINUTE)

    assert (second.status, second.body, second.unchanged) == (304, b"", True)
    assert second.validators == first.validators


def test_the_same_bytes_without_validators_are_known_by_their_hash(server: FeedServer) -> None:
    url = server.put("/f", page(rss("One")))
    first = fetched(url)

    second = fetched(url, first.validators, AT + MINUTE)

    assert (second.status, second.unchanged) == (200, True)


def test_a_new_etag_is_taken_even_when_the_bytes_are_the_same(server: FeedServer) -> None:
    url = server.put("/f", page(rss("One"), etag='"1"'))
    first = fetched(url)
    server.put("/f", page(rss("One"), etag='"2"'))

    second = fetched(url, first.validators, AT + MINUTE)

    assert (second.unchanged, second.validators.etag) == (True, '"2"')


@pytest.mark.parametrize(("later", "conditional"), [(HOUR, True), (DAY - MINUTE, True), (DAY, False), (-HOUR, False)])
def test_a_feed_is_asked_in_full_at_least_daily_and_after_the_clock_went_back(
    server: FeedServer, later: timedelta, conditional: bool
) -> None:
    url = server.put("/f", page(rss("One"), etag='"1"'))
    first = fetched(url)

    fetched(url, first.validators, AT + later)

    assert ("if-none-match" in server.requests[-1].headers) == conditional


def test_a_server_that_lies_about_nothing_new_is_found_out_within_a_day(server: FeedServer) -> None:
    url = server.put("/f", page(rss("One"), etag='"1"'))
    validators = fetched(url).validators
    server.put("/f", page(rss("One", "Two"), etag='"1"'))

    answers = [fetched(url, validators, AT + hours * HOUR) for hours in (1, 12, 23, 24)]

    assert [answer.status for answer in answers] == [304, 304, 304, 200]
    assert b"Two" in answers[-1].body


def test_a_304_nobody_asked_for_is_an_error(server: FeedServer) -> None:
    assert refusal(server.put("/f", page(b"", status=304))).status == 304


def test_validators_that_cannot_be_sent_back_are_not_kept(server: FeedServer) -> None:
    url = server.put("/f", page(rss("One"), headers={"ETag": '"caf\xe9"', "Last-Modified": "x" * 2000}))

    assert fetched(url).validators.etag == ""
    assert fetched(url).validators.last_modified == ""


def test_we_say_who_we_are_and_what_we_read_and_send_nothing_else(server: FeedServer) -> None:
    fetched(server.put("/f", page(rss("One"))))

    headers = server.requests[0].headers
    assert headers["user-agent"] == "crisis-monitor/1.2 (+mailto:desk@e.test)"
    assert "application/rss+xml" in headers["accept"]
    assert headers["accept-encoding"] == "gzip, deflate"
    assert set(headers) == {"host", "user-agent", "accept", "accept-encoding", "connection"}


def test_credentials_and_proxies_of_the_environment_are_not_used(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login planted password planted")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("HOME", str(tmp_path))

    fetched(server.put("/f", page(rss("One"))))

    assert "authorization" not in server.requests[0].headers


def test_cookies_are_neither_kept_nor_sent(server: FeedServer) -> None:
    async def twice() -> None:
        async with aclosing(a_fetcher()) as fetcher:
            for _ in range(2):
                await fetcher.fetch(a_feed(url=url, allow_private=True), Validators(), AT)

    url = server.put("/f", page(rss("One"), headers={"Set-Cookie": "track=1; Path=/"}))
    asyncio.run(twice())

    assert "cookie" not in server.requests[-1].headers


def test_redirects_are_followed_and_only_a_wholly_permanent_chain_says_where_the_feed_is_now(
    server: FeedServer,
) -> None:
    url = server.put("/c", page(rss("One")))
    server.put("/b", redirect("/c", 308))
    server.put("/a", redirect("/b", 301))
    server.put("/t", redirect("/b", 302))

    assert (fetched(server.url("/a")).moved_to, fetched(server.url("/a")).final_url) == (url, url)
    assert fetched(server.url("/t")).moved_to == ""
    assert fetched(server.url("/t")).body.decode() == rss("One")


def test_five_redirects_are_followed_and_six_are_not(server: FeedServer) -> None:
    server.put("/0", page(rss("One")))
    for number in range(1, 7):
        server.put(f"/{number}", redirect(f"/{number - 1}"))

    assert fetched(server.url("/5")).status == 200
    assert "more than 5 times" in str(refusal(server.url("/6")))
    assert len(server.hits("/6")) == 1


def test_a_redirect_loop_is_named(server: FeedServer) -> None:
    server.put("/a", redirect("/b"))

    assert "circle" in str(refusal(server.put("/b", redirect("/a"))))
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "data:text/xml,<rss/>",
        "http://user:secret@127.0.0.1/",
        "http://public.test\\@127.0.0.1/",
        "http://2130706433/",
        "http://[::1",
        "//127。0。0。1/",
    ],
)
def test_a_redirect_to_a_trick_is_refused(server: FeedServer, target: str) -> None:
    location = target.encode().decode("latin-1")

    assert refusal(server.put("/a", redirect(location))).status is None
    assert len(server.requests) == 1


def test_a_redirect_without_a_target_is_an_error(server: FeedServer) -> None:
    assert "without saying where" in str(refusal(server.put("/a", page(b"", status=302))))


def test_a_redirect_from_https_to_http_is_refused() -> None:
    answer = httpx.Response(301, headers={"location": "http://e.test/feed"})

    with pytest.raises(FetchError, match="not encrypted"):
        fetch._redirect(answer, httpx.URL("https://e.test/feed"))


def test_a_redirect_from_http_to_https_is_followed() -> None:
    answer = httpx.Response(301, headers={"location": "https://e.test/feed"})

    assert str(fetch._redirect(answer, httpx.URL("http://e.test/feed")).target) == "https://e.test/feed"


def test_a_feed_that_is_gone_says_so(server: FeedServer) -> None:
    error = refusal(server.put("/a", page(b"", status=410)))

    assert (error.gone, error.status) == (True, 410)


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_refusal_carries_how_long_to_stay_away(server: FeedServer, status: int) -> None:
    error = refusal(server.put("/a", page(b"", status=status, headers={"Retry-After": "120"})))

    assert (error.status, error.retry_after) == (status, timedelta(minutes=2))


@pytest.mark.parametrize("status", [202, 204, 206, 300, 400, 401, 404, 418, 500, 502])
def test_an_answer_that_is_no_document_is_an_error_with_its_status(server: FeedServer, status: int) -> None:
    assert refusal(server.put("/a", page(b"", status=status))).status == status


def test_an_error_does_not_show_the_key_in_a_query(server: FeedServer) -> None:
    error = refusal(server.put("/a", page(b"", status=500)) + "?key=planted")

    assert "planted" not in str(error)
    assert f"{server.port}/a" in str(error)


def test_a_closed_port_is_named() -> None:
    assert "refused" in str(refusal("http://127.0.0.1:1/feed")).lower()


def test_only_so_many_polls_of_one_host_run_at_the_same_time(server: FeedServer) -> None:
    async def many() -> None:
        async with aclosing(a_fetcher(per_host=2)) as fetcher:
            feeds = [a_feed(id=f"f{number}", url=f"{url}?{number}", allow_private=True) for number in range(12)]
            await asyncio.gather(*(fetcher.fetch(feed, Validators(), AT) for feed in feeds))

    url = server.put("/f", page(rss("One")))
    asyncio.run(many())

    assert len(server.requests) == 12
    assert server.most_at_once <= 2


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("Fri, 26 Nov 2021 12:05:00 GMT", timedelta(minutes=5)),
        ("Fri, 26 Nov 2021 11:00:00 GMT", None),
        ("999999999", timedelta(days=365)),
        ("-5", None),
        ("1e9", None),
        ("soon", None),
        ("", None),
        ("99999999999999999999", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, wait: timedelta | None) -> None:
    assert retry_after(httpx.Headers({"retry-after": value}), AT) == wait


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({"cache-control": "public, max-age=600"}, timedelta(minutes=10)),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "no-store"}, None),
        ({"expires": "Fri, 26 Nov 2021 12:20:00 GMT", "date": "Fri, 26 Nov 2021 12:10:00 GMT"}, timedelta(minutes=10)),
        ({"expires": "Fri, 26 Nov 2021 12:20:00 GMT"}, timedelta(minutes=20)),
        ({"expires": "0"}, None),
        ({"expires": "Thu, 01 Dec 1994 16:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_freshness_is_read_from_cache_control_or_expires(headers: dict[str, str], fresh: timedelta | None) -> None:
    assert max_age(httpx.Headers(headers), AT) == fresh
