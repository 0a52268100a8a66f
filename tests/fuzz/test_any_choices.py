"""A profile, suppressions and a file that change step by step: each claim goes where the findings that count put it."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import scrubber
from scrubber.claims.reader import read_claims
from scrubber.testing import ClaimSpec, build, infusion_claim, with_line
from tests.lanes import share

CODES = ("JWJZ01", "DX01", "ADM02", "DX12")
CHANGES: Mapping[str, Callable[[ClaimSpec], ClaimSpec]] = {
    "no modifier": lambda claim: with_line(claim, 1, modifiers=()),
    "another diagnosis": lambda claim: attrs.evolve(claim, diagnoses=("M320",)),
    "no administration": lambda claim: attrs.evolve(claim, lines=claim.lines[:1]),
}


class Choices(RuleBasedStateMachine):
    """What a user has chosen, and the claims of a file by their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.claims: dict[str, ClaimSpec] = {"C0": infusion_claim("837P", "C0")}
        self.severities: dict[str, str] = {}
        self.accepted: set[tuple[str, str]] = set()
        self.hold = False

    @rule(number=st.integers(0, 3), change=st.sampled_from([None, *CHANGES]))
    def change_a_claim(self, number: int, change: str | None) -> None:
        """Put a sound or a faulty claim into the file."""
        claim = infusion_claim("837P", f"C{number}")
        self.claims[f"C{number}"] = CHANGES[change](claim) if change else claim

    @rule(code=st.sampled_from(CODES), severity=st.sampled_from(["reject", "warn", "info", "off", "shadow"]))
    def grade(self, code: str, severity: str) -> None:
        """Grade an edit in the profile."""
        self.severities[code] = severity

    @rule(number=st.integers(0, 3), code=st.sampled_from(CODES))
    def accept(self, number: int, code: str) -> None:
        """Accept a finding."""
        self.accepted ^= {(f"C{number}", code)}

    @rule(hold=st.booleans())
    def hold_flagged_claims(self, hold: bool) -> None:
        """Keep flagged claims out of the clean file, or not."""
        self.hold = hold

    @invariant()
    def claims_go_where_their_findings_say(self) -> None:
        """Each claim is in one output, by the most severe of its findings that count."""
        profile, suppressions = self.folder / "p.toml", self.folder / "s.toml"
        severities = "".join(f'{code} = "{severity}"\n' for code, severity in self.severities.items())
        profile.write_text(('hold = "warn"\n' if self.hold else "") + f"[severity]\n{severities}")
        entry = '[[suppress]]\nclaim = "{}"\ncode = "{}"\nreason = "agreed"\nauthor = "ann"\nexpires = 2030-01-01\n\n'
        suppressions.write_text("".join(entry.format(*item) for item in sorted(self.accepted)))
        options = scrubber.RunOptions(profile=profile, suppressions=suppressions if self.accepted else None)
        data = build(list(self.claims.values())).encode()
        outs = {name: io.BytesIO() for name in (("clean", "rejected", "held") if self.hold else ("clean", "rejected"))}
        scrubber.scrub_to(io.BytesIO(data), options=options, **outs)  # type: ignore[arg-type]
        found = {
            claim.claim_id: name for name, out in outs.items() for claim in read_claims(io.BytesIO(out.getvalue()))
        }
        assert set(found) == set(self.claims)
        for scrubbed in scrubber.scrub(io.BytesIO(data), options=options):
            self._agrees(scrubbed, found[scrubbed.claim.claim_id])

    def _agrees(self, scrubbed: scrubber.ScrubbedClaim, went: str) -> None:
        counting = {finding.code: finding.severity for finding in scrubbed.findings}
        name = scrubbed.claim.claim_id
        assert not {(name, code) for code in counting} & self.accepted
        for code, severity in self.severities.items():
            assert counting.get(code, severity) == severity
            assert severity not in ("off", "shadow") or code not in counting
        grave = set(counting.values())
        wanted = "rejected" if "reject" in grave else "held" if "warn" in grave and self.hold else "clean"
        assert went == wanted

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


TestChoices = Choices.TestCase
TestChoices.settings = settings(
    max_examples=20 // share(), stateful_step_count=10, suppress_health_check=list(HealthCheck)
)
