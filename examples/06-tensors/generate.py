# SPDX-License-Identifier: Apache-2.0
"""Text by hand: generate.py MODEL.llmc PROMPT TOKENS. Runs the ONNX signature of a decoder with NumPy arrays: the prompt
once, then token by token, with the caches that one run gives as the next one's inputs."""
import sys

import llmc
import numpy as np


def empty_caches(entry):
    """Caches of no positions. Their sizes stand in the manifest: numbers are fixed, names are free."""
    caches = {}
    for info in entry["inputs"]:
        if info["name"].startswith("past_key_values."):
            batch, heads, _, size = info["dims"]
            caches[info["name"]] = np.zeros((1, heads, 0, size), llmc.dtype_of(info["dtype"]))
    return caches


def main(path, prompt, count):
    model = llmc.load(path)
    entry = model.entry("raw")
    print("inputs: ", ", ".join(info["name"] for info in entry["inputs"][:4]), "...")
    print("outputs:", ", ".join(info["name"] for info in entry["outputs"][:3]), "...")

    ids, caches, made = np.array([model.tokenize(prompt)], np.int64), empty_caches(entry), []
    past = 0
    while len(made) < count:
        positions = np.arange(past, past + ids.shape[1])[None]
        outputs = model.run({"input_ids": ids, "position_ids": positions,
                             "attention_mask": np.ones((1, past + ids.shape[1]), np.int64), **caches})
        past += ids.shape[1]
        # Views of the runtime's memory; as inputs they are read where they are.
        caches = {name.replace("present", "past_key_values"): array for name, array in outputs.items()
                  if name.startswith("present")}
        ids = outputs["logits"][:, -1:].argmax(-1)
        made.append(int(ids[0, 0]))
    print(prompt + model.detokenize(made))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
