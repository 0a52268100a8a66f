"""Rules as data: what a payer asks for, written as rows of a profile and run as edits like any other."""
