"""Reading and writing bytes; nothing in here knows DETR.

In: paths and addresses. Out: files that are written only when their bytes differ, locked folders,
sealed results, plain RGB pixels, or one clear error.

Read in this order: `write`, `folders`, `lock`, `owned_folder`, `exchange`, `storage`, `children`,
`memory`, `time_limit`, `helper`, `user_cache`, `sources`, `fingerprint`, `sealed`,
`compiled_templates`, `addresses`, `connections`, `download`, `transfer`, `images`, `clean_copy`,
`named_pictures`, `walk`, `encode`, `pandoc`.
"""
