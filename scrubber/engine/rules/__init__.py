"""Rules as data: a payer's requirements as rows of a profile. They run like all other edits."""
