# SPDX-License-Identifier: Apache-2.0
"""libllmc.so from Python with ctypes and numpy: what benchmarks and end-to-end tests need of llmc.h."""
import ctypes as c

import ml_dtypes
import numpy as np

MAX_RANK = 16
DTYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16, 11: np.float64,
          16: ml_dtypes.bfloat16}
NUMBERS = {np.dtype(t): n for n, t in DTYPES.items()}


class Tensor(c.Structure):
    _fields_ = [("data", c.c_void_p), ("dtype", c.c_int32), ("rank", c.c_int32), ("dims", c.c_int64 * MAX_RANK)]


class NamedTensor(c.Structure):
    _fields_ = [("name", c.c_char_p), ("tensor", Tensor)]


class OpenOptions(c.Structure):
    _fields_ = [("threads", c.c_int32), ("check_weights", c.c_int32), ("isa", c.c_char_p)]


class SessionOptions(c.Structure):
    _fields_ = [("model", c.c_char_p), ("capacity", c.c_int64)]


class LogitBias(c.Structure):
    _fields_ = [("token", c.c_uint32), ("bias", c.c_double)]


class GenerateOptions(c.Structure):
    _fields_ = [("size", c.c_size_t), ("max_tokens", c.c_int64), ("min_tokens", c.c_int64), ("time_limit", c.c_double),
                ("logit_bias", c.POINTER(LogitBias)), ("logit_bias_count", c.c_size_t),
                ("repetition_penalty", c.c_double), ("presence_penalty", c.c_double), ("frequency_penalty", c.c_double),
                ("no_repeat_ngram", c.c_int64), ("temperature", c.c_double), ("top_k", c.c_int64), ("top_p", c.c_double),
                ("min_p", c.c_double), ("seed", c.c_uint64), ("sequences", c.c_int64), ("beams", c.c_int64),
                ("length_penalty", c.c_double), ("early_stopping", c.c_int), ("stop_tokens", c.POINTER(c.c_uint32)),
                ("stop_token_count", c.c_size_t), ("stop_strings", c.POINTER(c.c_char_p)),
                ("stop_string_count", c.c_size_t), ("ignore_eos", c.c_int32), ("logprobs", c.c_int32),
                ("add_special", c.c_int32), ("json_schema", c.c_char_p), ("grammar", c.c_char_p), ("constraint", c.c_char_p),
                ("lookup", c.c_int32), ("draft", c.c_void_p), ("speculate_tokens", c.c_int64)]

    @classmethod
    def of(cls, library, settings):
        """With the fields as settings; lists, (token, bias) pairs and sessions as such."""
        options = cls()
        library.check(library.lib.llmc_generate_defaults(c.byref(options), c.c_size_t(c.sizeof(options))))
        for name, value in settings.items():
            if name == "logit_bias":
                options.logit_bias, options.logit_bias_count = (LogitBias * len(value))(*value), len(value)
            elif name == "stop_tokens":
                options.stop_tokens, options.stop_token_count = (c.c_uint32 * len(value))(*value), len(value)
            elif name == "stop_strings":
                options.stop_strings = (c.c_char_p * len(value))(*[v.encode() for v in value])
                options.stop_string_count = len(value)
            elif name == "draft":
                options.draft = value.handle
            else:
                setattr(options, name, value.encode() if isinstance(value, str) else value)
        return options


class TokenLogprob(c.Structure):
    _fields_ = [("token", c.c_uint32), ("logprob", c.c_float)]


class Generated(c.Structure):
    _fields_ = [("sequence", c.c_int64), ("token", c.c_int64), ("text", c.c_void_p), ("length", c.c_size_t),
                ("logprob", c.c_double), ("likeliest", c.POINTER(TokenLogprob)), ("likeliest_count", c.c_size_t),
                ("finish", c.c_int), ("score", c.c_double)]


GenerateCallback = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(Generated))
FINISH = ["none", "end_token", "stop_string", "length", "time", "caller", "complete"]


