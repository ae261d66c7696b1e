"""A model that enlarges, of the size and shape of Real-ESRGAN's small one (realesr-general-x4v3), with random weights.

SRVGGNetCompact: a convolution of 3 × 3 to 64 channels, 32 more with PReLU between, one to 3 × 4 × 4 channels, whose
pixels become squares, over the picture itself made four times as large. 1.2 million weights. What it makes is noise;
the time and the memory that it takes are real.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

CHANNELS, DEPTH, SCALE = 64, 32, 4


def compact(path: Path, depth: int = DEPTH, channels: int = CHANNELS) -> Path:
    """Write it. Takes the package `onnx`."""
    from onnx import TensorProto, helper, numpy_helper, save

    rng, nodes, weights, at, inside = np.random.default_rng(0), list[Any](), dict[str, Any](), "in", 3
    for number in range(depth + 2):
        out = 3 * SCALE**2 if number == depth + 1 else channels
        spread = np.sqrt(2 / (9 * inside)) / (20 if number == depth + 1 else 1)
        weights[f"k{number}"] = rng.normal(0, spread, (out, inside, 3, 3)).astype(np.float32)
        nodes.append(helper.make_node("Conv", [at, f"k{number}"], [f"c{number}"], pads=[1, 1, 1, 1]))
        at, inside = f"c{number}", out
        if number <= depth:
            weights[f"s{number}"] = np.full((out, 1, 1), 0.1, np.float32)
            nodes.append(helper.make_node("PRelu", [at, f"s{number}"], [f"r{number}"]))
            at = f"r{number}"
    weights["scales"] = np.array([1, 1, SCALE, SCALE], np.float32)
    nodes += [
        helper.make_node("DepthToSpace", [at], ["fine"], blocksize=SCALE, mode="CRD"),
        helper.make_node("Resize", ["in", "", "scales"], ["large"], mode="nearest", nearest_mode="floor",
                         coordinate_transformation_mode="asymmetric"),
        helper.make_node("Add", ["fine", "large"], ["out"]),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes, "compact",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, [1, 3, "height", "width"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3, "tall", "wide"])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path
