"""The homework: what students get, hand in, and what is read of it.

In: `content/homework` and the exercise. Out: the hand-in notebook, the packages of the kit, and
the sections of a handed-in notebook for the grader. `detr_check` is a package that students get
as it is.

Read in this order: `rubric`, `notebook`, `detr_small`, `detr_check`, `right_numbers`, `wheels`,
`sections`.
"""
