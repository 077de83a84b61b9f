# SPDX-License-Identifier: Apache-2.0
"""What each architecture's layers become: no op that a hand-written layer would not have."""
import json
import os

import harness

ROPE = "rms_norm linear rope kv_append kv_append attention linear+residual rms_norm gated_linear linear+residual"
ROUNDED = ("rms_norm linear:int8+rounding kv_append rope kv_append attention linear:int8+rounding+residual "
           "rms_norm gated_linear:int8+rounding linear:int8+rounding+residual")
LEARNT = "layer_norm linear kv_append kv_append attention linear+residual layer_norm linear+{} linear+residual"
SUMMED = LEARNT.replace("layer_norm", "add_norm", 1)
PRE_NORM = "layer_norm linear attention linear+residual layer_norm linear+gelu linear+residual"
POST_NORM = "linear attention linear+residual layer_norm linear+gelu linear+residual layer_norm"
LAYERS = {
    # The first norm takes the sum of the embeddings.
    "opt_gpt2": {"0": SUMMED.format("gelu_tanh"), "1": LEARNT.format("gelu_tanh"), "head": "layer_norm linear"},
    "opt_opt": {"0": SUMMED.format("relu"), "1": LEARNT.format("relu"), "head": "layer_norm linear"},
    "opt_phi3": {"0": ROPE, "1": ROPE, "head": "rms_norm linear"},
    "opt_mistral_swa": {"0": ROPE, "1": ROPE, "head": "rms_norm linear"},
    # Norms of the queries and of the keys, each with its own weights.
    "opt_qwen3": {layer: ROPE.replace("rope", "rope+norm") for layer in "01"}
    | {"head": "rms_norm linear"},
    # Four norms in a layer; the last one of each half stands between the product and the residual.
    "opt_gemma3": {layer: "rms_norm linear rope+norm kv_append kv_append attention linear rms_norm+residual "
                          "rms_norm gated_linear linear rms_norm+residual" for layer in "012"} | {"head": "rms_norm linear"},
    # Weights of 8 and 4 bits; products round what they multiply.
    "q_gpt2_dyn_s8": {layer: f"{norm} linear:int8+rounding kv_append kv_append attention "
                             "linear:int8+rounding+residual layer_norm linear:int8+gelu_tanh+rounding "
                             "linear:int8+rounding+residual" for layer, norm in (("0", "add_norm"), ("1", "layer_norm"))},
    "q_llama_dyn_u8": {layer: ROUNDED for layer in "01"} | {"head": "rms_norm linear:int8+rounding"},
    "q_llama_nb4_sym128_acc4": {layer: ROUNDED.replace("int8", "int4") for layer in "01"} |
                               {"head": "rms_norm linear:int4+rounding"},
    # Attention and the MLP side by side; rotary positions on a part of each head.
    "opt_gpt_neox": {layer: "layer_norm linear rope kv_append kv_append attention layer_norm linear+gelu "
                            "linear+residual linear+residual" for layer in "01"} | {"head": "layer_norm linear"},
    "opt_modernbert": {"0": "linear rope attention linear+residual layer_norm gated_linear linear+residual",
                       "1": "layer_norm linear rope attention linear+residual layer_norm gated_linear linear+residual",
                       "head": "layer_norm linear+gelu layer_norm linear"},
    # A position bias for all layers, beside the padding.
    "opt_mpnet": {"0": POST_NORM, "1": POST_NORM, "head": "linear+gelu layer_norm linear"},
    "opt_vit": {"0": PRE_NORM, "1": PRE_NORM, "head": "layer_norm gather linear"},
    "opt_t5_encoder": {"1": "rms_norm linear attention linear+residual rms_norm gated_linear linear+residual"},
    "opt_t5_decoder_with_past": {"2": "rms_norm linear kv_append kv_append attention linear+residual",
                                 "3": "rms_norm linear attention linear+residual rms_norm gated_linear linear+residual"},
    "opt_whisper_encoder": {"0": PRE_NORM, "1": PRE_NORM, "head": "layer_norm"},
    "opt_whisper_decoder_with_past": {"2": "layer_norm linear kv_append kv_append attention linear+residual",
                                      "3": PRE_NORM, "head": "layer_norm linear"},
}


class Architectures(harness.Case):
    def check(self, name):
        folder = os.path.join(harness.MODELS, name)
        artifact = self.compile(os.path.join(folder, "model.onnx"), name + ".llmc")
        document = json.loads(self.llmc("inspect", artifact, "--ops", "--json").stdout)
        layers = {layer["layer"]: " ".join(layer["ops"]) for layer in document["models"][0]["layers"]}
        for layer, ops in LAYERS[name].items():
            self.assertEqual(layers.get(layer), ops, f"{name}, layer {layer}")
        # No part of attention is left outside of its op.
        self.assertNotIn("softmax", " ".join(layers.values()).split())


for model in LAYERS:
    setattr(Architectures, f"test_{model}", lambda self, name=model: self.check(name))

harness.main()
