"""The pages for people: upload a file and see its report, the catalogue, and the drops of a watched folder."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from scrubber import version
from scrubber.dropfolder.operations import WatchError
from scrubber.outputs.page_values import money
from scrubber.outputs.wording import escaped
from scrubber.service import drops
from scrubber.service.errors import RequestError
from scrubber.service.outputs import OUTPUTS
from scrubber.service.scrubbing import Choice, sent
from scrubber.service.service import Service
from scrubber.service.uploads import Upload, hashed_copy

_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src data:"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_KINDS = (
    ("edit", "Edits"),
    ("guide check", "Checks against the implementation guide"),
    ("file error", "Errors of a file"),
    ("scrubber", "The scrubber itself"),
)
_FORM_FIELDS = 10
_LONGEST_NAME = 100

Handler = Callable[[Request], Awaitable[Response]]


class Pages:
    """The pages of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._drops = drops.Drops(service.settings.drop) if service.settings.drop else None
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("scrubber.service"), autoescape=True, undefined=jinja2.StrictUndefined
        )
        self._templates.filters |= {
            "percent": _percent,
            "dollars": lambda stake: money(f"{stake:.2f}"),
        }
        files = (
            resources.files("scrubber.outputs").joinpath("report.css"),
            resources.files("scrubber.service").joinpath("pages.css"),
        )
        self._style = "".join(file.read_text("utf-8") for file in files)

    def routes(self) -> list[Route]:
        """The routes of all pages. They are not part of the OpenAPI description."""
        found: list[tuple[str, Handler, str]] = [
            ("/", self.upload, "GET"),
            ("/report", self.report, "POST"),
            ("/edits", self.edits, "GET"),
            ("/edits/{code}", self.edit, "GET"),
            ("/style.css", self.style, "GET"),
        ]
        if self._drops:
            found += [("/drops", self.dropped, "GET"), ("/drops/{token}", self.drop, "GET")]
        return [
            Route(path, self._guarded(handler), methods=[method], include_in_schema=False)
            for path, handler, method in found
        ]

    async def upload(self, request: Request) -> Response:
        """The form for a file."""
        service = self._service
        conformance = service.settings.options.conformance
        return self._page(
            request, "upload.html", max_mb=service.settings.max_mb, profiles=service.profiles, conformance=conformance
        )

    async def report(self, request: Request) -> Response:
        """The HTML report of the file in a form."""
        scrubber, uploads = self._service.scrubber, self._service.uploads
        uploads.must_fit(request, _FORM_FIELDS * 1000)
        scrubber.must_have_room()
        with uploads.folder() as folder:
            async with uploads.limited(request, _FORM_FIELDS * 1000) as limited:
                if not limited.headers.get("content-type", "").startswith("multipart/form-data"):
                    raise RequestError(415, "send the form of the first page")
                async with limited.form(max_files=1, max_fields=_FORM_FIELDS, max_part_size=1000) as form:
                    file = form.get("file")
                    if not isinstance(file, UploadFile) or not file.filename:
                        raise RequestError(400, "choose a file")
                    upload = await asyncio.to_thread(hashed_copy, file.file, folder)
                    choice = Choice(
                        OUTPUTS["html"],
                        scrubber.profile(str(form.get("profile") or "") or None),
                        form.get("conformance") == "true",
                        escaped(Path(file.filename).name)[:_LONGEST_NAME],
                        always=True,
                    )
            return await self._answered(upload, choice)

    async def _answered(self, upload: Upload, choice: Choice) -> Response:
        response = await sent(await self._service.scrubber.answer(upload, choice), inline=True)
        del response.headers["content-disposition"]  # the browser shows it
        return response

    async def edits(self, request: Request) -> Response:
        """The catalogue."""
        listed = self._service.edits
        groups = [(kind, name, [item for item in listed if item["kind"] == kind]) for kind, name in _KINDS]
        return self._page(request, "edits.html", groups=groups)

    async def edit(self, request: Request) -> Response:
        """What a code means."""
        return self._page(request, "edit.html", known=self._service.codes.explained(request.path_params["code"]))

    async def dropped(self, request: Request) -> Response:
        """The drops of the last weeks."""
        assert self._drops
        overview = await self._of_drops(self._drops.overview)
        titles = {item["code"]: item["title"] for item in self._service.edits}
        return self._page(
            request, "drops.html", overview=overview, titles=titles, weeks=drops.WEEKS, most=drops.MOST_DROPS
        )

    async def drop(self, request: Request) -> Response:
        """The report of a drop."""
        assert self._drops
        path = await self._of_drops(self._drops.report, request.path_params["token"])
        return FileResponse(path, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})

    async def style(self, _: Request) -> Response:
        """The stylesheet: that of the report, and a few rules for the pages."""
        return Response(self._style, media_type="text/css")

    @staticmethod
    async def _of_drops(read: Callable[..., Any], *arguments: str) -> Any:
        try:
            return await asyncio.to_thread(read, *arguments)
        except WatchError as error:
            raise RequestError(503, "the drop folder cannot be read; does a watcher run on it?") from error

    def _guarded(self, handler: Handler) -> Handler:
        """Answers a `RequestError` with a page."""

        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestError as problem:
                response = self._page(request, "problem.html", title=problem.title)
                response.status_code = problem.status
                response.headers.update(problem.headers)
                return response

        return guarded

    def _page(self, request: Request, template: str, **values: Any) -> Response:
        links = [("/", "Scrub a file"), ("/edits", "What is checked")]
        if self._drops:
            links.append(("/drops", "Drops"))
        page = self._templates.get_template(template)
        text = page.render(links=links, here=request.url.path, version=version(), **values)
        return HTMLResponse(text, headers=_HEADERS)


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1f}%"
