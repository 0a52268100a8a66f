"""Expected findings: a sidecar beside each test claim file states them, and they are compared with those found."""
