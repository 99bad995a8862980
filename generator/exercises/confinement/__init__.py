"""A process that is about to run what nobody has read -> the same process, without a way out.

On Linux a child of the grader's worker confines itself before it reads a submission: `calls` are
the system's, `mounts` makes a file system that holds Python and nothing else, `landlock` and
`seccomp` refuse what is left, and `confine` is the recipe. Elsewhere, and where the kernel
refuses, `confine` says in words what does not hold. Needs no package and no rights.

Read in this order: `calls`, `mounts`, `landlock`, `seccomp`, `confine`.
"""
