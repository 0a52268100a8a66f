"""`POST /v1/scrub`: receive an 837, have it scrubbed, answer with one output."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO

import attrs
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from scrubber.service import kept
from scrubber.service.errors import RequestError, busy
from scrubber.service.kept import Answer, KeptAnswers
from scrubber.service.observing import Metrics
from scrubber.service.outputs import PROBLEM, Output, must_be_x12, output_of
from scrubber.service.pool import Pool
from scrubber.service.uploads import Upload, Uploads
from scrubber.service.working import ANSWER, Done, Failed, Job, Unreadable

_STEM = "claims"
"""The name of an upload that has none: the beginning of the names of its outputs."""
_AT_ONCE = 1 << 18
"""Bytes of an answer that are sent in one step."""
_SWITCH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@attrs.frozen
class Choice:
    """What a request wants to have done. `profile` is a name or path of the service, `None` for its own profile."""

    output: Output
    profile: str | None
    conformance: bool
    name: str = f"{_STEM}.837"
    always: bool = False

    def identity(self, upload: Upload) -> str:
        """Equal for requests that must have the same answer."""
        return json.dumps([upload.sha256, self.output.name, self.profile, self.conformance])


@attrs.frozen
class Scrubber:
    """Answers requests. `profiles` are the profiles that a request may name."""

    pool: Pool
    uploads: Uploads
    answers: KeptAnswers
    metrics: Metrics
    profiles: Mapping[str, str]
    conformance: bool

    async def post(self, request: Request) -> Response:
        """Answer `POST /v1/scrub`. Raises `RequestError`."""
        choice = self._choice(request)
        must_be_x12(request.headers.get("content-type"), request.headers.get("content-encoding"))
        self.uploads.must_fit(request)
        key = request.headers.get("idempotency-key")
        name = None if key is None else kept.name_of(request.scope.get("client_name", ""), key)
        self.must_have_room()
        with self.uploads.folder() as folder:
            upload = await self.uploads.receive(request, folder)
            answer = await (self.answer(upload, choice) if name is None else self._once(name, upload, choice))
        return await sent(answer, inline=choice.output.name != "zip")

    def must_have_room(self) -> None:
        """Raises `RequestError` 429 if the queue is full, so that the body need not be received."""
        if self.pool.full:
            raise busy("all workers are busy and the queue is full; send the file again later")

    async def answer(self, upload: Upload, choice: Choice) -> Answer:
        """Have an upload scrubbed. Raises `RequestError`, and `OSError`."""
        job = Job(
            str(upload.folder),
            str(upload.path),
            choice.name,
            choice.output.name,
            choice.profile,
            choice.conformance,
            choice.always,
        )
        result = await self.pool.perform(job)
        match result:
            case Done():
                self.metrics.scrubbed(result.counts)
                body = (upload.folder / ANSWER).open("rb")  # it can be read after the folder is removed
                name = Path(choice.name).stem + choice.output.suffix
                return Answer(200 if result.size else 204, choice.output.media_type, name, result.size, body)
            case Unreadable():
                problem = RequestError(422, "the body is not an 837 that can be read", errors=result.errors)
                text = json.dumps(problem.record()).encode()
                return Answer(422, PROBLEM, "", len(text), io.BytesIO(text))
            case Failed():
                self.metrics.failed()
                raise RequestError(507 if result.disk_full else 500, f"the scrubber failed: {result.reason}")

    def _choice(self, request: Request) -> Choice:
        query = request.query_params
        unknown = set(query) - {"output", "profile", "conformance"}
        if unknown or len(query.multi_items()) > len(query):
            raise RequestError(400, "the parameters are output, profile and conformance, each once")
        output = output_of(request.headers.get("accept"), query.get("output"))
        conformance = _switch(query.get("conformance"), self.conformance)
        return Choice(output, self.profile(query.get("profile")), conformance)

    def profile(self, named: str | None) -> str | None:
        """The profile of this name. Raises `RequestError` 400."""
        if named is None:
            return None
        if named not in self.profiles:
            raise RequestError(400, f"unknown profile; the profiles are {', '.join(self.profiles)}")
        return self.profiles[named]

    async def _once(self, name: str, upload: Upload, choice: Choice) -> Answer:
        """The kept answer, or a new one, which is then kept."""
        with self.answers.working_on(name):
            request = choice.identity(upload)
            known = await asyncio.to_thread(self.answers.find, name, request)
            if known:
                return known
            answer = await self.answer(upload, choice)
            await asyncio.to_thread(self.answers.keep, name, request, answer)
            return answer


async def sent(answer: Answer, *, inline: bool) -> Response:
    """The response for an answer. Its body is complete on the disk before the first byte is sent."""
    headers = {"Cache-Control": "no-store", "Content-Length": str(answer.size)}
    if answer.status == 204:
        answer.body.close()
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    if answer.name:
        headers["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{_plain(answer.name)}"'
    headers["Content-Type"] = _with_charset(answer.media_type)
    if answer.size <= _AT_ONCE:
        with answer.body as body:
            return Response(body.read(), answer.status, headers)
    return StreamingResponse(_blocks(answer.body), answer.status, headers, background=BackgroundTask(answer.body.close))


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _plain(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)


def _switch(given: str | None, default: bool) -> bool:
    if given is None:
        return default
    if given not in _SWITCH:
        raise RequestError(400, "conformance is true or false")
    return _SWITCH[given]


async def _blocks(body: BinaryIO) -> AsyncIterator[bytes]:
    with body:
        while block := await asyncio.to_thread(body.read, _AT_ONCE):
            yield block
