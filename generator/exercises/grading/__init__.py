"""Submissions -> points, blank by blank, with a sentence for each.

`submission`, `notebook` and `pieces` read a file. `runner` runs it by `workers` in a separate
process, whose code is in `worker`, `guards` and `probe`: `execution`, `shell`, `stand_ins` and
`offline` run a file as a notebook runs, `drawing` saves random numbers, `look`, `roles` and
`weights` look at its class. These alone need torch. `findings` compares what was observed with the
reference, `evidence` and `verdicts` judge the blanks, `grader` gives the points and `report`
writes them down.

Read in this order: `pieces`, `notebook`, `submission`, `request`, `guards`, `worker`, `probe`,
`execution`, `shell`, `stand_ins`, `offline`, `drawing`, `look`, `roles`, `weights`, `observation`,
`processes`, `workers`, `runner`, `own`, `mixture`, `behaviour`, `parameters`, `training`,
`finding`, `findings`, `evidence`, `grade`, `verdicts`, `reach`, `copies`, `remarks`, `grader`,
`report`.

A submission runs under limits and, on Linux, with nothing in reach, which is the work of the
package `confinement`.
"""
