#!/usr/bin/env python3
"""Posts one line about each drop to a chat, by a webhook that takes {"text": ...} (Slack, Mattermost, Teams).

[notify]
command = ["/opt/claim-scrubber/bin/python", "/opt/claim-scrubber/webhook.py", "https://chat.example.org/hooks/abc"]
"""

import json
import sys
from urllib.request import Request, urlopen

notice = json.load(sys.stdin)
claims = notice["claims"] or {}
unsaid = ("total", "flagged" if claims.get("held") else "held")  # held claims are flagged claims
counts = ", ".join(f"{count} {name}" for name, count in claims.items() if count and name not in unsaid)
what = notice["reason"] or counts or "nothing new"
digits, control = (notice["sha256"] or "not read")[:12], notice["interchange_control_number"]
body = json.dumps({"text": f"{notice['state']}: {digits}, ISA13 {control}: {what}"}).encode()
request = Request(sys.argv[1], body, {"Content-Type": "application/json"})  # noqa: S310 - the address is our own
urlopen(request, timeout=20).close()  # noqa: S310
