"""Products, softmax and layer norms are what NumPy and PyTorch say, with both kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
import torch.nn.functional as F
from scipy.special import softmax

from tests.live.node import LIVE, run

pytestmark = pytest.mark.node

SCRIPTS = ["kernels.js", "tensor.js"]
START = """
const module = value.simd ? new Uint8Array(require("fs").readFileSync(value.module)) : undefined;
const tensors = new Live.tensor.Tensors(module);
if (tensors.kernels.hasSimd !== value.simd) throw new Error("the other kernels");
"""
Floats = npt.NDArray[np.float32]


@pytest.fixture(params=[True, False], ids=["WebAssembly", "JavaScript"])
def simd(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def compute(simd: bool, body: str, **value: Any) -> Any:
    given = {**value, "simd": simd, "module": str(LIVE / "kernels.wasm")}
    return run(SCRIPTS, START + body, given)


def numbers(*shape: int, seed: int = 0) -> Floats:
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    ("rows", "inputs", "outputs"), [(1, 1, 1), (5, 3, 4), (7, 19, 17), (4, 8, 8)]
)
def test_linear(simd: bool, rows: int, inputs: int, outputs: int) -> None:
    x, weight, bias = numbers(rows, inputs), numbers(outputs, inputs), numbers(outputs)
    plus = numbers(rows, outputs, seed=1)
    body = """
    const x = tensors.matrixOf(value.rows, value.inputs, value.x);
    const plus = tensors.matrixOf(value.rows, value.outputs, value.plus);
    const linear = tensors.linearOf(value.weight, value.bias);
    return [{}, { relu: true }, { plus }, { plus, relu: true }].map((then) =>
      tensors.values(tensors.linear(x, linear, then)));
    """
    found = compute(simd, body, rows=rows, inputs=inputs, outputs=outputs, x=x, weight=weight,
                    bias=bias, plus=plus)  # fmt: skip
    product = x @ weight.T + bias
    wanted = [product, product.clip(0), product + plus, (product + plus).clip(0)]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one.reshape(rows, outputs), other, atol=1e-5)


@pytest.mark.parametrize(
    ("height", "width", "channels", "outputs", "kernel", "stride", "padding"),
    [(9, 11, 3, 8, 6, 4, 1), (10, 8, 3, 5, 5, 3, 1), (6, 5, 16, 9, 3, 2, 1), (7, 6, 8, 8, 3, 1, 1),
     (6, 7, 8, 16, 1, 2, 0), (1, 1, 8, 8, 3, 1, 1)],
)  # fmt: skip
def test_convolution(
    simd: bool, height: int, width: int, channels: int, outputs: int, kernel: int, stride: int,
    padding: int,
) -> None:  # fmt: skip
    x = numbers(height, width, channels)
    weight, bias = numbers(outputs, channels, kernel, kernel), numbers(outputs)
    body = """
    const x = tensors.imageOf(value.height, value.width, value.x);
    const convolution = tensors.convolutionOf(value.weight, value.bias, value.shape);
    const result = tensors.convolution(x, convolution, { relu: true });
    return { values: tensors.values(result), size: [result.height, result.width] };
    """
    shape = {"kernel": kernel, "stride": stride, "padding": padding}
    found = compute(simd, body, height=height, width=width, x=x, weight=weight, bias=bias,
                    shape=shape)  # fmt: skip
    image = torch.from_numpy(x).permute(2, 0, 1)[None]
    weights = torch.from_numpy(weight), torch.from_numpy(bias)
    wanted = F.conv2d(image, *weights, stride=stride, padding=padding).relu()[0].permute(1, 2, 0)
    assert found["size"] == list(wanted.shape[:2])
    np.testing.assert_allclose(found["values"].reshape(wanted.shape), wanted, atol=2e-5)


def test_softmax_of_small_large_and_forbidden_numbers(simd: bool) -> None:
    x = 20 * numbers(6, 13)
    x[1] += 300  # must not overflow
    x[2] -= 300
    x[3, 5:] = -np.inf
    x[4] = 0
    body = """
    const x = tensors.matrixOf(6, 13, value.x);
    tensors.softmax(x);
    return tensors.values(x);
    """
    found = compute(simd, body, x=x).reshape(6, 13)
    np.testing.assert_allclose(found, softmax(x.astype(np.float64), axis=1), atol=1e-7, rtol=1e-6)
    assert found[3, 5:].max() < 1e-30
    assert found[4] == pytest.approx(1 / 13)


def test_a_product_with_a_transposed_part_and_with_a_part(simd: bool) -> None:
    q, k, v, bias = numbers(5, 16), numbers(6, 16, seed=1), numbers(6, 16, seed=2), numbers(6)
    body = """
    const [q, k, v] = [tensors.matrixOf(5, 16, value.q), tensors.matrixOf(6, 16, value.k),
      tensors.matrixOf(6, 16, value.v)];
    const second = (matrix) => tensors.columnsOf(matrix, 8, 8);
    const looks = tensors.timesTransposed(second(q), second(k), 0.5, value.bias);
    const into = tensors.matrixOf(5, 16, new Float32Array(80));
    tensors.times(looks, second(v), second(into));
    return { looks: tensors.values(looks), read: tensors.values(into) };
    """
    found = compute(simd, body, q=q, k=k, v=v, bias=bias)
    looks = q[:, 8:] @ k[:, 8:].T / 2 + bias
    np.testing.assert_allclose(found["looks"].reshape(5, 6), looks, atol=1e-5)
    read = found["read"].reshape(5, 16)
    np.testing.assert_allclose(read[:, 8:], looks @ v[:, 8:], atol=2e-5)
    assert (read[:, :8] == 0).all()


def test_layer_norm_and_sum(simd: bool) -> None:
    x, weight, bias = 3 * numbers(4, 10) + 5, numbers(10), numbers(10, seed=1)
    body = """
    const x = tensors.matrixOf(4, 10, value.x);
    const normed = tensors.layerNorm(x, { weight: value.weight, bias: value.bias });
    return [tensors.values(normed), tensors.values(tensors.sum(x, normed))];
    """
    normed, total = compute(simd, body, x=x, weight=weight, bias=bias)
    row, scale, move = (torch.from_numpy(one) for one in (x, weight, bias))
    wanted = F.layer_norm(row, (10,), scale, move).numpy()
    np.testing.assert_allclose(normed.reshape(4, 10), wanted, atol=1e-5)
    np.testing.assert_allclose(total.reshape(4, 10), x + wanted, atol=1e-5)


def test_the_memory_grows_and_gives_back(simd: bool) -> None:
    body = """
    const first = tensors.matrixOf(1, 3, new Float32Array([1, 2, 3]));
    const before = tensors.taken;
    const inner = tensors.scratch(() => tensors.values(tensors.matrixOf(1000, 1000,
      new Float32Array(1e6).fill(7)))[999999]);
    return { first: tensors.values(first), inner, same: tensors.taken === before };
    """
    found = compute(simd, body)
    assert found["first"].tolist() == [1, 2, 3]
    assert (found["inner"], found["same"]) == (7, True)


def test_without_simd_there_is_javascript() -> None:
    body = """
    const broken = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 255]); // as to an older browser
    return [undefined, broken].map((module) => Live.kernels.start(module).kernels.hasSimd);
    """
    assert run(SCRIPTS, body) == [False, False]
