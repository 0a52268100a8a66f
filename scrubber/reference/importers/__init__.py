"""Reads public files as they are downloaded: zip, folder or single file; the kind is known by what a file holds.

`kinds.py` has the list of kinds. Each kind is a module, which asserts the headings of its file by position and refuses
a file that does not fit, with the row and the reason. `documents.py` opens archives, `grid.py` reads rows of text and
of spreadsheets, `dating.py` finds the days that an edition is in force.
"""
