# SPDX-License-Identifier: Apache-2.0
"""Models and sessions."""
from __future__ import annotations

import collections
import functools
import json
import os
import sys
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

import numpy as np

from llmc import _native
from llmc._arrays import BITS, from_native, to_native
from llmc._batch import Batch
from llmc._error import Code, Error
from llmc._generation import Generation
from llmc._settings import choose
from llmc._settings import to_native as to_native_settings
from llmc._speech import Transcription, Wav
from llmc._tasks import AGGREGATION, Answer, Entity, Label, Mask, answers_of, entities_of, labels_of, masks_of

Messages = Sequence[Mapping[str, Any]]
_POOLING = {None: -1, "mean": 0, "first": 1, "last": 2, "max": 3}
_IDLE = 4  # sessions that a model keeps for later calls


def load(path: Union[str, os.PathLike[str]], *, threads: int = 0, isa: Optional[str] = None,
         check_weights: bool = False) -> Model:
    """Opens an artifact. It holds native code: trust it like a program.

    threads: how many compute; 0: the physical cores that this process may use.
    isa: run the code for this target instead of the best one for this CPU.
    check_weights: verify the checksums of all weights, which reads them.
    """
    return Model(_native.Model(os.fspath(path), threads, isa, check_weights))


class _Lease:
    """A session while a call uses it or arrays show its memory; then it goes back to those that are idle. Who calls the
    session keeps the lease meanwhile."""

    def __init__(self, idle: collections.deque[_native.Session], session: _native.Session) -> None:
        self._idle, self.session = idle, session

    def __del__(self) -> None:
        if len(self._idle) < _IDLE:
            self._idle.append(self.session)


