"""The drop folder: `scrubber watch` scrubs each file that is dropped into it. No file is lost, repeated or half read.

`operations` is what the command line may import. `ledger` describes the states of a file and why each promise holds.
`docs/dropfolder.md` is the manual.
"""
