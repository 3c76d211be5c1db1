"""Fetching as tests do it: one fetcher, one feed, one answer or refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from monitor.adapters.fetch import FeedFetcher
from monitor.core.errors import FetchError
from monitor.core.model import Fetched, Validators
from tests.builders import AT, a_feed

DEADLINE = 0.6
MOST = 2_000_000


def a_fetcher(**changes: Any) -> FeedFetcher:
    base: dict[str, Any] = {
        "contact": "",
        "deadline": timedelta(seconds=DEADLINE),
        "max_bytes": MOST,
        "per_host": 100,
        "version": "1",
    }
    return FeedFetcher(**{**base, **changes})


def running(work: Callable[[FeedFetcher], Awaitable[Any]], **changes: Any) -> Any:
    async def whole() -> Any:
        async with aclosing(a_fetcher(**changes)) as fetcher:
            return await work(fetcher)

    return asyncio.run(whole())


def fetched(url: str, *, private: bool = True, **changes: Any) -> Fetched:
    feed = a_feed(url=url, allow_private=private)
    answer = running(lambda fetcher: fetcher.fetch(feed, Validators(), AT), **changes)
    assert isinstance(answer, Fetched)
    return answer


def refusal(url: str, *, private: bool = True, **changes: Any) -> str:
    with pytest.raises(FetchError) as caught:
        fetched(url, private=private, **changes)
    return str(caught.value)
