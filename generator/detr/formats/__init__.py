"""The formats of weights files: what a file holds, without numbers and without torch.

In: safetensors, shards with an index, whatever `torch.save` wrote. Out: names and shapes, under the
official names. `detr.checkpoint` reads the numbers.

Read in this order: `shards`, `pickle_header`, `wrapping`, `file_header`, `key_names`.
"""