class Text:
    """A generated text. `pieces` are its parts as they came, valid UTF-8 each; `likeliest` has (token, logprob) pairs."""

    def __init__(self):
        self.pieces, self.ids, self.logprobs, self.likeliest, self.finish, self.score = [], [], [], [], None, 0.0

    @property
    def text(self):
        return "".join(self.pieces)

    def add(self, made):
        self.pieces.append(c.string_at(made.text, made.length).decode() if made.length else "")
        if made.token < 0:
            self.finish, self.score = FINISH[made.finish], made.score
            return
        self.ids.append(made.token)
        self.logprobs.append(made.logprob)
        self.likeliest.append([(made.likeliest[i].token, made.likeliest[i].logprob) for i in range(made.likeliest_count)])


class BatchOptions(c.Structure):
    _fields_ = [("model", c.c_char_p), ("sequences", c.c_int64), ("step_tokens", c.c_int64), ("state_bytes", c.c_uint64),
                ("lookup", c.c_int64)]


BatchEndCallback = c.CFUNCTYPE(None, c.c_void_p, c.c_uint64, c.c_int, c.c_char_p, c.c_void_p)


class ChatOptions(c.Structure):
    _fields_ = [("name", c.c_char_p), ("tools", c.c_char_p), ("generation_prompt", c.c_int32), ("now", c.c_int64)]


class TranscribeOptions(c.Structure):
    _fields_ = [("language", c.c_char_p), ("task", c.c_char_p), ("timestamps", c.c_int32),
                ("generate", c.POINTER(GenerateOptions))]


class Segment(c.Structure):
    _fields_ = [("start", c.c_double), ("end", c.c_double), ("text", c.c_void_p), ("length", c.c_size_t),
                ("tokens", c.POINTER(c.c_uint32)), ("token_count", c.c_size_t)]


class TranscribeResult(c.Structure):
    _fields_ = [("tokens", c.c_int64), ("audio_seconds", c.c_double), ("feature_seconds", c.c_double),
                ("encoder_seconds", c.c_double), ("decoder_seconds", c.c_double)]


SegmentCallback = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(Segment))


class Finding(c.Structure):
    _fields_ = [("index", c.c_int64), ("label", c.c_void_p), ("label_length", c.c_size_t), ("score", c.c_double),
                ("start", c.c_uint32), ("end", c.c_uint32), ("text", c.c_void_p), ("length", c.c_size_t)]


FindingCallback = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(Finding))


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Library:
    def __init__(self, path):
        self.lib = c.CDLL(path)
        self.lib.llmc_last_error.restype = c.c_char_p
        self.lib.llmc_manifest.restype = c.c_char_p

    def check(self, code):
        if code:
            raise Failure(code, self.lib.llmc_last_error().decode())

    def read_wav(self, file):
        """Samples and their rate."""
        count, rate = c.c_size_t(), c.c_int64()

        def call(samples):
            self.check(self.lib.llmc_read_wav(file, c.c_size_t(len(file)), samples, c.c_size_t(count.value), c.byref(count),
                                              c.byref(rate)))
        call(None)
        samples = np.empty(count.value, np.float32)
        call(samples.ctypes.data_as(c.c_void_p))
        return samples, rate.value

    def open(self, path, threads=0, isa=None, check_weights=False):
        return Model(self, path, OpenOptions(threads, check_weights, isa.encode() if isa else None))


class Model:
    def __init__(self, library, path, options):
        self.library, self.handle = library, c.c_void_p()
        library.check(library.lib.llmc_open(path.encode(), c.byref(options), c.byref(self.handle)))

    def session(self, capacity=0):
        return Session(self, SessionOptions(None, capacity))

    def batch(self, **options):
        """Many requests at once, with the fields of LlmcBatchOptions."""
        return Batch(self, BatchOptions(**options))

    def apply_chat_template(self, conversation, name=None, tools=None, generation_prompt=-1, now=0, capacity=0):
        """The text of a conversation; JSON, both of it and of the tools."""
        options = ChatOptions(name and name.encode(), tools and tools.encode(), generation_prompt, now)
        conversation, size = conversation.encode(), c.c_size_t()

        def call(text, room):
            self.library.check(self.library.lib.llmc_apply_chat_template(
                self.handle, conversation, c.c_size_t(len(conversation)), c.byref(options), text, c.c_size_t(room),
                c.byref(size)))

        text = c.create_string_buffer(max(capacity, 1))
        call(text, capacity)
        if size.value > capacity:
            text = c.create_string_buffer(size.value)
            call(text, size.value)
        return text.raw[:size.value].decode()

    def __del__(self):
        if self.handle:
            self.library.lib.llmc_close(self.handle)


