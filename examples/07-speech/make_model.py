# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a model of speech, and a sound for it: make_model.py FOLDER FILE.wav. The folder is as exporters write
those of Whisper: an encoder of sound, a decoder without and with caches, a tokenizer and settings. The weights are the
random ones of test/models, so that it babbles; a window of sound is 0.6 seconds, not 30."""
import json
import pathlib
import shutil
import sys
import wave

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers

MODELS = pathlib.Path(__file__).parents[2] / "test" / "models"
FILES = {"encoder": "encoder_model.onnx", "decoder": "decoder_model.onnx",
         "decoder_with_past": "decoder_with_past_model.onnx"}
RATE = 16000
TOKENS, POSITIONS, SAID = 320, 40, 30  # of the decoder; only the first tokens are said
START, END, FIRST_SPECIAL, FIRST_TIME = 1, 2, 300, 305
SPECIAL = {"<|startoftranscript|>": START, "<|endoftext|>": END, "<|en|>": 300, "<|de|>": 301, "<|transcribe|>": 302,
           "<|translate|>": 303, "<|notimestamps|>": 304}


def write_json(path, value):
    path.write_text(json.dumps(value), encoding="utf-8")


def write_tokenizer(path):
    """Syllables. Tokens from FIRST_TIME on stand for times."""
    syllables = [first + vowel + last for last in ("", "l", "n", "r", "s") for first in "bdfgklmnprstvw"
                 for vowel in "aeiou"]
    vocabulary = {word: token for token, word in enumerate(syllables[:FIRST_SPECIAL]) if token not in (START, END)}
    vocabulary |= SPECIAL | {f"<|{(token - FIRST_TIME) * 0.02:.2f}|>": token for token in range(FIRST_TIME, TOKENS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=syllables[0]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens([word for word in vocabulary if word.startswith("<")])
    tokenizer.save(str(path))


def write_model(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for part in FILES:
        shutil.copy(MODELS / f"opt_whisper_{part}" / "model.onnx", folder / FILES[part])
    write_tokenizer(folder / "tokenizer.json")
    write_json(folder / "config.json", {
        "model_type": "whisper", "is_encoder_decoder": True, "decoder_start_token_id": START, "eos_token_id": END,
        "vocab_size": TOKENS, "max_target_positions": POSITIONS})
    write_json(folder / "generation_config.json", {
        "lang_to_id": {"<|en|>": SPECIAL["<|en|>"], "<|de|>": SPECIAL["<|de|>"]},
        "task_to_id": {"transcribe": SPECIAL["<|transcribe|>"], "translate": SPECIAL["<|translate|>"]},
        "no_timestamps_token_id": SPECIAL["<|notimestamps|>"], "max_initial_timestamp_index": 3,
        "suppress_tokens": list(range(SAID, FIRST_SPECIAL)), "begin_suppress_tokens": [END]})
    write_json(folder / "preprocessor_config.json", {
        "feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 16, "n_fft": 400, "hop_length": 160,
        "sampling_rate": RATE, "n_samples": 9600, "chunk_length": 30})


def write_sound(path, seconds=3):
    """A tone that rises and swells."""
    t = np.arange(int(seconds * RATE)) / RATE
    samples = 0.4 * np.sin(2 * np.pi * (150 * t + 500 * t * t)) * (1 + np.sin(11 * t)) / 2
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    write_model(pathlib.Path(sys.argv[1]))
    write_sound(pathlib.Path(sys.argv[2]))
