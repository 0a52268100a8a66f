#!/usr/bin/env python3
"""Mails what `scrubber watch` tells about a drop that needs somebody: held claims, or a quarantined file.

[notify]
command = ["/opt/claim-scrubber/bin/python", "/opt/claim-scrubber/mail.py", "localhost:25", "billing@example.org"]
"""

import json
import smtplib
import sys
from email.message import EmailMessage

server, to = sys.argv[1:3]
notice = json.load(sys.stdin)
if notice["state"] not in ("held", "quarantined"):
    sys.exit()

message = EmailMessage()
message["From"] = message["To"] = to
message["Subject"] = f"Claims {notice['state']}: {notice['sha256'][:12] if notice['sha256'] else 'file not read'}"
claims = notice["claims"] or {}
lines = [
    f"ISA13 {notice['interchange_control_number'] or 'not known'}, finished {notice['finished']}",
    *([f"reason: {notice['reason']}"] if notice["reason"] else []),
    *(f"{name}: {count}" for name, count in claims.items()),
    "",
    *(f"{code}: {count}" for code, count in sorted(notice["findings"].items())),
]
message.set_content("\n".join(lines))
host, _, port = server.partition(":")
with smtplib.SMTP(host, int(port or 25), timeout=20) as smtp:
    smtp.send_message(message)