class Model:
    """An open artifact. Any number of threads may call it at the same time."""

    def __init__(self, native: _native.Model) -> None:
        self._native = native
        self._idle: dict[Optional[str], collections.deque[_native.Session]] = collections.defaultdict(collections.deque)

    @functools.cached_property
    def manifest(self) -> dict[str, Any]:
        """What the artifact says about itself: models with their entries, inputs and outputs, generation defaults, ..."""
        manifest: dict[str, Any] = json.loads(self._native.manifest())
        return manifest

    def entry(self, name: Optional[str] = None, *, model: Optional[str] = None) -> dict[str, Any]:
        """An entry's row of the manifest: its `inputs` and `outputs` with name, dtype and dims. `name`: "raw", the
        signature of the ONNX model, unless given. `model`: of several, the first that has the entry unless given."""
        name = name or "raw"
        entry: dict[str, Any]
        for candidate in self.manifest["models"]:
            for entry in candidate["entries"]:
                if entry["name"] == name and model in (None, candidate["name"]):
                    return entry
        raise Error(Code.BAD_INPUT, f"the artifact has no entry '{name}'" + (f" of a model '{model}'" if model else ""))

    def tokenize(self, text: str, *, add_special: bool = True) -> list[int]:
        """The ids of a text's tokens, with the tokenizer's special ones around them unless told otherwise."""
        return self._native.tokenize(text, add_special)

    def detokenize(self, ids: Iterable[int]) -> str:
        """The text of tokens, without special ones. Bytes that are no UTF-8 become U+FFFD."""
        return self._native.detokenize([int(i) for i in ids]).decode("utf-8", "replace")

    def apply_chat_template(self, messages: Union[Messages, Mapping[str, Any]], *, template: Optional[str] = None,
                            tools: Optional[Sequence[Any]] = None, add_generation_prompt: Optional[bool] = None,
                            now: int = 0) -> str:
        """A conversation as the text that the model reads.

        messages: a list of {"role": ..., "content": ...}, or a dict of all of the template's variables.
        template: of several, this one. tools: descriptions of functions, as the template knows them.
        add_generation_prompt: end with the start of an answer; unless told otherwise, yes.
        now: what the template takes for now, in seconds since 1970; 0: now.
        """
        prompt = -1 if add_generation_prompt is None else int(add_generation_prompt)
        return self._native.apply_chat_template(json.dumps(messages), template,
                                                None if tools is None else json.dumps(tools), prompt, now)

    def generate(self, prompt: Union[str, Messages], *, model: Optional[str] = None, capacity: int = 0,
                 **settings: Any) -> Generation:
        """Continues a text, or answers a conversation through the chat template. Returns an iterator of the pieces of
        the text; it is being made meanwhile, in a thread that needs no GIL. What is wrong with settings or the prompt
        is told by the first piece.

        capacity: positions of context to make room for; 0: as many as the model has. Settings that are not given are
        the artifact's:

        max_tokens, min_tokens, time_limit (seconds), temperature, top_k, top_p, min_p, repetition_penalty,
        presence_penalty, frequency_penalty, no_repeat_ngram, logit_bias ({id: value}), seed, sequences, beams,
        length_penalty, early_stopping (False, True, "never"), stop (a str or several), stop_tokens (ids), ignore_eos,
        add_special (special tokens around the prompt; unless told otherwise, yes for a text, no for a conversation,
        whose template writes them), logprobs (0: of each token; above: of so many of the best ones too), and what the
        text must be: json_schema (a str, or what json makes one of), grammar (GBNF) or constraint (a name in the
        artifact).

        Speculative decoding checks several proposed tokens in one step, for speed alone: lookup=True proposes what
        followed the last tokens where they came before; draft, a smaller Model with the same tokenizer, what that one
        would say (a Session of it has its context used). speculate_tokens are proposed at once.
        """
        if (given := settings.get("draft")) is not None:
            settings["draft"] = _draft_of(given, capacity)
        prompt, settings = self._prepare(prompt, settings)
        return Generation(_native.Session(self._native, model, capacity), prompt, settings)

    def _prepare(self, prompt: Union[str, Messages], settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """A prompt and its settings as the native module takes them."""
        given = to_native_settings(settings)
        if not isinstance(prompt, str):
            prompt = self.apply_chat_template(prompt)
            given.setdefault("add_special", False)
        return prompt, given

    def batch(self, *, sequences: int = 16, step_tokens: int = 256, lookup: int = 0, state_bytes: Optional[int] = None,
              model: Optional[str] = None) -> Batch:
        """Generates for many requests at once; a step reads the weights once for all of them.

        sequences: texts that run at the same time, at most. The others wait in the order of their submission.
        step_tokens: of a step, at most: a bound on how long it takes; at least twice what decodes.
        lookup: tokens that are proposed at once, as they followed before; 0: none.
        state_bytes: of all caches; requests wait where it is reached. None: half of what the process may use.
        """
        for name, value in (("sequences", sequences), ("step_tokens", step_tokens), ("state_bytes", state_bytes)):
            if value == 0:  # which the runtime takes for its default
                raise Error(Code.BAD_INPUT, f"{name} is 0, must be at least 1")
        native = _native.Batch(self._native, model, sequences, step_tokens, state_bytes or 0, lookup)
        return Batch(native, self._prepare)

    def embed(self, texts: Union[str, Iterable[str]], *, pooling: Optional[str] = None, normalize: Optional[bool] = None,
              model: Optional[str] = None) -> np.ndarray:
        """Embeddings, float32: [size] of a str, [texts, size] of several.

        pooling: how hidden states become one vector: mean, first, last or max; unless given, as the artifact says.
        normalize: whether vectors get length one; unless given, as the artifact says.
        """
        how = choose(_POOLING, pooling, "pooling"), -1 if normalize is None else int(normalize)
        lease = self._take(model)
        if isinstance(texts, str):
            return lease.session.embed(texts, *how)
        vectors = [lease.session.embed(text, *how) for text in texts]
        return np.stack(vectors) if vectors else np.empty((0, 0), np.float32)

    def classify(self, text: str, count: Optional[int] = None, *, model: Optional[str] = None) -> list[Label]:
        """The classes of a text, the best first; `count` of them, unless given all. Scores are probabilities, or the
        numbers of a regression."""
        lease = self._take(model)
        return labels_of(lease.session.classify(text, sys.maxsize if count is None else count))

    def fill_masks(self, text: str, count: int = 5, *, model: Optional[str] = None) -> list[Mask]:
        """The masks of a text ("[MASK]" or "<mask>", as the tokenizer has it), each with the best `count` tokens."""
        lease = self._take(model)
        return masks_of(lease.session.fill_masks(text, count))

    def tag(self, text: str, *, aggregation: str = "simple", model: Optional[str] = None) -> list[Entity]:
        """The parts of a text that have another label than "O", in its order.

        aggregation: how labels of tokens become entities: "none" gives each token; "simple" joins neighbours of one
        kind, where a label "B-" begins a new one; before that, "first", "average" and "max" give all of a word the
        label of its first token, of the mean score or of the largest one.
        """
        number = choose(AGGREGATION, aggregation, "aggregation")
        lease = self._take(model)
        return entities_of(lease.session.tag(text, number))

    def answer(self, question: str, context: str, count: int = 1, *, longest: int = 15, window: int = 384,
               stride: int = 128, model: Optional[str] = None) -> list[Answer]:
        """The parts of the context that answer the question best, the best first.

        longest: tokens of an answer. window: tokens of the question and a part of the context, which are read at once.
        stride: tokens that windows have in common.
        """
        lease = self._take(model)
        return answers_of(lease.session.answer(question, context, count, longest, window, stride))

    def transcribe(self, sound: Union[Wav, np.ndarray], *, rate: Optional[int] = None, language: Optional[str] = None,
                   task: Optional[str] = None, timestamps: bool = False, model: Optional[str] = None, **settings: Any
                   ) -> Transcription:
        """Writes down what is spoken. Returns an iterator of segments; they are found meanwhile, in a thread that needs
        no GIL. What is wrong with settings is told by the first one.

        sound: the path or the bytes of a WAV file, or samples of one channel, float32 in [-1, 1].
        rate: samples of an array in a second; 16000 unless given.
        language: "en", ...; unless given, that of the first window. task: "transcribe" or "translate".
        timestamps: segments with times; otherwise each is a window.
        Settings are those of `generate` for each window's text, but for several sequences, constraints and speculation.
        """
        return Transcription(_native.Session(self._native, model, 0), sound, rate, language, task, timestamps,
                             to_native_settings(settings))

    def run(self, inputs: Mapping[str, Any], entry: Optional[str] = None, *, model: Optional[str] = None
            ) -> dict[str, Any]:
        """Runs an entry on tensors: "raw", the signature of the ONNX model, unless another one is given.

        Arrays are read in place where they are contiguous; they must not change meanwhile. Numbers and lists become
        arrays of the input's type. Outputs are views of the memory that the runtime wrote them to, and stay valid as
        long as they are kept. Sequences are lists; None is what is absent. `llmc.dtype_of` says what type arrays have.
        """
        signature = self.entry(entry, model=model)
        infos = {info["name"]: info for info in signature["inputs"]}
        unknown = {"dtype": "f32"}  # the runtime refuses it by name
        given = [to_native(name, value, infos.get(name, unknown)) for name, value in inputs.items()]
        lease = self._take(model)
        kinds = [info.get("kind", "tensor") for info in signature["outputs"]]
        made = lease.session.run(entry, given, BITS, lease)
        return {name: from_native(number, value, kind) for (name, number, value), kind in zip(made, kinds)}

    def session(self, *, capacity: int = 0, model: Optional[str] = None) -> Session:
        """A context to feed token by token. capacity: positions to make room for; 0: as many as the model has."""
        return Session(_native.Session(self._native, model, capacity))

    def _take(self, model: Optional[str]) -> _Lease:
        idle = self._idle[model]
        try:
            return _Lease(idle, idle.pop())
        except IndexError:
            return _Lease(idle, _native.Session(self._native, model, 0))


class Session:
    """A decoder's context, for one thread at a time: another one that calls it meanwhile gets an Error."""

    def __init__(self, native: _native.Session) -> None:
        self._native = native

    def append(self, tokens: Iterable[int]) -> np.ndarray:
        """Appends tokens, at least one, and returns the logits of what follows the last: float32, [vocabulary]."""
        return self._native.append([int(token) for token in tokens])

    def rewind(self, length: int) -> None:
        """Forgets all positions from `length` on."""
        self._native.rewind(length)

    def __len__(self) -> int:
        """Positions that it holds."""
        return self._native.length()

    def cancel(self) -> None:
        """From any thread: the running call, or the next, fails soon with Code.RESOURCE."""
        self._native.cancel()


def _draft_of(draft: Union[Model, Session], capacity: int) -> _native.Session:
    """The session that proposes tokens: its own for a model, whose artifact may serve others as well."""
    if isinstance(draft, Model):
        return _native.Session(draft._native, None, capacity)
    if isinstance(draft, Session):
        return draft._native
    raise TypeError(f"generate() takes a Model or a Session as draft, not {type(draft).__name__}")
