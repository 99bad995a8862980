"""Numbers about attention: pure NumPy, each with its formula, range and source.

A measure takes maps and boxes and returns numbers; it draws nothing and imports no figure.
`catalogue` describes every measure once; `mechanisms` describes the attentions that are measured
and the controls that numbers are compared with. `image` measures one image, `summary` many.

Read in this order: `measurement`, `measurement_table`, `mechanisms`, `catalogue`,
`catalogue_causal`, `catalogue_points`, `catalogue_sinks`, `digits`, `target_boxes`,
`attention_rows`, `layer_rows`, `entropy`, `distance`, `localisation`, `extremity`, `rollout`,
`among_queries`, `duplicates`, `query_places`, `other_images`, `encoder`, `most_read`, `sinks`,
`without_sinks`, `same_sinks`, `decoder`, `points`, `image`, `last_layer`, `cached`, `intervals`,
`summary`, `gallery`, `claims`. `causal` holds what is measured by intervention.
"""
