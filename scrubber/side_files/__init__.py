"""The files beside the claims (profiles, tables, keys, reports): how they are opened, and how text of them is read."""
