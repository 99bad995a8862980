"""The recipe: from `site_config.yml` to everything under `build/`.

In: the path of a configuration and what the command line asked for. Out: a `BuildReport`.

Read in this order: `recipe`, `workers`, `image_set`, `gallery_set`, `statuses`, `editions`,
`stand_ins`, `preflight`, `progress`.
"""
