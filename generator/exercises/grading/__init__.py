"""Submissions -> points, blank by blank, with a sentence for each.

`submission`, `notebook` and `pieces` read a file. `runner` runs it in separate processes, whose
code is in `worker` and `probe`: `execution`, `shell`, `stand_ins` and `offline` run a file as a
notebook runs, `look`, `roles` and `weights` look at its class. These alone need torch. `findings`
compares what was observed with the reference, `evidence` and `verdicts` judge the blanks, `grader`
gives the points and `report` writes them down.

Read in this order: `pieces`, `notebook`, `submission`, `request`, `worker`, `probe`, `execution`,
`shell`, `stand_ins`, `offline`, `look`, `roles`, `weights`, `observation`, `processes`, `runner`,
`own`, `mixture`, `behaviour`, `parameters`, `training`, `finding`, `findings`, `evidence`, `grade`,
`verdicts`, `copies`, `remarks`, `grader`, `report`.

A submission runs under limits, so that students' mistakes and accidents do no harm. That is not
a security sandbox: malicious code can read and delete the files of the user who grades.
"""
