"""The review page: who may look, what is shown, and what is never shown."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from monitor.adapters.migrations import migrate
from monitor.adapters.slack_socket import SocketState
from monitor.adapters.storage import SqlStorage
from monitor.core.alerts import AlertState
from monitor.core.errors import InputError
from monitor.pipeline.delivery_state import DeliveryHealth
from monitor.pipeline.pulse import Pulse
from monitor.web.app import routes_of
from monitor.web.guard import Guard
from monitor.web.security import COOKIE, HEADERS, Door, check_place, host_allowed, standing_token
from monitor.web.server import open_socket, serving
from tests.builders import (
    AT,
    DAY,
    HOUR,
    MINUTE,
    a_feed_state,
    a_reading,
    an_alert,
    an_article,
    an_event,
    an_identity,
)
from tests.fakes import ManualClock
from tests.web_site import a_door, a_page, a_site, fill

HOST = "http://127.0.0.1:8080"
PATHS = (
    "/",
    "/alerts/al-1",
    "/feeds",
    "/articles",
    "/articles?q=art-1",
    "/articles/art-1",
    "/near-misses",
    "/static/style.css",
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "test.db"
    opened = SqlStorage.open(f"sqlite:///{path}")
    migrate(opened)
    fill(
        opened, {"Tanks seen near the border": "https://news.example/1", "Rail traffic doubles": "javascript:alert(1)"}
    )
    opened.close()
    return path


@pytest.fixture
def storage(filled: Path, tmp_path: Path) -> Iterator[SqlStorage]:
    shutil.copy(filled, tmp_path / "test.db")
    opened = SqlStorage.open(f"sqlite:///{tmp_path / 'test.db'}")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(AT)


@pytest.fixture
def door(tmp_path: Path, clock: ManualClock) -> Door:
    return a_door(tmp_path, clock)


@pytest.fixture
def desk(storage: SqlStorage, clock: ManualClock, door: Door) -> Guard:
    return a_page(a_site(storage, clock), door)


@pytest.fixture
def cookie(door: Door) -> dict[str, str]:
    secret = door.enter(token_of(door.new_link()))
    return {"Cookie": f"{COOKIE}={secret}"}


def token_of(link: str) -> str:
    return link.split("token=", maxsplit=1)[1].strip()


def ask(
    desk: Guard, path: str, headers: dict[str, str] | None = None, *, method: str = "GET", client: str = "127.0.0.1"
) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=desk, raise_app_exceptions=False, client=(client, 5))
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as visitor:
            return await visitor.request(method, path, headers=headers)

    return asyncio.run(go())


# who may look


def test_every_route_but_health_refuses_who_has_not_entered(
    desk: Guard, storage: SqlStorage, clock: ManualClock
) -> None:
    paths = [route.path for route in routes_of(a_site(storage, clock)).routes if isinstance(route, APIRoute)]
    assert len(paths) >= 9
    for path in [*paths, "/enter", "/nothing", "/docs", "/openapi.json"]:
        answer = ask(desk, path.replace("{alert_id}", "al-1").replace("{article_id}", "art-1"), client="192.0.2.1")
        assert answer.status_code == (200 if path == "/healthz" else 401), path
        assert "Tanks" not in answer.text


def test_every_route_is_a_get(storage: SqlStorage, clock: ManualClock) -> None:
    for route in routes_of(a_site(storage, clock)).routes:
        assert isinstance(route, APIRoute)
        assert route.methods == {"GET"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_no_other_method_is_answered(desk: Guard, cookie: dict[str, str], method: str) -> None:
    assert ask(desk, "/", cookie, method=method).status_code == 405


@pytest.mark.parametrize("path", [*PATHS, "/healthz", "/nothing", "/alerts/none", "/?level=none", "/enter?token=x"])
@pytest.mark.parametrize("entered", [True, False], ids=["entered", "not entered"])
def test_every_answer_carries_the_headers(desk: Guard, cookie: dict[str, str], path: str, *, entered: bool) -> None:
    answer = ask(desk, path, cookie if entered else None)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_fault_of_our_own_carries_the_headers_and_tells_nothing(
    storage: SqlStorage, clock: ManualClock, door: Door, cookie: dict[str, str]
) -> None:
    def broken() -> tuple[object, ...]:
        raise RuntimeError("secret detail")

    answer = ask(a_page(a_site(storage, clock, canaries=broken), door), "/healthz", cookie)
    assert answer.status_code == 500
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "secret detail" not in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8080", "127.0.0.1@evil.example", ""]
)
def test_a_name_that_is_not_ours_is_refused_even_with_a_session(desk: Guard, cookie: dict[str, str], host: str) -> None:
    assert ask(desk, "/", {**cookie, "Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:80", "[::1]:8080"])
def test_names_of_this_machine_are_ours(desk: Guard, cookie: dict[str, str], host: str) -> None:
    assert ask(desk, "/", {**cookie, "Host": host}).status_code == 200


def test_probes_may_call_health_by_any_address_but_by_no_foreign_name(desk: Guard) -> None:
    assert ask(desk, "/healthz", {"Host": "10.0.0.7:8080"}).status_code == 200
    assert ask(desk, "/healthz", {"Host": "evil.example"}).status_code == 421


def test_the_configured_and_the_public_name_are_ours() -> None:
    allowed = host_allowed("0.0.0.0", "https://monitor.example.org")
    assert allowed("monitor.example.org")
    assert not allowed("0.0.0.0")


def test_a_link_lets_in_once_and_the_next_one_stands_in_its_file(desk: Guard, door: Door, tmp_path: Path) -> None:
    link = door.new_link()
    first = ask(desk, link.removeprefix(HOST))
    assert first.status_code == 200
    assert ask(desk, "/", {"Cookie": first.headers["set-cookie"].split(";")[0]}).status_code == 200
    assert ask(desk, link.removeprefix(HOST)).status_code == 401
    renewed = (tmp_path / "page-link").read_text().strip()
    assert renewed != link
    assert ask(desk, renewed.removeprefix(HOST)).status_code == 200


def test_the_link_file_can_be_read_by_its_owner_alone(door: Door, tmp_path: Path) -> None:
    (tmp_path / "page-link").write_text("old")
    door.new_link()
    assert stat.S_IMODE((tmp_path / "page-link").stat().st_mode) == 0o600


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk: Guard, door: Door) -> None:
    line = ask(desk, door.new_link().removeprefix(HOST)).headers["set-cookie"]
    assert "; HttpOnly; SameSite=Strict" in line
    assert "Max-Age=43200" in line


def test_the_cookie_travels_by_https_alone_where_the_page_does(tmp_path: Path, clock: ManualClock) -> None:
    assert a_door(tmp_path, clock, "https://monitor.example.org").cookie("x").endswith("; Secure")


def test_a_session_ends_after_twelve_hours_however_often_it_is_used(door: Door, clock: ManualClock) -> None:
    secret = door.enter(token_of(door.new_link())) or ""
    for _ in range(23):
        clock.advance(minutes=31)
        entered = door.admit(secret)
        assert entered is not None
        secret = entered.secret or secret
    clock.advance(minutes=31)
    assert door.admit(secret) is None


def test_a_sessions_secret_changes_every_hour_and_the_former_one_dies(door: Door, clock: ManualClock) -> None:
    secret = door.enter(token_of(door.new_link())) or ""
    clock.advance(hours=1)
    changed = door.admit(secret)
    assert changed
    assert changed.secret
    assert door.admit(secret)  # requests on their way still pass
    clock.advance(minutes=2)
    assert door.admit(secret) is None
    assert door.admit(changed.secret)


@pytest.mark.parametrize("secret", ["", "x", "\udcff", "a" * 10_000])
def test_a_made_up_secret_is_no_session(door: Door, secret: str) -> None:
    assert door.admit(secret) is None


def test_a_standing_token_lets_in_again_and_again(tmp_path: Path, clock: ManualClock) -> None:
    door = a_door(tmp_path, clock, standing="s" * 32)
    assert door.enter("s" * 32)
    assert door.enter("s" * 32)
    assert door.enter("s" * 31) is None


def test_a_token_may_stand_in_a_file_but_not_be_short(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t" * 32 + "\n")
    assert standing_token({"CRISIS_MONITOR_PAGE_TOKEN_FILE": str(tmp_path / "token")}) == "t" * 32
    with pytest.raises(InputError, match="shorter than 24"):
        standing_token({"CRISIS_MONITOR_PAGE_TOKEN": "short"})


@pytest.mark.parametrize(("url", "token"), [("", ""), ("https://monitor.example.org", ""), ("", "t" * 32)])
def test_other_machines_are_not_served_without_an_address_and_a_token(url: str, token: str) -> None:
    with pytest.raises(InputError, match=r"0\.0\.0\.0 can be reached from other machines"):
        check_place("0.0.0.0", url, token)
    check_place("127.0.0.1", url, token)


def test_other_machines_are_served_with_both() -> None:
    check_place("0.0.0.0", "https://monitor.example.org", "t" * 32)


def test_metrics_are_for_this_machine_or_a_session(desk: Guard, cookie: dict[str, str]) -> None:
    assert ask(desk, "/metrics").status_code == 200
    assert ask(desk, "/metrics", client="192.0.2.1").status_code == 401
    assert ask(desk, "/metrics", {"X-Forwarded-For": "192.0.2.1"}).status_code == 401
    assert ask(desk, "/metrics", cookie, client="192.0.2.1").status_code == 200


# what is shown


@pytest.mark.parametrize("path", PATHS)
def test_every_page_answers(desk: Guard, cookie: dict[str, str], path: str) -> None:
    assert ask(desk, path, cookie).status_code == 200


def test_an_alert_shows_its_evidence(desk: Guard, cookie: dict[str, str]) -> None:
    text = ask(desk, "/alerts/al-1", cookie).text
    for word in (
        "Tanks seen near the border",
        "Why now",
        "Who denies it",
        "Happened before",
        "<polyline",
        "The curve in numbers",
    ):
        assert word in text


def test_links_lead_out_only_over_http_and_tell_nobody_where_from(desk: Guard, cookie: dict[str, str]) -> None:
    text = ask(desk, "/alerts/al-1", cookie).text
    assert '<a href="https://news.example/1" rel="noopener noreferrer nofollow">' in text
    assert "javascript:" not in text


def test_nothing_runs_in_any_page(desk: Guard, cookie: dict[str, str]) -> None:
    for path in PATHS:
        text = ask(desk, path, cookie).text
        assert "<script" not in text
        assert " style=" not in text


def test_alerts_are_paged_by_key_and_each_appears_once(
    desk: Guard, storage: SqlStorage, cookie: dict[str, str]
) -> None:
    with storage.transaction() as unit:
        for number in range(120):
            alert = an_alert(
                id=f"al-p{number:03}",
                rule=f"r{number}",
                opened_at=AT - (number // 3) * MINUTE,
                state=AlertState.RESOLVED,
            )
            unit.save_alert(alert)
    seen: list[str] = []
    path = "/"
    while path:
        text = ask(desk, path, cookie).text
        seen += [part.split('"')[0] for part in text.split('href="/alerts/')[1:]]
        path = text.split('href="/?before=')[1].split('"')[0] if 'rel="next"' in text else ""
        path = f"/?before={path}" if path else ""
    assert len(seen) == len(set(seen)) == 122


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("level=critical", False),
        ("level=watch", True),
        ("state=open", True),
        ("situation=RUS-*", True),
        ("situation=MLI", False),
        ("text=tanks", True),
        ("text=penguins", False),
        ("since=1h", True),
        ("until=2021-11-26", False),
    ],
)
def test_the_history_is_filtered(desk: Guard, cookie: dict[str, str], query: str, *, found: bool) -> None:
    assert ("/alerts/al-1" in ask(desk, f"/?{query}", cookie).text) is found


@pytest.mark.parametrize(
    "path",
    [
        "/?level=x",
        "/?since=yesterday",
        "/?before=x",
        "/?text=%00",
        "/?since=99999999999999d",
        "/near-misses?days=x",
        "/articles?q=%00",
        f"/?text={'a' * 300}",
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(desk: Guard, cookie: dict[str, str], path: str) -> None:
    answer = ask(desk, path, cookie)
    assert answer.status_code == 400
    assert "This cannot be asked" in answer.text


@pytest.mark.parametrize(
    "path", ["/alerts/none", "/articles/none", "/articles/%00", "/alerts/a%2Fb", "/nothing", "/articles?q=none"]
)
def test_what_is_not_there_is_not_found(desk: Guard, cookie: dict[str, str], path: str) -> None:
    assert ask(desk, path, cookie).status_code == 404


def test_an_article_is_found_by_its_address_too(desk: Guard, cookie: dict[str, str]) -> None:
    text = ask(desk, "/articles?q=http://www.news.example/1%3Futm_source=x", cookie).text
    assert "Its way through the monitor" in text


def test_an_unread_article_counts_as_blindness(desk: Guard, storage: SqlStorage, cookie: dict[str, str]) -> None:
    reading = a_reading(scores={}, quotes={}, unread=True, language="fr")
    with storage.transaction() as unit:
        unit.add_articles([(an_article(9, reading=reading), an_identity(9))])
    assert "blindness, not as calm" in ask(desk, "/articles/art-9", cookie).text


def test_a_lost_country_is_named_on_the_pages_and_on_its_alerts(
    storage: SqlStorage, clock: ManualClock, door: Door, cookie: dict[str, str]
) -> None:
    with storage.transaction() as unit:
        lost = a_feed_state(feed_id="niger", failures=4, last_ok_at=AT - 7 * HOUR, next_poll_at=AT + MINUTE)
        unit.save_feed_state(lost)
        unit.save_alert(an_alert(id="al-n", rule="n", situation="NER", countries=("NER",)))
        unit.add_event(an_event(alert_id="al-n"))
    desk = a_page(a_site(storage, clock), door)
    for path in ("/", "/feeds"):
        assert "Niger since 26 November 2021 05:00 UTC" in ask(desk, path, cookie).text
    assert "Niger since" in ask(desk, "/alerts/al-n", cookie).text
    assert "Niger since" not in ask(desk, "/alerts/al-1", cookie).text


def test_no_page_says_that_all_is_clear(desk: Guard, cookie: dict[str, str]) -> None:
    for path in (*PATHS, "/?text=penguins", "/feeds?show=bad"):
        text = ask(desk, path, cookie).text.lower().replace("not to say that all is clear", "")
        assert "all is clear" not in text
        assert "all clear" not in text


def test_the_page_says_when_the_database_does_not_answer(
    tmp_path: Path, clock: ManualClock, door: Door, cookie: dict[str, str]
) -> None:
    empty = SqlStorage.open(f"sqlite:///{tmp_path / 'none.db'}")
    desk = a_page(a_site(empty, clock), door)
    assert ask(desk, "/", cookie).status_code == 503
    health = ask(desk, "/healthz")
    assert (health.status_code, health.json()["parts"]["database"]["reachable"]) == (503, False)
    empty.close()


# health


def health_with(storage: SqlStorage, clock: ManualClock, tmp_path: Path, **vitals: Any) -> tuple[int, dict[str, Any]]:
    answer = ask(a_page(a_site(storage, clock, **vitals), a_door(tmp_path, clock)), "/healthz")
    return answer.status_code, answer.json()


def test_health_is_ok_while_all_is_well(desk: Guard) -> None:
    answer = ask(desk, "/healthz")
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "ok")
    assert set(told["parts"]) == {"database", "lease", "polls", "evaluate", "model", "outbox", "feeds", "coverage"}
    assert told["parts"]["polls"]["last_success_age_seconds"] == 60


def test_health_tells_how_the_connection_for_buttons_stands_and_degrades_after_a_minute_without(
    storage: SqlStorage, clock: ManualClock, tmp_path: Path
) -> None:
    up = SocketState(connected_since=AT - HOUR, last_envelope=AT - MINUTE, connections=2)
    code, told = health_with(storage, clock, tmp_path, socket=up)
    assert (code, told["status"]) == (200, "ok")
    assert told["parts"]["socket"] == {
        "status": "ok",
        "connected_seconds": 3600,
        "down_seconds": None,
        "last_envelope_age_seconds": 60,
        "connections": 2,
    }
    lately = health_with(storage, clock, tmp_path, socket=SocketState(down_since=AT - MINUTE))
    assert lately[1]["parts"]["socket"]["status"] == "ok"
    code, told = health_with(storage, clock, tmp_path, socket=SocketState(down_since=AT - 2 * MINUTE))
    assert (code, told["status"], told["parts"]["socket"]["status"]) == (200, "degraded", "degraded")


def test_metrics_tell_how_the_connection_for_buttons_stands(
    storage: SqlStorage, clock: ManualClock, tmp_path: Path
) -> None:
    state = SocketState(connected_since=AT, connections=3, envelopes=7)
    told = ask(a_page(a_site(storage, clock, socket=state), a_door(tmp_path, clock)), "/metrics").text
    assert "crisis_monitor_socket_up 1.0" in told
    assert "crisis_monitor_socket_connections_total 3.0" in told
    assert "crisis_monitor_socket_envelopes_total 7.0" in told


def test_health_fails_when_rules_are_no_longer_weighed(storage: SqlStorage, clock: ManualClock, tmp_path: Path) -> None:
    code, told = health_with(storage, clock, tmp_path, pulse=Pulse(evaluated_at=AT - HOUR))
    assert (code, told["status"]) == (503, "failing")


def test_health_fails_when_the_model_has_gone_silent(storage: SqlStorage, clock: ManualClock, tmp_path: Path) -> None:
    class Silent:
        ok = False

    assert health_with(storage, clock, tmp_path, canaries=lambda: [Silent()])[0] == 503


def test_health_fails_when_another_daemon_holds_the_lease(
    storage: SqlStorage, clock: ManualClock, tmp_path: Path
) -> None:
    assert health_with(storage, clock, tmp_path, holder="there:2:now")[0] == 503


def test_health_fails_when_no_feed_has_answered_for_an_hour(
    storage: SqlStorage, clock: ManualClock, tmp_path: Path
) -> None:
    clock.advance(hours=2)
    code, told = health_with(storage, clock, tmp_path)
    assert code == 503
    assert told["parts"]["polls"]["status"] == "failing"


def test_undelivered_alerts_degrade_health_and_no_restart_is_asked_for(
    storage: SqlStorage, clock: ManualClock, tmp_path: Path
) -> None:
    dead = DeliveryHealth(
        pending=1, oldest=AT - HOUR, dead=("desk: invalid_auth xoxb-1",), repeats=2, held={}, late=True
    )
    code, told = health_with(storage, clock, tmp_path, delivery=lambda: dead)
    assert (code, told["status"]) == (200, "degraded")
    assert "xoxb" not in json.dumps(told)


def test_a_lost_country_degrades_health(storage: SqlStorage, clock: ManualClock, tmp_path: Path) -> None:
    with storage.transaction() as unit:
        unit.save_feed_state(a_feed_state(feed_id="niger", failures=3, next_poll_at=AT + MINUTE))
    code, told = health_with(storage, clock, tmp_path)
    assert (code, told["status"]) == (200, "degraded")


def test_metrics_count_what_is_stored_and_done(storage: SqlStorage, clock: ManualClock, door: Door) -> None:
    site = a_site(storage, clock, pulse=Pulse(evaluated_at=AT, polls=7, failures=2))
    text = ask(a_page(site, door), "/metrics").text
    for line in (
        "crisis_monitor_polls_total 7.0",
        "crisis_monitor_poll_failures_total 2.0",
        "crisis_monitor_articles 2.0",
        'crisis_monitor_alerts{level="watch",state="open"} 2.0',
        'crisis_monitor_top_score_last_day_bucket{language="en",le="0.9"} 2.0',
        'crisis_monitor_feeds{health="ok"} 2.0',
        'crisis_monitor_build_info{model="test-1",stack="linear",version="0.0.1"} 1.0',
    ):
        assert line in text


def test_scores_that_have_moved_since_last_month_show_as_a_drift_of_their_feed(
    storage: SqlStorage, clock: ManualClock, door: Door
) -> None:
    days = ((AT - 5 * DAY, 0.05, 0.05, 0), (AT - MINUTE, 0.95, 0.05, 60))
    with storage.transaction() as unit:
        for seen, moved, steady, first in days:
            for n in range(100 + first, 160 + first):
                loud = an_article(n, feed_id="loud", seen_at=seen, reading=a_reading(moved))
                calm = an_article(n + 200, feed_id="calm", seen_at=seen, reading=a_reading(steady))
                unit.add_articles([(loud, an_identity(n)), (calm, an_identity(n + 200))])
    text = ask(a_page(a_site(storage, clock), door), "/metrics").text
    drifts = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("crisis_monitor_score_drift{"))

    assert float(drifts['crisis_monitor_score_drift{feed="loud",language="en"}']) > 1
    assert float(drifts['crisis_monitor_score_drift{feed="calm",language="en"}']) == 0
    assert len(drifts) == 2


def test_a_feed_in_another_language_than_configured_does_not_cover_its_country(
    storage: SqlStorage, clock: ManualClock, door: Door, cookie: dict[str, str]
) -> None:
    reading = a_reading(scores={}, quotes={}, unread=True, language="fr")
    with storage.transaction() as unit:
        unit.add_articles([(an_article(n, feed_id="niger", reading=reading), an_identity(n)) for n in range(20, 24)])
    assert "Niger" in ask(a_page(a_site(storage, clock), door), "/feeds", cookie).text


# serving


def test_a_taken_port_is_refused_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(InputError, match=r"web\.port"):
        open_socket("127.0.0.1", taken.getsockname()[1])


def test_the_page_is_served_in_the_running_loop_and_stops_with_it(desk: Guard, cookie: dict[str, str]) -> None:
    async def visit() -> tuple[int, str, int]:
        listening = open_socket("127.0.0.1", 0)
        port = listening.getsockname()[1]
        async with serving(desk, listening), httpx.AsyncClient(trust_env=False) as visitor:
            answer = await visitor.get(f"http://127.0.0.1:{port}/", headers=cookie)
        return answer.status_code, answer.headers.get("server", ""), port

    status, server, port = asyncio.run(visit())
    assert (status, server) == (200, "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