SEQUENCE, ABSENT = -1, -1


class Sequence(list):
    """A list of arrays of one type, which an empty one needs as well. `absent`: an optional sequence that is not there."""

    def __init__(self, dtype, arrays=(), absent=False):
        super().__init__(np.ascontiguousarray(a, dtype) for a in arrays)
        self.dtype, self.absent = np.dtype(dtype), absent
        self.items = (Tensor * len(self))(*[as_tensor(a) for a in self])


def as_tensor(array):
    if isinstance(array, Sequence):
        tensor = Tensor(c.addressof(array.items), NUMBERS[array.dtype], SEQUENCE)
        tensor.dims[0] = ABSENT if array.absent else len(array)
        return tensor
    tensor = Tensor(array.ctypes.data, NUMBERS[array.dtype], array.ndim)
    tensor.dims[:array.ndim] = array.shape
    return tensor


def as_array(tensor):
    """A copy: the runtime's buffer lasts until the next call only. None: an optional sequence that is not there."""
    if tensor.rank == SEQUENCE:
        items = c.cast(tensor.data, c.POINTER(Tensor))
        return None if tensor.dims[0] == ABSENT else [as_array(items[i]) for i in range(tensor.dims[0])]
    dims, dtype = tuple(tensor.dims[:tensor.rank]), np.dtype(DTYPES[tensor.dtype])
    size = int(np.prod(dims)) * dtype.itemsize
    data = c.string_at(tensor.data, size) if size else b""
    return np.frombuffer(data, dtype).reshape(dims)


