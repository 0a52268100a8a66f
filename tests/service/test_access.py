"""Who is answered: tokens, hosts and other web sites."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrubber.service import tokens
from scrubber.service.errors import ServiceError
from tests.service.conftest import Served, served

TOKEN, HASHED = "a-token-of-the-first-practice", "a-token-of-the-second-practice"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("guarded")
    file = folder / "tokens"
    file.touch(0o600)
    file.write_text(f"# practices\n{TOKEN}\n\nsha256:{hashlib.sha256(HASHED.encode()).hexdigest()}\n")
    with served(folder / "state", tokens.read(file)) as found:
        yield found


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {HASHED}", basic(TOKEN)])
def test_a_known_token_is_answered(guarded: Served, header: str) -> None:
    assert guarded.client.get("/v1/edits", headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", basic("wrong"), "Basic %%%", TOKEN, "Bearer \xff"])
@pytest.mark.parametrize("path", ["/v1/edits", "/metrics", "/nothing"])
def test_all_others_are_not(guarded: Served, header: str, path: str) -> None:
    answer = guarded.client.get(path, headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_health_and_the_description_are_open(guarded: Served) -> None:
    assert guarded.client.get("/health").status_code == 200
    assert guarded.client.get("/openapi.json").status_code == 200


@pytest.mark.parametrize(("mode", "text"), [(0o644, TOKEN), (0o600, "short"), (0o600, ""), (0o600, "sha256:12")])
def test_a_file_of_tokens_that_is_not_safe_is_refused(tmp_path: Path, mode: int, text: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(ServiceError) as refused:
        tokens.read(file)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8837", "[::1]:8837", "LOCALHOST:1"])
def test_names_of_this_machine_are_answered(running: Served, host: str) -> None:
    assert running.client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8837"])
def test_a_web_site_whose_name_points_here_is_refused(running: Served, host: str) -> None:
    assert running.client.get("/v1/edits", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
    ],
)
def test_a_form_of_another_web_site_is_refused(sent: dict[str, str], running: Served) -> None:
    headers = sent | {"Content-Type": "text/plain"}
    assert running.client.post("/v1/scrub", content=b"ISA", headers=headers).status_code == 403


def test_a_form_of_the_service_itself_is_answered(running: Served) -> None:
    own = {"Host": "localhost:8837", "Origin": "http://localhost:8837"}
    for headers in (own, {"Sec-Fetch-Site": "same-origin", "Origin": "http://name.of.a.proxy"}):
        assert running.client.post("/v1/scrub", content=b"ISA", headers=headers).status_code not in (401, 403)
