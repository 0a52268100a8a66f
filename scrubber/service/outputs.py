"""The outputs that a request may have, and which of them it names: by `?output=` or by its Accept header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from scrubber.service.errors import RequestError

X12 = "application/edi-x12"
PROBLEM = "application/problem+json"


@attrs.frozen
class Output:
    """Something that the service can answer with: its name, media type, and the end of the name of its file.

    A `report` is one of the report formats. The others are written together by a run.
    """

    name: str
    media_type: str
    suffix: str
    report: bool = False


OUTPUTS: Mapping[str, Output] = {
    output.name: output
    for output in (
        Output("json", "application/json", ".report.json", report=True),
        Output("zip", "application/zip", ".zip"),
        Output("text", "text/plain", ".report.txt", report=True),
        Output("html", "text/html", ".report.html", report=True),
        Output("xml", "application/xml", ".report.xml", report=True),
        Output("277ca", X12, ".277ca"),
        Output("999", X12, ".999"),
        Output("clean", X12, ".clean.837"),
        Output("held", X12, ".held.837"),
        Output("rejected", X12, ".rejected.837"),
        Output("annotated", X12, ".annotated.837"),
    )
}
"""All outputs. A media type in Accept stands for the first that has it."""

BODY_TYPES = (X12, "application/octet-stream", "text/plain")
"""The media types of a body with an 837. A request may leave the type out."""

_MOST_RANGES = 50


@attrs.frozen
class MediaRange:
    """A media range of Accept, such as `text/*`, with its weight."""

    kind: str
    subtype: str
    weight: float

    def covers(self, media_type: str) -> bool:
        """Whether the range has this media type."""
        kind, _, subtype = media_type.partition("/")
        return self.kind in ("*", kind) and self.subtype in ("*", subtype)

    @property
    def precision(self) -> int:
        """The more precise of two ranges decides."""
        return (self.kind != "*") + (self.subtype != "*")


def output_of(accept: str | None, named: str | None) -> Output:
    """The output that a request wants. Raises `RequestError` 400 for an unknown name, 406 where Accept leaves none."""
    ranges = _ranges(accept)
    if named is not None:
        if named not in OUTPUTS:
            raise RequestError(400, f"unknown output; the outputs are {', '.join(OUTPUTS)}")
        output = OUTPUTS[named]
        if not _weight(ranges, output.media_type):
            raise RequestError(406, f"the output {named} is {output.media_type}, and Accept does not allow it")
        return output
    weighed = [(_weight(ranges, output.media_type), output) for output in OUTPUTS.values()]
    best = max(weight for weight, _ in weighed)
    if not best:
        types = ", ".join(dict.fromkeys(output.media_type for output in OUTPUTS.values()))
        raise RequestError(406, f"Accept allows none of {types}")
    return next(output for weight, output in weighed if weight == best)


def must_be_x12(content_type: str | None, content_encoding: str | None) -> None:
    """Raises `RequestError` 415 for a body that says it is something else than an 837, or is compressed."""
    if content_encoding and content_encoding.strip().lower() != "identity":
        raise RequestError(415, "a compressed body cannot be read; send it without Content-Encoding")
    if content_type and content_type.partition(";")[0].strip().lower() not in BODY_TYPES:
        raise RequestError(415, f"send the 837 itself as the body, with Content-Type {' or '.join(BODY_TYPES)}")


def _ranges(accept: str | None) -> Sequence[MediaRange]:
    found = tuple(_parsed(accept or "*/*"))
    return found or (MediaRange("*", "*", 1),)


def _parsed(accept: str) -> Iterator[MediaRange]:
    for part in accept.split(",")[:_MOST_RANGES]:
        media_range, *parameters = part.split(";")
        kind, slash, subtype = media_range.strip().lower().partition("/")
        if slash and kind and subtype:
            yield MediaRange(kind, subtype, _quality(parameters))


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return max(0.0, min(1.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def _weight(ranges: Sequence[MediaRange], media_type: str) -> float:
    covering = [item for item in ranges if item.covers(media_type)]
    return max(covering, key=lambda item: item.precision).weight if covering else 0.0
