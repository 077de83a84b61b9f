# SPDX-License-Identifier: Apache-2.0
"""Speech: log-mel features are those of the published formula, and what `run --audio` writes down is what onnxruntime's
encoder and decoder give for them under Whisper's rules, window after window."""
import json
import os
import subprocess
import tempfile

import numpy as np

import harness
from search import beam_search
from seq2seq import Oracle
from speech import (BINS, CONTEXT, ENGLISH, EOS, FEATURES, FFT, FIRST_SUPPRESSED, FIRST_TIME, GENERATION, GERMAN, HOP,
                    LATEST_START, NAMES, NO_TIMES, RATE, SAMPLES, SECONDS, START, STEPS, SUPPRESSED, TRANSCRIBE, TRANSLATE,
                    sweep, write_speech_folder, write_wav)


def mel_filters(bins):
    """Slaney's: triangles of equal area between points that are evenly spread on his scale up to 8 kHz."""
    def hertz(mel):
        return np.where(mel < 15, 200 * mel / 3, 1000 * np.exp(np.log(6.4) / 27 * (mel - 15)))
    top = 15 + 27 * np.log(8.0) / np.log(6.4)
    corners = hertz(np.linspace(0, top, bins + 2))
    frequencies = np.linspace(0, RATE / 2, FFT // 2 + 1)
    slopes = corners[:, None] - frequencies[None]
    width = np.diff(corners)[:, None]
    triangles = np.maximum(0, np.minimum(-slopes[:-2] / width[:-1], slopes[2:] / width[1:]))
    return triangles * (2 / (corners[2:] - corners[:-2]))[:, None]


def log_mel(samples, bins=BINS, length=SAMPLES):
    padded = np.pad(np.asarray(samples, np.float64), (0, length - len(samples)))
    padded = np.pad(padded, FFT // 2, mode="reflect")
    window = np.hanning(FFT + 1)[:-1]
    frames = np.stack([padded[i:i + FFT] * window for i in range(0, length, HOP)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    log = np.log10(np.maximum(mel_filters(bins) @ power.T, 1e-10))
    return ((np.maximum(log, log.max() - 8) + 4) / 4).astype(np.float32)


class Ruled:
    """The decoder's log probabilities under the rules for tokens; `prompt` tokens come before the text."""

    def __init__(self, oracle, prompt, times):
        self.oracle, self.prompt, self.times = oracle, prompt, times

    def logprobs(self, tokens):
        scores, text = self.oracle.logprobs(tokens), tokens[self.prompt:]
        scores[SUPPRESSED] = -np.inf
        if not text:
            scores[FIRST_SUPPRESSED] = -np.inf
        return self.with_times(scores, text) if self.times else scores

    def with_times(self, scores, text):
        scores[NO_TIMES] = -np.inf
        is_time = [token >= FIRST_TIME for token in text]
        if is_time[-1:] == [True]:
            if len(text) < 2 or is_time[-2]:
                scores[FIRST_TIME:] = -np.inf
            else:
                scores[:EOS] = -np.inf
        times = [token for token in text if token >= FIRST_TIME]
        if times:
            pending = is_time[-1] and len(text) > 1 and not is_time[-2]
            scores[FIRST_TIME:times[-1] + (not pending)] = -np.inf
        if not text:
            scores[:FIRST_TIME] = -np.inf
            scores[FIRST_TIME + LATEST_START + 1:] = -np.inf
        if np.logaddexp.reduce(scores[FIRST_TIME:]) > scores[:FIRST_TIME].max():
            scores[:FIRST_TIME] = -np.inf
        return scores


def segments_of(tokens, offset):
    """(start, end, tokens) by their times, and the seconds to the next window."""
    step = SECONDS / STEPS
    time = [token - FIRST_TIME for token in tokens]
    is_time = [t >= 0 for t in time]
    single = is_time[-2:] in ([False, True], [True])
    cuts = [i for i in range(1, len(tokens)) if is_time[i - 1] and is_time[i]]
    if not cuts:
        ends = [t for t in time if t > 0]
        return [(offset, offset + (min(STEPS, ends[-1]) if ends else STEPS) * step, tokens)], SECONDS
    pieces, begin = [], 0
    for end in cuts + [len(tokens)] * single:
        pieces.append((offset + time[begin] * step, offset + time[end - 1] * step, tokens[begin:end]))
        begin = end
    last = time[begin - 1]
    return pieces, SECONDS if single or last == 0 else last * step


class Speech(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.oracle = Oracle("whisper")
        cls.shared = tempfile.TemporaryDirectory()
        cls.plain = cls("same").build(os.path.join(cls.shared.name, "whisper"))

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def build(self, folder, generation=GENERATION, features=FEATURES):
        write_speech_folder(folder, generation, features)
        self.llmc("compile", "-q", folder, "-o", folder + ".llmc")
        return folder + ".llmc"

    def expected(self, samples, prompt=None, times=False, beams=1):
        """(segments, language), each as (start, end, tokens)."""
        segments, at, language = [], 0, None
        while at == 0 or len(samples) - at >= HOP:
            self.oracle.read(input_features=log_mel(samples[at:at + SAMPLES])[None])
            if prompt is None:
                scores = self.oracle.logits([START])
                language = max((ENGLISH, GERMAN), key=lambda token: scores[token])
                prompt = [START, language, TRANSCRIBE] + ([] if times else [NO_TIMES])
            ruled = Ruled(self.oracle, len(prompt), times)
            tokens = beam_search(ruled, prompt, beams, CONTEXT - len(prompt), [EOS])[0][0]
            tokens = [token for token in tokens if token != EOS]
            if times:
                pieces, seconds = segments_of(tokens, at / RATE)
            else:
                pieces, seconds = [(at / RATE, at / RATE + SECONDS, tokens)], SECONDS
            segments += pieces
            at += round(seconds * RATE)
        return segments, language

    def same(self, got, want, length):
        self.assertEqual([s["ids"] for s in got], [tokens for _, _, tokens in want])
        for segment, (start, end, _) in zip(got, want):
            self.assertAlmostEqual(segment["start"], min(start, length), places=6)
            self.assertAlmostEqual(segment["end"], min(end, length), places=6)

    def run_json(self, artifact, wav, *flags):
        return json.loads(self.llmc("run", artifact, "--audio", wav, "--json", *flags).stdout)

    def test_features(self):
        wav = self.path("sweep.wav")
        samples = write_wav(wav, sweep(2))
        program = os.path.join(harness.BUILD, "bin", "audio-features")
        for bins, length in ((80, 48000), (128, 48000), (BINS, SAMPLES)):
            subprocess.run([program, wav, str(bins), str(length), self.path("raw")], check=True)
            got = np.fromfile(self.path("raw"), np.float32).reshape(bins, -1)
            np.testing.assert_allclose(got, log_mel(samples[:length], bins, length), atol=1e-5)

    def test_windows_without_times(self):
        artifact, wav = self.plain, self.path("a.wav")
        samples = write_wav(wav, sweep(1.5))
        segments, language = self.expected(samples)
        self.assertEqual(len(segments), 3)
        made = self.run_json(artifact, wav)
        self.same(made["segments"], segments, 1.5)
        self.assertEqual(made["language"], {ENGLISH: "en", GERMAN: "de"}[language])
        self.assertAlmostEqual(made["stats"]["audio_seconds"], 1.5)
        self.assertGreater(made["stats"]["real_time_factor"], 0)
        beams, _ = self.expected(samples, beams=2)
        self.same(self.run_json(artifact, wav, "--beams", "2")["segments"], beams, 1.5)
        asked = [START, GERMAN, TRANSLATE, NO_TIMES]
        made = self.run_json(artifact, wav, "--language", "de", "--task", "translate")
        self.same(made["segments"], self.expected(samples, asked)[0], 1.5)
        # Another rate and another channel: the same sound to the ear, so the first window is as long.
        write_wav(wav, sweep(1.5, 44100), 44100, channels=2)
        self.assertEqual(len(self.run_json(artifact, wav)["segments"]), 3)

    def test_times(self):
        artifact, wav = self.plain, self.path("a.wav")
        samples = write_wav(wav, sweep(1.5))
        segments, _ = self.expected(samples, times=True)
        self.assertGreater(len(segments), 3)
        self.same(self.run_json(artifact, wav, "--timestamps")["segments"], segments, 1.5)
        run = self.llmc("run", artifact, "--audio", wav, "--timestamps", "--stream", "--stats")
        lines = run.stdout.splitlines()
        self.assertEqual(len(lines), len(segments))
        start, end, tokens = segments[0]
        words = " ".join(f"w{t}" for t in tokens if t < FIRST_TIME and t not in NAMES)
        self.assertEqual(lines[0], f"[00:{start:05.2f} --> 00:{end:05.2f}] {words}")
        self.assertRegex(run.stderr, r"note: 1\.5 s of sound: .* \(real-time factor \d")

    def test_the_library(self):
        session = harness.library().open(self.plain).session()
        samples = write_wav(self.path("a.wav"), sweep(1.5))
        with open(self.path("a.wav"), "rb") as file:
            got, rate = session.library.read_wav(file.read())
        np.testing.assert_array_equal(got, samples)
        told, result = session.transcribe(got, rate, timestamps=1)
        want = self.run_json(self.plain, self.path("a.wav"), "--timestamps")["segments"]
        self.assertEqual(told, [(s["start"], s["end"], s["text"], s["ids"]) for s in want])
        self.assertEqual(result.audio_seconds, 1.5)

    def test_older_folders_say_their_first_tokens(self):
        forced = {"forced_decoder_ids": [[1, GERMAN], [2, TRANSCRIBE], [3, NO_TIMES]], "suppress_tokens": SUPPRESSED,
                  "begin_suppress_tokens": FIRST_SUPPRESSED}
        artifact, wav = self.build(self.path("older"), forced), self.path("a.wav")
        samples = write_wav(wav, sweep(0.5))
        prompt = [START, GERMAN, TRANSCRIBE, NO_TIMES]
        self.same(self.run_json(artifact, wav)["segments"], self.expected(samples, prompt)[0], 0.5)
        asked = [START, ENGLISH, TRANSLATE, NO_TIMES]
        made = self.run_json(artifact, wav, "--language", "en", "--task", "translate")
        self.same(made["segments"], self.expected(samples, asked)[0], 0.5)

    def test_what_is_wrong_is_said(self):
        artifact, wav = self.plain, self.path("a.wav")
        write_wav(wav, sweep(0.1))
        for flags, message in ((["--language", "xx"], "the model knows no language 'xx'"),
                               (["--task", "sing"], "the model knows no task 'sing'"),
                               (["--sequences", "2"], "sound has one text: leave out sequences")):
            self.assertIn(message, self.llmc("run", artifact, "--audio", wav, *flags, code=2).error)
        with open(wav, "rb") as whole, open(self.path("cut.wav"), "wb") as file:
            file.write(whole.read(100))
        self.assertIn("is cut off", self.llmc("run", artifact, "--audio", self.path("cut.wav"), code=2).error)
        write_wav(wav, sweep(0))
        self.assertIn("the sound has no samples", self.llmc("run", artifact, "--audio", wav, code=2).error)
        self.assertIn("the model takes sound, not text", self.llmc("run", artifact, "--prompt", "w1", code=2).error)
        write_wav(wav, sweep(0.1))
        other = self.build(self.path("other"), features={**FEATURES, "feature_size": 80})
        failed = self.llmc("run", other, "--audio", wav, code=3)
        self.assertIn("input 'input_features' dim 1 = 16, and the features' settings give 80", failed.error)
        self.assertIn("the model takes no sound", self.llmc("run", harness.TALES_ARTIFACT, "--audio", wav, code=3).error)


harness.main()