class Session:
    """One stream of runs. Arrays given to prepare() must stay alive while the returned call is used."""

    def __init__(self, model, options):
        self.model, self.library, self.handle = model, model.library, c.c_void_p()
        self.library.check(self.library.lib.llmc_session_create(model.handle, c.byref(options), c.byref(self.handle)))

    def __del__(self):
        if self.handle:
            self.library.lib.llmc_session_free(self.handle)

    def prepare(self, inputs, entry=None):
        """A function that runs the entry on these arrays, without conversions."""
        named = (NamedTensor * len(inputs))(*[NamedTensor(n.encode(), as_tensor(a)) for n, a in inputs.items()])
        entry = entry.encode() if entry else None
        run = self.library.lib.llmc_session_run
        return lambda: self.library.check(run(self.handle, entry, named, c.c_size_t(len(named))))

    def outputs(self):
        tensors, count = c.POINTER(NamedTensor)(), c.c_size_t()
        self.library.check(self.library.lib.llmc_session_outputs(self.handle, c.byref(tensors), c.byref(count)))
        return {tensors[i].name.decode(): as_array(tensors[i].tensor) for i in range(count.value)}

    def run(self, inputs, entry=None):
        self.prepare(inputs, entry)()
        return self.outputs()

    def append(self, tokens):
        """Logits of the last token."""
        array = np.ascontiguousarray(tokens, np.int64)
        logits, count = c.POINTER(c.c_float)(), c.c_size_t()
        self.library.check(self.library.lib.llmc_session_append(
            self.handle, array.ctypes.data_as(c.c_void_p), c.c_size_t(len(array)), c.byref(logits), c.byref(count)))
        return np.ctypeslib.as_array(logits, (count.value,))

    def rewind(self, length):
        self.library.check(self.library.lib.llmc_session_rewind(self.handle, c.c_int64(length)))

    def generate(self, prompt, on_token=lambda text: True, **settings):
        """Texts, with the fields of LlmcGenerateOptions as settings; lists and (token, bias) pairs as such. on_token gets
        the text so far and says whether to go on."""
        lib, options, texts, failed = self.library.lib, GenerateOptions.of(self.library, settings), [], []

        def take(_, made):
            try:
                while len(texts) <= made[0].sequence:
                    texts.append(Text())
                texts[-1].add(made[0])
                return 0 if on_token(texts[-1]) else 1
            except Exception as problem:  # must not pass through C
                failed.append(problem)
                return 1

        data = prompt.encode()
        self.library.check(lib.llmc_session_generate(self.handle, data, c.c_size_t(len(data)), c.byref(options),
                                                     GenerateCallback(take), None, None))
        if failed:
            raise failed[0]
        return texts

    def transcribe(self, samples, rate, language=None, task=None, timestamps=0):
        """(start, end, text, tokens) of each segment, and an LlmcTranscribeResult."""
        options = TranscribeOptions(language and language.encode(), task and task.encode(), timestamps, None)
        samples, told, result = np.ascontiguousarray(samples, np.float32), [], TranscribeResult()

        def take(_, made):
            segment = made[0]
            text = c.string_at(segment.text, segment.length).decode() if segment.length else ""
            told.append((segment.start, segment.end, text, segment.tokens[:segment.token_count]))
            return 0

        self.library.check(self.library.lib.llmc_session_transcribe(
            self.handle, samples.ctypes.data_as(c.c_void_p), c.c_size_t(len(samples)), c.c_int64(rate), c.byref(options),
            SegmentCallback(take), None, c.byref(result)))
        return told, result

    def findings(self, function, texts, *arguments):
        """What llmc_session_<function> finds in texts: (index, label, score, start, end, text)."""
        told = []

        def take(_, made):
            f = made[0]
            label = c.string_at(f.label, f.label_length).decode() if f.label_length else ""
            text = c.string_at(f.text, f.length).decode() if f.length else ""
            told.append((f.index, label, f.score, f.start, f.end, text))
            return 0

        given = [part for text in texts for part in (text.encode(), c.c_size_t(len(text.encode())))]
        call = getattr(self.library.lib, "llmc_session_" + function)
        self.library.check(call(self.handle, *given, *arguments, FindingCallback(take), None))
        return told

    def cancel(self):
        self.library.lib.llmc_session_cancel(self.handle)


class Batch:
    """Requests that run together. submit() returns a Request, whose texts grow with every step."""

    class Request:
        def __init__(self):
            self.texts, self.status, self.error, self.number = [], None, None, c.c_uint64()

    def __init__(self, model, options):
        self.model, self.library, self.handle, self.kept = model, model.library, c.c_void_p(), []
        self.library.check(self.library.lib.llmc_batch_create(model.handle, c.byref(options), c.byref(self.handle)))

    def __del__(self):
        if self.handle:
            self.library.lib.llmc_batch_free(self.handle)

    def submit(self, prompt, **settings):
        request = Batch.Request()

        def take(_, made):
            while len(request.texts) <= made[0].sequence:
                request.texts.append(Text())
            request.texts[made[0].sequence].add(made[0])
            return 0

        def end(_, number, status, error, result):
            request.status, request.error = status, error.decode()

        callbacks = GenerateCallback(take), BatchEndCallback(end)
        self.kept.append(callbacks)
        options, data = GenerateOptions.of(self.library, settings), prompt.encode()
        self.library.check(self.library.lib.llmc_batch_submit(
            self.handle, data, c.c_size_t(len(data)), c.byref(options), *callbacks, None, c.byref(request.number)))
        return request

    def cancel(self, request):
        self.library.lib.llmc_batch_cancel(self.handle, request.number)

    def step(self):
        """Whether there is more to do."""
        busy = c.c_int32()
        self.library.check(self.library.lib.llmc_batch_step(self.handle, c.byref(busy)))
        return bool(busy.value)

    def run(self):
        while self.step():
            pass
