"""The command of [notify]: what it gets, how often, and what happens if it fails. Real processes throughout."""

from __future__ import annotations

import importlib
import json
import signal
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import attrs
import pytest

import scrubber.dropfolder.notices
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.settings import Notify, load
from scrubber.running.options import RunOptions
from tests.dropfolder.box import QUICK, Box, broken_file, claims_file, flagged_file, wait_until
from tests.dropfolder.test_kill import dying_at
from tests.dropfolder.test_release_held import HOLDING, accepting, released
from tests.scrubbing import ROOT, each, run

KEEPING = "import sys, pathlib, os\ntext = sys.stdin.read()\n"


def telling(box: Box, folder: Path, more: str = "", timeout: float = 30) -> Path:
    """A drop folder whose command keeps each notice as a line of a file, which is returned; `more` is done first."""
    told = folder / "told.jsonl"
    script = folder / "tell.py"
    script.write_text(f"{KEEPING}{more}\nwith open({str(told)!r}, 'a') as out: out.write(text)\n")
    box.settings = attrs.evolve(box.settings, notify=Notify((sys.executable, str(script)), timeout))
    return told


def notices(told: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []


def must_be_valid(notice: dict[str, Any]) -> None:
    path = Path(scrubber.dropfolder.notices.__file__).with_name("notice.schema.json")
    validators = importlib.import_module("jsonschema_rs")
    validators.Draft202012Validator(json.loads(path.read_text()), validate_formats=True).validate(notice)


def test_each_drop_is_reported_once_with_its_counts_and_no_patient_data(box: Box, tmp_path: Path) -> None:
    told = telling(box, tmp_path)
    box.drop("Doe_Jane.837", claims_file(1, claims=3, rejected=1))
    box.drop("Doe_Jane_again.837", claims_file(1, claims=3, rejected=1))
    box.drop("Doe_Jane_broken.837", broken_file(2))
    assert box.once() == 0
    found = {notice["state"]: notice for notice in notices(told)}
    assert (len(notices(told)), set(found)) == (3, {"released", "duplicate", "quarantined"})
    for notice in found.values():
        must_be_valid(notice)
    done = found["released"]
    assert done["claims"] == {"total": 3, "clean": 2, "flagged": 0, "held": 0, "rejected": 1}
    assert done["findings"] == {"JWJZ01": 1}
    assert (done["outputs"]["clean"], done["outputs"]["rejected"], done["outputs"]["held"]) == (1, 1, 0)
    assert done["interchange_control_number"] == "000000001"
    assert found["quarantined"]["reason"].startswith("the file cannot be read: READ28")
    assert (found["duplicate"]["claims"], found["quarantined"]["claims"]) == (None, None)
    for secret in ("Doe", "Jane", "D1-0", "ASHVALE", str(box.root)):
        assert secret not in told.read_text()
    assert box.once() == 0
    assert len(notices(told)) == 3


def test_held_claims_and_their_release_are_reported(box: Box, tmp_path: Path) -> None:
    told = telling(box, tmp_path)
    box.drop("a.837", flagged_file("F1", "F2"))
    assert box.once(options=HOLDING) == 0
    released(box, accepting(tmp_path, "F1"), "a.held.837")
    assert box.once(options=HOLDING) == 0
    first, second = notices(told)
    assert (first["state"], first["claims"]["held"], first["from_held"]) == ("held", 2, False)
    assert (second["state"], second["claims"], second["from_held"]) == (
        "held",
        {"total": 2, "clean": 1, "flagged": 1, "held": 1, "rejected": 0},
        True,
    )
    must_be_valid(second)


@each(
    ("more", "reason"),
    {
        "it fails": ("sys.exit(3)", "the command ended with status 3"),
        "it does not end": ("import time; time.sleep(60)", "the command did not end within 0.5 seconds"),
        "it is killed": ("os.kill(os.getpid(), 9)", "the command ended with status -9"),
    },
)
def test_a_command_that_fails_delays_no_file_and_is_logged_once(
    box: Box, tmp_path: Path, more: str, reason: str
) -> None:
    told = telling(box, tmp_path, more, timeout=0.5 if "sleep" in more else 30)
    box.drop("a.837", claims_file(1))
    watcher = box.process(once=True)
    assert watcher.wait() == 0
    assert [event["reason"] for event in watcher.events() if event["event"] == "not notified"] == [reason]
    assert (box.names("clean"), notices(told)) == (["a.clean.837"], [])
    assert box.once() == 0
    assert notices(told) == [], "it is not run again"


def test_a_command_that_is_not_there_is_logged(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, notify=Notify(("/missing/command",)))
    box.drop("a.837", claims_file(1))
    watcher = box.process(once=True)
    assert watcher.wait() == 0
    assert "the command cannot be run: No such file or directory" in watcher.log_text()
    assert "/missing" not in watcher.log_text()


def test_files_go_on_while_a_slow_command_runs(box: Box, tmp_path: Path) -> None:
    go = tmp_path / "go"
    told = telling(box, tmp_path, f"import time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)")
    for number in range(4):
        box.drop(f"{number}.837", claims_file(number))
    watcher = box.process()
    wait_until(lambda: (box / "archive").is_dir() and len(box.names("archive")) == 4)
    assert notices(told) == []
    go.touch()
    watcher.kill(signal.SIGTERM)
    assert watcher.wait() == 0
    assert box.once() == 0
    assert len({notice["drop"] for notice in notices(told)}) == 4


def test_a_watcher_that_is_killed_leaves_the_notice_to_the_next_one(box: Box, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    told = telling(box, tmp_path, f"pathlib.Path({str(begun)!r}).touch(); import time; time.sleep(1)")
    box.drop("a.837", claims_file(1))
    watcher = box.process()
    wait_until(begun.exists)
    watcher.kill()
    watcher.wait()
    assert box.after_a_crash() == 0
    wait_until(lambda: len(notices(told)) == 2)  # at least once: the first command lives on
    assert len({notice["drop"] for notice in notices(told)}) == 1


def test_every_drop_is_reported_after_a_kill_of_its_watcher_at_any_step(memory: Path) -> None:
    for step in range(20, 80, 3):
        folder = memory / str(step)
        folder.mkdir()
        box = Box(folder / "drop")
        told = telling(box, folder)
        box.drop("a.837", claims_file(1))
        if box.once(main=dying_at(step)) == 0:
            break
        assert box.after_a_crash() == 0
        assert {notice["state"] for notice in notices(told)} == {"released"}, step
        assert len(notices(told)) <= 2
    assert step > 30


def test_two_watchers_tell_each_drop_once(box: Box, tmp_path: Path) -> None:
    told = telling(box, tmp_path)
    for number in range(8):
        box.drop(f"{number}.837", claims_file(number))
    watchers = [box.process() for _ in range(2)]
    wait_until(lambda: len(notices(told)) == 8)
    for watcher in watchers:
        watcher.kill(signal.SIGTERM)
        assert watcher.wait() == 0
    assert len({notice["drop"] for notice in notices(told)}) == len(notices(told)) == 8


def test_the_command_is_run_without_a_shell_by_the_profile(box: Box, tmp_path: Path) -> None:
    told = telling(box, tmp_path)
    profile = tmp_path / "house.toml"
    command = [*box.settings.notify.command, "$(touch here)", "; exit 1"]
    profile.write_text(f"[notify]\ncommand = {json.dumps(command)}\ntimeout = 10\n[watch]\nsettle = 0\n")
    box.drop("a.837", claims_file(1))
    assert run("watch", box.root, "--once", "--profile", profile, cwd=tmp_path).status == 0
    assert [notice["state"] for notice in notices(told)] == ["released"]
    assert not (tmp_path / "here").exists()


@each(
    "text, message",
    {
        "a text": ('[notify]\ncommand = "mail billing"', "must be a list of strings"),
        "an unknown key": ('[notify]\ncomand = ["a"]', "comand"),
        "no command": ("[notify]\ncommand = []", "command in \\[notify\\] must name a program"),
        "only a time": ("[notify]\ntimeout = 5", "command in \\[notify\\] must name a program"),
        "no time": ('[notify]\ncommand = ["a"]\ntimeout = 0', "timeout in \\[notify\\] must be a number"),
    },
)
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "house.toml").write_text(text)
    with pytest.raises(WatchError, match=message):
        load(str(tmp_path / "house.toml"), {})


def test_the_example_for_a_chat_posts_one_line(box: Box) -> None:
    with web_server() as (port, bodies):
        command = (sys.executable, str(ROOT / "docs/notify/webhook.py"), f"http://127.0.0.1:{port}/hook")
        box.settings = attrs.evolve(QUICK, notify=Notify(command))
        box.drop("a.837", claims_file(1, claims=3, rejected=1))
        watcher = box.process(once=True)
        assert watcher.wait() == 0
        assert "not notified" not in watcher.log_text()
    (text,) = [json.loads(body)["text"] for body in bodies]
    assert text.startswith("released: ")
    assert text.endswith("ISA13 000000001: 2 clean, 1 rejected")


@contextmanager
def web_server() -> Iterator[tuple[int, list[bytes]]]:
    """A server that keeps the bodies of requests."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not on the terminal."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port, bodies
        server.shutdown()


def test_the_example_for_mail_sends_drops_that_need_a_person(box: Box) -> None:
    with mail_server() as (port, mails):
        command = (sys.executable, str(ROOT / "docs/notify/mail.py"), f"127.0.0.1:{port}", "billing@example.org")
        box.settings = attrs.evolve(QUICK, notify=Notify(command))
        box.drop("a.837", flagged_file("F1"))
        box.drop("again.837", flagged_file("F1"))
        watcher = box.process(once=True, options=RunOptions(hold="warn"))
        assert watcher.wait() == 0
        assert "not notified" not in watcher.log_text()
    (mail,) = mails
    assert "Subject: Claims held: " in mail
    assert "held: 1" in mail
    assert "DX12: 1" in mail


@contextmanager
def mail_server() -> Iterator[tuple[int, list[str]]]:
    """A mail server that keeps what it is sent."""
    mails: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline().strip().upper():
                if line == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.wfile.write(b"221 bye\r\n" if line == b"QUIT" else b"250 yes\r\n")
                if line == b"QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1], mails
        server.shutdown()
