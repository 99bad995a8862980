"""One working source of an exercise -> what students get, what instructors get, and the check.

`source` reads the marked source, `notes` the hints and explanations of each blank.
`meaning` works out what an answer makes; `answer_check` makes what a page needs to judge an answer
without holding it, `notebooks` the files to download. `grading` judges submissions, which run in
`confinement`; `gradebook` does so for a whole class.

Read in this order: `source`, `notes`, `blanks`, `normal_form`, `meaning`, `surroundings`, `leaks`,
`known_forms`, `fill_in`, `answer_check`, `notebooks`, `guard`, `confinement`, `grading`,
`gradebook`.
"""
