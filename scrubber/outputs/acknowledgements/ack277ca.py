"""The 277CA (005010X214): which claims are accepted and which are rejected, and why.

Levels are the source of the answer (20), the submitter (21), each billing provider (19) and each patient (PT). The
levels of submitter and provider have totals, accepted and rejected, which stand before the claims; so claims wait in a
temporary file. `claim_statuses` makes the part of each claim. A transaction that the 999 rejects has no 277CA.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import BinaryIO, NamedTuple, TypeAlias

import attrs

from scrubber.claims.levels import Level
from scrubber.claims.model import Claim
from scrubber.engine.acknowledgement import Acknowledgement
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.acknowledgements import billed, parties
from scrubber.outputs.acknowledgements.claim_statuses import ACCEPTED, NO_TRACE, ClaimStatuses
from scrubber.outputs.acknowledgements.files import AnswerFile, AnswerKind
from scrubber.outputs.acknowledgements.following import GroupVerdict, InterchangeVerdict, TransactionVerdict
from scrubber.outputs.acknowledgements.received import ReceivedGroup, ReceivedInterchange, ReceivedTransaction
from scrubber.outputs.acknowledgements.status import acceptance, source_entity
from scrubber.outputs.acknowledgements.writing import Segments, Spool, amount
from scrubber.x12.segments import element

KIND = AnswerKind("HN", "277", "005010X214", 1)

ChooseFindings = Callable[[ScrubbedClaim], ScrubbedClaim]
"""Chooses the findings of a claim that the answer is about."""


@attrs.define
class _Totals:
    """Claims and charges, accepted and rejected."""

    accepted: int = 0
    rejected: int = 0
    charge_accepted: Decimal = Decimal(0)
    charge_rejected: Decimal = Decimal(0)

    def count(self, charge: Decimal, *, rejected: bool) -> None:
        """Count one claim."""
        if rejected:
            self.rejected += 1
            self.charge_rejected += charge
        else:
            self.accepted += 1
            self.charge_accepted += charge

    def add(self, other: _Totals) -> None:
        """Add the claims of another count."""
        self.accepted += other.accepted
        self.rejected += other.rejected
        self.charge_accepted += other.charge_accepted
        self.charge_rejected += other.charge_rejected

    @property
    def charge(self) -> Decimal:
        """All charges."""
        return self.charge_accepted + self.charge_rejected

    def write(self, segments: Spool, accepted: str, rejected: str) -> None:
        """Write QTY and AMT, with these qualifiers of QTY."""
        if self.accepted:
            segments.write("QTY", accepted, str(self.accepted))
        if self.rejected:
            segments.write("QTY", rejected, str(self.rejected))
        if self.accepted:
            segments.write("AMT", "YU", amount(self.charge_accepted))
        if self.rejected:
            segments.write("AMT", "YY", amount(self.charge_rejected))


@attrs.define
class _Provider:
    """An open billing provider: its HL01, totals, and its last patient, `None` if the next claim is not of that one."""

    provider: ProviderDigest
    number: int
    totals: _Totals = attrs.field(factory=_Totals)
    patient: _Patient | None = None


_Patient = tuple[int | None, int | None]
"""A patient: the offsets of the levels of subscriber and patient."""


class ProviderDigest(NamedTuple):
    """A billing provider: the offset of its level, `None` if there is none, and NM102 to NM109 of its answer."""

    offset: int | None
    name: tuple[str, ...]


ClaimDigest: TypeAlias = tuple[ProviderDigest, _Patient, bool, str, Decimal, bool, str, int]
"""What a 277CA says about a claim. It is a plain tuple, as a worker sends that faster than a named one. Its values:

