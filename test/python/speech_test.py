# SPDX-License-Identifier: Apache-2.0
"""Speech to text from Python: what `llmc run --audio` writes down, of files, bytes and arrays, as it is found."""
import json
import os
import pathlib
import tempfile
import time

import numpy as np

from package import Case, harness, llmc
from speech import RATE, SECONDS, sweep, write_speech_folder, write_wav


class Speech(Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        folder = os.path.join(cls.shared.name, "whisper")
        write_speech_folder(folder)
        cls.artifact = folder + ".llmc"
        cls("test_arrays").llmc("compile", "-q", folder, "-o", cls.artifact)
        cls.model = llmc.load(cls.artifact, threads=1)
        cls.wav = os.path.join(cls.shared.name, "sweep.wav")
        cls.samples = write_wav(cls.wav, sweep(1.5))

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def run_json(self, *flags):
        return json.loads(self.llmc("run", self.artifact, "--audio", self.wav, "--json", *flags).stdout)

    def same(self, transcription, want):
        text = transcription.text()
        self.assertEqual([(s.start, s.end, s.text, s.ids) for s in transcription.segments],
                         [(s["start"], s["end"], s["text"], s["ids"]) for s in want["segments"]])
        self.assertEqual(text, want["text"])

    def test_the_text_of_llmc_run(self):
        for flags, given in (([], {}), (["--timestamps"], {"timestamps": True}),
                             (["--language", "de", "--task", "translate"], {"language": "de", "task": "translate"}),
                             (["--beams", "2", "--max-tokens", "5"], {"beams": 2, "max_tokens": 5})):
            want, made = self.run_json(*flags), self.model.transcribe(self.wav, **given)
            self.same(made, want)
            self.assertEqual(made.language, want["language"])
            for name in ("tokens", "audio_seconds"):
                self.assertEqual(made.stats[name], want["stats"][name])
        self.assertEqual(set(made.stats), {"tokens", "audio_seconds", "feature_seconds", "encoder_seconds",
                                           "decoder_seconds", "real_time_factor"})
        self.assertGreater(made.stats["real_time_factor"], 0)

    def test_arrays(self):
        want = self.run_json("--timestamps")
        content = pathlib.Path(self.wav).read_bytes()
        doubled = np.repeat(self.samples, 2)
        for sound in (self.samples, self.samples.astype(np.float64), doubled[::2], pathlib.Path(self.wav), content,
                      bytearray(content), memoryview(content)):
            self.same(self.model.transcribe(sound, timestamps=True), want)
        samples, rate = llmc.read_wav(self.wav)
        self.assertEqual((samples.dtype, rate), (np.float32, RATE))
        np.testing.assert_array_equal(samples, self.samples)
        np.testing.assert_array_equal(llmc.read_wav(content)[0], self.samples)
        self.same(self.model.transcribe(samples, rate=rate, timestamps=True), want)
        fast = self.model.transcribe(self.samples, rate=2 * RATE)
        fast.text()
        self.assertEqual(fast.stats["audio_seconds"], 0.75)
        written = self.samples.copy()
        made = self.model.transcribe(written, timestamps=True)
        written[:] = 0  # it has its own
        self.same(made, want)

    def test_segments_as_they_are_found(self):
        made = self.model.transcribe(np.tile(self.samples, 200))  # 500 windows
        begin = time.monotonic()
        first = next(made)
        self.assertEqual((first.start, made.segments), (0, [first]))
        self.assertAlmostEqual(first.end, SECONDS)
        self.assertIsNone(made.stats)
        self.assertIsNone(made.language)
        made.close()
        self.assertLess(time.monotonic() - begin, 10)
        self.assertEqual((list(made), made.segments, made.stats), ([], [first], None))
        with self.model.transcribe(self.samples) as made:
            pass
        self.assertEqual(made.segments, [])
        del made
        self.model.transcribe(np.tile(self.samples, 200))  # dropped

    def test_misuse(self):
        for sound in (None, 3, [1, 2], self.samples.astype(np.int16), self.samples[None], np.array(["a"]), {}):
            with self.assertRaisesRegex(TypeError, "takes the path or the bytes of a WAV file, or samples"):
                self.model.transcribe(sound)
        with self.assertRaisesRegex(TypeError, "a WAV file has its own"):
            self.model.transcribe(self.wav, rate=8000)
        for given, name in (({"lookup": True}, "lookup"), ({"grammar": "root ::= [a]"}, "grammar"),
                            ({"volume": 3}, "volume"), ({"beams": "two"}, "beams"), ({"draft": self.model}, "draft")):
            with self.assertRaisesRegex(TypeError, rf"transcribe\(\) .*'{name}'"):
                self.model.transcribe(self.samples, **given)
        for given in ({"rate": "fast"}, {"rate": 1.5}, {"language": 3}, {"timestamps": "yes"}):
            with self.assertRaises(TypeError):
                self.model.transcribe(self.samples, **given)
        for sound, given, message in ((self.samples, {"language": "xx"}, "the model knows no language 'xx'"),
                                      (self.samples, {"task": "sing"}, "the model knows no task 'sing'"),
                                      (self.samples, {"sequences": 2}, "sound has one text"),
                                      (self.samples, {"rate": 0}, "0 samples a second"),
                                      (self.samples, {"rate": -RATE}, "-16000 samples a second"),
                                      (self.samples[:0], {}, "the sound has no samples")):
            with self.fails(llmc.Code.BAD_INPUT, message):
                self.model.transcribe(sound, **given).text()
        for file, message in (("none.wav", "none.wav: No such file"), (b"RIFF", "."), (b"", "."),
                              (self.artifact, "whisper.llmc: ")):
            with self.fails(llmc.Code.BAD_INPUT, message):
                self.model.transcribe(file)
            with self.fails(llmc.Code.BAD_INPUT, message):
                llmc.read_wav(file)
        with self.assertRaises(TypeError):
            llmc.read_wav(self.samples)
        with self.fails(llmc.Code.BAD_INPUT, "the model takes sound, not text"):
            self.model.generate("w1").text()
        with self.fails(llmc.Code.UNSUPPORTED, "the model takes no sound"):
            llmc.load(harness.TALES_ARTIFACT, threads=1).transcribe(self.samples).text()

    def test_samples_that_are_no_numbers(self):
        """Whatever stands in them, there is a text or an error."""
        for value in (np.nan, np.inf, -np.inf, 1e30):
            try:
                self.model.transcribe(np.full(RATE, value, np.float32), timestamps=True).text()
            except llmc.Error:
                pass


harness.main()
