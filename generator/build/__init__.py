"""The recipe: from `site_config.yml` to everything under `build/`.

In: the path of a configuration and what the command line asked for. Out: a `BuildReport`.

Read in this order: `recipe`, `chosen`, `running`, `publish`, `report`, `unchanged`, `leftovers`,
`statuses`, `causal`, `analysed`, `entry`, `entry_record`, `spread`, `engines`, `workers`,
`measured_entry`, `page_choice`, `measuring`, `store`, `fill`, `shard`, `measured`,
`gallery_figures`, `editions`, `first_look`, `preflight`, `stand_ins`, `cache_limit`, `progress`.
"""
