"""One working source of an exercise -> what students get, what instructors get, and the check.

`source` reads the marked source, `notes` what is said about each blank, `answer_check` makes what
the page needs to judge an answer without knowing it, `notebooks` the files to download;
`grading` judges what is handed in.
"""
