"""A scrubbed claim as a record, which the JSON report and `ScrubbedClaim.to_dict` give."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.claims.values import money, number_or_none
from scrubber.edit import Finding
from scrubber.engine.excerpt import Excerpt, excerpt, excerpts, line_values
from scrubber.engine.judged import Judged
from scrubber.engine.naming import Naming, control_number
from scrubber.engine.parties import billing_npi, payer_id, payer_name
from scrubber.engine.suppressions import Suppressed
from scrubber.reference.pricing import ClaimPrice
from scrubber.x12.remembering import remembered
from scrubber.x12.segments import element

MOST_LINES = 50
"""A claim with findings shows all its lines up to this number. With more lines it shows those with findings."""


def charge_of(claim: Claim) -> Decimal | None:
    """The total charge of a claim in US dollars, `None` where it is absent or no number."""
    return number_or_none(claim.total_charge_text)


def clearinghouse_id(claim: Claim) -> str:
    """REF*D9 of a claim, empty if there is none. Most claims have none, which their text shows at once."""
    return _clearinghouse_id(claim) if "D9" in claim.event.text else ""


@once_per_claim
def _clearinghouse_id(claim: Claim) -> str:
    """As `claim.text`, which takes three times as long."""
    for segment in claim.span.segments[: claim.loops]:
        if segment[0] == "REF" and element(segment, 1) == "D9":
            return element(segment, 2)
    return ""


def record(scrubbed: Judged) -> dict[str, Any]:
    """A scrubbed claim in values of JSON."""
    claim, naming = scrubbed.claim, scrubbed.naming
    context, findings = claim.context, scrubbed.findings
    record: dict[str, Any] = {
        "claim_id": naming.identifier(claim.claim_id),
        "type": claim.type,
        "transaction": control_number(context.transaction_control),
        "group": control_number(context.group_control),
        "disposition": scrubbed.disposition,
        "goes_to": scrubbed.goes_to,
        "charge": charge_shown(claim.total_charge_text),
        "service_dates": naming.days(claim.service_dates),
        "payer_id": payer_id(claim) or None,
        "billing_npi": billing_npi(claim) or None,
        "clearinghouse_id": naming.identifier(clearinghouse_id(claim)) or None,
        "ordinal": claim.number,
        "payer_name": payer_name(claim),
    }
    if scrubbed.price:
        record |= price_record(scrubbed.price)
    record["lines"] = [{"service_line": line.number, **line_values(line)} for line in lines_shown(scrubbed)]
    shown = zip(findings, excerpts(scrubbed), strict=True) if findings else ()
    record["findings"] = [_finding_record(finding, seen, naming) for finding, seen in shown]
    record["not_checked"] = [{"code": item.code, "reason": item.reason} for item in scrubbed.not_checked]
    if scrubbed.suppressed:
        record["suppressed"] = [_suppressed_record(item, naming) for item in scrubbed.suppressed]
    return record


@remembered(1_024)
def charge_shown(text: str) -> str | None:
    """An amount of the file in US dollars with two decimals, `None` where it is absent or no number."""
    return _money(number_or_none(text))


def price_record(price: ClaimPrice) -> dict[str, Any]:
    """What Medicare allows for a claim, in US dollars. `priced_lines` are the lines with a price."""
    return {
        "allowed": _money(price.allowed),
        "coinsurance": _money(price.coinsurance),
        "payment": _money(price.payment),
        "waste": money(price.waste),
        "avoidable_waste": money(price.avoidable_waste),
        "unpriced_lines": price.unpriced,
        "priced_lines": [
            {
                "service_line": line.service_line,
                "allowed": money(line.allowed),
                "coinsurance": money(line.coinsurance),
                "payment": money(line.payment),
            }
            for line in price.lines
        ],
    }


@once_per_claim
def lines_at_fault(scrubbed: Judged) -> Sequence[ServiceLine | None]:
    """The service line of each finding of a claim, `None` for one above the lines."""
    claim = scrubbed.claim
    return [claim.line_at(finding.location) for finding in scrubbed.findings]


def lines_shown(scrubbed: Judged) -> Sequence[ServiceLine]:
    """The service lines that reports list: none of a claim without findings."""
    claim = scrubbed.claim
    if not scrubbed.findings:
        return ()
    if len(claim.lines) <= MOST_LINES:
        return claim.lines
    starts = {line.start for line in lines_at_fault(scrubbed) if line}
    return [line for line in claim.lines if line.start in starts]


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else money(amount)


def _finding_record(finding: Finding, shown: Excerpt | None, naming: Naming) -> dict[str, Any]:
    location = finding.location
    return {
        "code": finding.code,
        "severity": finding.severity,
        "service_line": location.service_line,
        "line_control_number": naming.identifier(location.line_control_number or "") or None,
        "loop": location.loop,
        "segment": location.segment,
        "file_line": location.file_line,
        "offset": location.offset,
        "segment_id": location.tag_shown,
        "element": location.element,
        "message": finding.message,
        "fix": finding.fix,
        "carc": finding.carc,
        "rarc": finding.rarc,
        "claim_status": finding.claim_status,
        "excerpt": shown and shown.record,
    }


def _suppressed_record(suppressed: Suppressed, naming: Naming) -> dict[str, Any]:
    by = suppressed.by
    return {
        **_finding_record(suppressed.finding, excerpt(suppressed.finding.location), naming),
        "by": "suppression" if by else "baseline",
        "reason": by and by.reason,
        "author": by and by.author,
        "expires": by and by.expires.isoformat(),
    }
