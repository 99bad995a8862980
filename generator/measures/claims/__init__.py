"""Claims about attention, and how the numbers decide them.

In: `content/claims.yml` and the gallery's measures. Out: a `Finding` for each claim and model.

Read in this order: `claim`, `read`, `judge`.
"""
