"""What one poll of one feed brings, over the real fetcher and parser, from a server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.adapters.fetch import FeedFetcher
from monitor.adapters.parse import FeedParser
from monitor.core.model import Feed, FeedState, Validators
from monitor.pipeline.intake import Poll
from monitor.pipeline.polls import Due, poll
from tests.servers.feeds import FeedServer, page, rss

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as serving:
        yield serving


def polled(url: str, known: Validators | None = None) -> Poll:
    feed = Feed(id="one", url=url, outlet="One", owner="one", allow_private=True)
    state = replace(FeedState(feed_id="one", next_poll_at=NOW), validators=known or Validators())

    async def once() -> Poll:
        deadline = timedelta(seconds=10)
        fetcher = FeedFetcher(contact="", deadline=deadline, max_bytes=1_000_000, per_host=2, version="test")
        parser = FeedParser(workers=1, deadline=deadline)
        try:
            return await poll(Due(feed=feed, state=state), fetcher, parser, NOW)
        finally:
            await fetcher.aclose()
            parser.close()

    return asyncio.run(once())


@pytest.mark.parametrize(
    "body", [b"", b" \r\n\t", b"\xef\xbb\xbf"], ids=["no byte", "white space", "a byte order mark"]
)
def test_an_empty_answer_is_an_error_and_no_calm(server: FeedServer, body: bytes) -> None:
    brought = polled(server.put("/feed.xml", page(body)))
    assert "the document is empty" in str(brought.error)


def test_an_unchanged_document_is_not_read_again(server: FeedServer) -> None:
    url = server.put("/feed.xml", page(rss("One item")))
    first = polled(url)
    assert first.fetched is not None
    assert first.parsed is not None
    again = polled(url, first.fetched.validators)
    assert (again.error, again.parsed) == (None, None)


def test_an_error_stays_with_its_feed_and_names_an_address_as_it_is_written(server: FeedServer) -> None:
    refused = polled(server.url("/feed.xml"))
    assert "HTTP 404" in str(refused.error)
    closed = polled("http://[::1]:9/feed.xml")
    assert "http://[::1]:9/feed.xml" in str(closed.error)