- its provider and its patient
- whether the claim is in doubt, so that the next claim may be of another patient
- the NM1 segment of the patient, empty if the claim before has the same provider and patient
- its charge in US dollars, and whether it is rejected
- the segments of loop 2200D and below as one text, and how many they are
"""


class ClaimAcknowledgement:
    """Writes the 277CA of a file."""

    def __init__(
        self,
        out: BinaryIO,
        settings: Acknowledgement | None = None,
        *,
        judge: ChooseFindings | None = None,
        test: bool = False,
    ) -> None:
        self._file = AnswerFile(out, KIND, test=test)
        self._settings = settings or Acknowledgement()
        self._judge = judge
        self._source = source_entity(self._settings)
        self._statuses = ClaimStatuses(self._settings)
        self._received: ReceivedTransaction | None = None
        self._provider: _Provider | None = None
        self._billing: Level | None = None
        self._known = ProviderDigest(None, ())
        self._named: tuple[ProviderDigest, _Patient] | None = None
        self._levels = 0
        self._totals = _Totals()
        self._claims: Spool | None = None
        self._providers: Spool | None = None

    def begin_interchange(self, received: ReceivedInterchange, verdict: InterchangeVerdict) -> None:
        """An interchange begins."""
        self._file.begin_interchange(received)
        if not verdict.rejected:
            self._claims, self._providers = self._file.spool(), self._file.spool()

    def begin_group(self, group: ReceivedGroup) -> None:
        """A group begins."""
        self._file.begin_group(group)

    def begin_transaction(self, received: ReceivedTransaction) -> None:
        """A transaction begins."""
        self._received = received
        self._named = None
        self._levels = 2
        self._totals = _Totals()

    def digest(self, scrubbed: ScrubbedClaim) -> ClaimDigest:
        """What to write of a claim. The numbers of levels, and totals, follow from the claims before: see `put`."""
        received, spool = self._received, self._claims
        assert received is not None and spool is not None
        judged = self._judge(scrubbed) if self._judge else scrubbed
        claim = judged.claim
        event, context = claim.event, claim.context
        billing, subscriber, dependent = context[:3]
        if self._billing is not billing or not self._known.name:
            self._billing, self._known = billing, ProviderDigest(_offset(billing), parties.provider(billing))
        provider, patient = self._known, (_offset(subscriber), _offset(dependent))
        name, in_doubt = "", event.doubt is not None
        if self._named != (provider, patient):
            name = _named(spool, claim)
            self._named = None if in_doubt else (provider, patient)
        rejected = judged.disposition == "rejected"
        texts = self._statuses.texts(spool, judged, received.day, rejected=rejected)
        charge = billed.charge(claim).amount
        return provider, patient, in_doubt, name, charge, rejected, spool.joined(texts), len(texts)

    def accept(self, scrubbed: ScrubbedClaim) -> None:
        """Write the next claim, which has no findings: such a claim is in no doubt either."""
        received, spool, provider, claim = self._received, self._claims, self._provider, scrubbed.claim
        billing, subscriber, dependent = claim.context[:3]
        if provider is None or billing is not self._billing:
            self.put(self.digest(scrubbed))
            return
        assert received is not None and spool is not None
        charge, charge_text = billed.charge(claim)
        texts = self._statuses.accepted(spool, claim, charge_text, received.day)
        patient = _offset(subscriber), _offset(dependent)
        if provider.patient != patient:
            texts[:0] = self._patient_level(provider.number), _named(spool, claim)
            provider.patient, self._named = patient, None
        provider.totals.count(charge, rejected=False)
        spool.raw(*texts)

    def put(self, digest: ClaimDigest) -> None:
        """Write the next claim."""
        spool = self._claims
        assert spool is not None
        provider_digest, patient, in_doubt, name, charge, rejected, text, count = digest
        provider = self._provider
        if provider is None or provider.provider.offset != provider_digest.offset:
            provider = self._enter(provider_digest)
        provider.totals.count(charge, rejected=rejected)
        if provider.patient != patient:
            provider.patient = None if in_doubt else patient
            text, count = spool.joined((self._patient_level(provider.number), name, text)), count + 2
        spool.block(text, count)

    def _patient_level(self, provider: int) -> str:
        """The HL of the next patient below a provider. Its values are clean."""
        assert self._claims is not None
        self._levels += 1
        separator = self._claims.delimiters.element
        return f"HL{separator}{self._levels}{separator}{provider}{separator}PT"

    def end_transaction(self, verdict: TransactionVerdict) -> None:
        """Write the answer to the transaction, unless the 999 rejects it or it has no claim."""
        received, claims, providers = self._received, self._claims, self._providers
        assert received is not None and claims is not None and providers is not None
        self._leave()
        if verdict.rejected or not providers.count:
            providers.discard()
            return
        body = self._file.spool()
        self._write_head(body, received)
        body.append(providers)
        self._file.transaction(body)
        body.close()

    def end_group(self, _: GroupVerdict, /) -> None:
        """The group ends."""
        self._file.end_group()

    def end_interchange(self) -> None:
        """The interchange ends."""
        for spool in filter(None, (self._claims, self._providers)):
            spool.close()
        self._claims = self._providers = None
        self._file.end_interchange()

    def _enter(self, provider: ProviderDigest) -> _Provider:
        """A provider begins. It ends the one before."""
        self._leave()
        self._levels += 1
        entered = self._provider = _Provider(provider, self._levels)
        return entered

    def _leave(self) -> None:
        """Write the level of the provider that ends, its totals before its claims."""
        provider, self._provider = self._provider, None
        if provider is None or self._providers is None or self._claims is None:
            return
        segments, totals = self._providers, provider.totals
        self._totals.add(totals)
        segments.write("HL", str(provider.number), "2", "19", "1")
        segments.write("NM1", "85", *provider.provider.name)
        segments.write("TRN", "1", NO_TRACE)
        status = acceptance(self._settings, self._source)
        segments.write("STC", status, "", ACCEPTED, amount(totals.charge))
        totals.write(segments, "QA", "QC")
        segments.append(self._claims)

    def _write_head(self, segments: Spool, received: ReceivedTransaction) -> None:
        """BHT, and the levels of source and submitter, with the totals of the transaction."""
        interchange, control = received.group.interchange, received.transaction.control
        trace = f"{interchange.control}-{received.group.control}-{control}"
        name, number = parties.receiver(received)
        segments.write("BHT", "0085", "08", trace, received.day, interchange.time, "TH")
        segments.write("HL", "1", "", "20", "1")
        segments.write("NM1", self._source, "2", name, "", "", "", "", "46", number)
        segments.write("TRN", "1", trace)
        for qualifier in ("050", "009"):
            segments.write("DTP", qualifier, "D8", received.day)
        name, number = parties.submitter(received)
        segments.write("HL", "2", "1", "21", "1")
        segments.write("NM1", "41", "2", name, "", "", "", "", "46", number)
        segments.write("TRN", "2", element(received.first("BHT"), 3) or NO_TRACE)
        status = acceptance(self._settings, self._source)
        segments.write("STC", status, received.day, ACCEPTED, amount(self._totals.charge))
        self._totals.write(segments, "90", "AA")


def _named(segments: Segments, claim: Claim) -> str:
    """The NM1 segment of the patient."""
    separator = segments.delimiters.element
    plain = parties.plain_patient(claim, separator)
    if plain:
        return f"NM1{separator}QC{separator}1{separator}{plain}"
    return segments.simple("NM1", "QC", *parties.patient(claim))


def _offset(level: Level | None) -> int | None:
    return None if level is None else level.event.piece.offset
