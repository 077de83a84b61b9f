# SPDX-License-Identifier: Apache-2.0
"""What is spoken in a WAV file, with times: transcribe.py MODEL.llmc FILE.wav [LANGUAGE]. Each segment is printed when
it is found; at the end comes how fast that was."""
import sys

import llmc


def clock(seconds):
    return f"{int(seconds // 60):02}:{seconds % 60:05.2f}"


def main(path, wav, language=None):
    model = llmc.load(path)
    transcription = model.transcribe(wav, timestamps=True, language=language)
    for segment in transcription:
        print(f"[{clock(segment.start)} --> {clock(segment.end)}] {segment.text.strip()}", flush=True)
    stats = transcription.stats
    print(f"{stats['tokens']} tokens for {stats['audio_seconds']:.1f} s of sound, "
          f"real-time factor {stats['real_time_factor']:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
