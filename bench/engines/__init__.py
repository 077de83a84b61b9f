# SPDX-License-Identifier: Apache-2.0
"""What is measured: llmc and its peers, behind one interface. An engine that keeps a model open between rows runs them in
this process; one that is a program of its own measures itself and gives the figure."""
import importlib


class Engine:
    """Subclasses give name and version, and either encoder() and decoder(), or sample(row, model, threads): a function
    that measures once."""

    def takes(self, row, model):
        """Whether it runs this row."""
        return True

    def encoder(self, model, threads):
        """An object with run(inputs), the first output, and prepare(inputs), a function that runs them again."""
        raise NotImplementedError

    def decoder(self, model, threads, capacity):
        """An object with append(tokens), the logits of the last one, clear(), keep() and rewind(), which goes back to
        where keep() was."""
        raise NotImplementedError

    def close(self):
        """Models may go."""


PEERS = ("onnxruntime", "openvino")


def peers(every):
    """Those that this environment has; without `every` onnxruntime alone."""
    found = []
    for name in PEERS if every else PEERS[:1]:
        try:
            found.append(importlib.import_module("engines." + name + "_engine").Peer())
        except ModuleNotFoundError as e:
            if e.name != name:
                raise
    return found
