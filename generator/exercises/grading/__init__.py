"""What students hand in -> points, blank by blank, with a sentence for each.

`submission` and `notebook` read a file, `runner` runs it in processes of its own (`worker`
and `probe` are what runs there, the only place with torch), `findings` compares what was
seen with the reference, `grader` gives the points and `report` writes them down.

A submission runs under limits, so that mistakes and accidents of students harm nobody. That
is no security sandbox: who means harm can read and delete files as the user who grades.
"""
