"""The watched drop folder: files dropped into a folder become scrubbed outputs; none is lost, repeated or half-read.

`ledger` holds the state machine and why each promise holds; `docs/dropfolder.md` says how to run it.
"""
