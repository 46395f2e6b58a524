"""The run of a request as it goes, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from selfservice.catalog.whole_request import read_whole
from selfservice.portal.graph import drawn_run
from selfservice.portal.missing import MissingPageError
from selfservice.portal.pages.request_page import is_live
from selfservice.portal.portal import portal_of, signed_in


async def live_run(request: Request) -> Response:
    """Streams the state and the steps of a request until it changes by itself no more, with how it has ended."""
    portal, session, id_ = portal_of(request), signed_in(request), request.path_params["id"]
    has_ended = False

    def look() -> str | None:
        nonlocal has_ended
        if has_ended:
            return None
        with portal.visitors.engineer(session) as engineer:
            whole = read_whole(engineer.requests.items, id_)
        if whole is None:
            return None
        has_ended = not is_live(whole.record)
        template = portal.pages.get_template("run.html")
        return template.render(state=str(whole.record.state), steps=whole.steps, graph=drawn_run(whole.steps))

    def is_allowed() -> bool:
        with portal.visitors.engineer(session) as engineer:
            return engineer.requests.record(id_) is not None

    if not await run_in_threadpool(is_allowed):
        raise MissingPageError(f"there is no request {id_}")

    async def events() -> AsyncIterator[str]:
        async for text in request.app.state.watches.follow(id_, look):
            yield _event("run", text)
        yield _event("ended", "")

    return StreamingResponse(events(), media_type="text/event-stream")


def _event(name: str, text: str) -> str:
    data = "\n".join(f"data: {line}" for line in text.splitlines()) or "data:"
    return f"event: {name}\n{data}\n\n"
