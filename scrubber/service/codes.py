"""The catalogue over HTTP: every code that a report may hold, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from scrubber.edit import SCOPES
from scrubber.engine.catalogue import Catalogue, CatalogueError
from scrubber.engine.registry import Owner, registry
from scrubber.outputs.explanation import Explanation, explained, graded
from scrubber.service.errors import RequestError


@attrs.frozen
class Codes:
    """The codes of a catalogue, and what each means."""

    catalogue: Catalogue

    @property
    def owners(self) -> Mapping[str, Owner]:
        """All codes, each with its owner."""
        return registry(self.catalogue)

    def listed(self) -> list[dict[str, Any]]:
        """All codes, in short."""
        return [self._short(code) for code in sorted(self.owners)]

    def explained(self, code: str) -> Explanation:
        """The explanation of a code. Raises `RequestError` 404, naming the nearest code."""
        try:
            return explained(code.upper(), self.catalogue)
        except CatalogueError as error:
            raise RequestError(404, str(error) if code.isalnum() else "there is no such code") from error

    def one(self, code: str) -> dict[str, Any]:
        """A code with all that `scrubber explain` says about it. Raises `RequestError` 404."""
        known = self.explained(code)
        return {
            **self._short(known.code),
            "sections": [{"heading": heading, "text": text} for heading, text in known.sections],
            "particulars": [{"label": label, "rows": list(rows)} for label, rows in known.particulars],
        }

    def _short(self, code: str) -> dict[str, Any]:
        record: dict[str, Any] = {
            "code": code,
            "kind": self.owners[code],
            "title": explained(code, self.catalogue).title,
        }
        edit = self.catalogue.edits.get(code)
        if edit:
            record |= {
                "severity": {scope: graded(edit.severities.of(scope)) for scope in SCOPES},
                "types": list(edit.types),
                "carc": edit.carc,
                "rarc": edit.rarc,
                "claim_status": edit.claim_status,
                "source": edit.source,
                "confidence": edit.confidence,
            }
        return record
