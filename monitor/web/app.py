"""The review page: every route is a GET, every route reads in a thread of its own, and nothing is ever changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from monitor.core import wording
from monitor.core.alerts import Alert
from monitor.core.coverage import Cause
from monitor.core.errors import StorageError
from monitor.core.model import Feed, FeedState
from monitor.core.polling import FeedHealth, health
from monitor.core.reasons import why_now
from monitor.core.situations import display_name
from monitor.pipeline.views import alert_view
from monitor.web.charts import chart_of
from monitor.web.checkup import metrics_of, parts_of
from monitor.web.guard import Guard
from monitor.web.health import Status, overall, report
from monitor.web.pages import render, style
from monitor.web.queries import FIELDS, PER_PAGE, BadQuestion, days_back, filter_of, good_id, next_page, question
from monitor.web.security import Door
from monitor.web.site import Shelf, Site

log = structlog.get_logger(__name__)
MOST_DAYS = 400
NEAR_MISSES = 100
_BAD = (FeedHealth.FAILING, FeedHealth.STALE, FeedHealth.RETRYING)
_ORDER = (*_BAD, FeedHealth.NEW, FeedHealth.OK, FeedHealth.OFF)


def build_app(site: Site, door: Door, allowed: Callable[[str], bool]) -> Guard:
    """Return the whole page as an ASGI application, its guard in front."""
    return Guard(routes_of(site), door=door, allowed=allowed)


def routes_of(site: Site) -> FastAPI:
    """Return the bare routes; nothing but the guard may serve them."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    pages = Pages(site)
    app.get("/", response_class=HTMLResponse)(pages.alerts)
    app.get("/alerts/{alert_id}", response_class=HTMLResponse)(pages.alert)
    app.get("/feeds", response_class=HTMLResponse)(pages.feeds)
    app.get("/articles", response_class=HTMLResponse)(pages.find)
    app.get("/articles/{article_id}", response_class=HTMLResponse)(pages.article)
    app.get("/near-misses", response_class=HTMLResponse)(pages.near_misses)
    app.get("/static/style.css")(lambda: Response(style(), media_type="text/css"))
    app.get("/healthz")(lambda: health_answer(site))
    app.get("/metrics")(lambda: PlainTextResponse(metrics_of(site)))
    app.add_exception_handler(HTTPException, pages.http_error)
    app.add_exception_handler(BadQuestion, pages.bad_question)
    app.add_exception_handler(StorageError, pages.no_database)
    app.add_exception_handler(Exception, pages.bug)
    return app


def health_answer(site: Site) -> JSONResponse:
    """Answer /healthz: 200 while alive and useful, 503 when failing."""
    parts = parts_of(site)
    code = 503 if overall(parts) is Status.FAILING else 200
    return JSONResponse(report(parts, site.clock()), code)


