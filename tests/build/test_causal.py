"""What the key of an entry's causal tests depends on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from generator.build.causal import causal_key


def key_of(*, causal: bool = True, relative: object = None, threshold: float = 0.9) -> str | None:
    config: Any = SimpleNamespace(causal=causal, cards={"m": SimpleNamespace(relative=relative)})
    entry = SimpleNamespace(model="m", threshold=threshold)
    located: Any = SimpleNamespace(entry=entry, key="f" * 32)
    return causal_key(config, located)


def test_relatives_are_tested_with_code_of_their_own() -> None:
    own, relative = key_of(), key_of(relative="yolos")
    assert own is not None
    assert relative is not None
    assert own != relative
    assert own == key_of()
    assert key_of(threshold=0.5) not in (own, None)
    assert key_of(causal=False) is key_of(causal=False, relative="yolos") is None
