# SPDX-License-Identifier: Apache-2.0
"""A folder of speech to text out of test/models, whose windows are short, and sounds for it."""
import wave

import numpy as np

from seq2seq import write_folder, write_json

RATE, FFT, HOP, BINS, SAMPLES = 16000, 400, 160, 16, 9600
STEPS, SECONDS = 30, 0.6  # of a window
START, EOS, ENGLISH, GERMAN, TRANSCRIBE, TRANSLATE, NO_TIMES = 1, 2, 300, 301, 302, 303, 304
FIRST_TIME, LATEST_START, CONTEXT = 305, 3, 40
NAMES = {START: "<|startoftranscript|>", EOS: "<|endoftext|>", ENGLISH: "<|en|>", GERMAN: "<|de|>",
         TRANSCRIBE: "<|transcribe|>", TRANSLATE: "<|translate|>", NO_TIMES: "<|notimestamps|>"}
SUPPRESSED, FIRST_SUPPRESSED = list(range(30, 300)), [8, EOS]  # few words, so that times are likely
CONFIG = {"model_type": "whisper", "is_encoder_decoder": True, "decoder_start_token_id": START, "eos_token_id": EOS,
          "vocab_size": 320, "max_target_positions": CONTEXT}
GENERATION = {"lang_to_id": {"<|en|>": ENGLISH, "<|de|>": GERMAN},
              "task_to_id": {"transcribe": TRANSCRIBE, "translate": TRANSLATE}, "no_timestamps_token_id": NO_TIMES,
              "suppress_tokens": SUPPRESSED, "begin_suppress_tokens": FIRST_SUPPRESSED,
              "max_initial_timestamp_index": LATEST_START}
FEATURES = {"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": BINS, "n_fft": FFT, "hop_length": HOP,
            "sampling_rate": RATE, "n_samples": SAMPLES, "chunk_length": 30}


def write_speech_folder(folder, generation=GENERATION, features=FEATURES):
    write_folder(folder, "whisper", CONFIG, names=NAMES)
    write_json(folder, "generation_config.json", generation)
    if features:
        write_json(folder, "preprocessor_config.json", features)


def sweep(seconds, rate=RATE):
    """What no two windows of are alike."""
    t = np.arange(int(seconds * rate)) / rate
    return 0.4 * np.sin(2 * np.pi * (150 * t + 500 * t * t)) * (1 + np.sin(11 * t)) / 2


def write_wav(path, samples, rate=RATE, channels=1):
    data = np.repeat(np.round(samples * 32767).astype("<i2")[:, None], channels, 1)
    with wave.open(path, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data.tobytes())
    return data[:, 0] / np.float32(32768)
