"""One working source of an exercise -> what students get, what instructors get, and the check.

`source` reads the marked source, `answers` what is said about each blank, `check` makes what
the page needs to judge an answer without knowing it, and `notebooks` the files to download.
"""