class Pages:
    """One method per page. FastAPI calls them in threads, so that reading never holds the daemon up."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def alerts(self, request: Request) -> str:
        """List alerts, newest first."""
        asked = {name: request.query_params.get(name, "") for name in FIELDS}
        now = self._site.clock()
        with self._site.library.reading() as unit:
            found = unit.history(filter_of(asked, now))
            rows = [self._row(unit, alert) for alert in found[:PER_PAGE]]
            facts = {"rows": rows, "asked": asked, "blind": self._blind(unit), "open": len(unit.open_alerts())}
        older = next_page(asked, found[PER_PAGE - 1]) if len(found) > PER_PAGE else ""
        filtered = any(value for name, value in asked.items() if name != "before")
        return self._page("alerts.html", "alerts", **facts, older=older, filtered=filtered)

    def _row(self, unit: Shelf, alert: Alert) -> dict[str, Any]:
        events = unit.events(alert.id)
        return {
            "alert": alert,
            "name": self._name(alert),
            "why": events[-1].reason if events else "",
            "events": len(events),
        }

    def alert(self, alert_id: str) -> str:
        """Show one alert with its evidence."""
        site, now = self._site, self._site.clock()
        with site.library.reading() as unit:
            alert = unit.alert(alert_id) if good_id(alert_id) else None
            if alert is None:
                raise HTTPException(404, "There is no alert with this id.")
            view = alert_view(unit, alert, site.settings(), now)
        chart = chart_of(view, site.settings().rule(alert.rule))
        words = {
            "headline": wording.headline(view),
            "why": why_now(view),
            "weight": wording.weight_line(view),
            "quotes": wording.quotes(view),
            "phrases": wording.phrases_line(view),
            "denials": wording.denials(view),
            "claimed": wording.claimed_line(view),
            "recurrence": wording.recurrence_line(view),
            "ladder": wording.ladder_line(view),
        }
        return self._page("alert.html", "alerts", view=view, alert=alert, chart=chart, **words)

    def feeds(self, request: Request) -> str:
        """Show every feed's health, the blind countries first."""
        now, only_bad = self._site.clock(), request.query_params.get("show") == "bad"
        with self._site.library.reading() as unit:
            states, blind = unit.feed_states(), self._blind(unit)
            unread = [self._site.lookout().name_of(each.country) for each in self._unread(unit)]
        rows = [self._feed(feed, states.get(feed.id)) for feed in self._site.feeds()]
        rows.sort(key=lambda row: (_ORDER.index(row["health"]), row["feed"].id))
        counts = {kind: sum(row["health"] is kind for row in rows) for kind in _ORDER}
        shown = [row for row in rows if row["health"] in _BAD] if only_bad else rows
        facts = {"rows": shown, "counts": counts, "blind": blind, "unread": unread, "only_bad": only_bad}
        return self._page("feeds.html", "feeds", **facts, now=now)

    def _feed(self, feed: Feed, state: FeedState | None) -> dict[str, Any]:
        return {"feed": feed, "state": state, "health": health(state, feed, self._site.clock())}

    def find(self, request: Request) -> Response:
        """Look an article up by id or address, as `why` does."""
        wanted = question(request.query_params.get("q", ""), "q")
        with self._site.library.reading() as unit:
            found = unit.find_articles(wanted) if wanted else []
            alert = unit.alert(wanted) if good_id(wanted) else None
        if alert:
            return HTMLResponse(self.alert(alert.id))
        if len(found) == 1:
            return HTMLResponse(self.article(found[0].id))
        page = self._page("find.html", "articles", wanted=wanted, found=found)
        return HTMLResponse(page, 404 if wanted and not found else 200)

    def article(self, article_id: str) -> str:
        """Show one article's decision record."""
        with self._site.library.reading() as unit:
            article = unit.articles([article_id]).get(article_id) if good_id(article_id) else None
            if article is None:
                raise HTTPException(
                    404, "No stored article has this id. It may not have been fetched, or is past retention."
                )
            facts = {
                "article": article,
                "decisions": unit.decisions_of_article(article_id),
                "revisions": unit.revisions(article_id),
                "in_alerts": [alert for key in unit.alerts_of_article(article_id) if (alert := unit.alert(key))],
            }
        return self._page("article.html", "articles", **facts, name=self._name)

    def near_misses(self, request: Request) -> str:
        """List what came closest without alerting anybody."""
        days = request.query_params.get("days", "")
        since = days_back(days, self._site.clock(), MOST_DAYS)
        with self._site.library.reading() as unit:
            rows = unit.near_misses(since, NEAR_MISSES)
            articles = unit.articles({row.article_id for row in rows})
        return self._page("near_misses.html", "near", rows=rows, articles=articles, days=days or "7", most=NEAR_MISSES)

    def _blind(self, unit: Shelf) -> list[str]:
        """Return the lost countries and languages in words, and that nothing at all is seen, where it is so."""
        lookout = self._site.lookout()
        return lookout.lost(lookout.survey(unit, self._site.clock()))

    def _unread(self, unit: Shelf) -> list[Any]:
        return self._site.lookout().survey(unit, self._site.clock()).blind(Cause.UNREAD)

    def _name(self, alert: Alert) -> str:
        registry = self._site.settings().registry
        return display_name(alert.situation, registry)

    def _page(self, template: str, here: str, **facts: Any) -> str:
        base = {
            "here": here,
            "now": self._site.clock(),
            "version": self._site.version,
            "model": self._site.vitals.model,
        }
        return render(template, base | facts)

    def _error(self, title: str, text: str, code: int) -> HTMLResponse:
        return HTMLResponse(self._page("error.html", "", title=title, text=text), code)

    def http_error(self, request: Request, error: Exception) -> Response:
        """Answer what FastAPI refuses, and what a page did not find."""
        del request
        code = error.status_code if isinstance(error, HTTPException) else 500
        detail = (
            error.detail
            if isinstance(error, HTTPException) and error.detail != "Not Found"
            else "There is no such page."
        )
        return self._error("Not found" if code == 404 else "Refused", str(detail), code)  # noqa: PLR2004  # the status

    def bad_question(self, request: Request, error: Exception) -> Response:
        """Answer a question that cannot be asked."""
        del request
        return self._error("This cannot be asked", str(error), 400)

    def no_database(self, request: Request, error: Exception) -> Response:
        """Answer while the database refuses."""
        log.error("the page cannot read the database", path=request.url.path, error=str(error))
        return self._error(
            "The database does not answer", "Nothing can be shown now. That is not to say that all is calm.", 503
        )

    def bug(self, request: Request, error: Exception) -> Response:
        """Answer after a fault of our own; the log has its trace."""
        log.error("the page failed", path=request.url.path, error=repr(error))
        return self._error("Something is broken here", "The fault is in the log. The monitor itself goes on.", 500)
