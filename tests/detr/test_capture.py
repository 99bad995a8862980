import pytest
import torch
from torch import nn

from generator.detr.capture import capture_queries_and_keys, project_queries_and_keys
from generator.detr.minimal import MinimalDETR, run_minimal


def test_queries_and_keys_give_the_weights_that_the_attention_would_return() -> None:
    torch.manual_seed(0)
    attention = nn.MultiheadAttention(32, 4)
    nn.init.normal_(attention.in_proj_bias)
    query, key = torch.randn(5, 2, 32), torch.randn(7, 2, 32)
    _, wanted = attention(query, key, key, need_weights=True, average_attn_weights=False)
    q, k = project_queries_and_keys(attention, query, key)
    weights = (q @ k.transpose(-1, -2) / 8**0.5).softmax(-1)
    torch.testing.assert_close(weights, wanted, atol=1e-5, rtol=0)


def test_every_attention_is_recorded_in_the_order_of_its_layers() -> None:
    layers = [nn.MultiheadAttention(4, 2) for _ in range(11)]
    model = nn.ModuleDict({"layers": nn.ModuleList(layers)})
    with torch.inference_mode(), capture_queries_and_keys(model) as recorded:
        for number, layer in enumerate(layers):
            nn.init.zeros_(layer.in_proj_weight)
            nn.init.constant_(layer.in_proj_bias, number)
            layer(*[torch.zeros(3, 1, 4)] * 3, need_weights=False)
    recorded.pairs = {f"layers.{n}.self_attn": recorded.pairs[f"layers.{n}"] for n in range(11)}
    q, k = recorded.stack("layers.", "self_attn")
    assert q.shape == k.shape == (11, 2, 3, 2)
    assert q[:, 0, 0, 0].tolist() == list(range(11))
    assert not layers[0]._forward_pre_hooks  # the hooks are gone


@pytest.mark.slow
def test_the_minimal_detr_is_recorded_in_all_layers() -> None:
    torch.manual_seed(0)
    model = MinimalDETR(5, hidden_dim=32, nheads=4, num_encoder_layers=2, num_decoder_layers=3,
                        num_queries=6).eval()  # fmt: skip
    images = torch.randn(1, 3, 64, 96)
    with torch.inference_mode(), capture_queries_and_keys(model) as recorded:
        output = run_minimal(model, images)
        direct = model(images)
    assert output.feature_shape == (1, 2048, 2, 3)
    assert output.logits.shape == (3, 1, 6, 6)
    torch.testing.assert_close(output.logits[-1], direct["pred_logits"])
    torch.testing.assert_close(output.boxes_cxcywh[-1], direct["pred_boxes"])
    q, k = recorded.stack("transformer.decoder.layers.", "multihead_attn")
    assert q.shape == (3, 4, 6, 8)
    assert k.shape == (3, 4, 6, 8)
    q, _ = recorded.stack("transformer.encoder.layers.", "self_attn")
    assert q.shape == (2, 4, 6, 8)
