"""Makes claims from pieces of the file. It does not depend on edits."""
