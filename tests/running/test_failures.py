"""Errors as text without patient data."""

from __future__ import annotations

from scrubber.running.failures import WorkerError, describe


def test_an_error_is_named_by_class_and_line_only() -> None:
    try:
        raise ValueError("LARKSPUR")
    except ValueError as error:
        said = describe(error)
    assert said.startswith("ValueError at test_failures.py:")


def test_the_system_s_reason_is_given_for_a_file() -> None:
    assert describe(FileNotFoundError(2, "no", "/in/smith.837")) == "No such file or directory (ENOENT)"


def test_what_workers_cannot_do_is_said_in_full() -> None:
    """The sentence is our own, and names claims by their numbers."""
    assert describe(WorkerError("a worker process died twice on claims 201 to 400")).endswith("on claims 201 to 400")
