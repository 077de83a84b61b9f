# SPDX-License-Identifier: Apache-2.0
"""llmc itself, through libllmc.so."""
import os

import llmc
from engines import Engine


class Ours(Engine):
    name = "llmc"

    def __init__(self, build):
        self.library = llmc.Library(os.path.join(build, "lib", "libllmc.so"))
        self.program = os.path.join(build, "bin", "llmc")
        self.version = "of this build"

    def encoder(self, model, threads):
        return Encoder(self.library.open(model.artifact, threads).session())

    def decoder(self, model, threads, capacity):
        return Decoder(self.library.open(model.artifact, threads).session(capacity))


class Encoder:
    def __init__(self, session):
        self.session = session

    def run(self, inputs):
        return next(iter(self.session.run(inputs).values()))

    def prepare(self, inputs):
        return self.session.prepare(inputs)


class Decoder:
    def __init__(self, session):
        self.session, self.length, self.kept = session, 0, 0

    def append(self, tokens):
        self.length += len(tokens)
        return self.session.append(tokens)

    def clear(self):
        self.length = 0
        self.session.rewind(0)

    def keep(self):
        self.kept = self.length

    def rewind(self):
        self.length = self.kept
        self.session.rewind(self.kept)
