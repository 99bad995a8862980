"""Submissions -> points, blank by blank, with a sentence for each.

`submission` and `notebook` read a file. `runner` runs it in separate processes, whose code is
in `worker` and `probe`, the only modules that need torch. `findings` compares what was
observed with the reference, `grader` gives the points and `report` writes them down.

Read in this order: `submission`, `notebook`, `request`, `worker`, `probe`, `observation`,
`processes`, `runner`, `evidence`, `behaviour`, `parameters`, `finding`, `findings`, `grade`,
`grader`, `report`.

A submission runs under limits, so that students' mistakes and accidents do no harm. That is not
a security sandbox: malicious code can read and delete the files of the user who grades.
"""
