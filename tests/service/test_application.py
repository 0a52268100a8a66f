"""The other routes, and the OpenAPI description: it says what is served."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Route

from scrubber.engine.registry import registry
from scrubber.running.options import RunOptions
from scrubber.service import outputs
from tests.service.conftest import Served


def routes(running: Served) -> set[tuple[str, str]]:
    app = running.client.app
    found = [route for route in app.routes if isinstance(route, Route)]  # type: ignore[attr-defined]
    methods = {(method, route.path) for route in found for method in route.methods or ()}
    pages = {route.path for route in found if not route.include_in_schema}
    return {(method, path) for method, path in methods if method != "HEAD" and path not in pages}


def test_the_description_has_all_routes_and_no_other(running: Served) -> None:
    paths = running.client.get("/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert described == routes(running)


def test_the_description_has_all_outputs_and_body_types(running: Served) -> None:
    post = running.client.get("/openapi.json").json()["paths"]["/v1/scrub"]["post"]
    output = next(item for item in post["parameters"] if item["name"] == "output")
    assert output["schema"]["enum"] == list(outputs.OUTPUTS)
    profile = next(item for item in post["parameters"] if item["name"] == "profile")
    assert profile["schema"]["enum"] == ["commercial", "medicaid", "medicare-ffs"]
    assert set(post["requestBody"]["content"]) == set(outputs.BODY_TYPES)
    assert set(post["responses"]["200"]["content"]) == {item.media_type for item in outputs.OUTPUTS.values()}


def test_all_references_of_the_description_lead_somewhere(running: Served) -> None:
    described = running.client.get("/openapi.json")
    for reference in set(re.findall(r'"\$ref":"#/([^"]+)"', described.text)):
        found = described.json()
        for part in reference.split("/"):
            found = found[part]


def test_the_catalogue_has_all_codes(running: Served) -> None:
    edits = running.client.get("/v1/edits").json()["edits"]
    assert [item["code"] for item in edits] == sorted(registry(RunOptions().catalogue()))


@pytest.mark.parametrize("code", ["JWJZ01", "jwjz01"])
def test_a_code_is_explained(running: Served, code: str) -> None:
    found = running.client.get(f"/v1/edits/{code}").json()
    assert found["code"] == "JWJZ01"
    assert [item["heading"] for item in found["sections"]][:2] == ["What it checks", "Why it is denied"]
    assert found["source"] in str(found["particulars"])


def test_an_unknown_code_is_not_found(running: Served) -> None:
    assert running.client.get("/v1/edits/NOPE99").status_code == 404


def test_health_counts_the_workers(running: Served) -> None:
    assert running.client.get("/health").json() == {"status": "ok", "workers": 1, "waiting": 0}


def test_metrics_count_requests_by_route(running: Served) -> None:
    running.client.get("/v1/edits/NOPE99")
    text = running.client.get("/metrics").text
    assert re.search(r'^scrubber_serve_requests_total\{.*route="/v1/edits/\{code\}",status="404"\} \d', text, re.M)
    assert "scrubber_serve_workers 1.0" in text
