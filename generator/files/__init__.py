"""Reading and writing bytes; nothing in here knows DETR.

In: paths and addresses. Out: files that are written only when their bytes differ, plain RGB
pixels, or one clear error.

Read in this order: `write`, `folders`, `owned_folder`, `fingerprint`, `sealed`, `addresses`,
`download`, `transfer`, `images`, `encode`, `pandoc`.
"""
