"""Judging claims: the catalogue of edits, profiles, suppressions and the engine that runs it all on a file."""
