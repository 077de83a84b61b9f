/* SPDX-License-Identifier: Apache-2.0
 *
 * llmc's C interface: open an artifact, run it on named tensors, generate text,
 * embed, tokenize. C++ programs include llmc.hpp, which wraps it. No exception
 * leaves a function and no file makes one abort.
 *
 * Every function that can fail returns an LlmcStatus; llmc_last_error() then
 * has one line of text. Strings are UTF-8 with a length, or end with 0 where
 * none is taken. Options may be null: the defaults. What a failed call was to
 * give is unchanged, but for handles, which become null.
 *
 * Thread-safety: a model may be used by any number of threads at the same time.
 * A session belongs to one thread at a time; llmc_session_cancel alone may be
 * called on it from any thread or signal handler. Sessions share the model's
 * threads: a session that finds them busy runs on its own. A child process
 * after fork() has none of these threads; it opens models of its own.
 *
 * Misuse is LLMC_STATUS_BAD_INPUT where it can be told: pointers that are null,
 * handles that are freed or were never made, a session that another thread or
 * the call around a callback uses, names, types and sizes of tensors. It cannot
 * be told that a pointer or a length is wrong otherwise, that memory given back
 * by one call is read after the next, that a freed handle's address has become
 * another handle's, or, by llmc_session_cancel, that a session is freed.
 */
#ifndef LLMC_LLMC_H
#define LLMC_LLMC_H

#include "abi.h"
#include <stddef.h>
#include <stdint.h>

#if defined(LLMC_BUILD)
#define LLMC_API __attribute__((visibility("default")))
#else
#define LLMC_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llmc_model llmc_model;
typedef struct llmc_session llmc_session;

/* The exit codes of the command line. */
typedef enum LlmcStatus {
  LLMC_STATUS_OK = 0,
  LLMC_STATUS_INTERNAL = 1,
  LLMC_STATUS_BAD_INPUT = 2,
  LLMC_STATUS_UNSUPPORTED = 3,
  LLMC_STATUS_RESOURCE = 5, /* out of memory, or cancelled */
  LLMC_STATUS_INTEGRITY = 6 /* damaged, or for another machine or version */
} LlmcStatus;

/* "0.1.0" */
LLMC_API const char *llmc_version(void);

/* What failed last on this thread; never null. Valid until the thread's next
 * call. */
LLMC_API const char *llmc_last_error(void);

/* ---- Models ---- */

typedef struct LlmcOpenOptions {
  int32_t threads;       /* 0: the physical cores that this process may use */
  int32_t check_weights; /* non-zero: verify the weights' checksums; reads them
                            all */
  const char
      *isa; /* null: the best code for this CPU, else the code of this target */
} LlmcOpenOptions;

/* Maps and validates the artifact and loads its code. An artifact holds native
 * code: trust it like a program. */
LLMC_API LlmcStatus llmc_open(const char *path, const LlmcOpenOptions *options,
                              llmc_model **model);
/* Sessions and running calls keep what they need of it. Nothing happens when it
 * is null or closed already. */
LLMC_API void llmc_close(llmc_model *model);
/* The artifact's manifest as JSON, ended by 0; valid as long as the model. Null
 * with the length 0 when the model is null or closed. `length` may be null. */
LLMC_API const char *llmc_manifest(const llmc_model *model, size_t *length);

/* Token ids of a text, with the tokenizer's special tokens around them when
 * `add_special` is not 0. `count` becomes their number; the first `capacity` of
 * them are written (ids may be null with capacity 0). */
LLMC_API LlmcStatus llmc_tokenize(const llmc_model *model, const char *text,
                                  size_t length, int32_t add_special,
                                  uint32_t *ids, size_t capacity,
                                  size_t *count);
/* The text of token ids, without special tokens. As llmc_tokenize: `length`
 * becomes its length, no 0 is added. */
LLMC_API LlmcStatus llmc_detokenize(const llmc_model *model,
                                    const uint32_t *ids, size_t count,
                                    char *text, size_t capacity,
                                    size_t *length);

typedef struct LlmcChatOptions {
  const char *name;  /* of several templates; null: "tool_use" where there are
                        tools and such a template, else "default" */
  const char *tools; /* a JSON list, ended by 0; null: those of the
                        conversation, if any */
  int32_t generation_prompt; /* 0: end after the last message; > 0: end with the
                                start of an answer; < 0: as the conversation's
                                add_generation_prompt says, else as > 0 */
  int64_t now; /* what the template takes for now, in seconds since 1970, shown
                  in local time; 0: now */
} LlmcChatOptions;

/* The defaults: null, null, -1, 0. */
LLMC_API LlmcChatOptions llmc_chat_defaults(void);

/* The text of a conversation through the model's chat template. The
 * conversation is JSON: a list of messages, or an object whose members are the
 * template's variables, `messages` among them. As llmc_tokenize: `size` becomes
 * the text's length, no 0 is added. What the template refuses by
 * raise_exception is LLMC_STATUS_BAD_INPUT with its message; a conversation or
 * a template that would take too much is LLMC_STATUS_RESOURCE. */
LLMC_API LlmcStatus llmc_apply_chat_template(
    const llmc_model *model, const char *conversation, size_t length,
    const LlmcChatOptions *options, char *text, size_t capacity, size_t *size);

/* ---- Sessions ---- */

typedef struct LlmcSessionOptions {
  const char *model; /* null: the artifact's first that fits the call */
  int64_t
      capacity; /* positions to make room for; 0: the model's context length */
} LlmcSessionOptions;

/* A stream of calls with buffers of its own: one after another, from one thread
 * at a time. What a call needs is made by the first one that needs it. */
LLMC_API LlmcStatus llmc_session_create(const llmc_model *model,
                                        const LlmcSessionOptions *options,
                                        llmc_session **session);
/* A call that runs ends first. Nothing happens when the session is null or
 * freed already. */
LLMC_API void llmc_session_free(llmc_session *session);
/* The running call, or the next, fails soon with LLMC_STATUS_RESOURCE and
 * "cancelled". The session must not be freed; nothing happens when it is null.
 */
LLMC_API void llmc_session_cancel(llmc_session *session);

/* Sequences and optional values have the rank LLMC_SEQUENCE (abi.h). */
typedef struct LlmcNamedTensor {
  const char *name;
  LlmcTensor tensor; /* row-major, dense; of dtype LlmcDType */
} LlmcNamedTensor;

/* Runs an entry without states ("raw", when `entry` is null) on its inputs,
 * given in any order. They are read in place and must not change meanwhile. An
 * unknown entry, an input that is missing, unknown, given twice or of another
 * type, rank or size is LLMC_STATUS_BAD_INPUT and named. */
LLMC_API LlmcStatus llmc_session_run(llmc_session *session, const char *entry,
                                     const LlmcNamedTensor *inputs,
                                     size_t count);
/* The outputs of the last llmc_session_run, in the entry's order; none when it
 * failed. The memory is the session's and valid until its next call. */
LLMC_API LlmcStatus llmc_session_outputs(llmc_session *session,
                                         const LlmcNamedTensor **outputs,
                                         size_t *count);

/* Token by token: append at least one token, get the logits of the last one
 * (valid until the session's next call). A token outside of the vocabulary is
 * LLMC_STATUS_BAD_INPUT, a context that is full LLMC_STATUS_RESOURCE; after a
 * failure the session is at the length that it had. */
LLMC_API LlmcStatus llmc_session_append(llmc_session *session,
                                        const int64_t *tokens, size_t count,
                                        const float **logits,
                                        size_t *vocabulary);
/* Forgets all positions from `length` on, which is at most the session's. */
LLMC_API LlmcStatus llmc_session_rewind(llmc_session *session, int64_t length);
/* Positions that the session holds; -1 when it is null, freed or in use. */
LLMC_API int64_t llmc_session_length(const llmc_session *session);

/* A number that is not given: the model's default. Of integers that is -1. */
#define LLMC_MODEL_DEFAULT (-1e30)

typedef struct LlmcLogitBias {
  uint32_t token;
  double bias; /* added to the token's logit; -INFINITY rules it out */
} LlmcLogitBias;

typedef enum LlmcEarlyStopping {
  LLMC_EARLY_STOPPING_MODEL = -1,
  LLMC_EARLY_STOPPING_NO = 0,   /* when no open text would be among the best if
                                   it ended now */
  LLMC_EARLY_STOPPING_YES = 1,  /* with as many finished texts as beams */
  LLMC_EARLY_STOPPING_NEVER = 2 /* when no open text could ever be */
} LlmcEarlyStopping;

/* Made by llmc_generate_defaults. What the model's folder says is the default
 * of what is at -1 or LLMC_MODEL_DEFAULT, then the value in brackets. Scores
 * are changed in the order of the fields, which is that of the logits
 * processors of transformers. Settings that are impossible fail with
 * LLMC_STATUS_BAD_INPUT. */
typedef struct LlmcGenerateOptions {
  size_t size; /* of this struct, as the caller was compiled with it */

  int64_t max_tokens; /* new ones at most [256] */
  int64_t min_tokens; /* no end token comes before [0] */
  double time_limit;  /* seconds, looked at after each token; 0: none */

  const LlmcLogitBias *logit_bias;
  size_t logit_bias_count;
  double repetition_penalty; /* above 0: scores of tokens of prompt and text,
                                divided where positive, else multiplied [1] */
  double presence_penalty;   /* taken from tokens that the new text has; 0 */
  double frequency_penalty;  /* taken as often as the new text has them; 0 */
  int64_t no_repeat_ngram;   /* no run of so many tokens comes twice [0: any] */
  double temperature;        /* divides the scores; 0: the best token [0, or 1
                                when one of the next three is given] */
  int64_t top_k;             /* among the k best [0: all] */
  double top_p;              /* among the best of this probability in all, in
                                (0, 1] [1] */
  double min_p;              /* among those at least so likely relative to the
                                best, in [0, 1] [0] */
  uint64_t seed;             /* of the sampling: token i of sequence s draws
                                Philox4x32-10 with the seed as key and (i, s) as
                                counter, whatever else runs */

  int64_t sequences;                /* texts for the prompt [1] */
  int64_t beams;                    /* above 1: beam search [1] */
  double length_penalty;            /* a beam's text of n tokens scores sum(log
                                       probabilities) / n^penalty [1] */
  LlmcEarlyStopping early_stopping; /* of a beam search [NO] */

  const uint32_t *stop_tokens; /* besides the model's end tokens */
  size_t stop_token_count;
  const char *const *stop_strings; /* ended by 0; the text ends before them */
  size_t stop_string_count;
  int32_t ignore_eos; /* non-zero: go on after the model's end tokens */

  int32_t logprobs;    /* tell each token's log probability by the model alone,
                          and of so many of the best tokens; -1: don't */
  int32_t add_special; /* non-zero: special tokens around the prompt, as the
                          tokenizer says */

  /* What the text must be; at most one is not null. End tokens come exactly
   * where it is complete; max_tokens, time_limit and stop strings may cut it. A
   * session keeps the last one ready for its next call. */
  const char *json_schema; /* JSON that this schema accepts, ended by 0 */
  const char *grammar;     /* what the rule root of this GBNF grammar matches */
  const char *constraint;  /* what the artifact holds under this name */

  /* Speculative decoding: several proposed tokens are checked in one step. It
   * changes how fast a text comes, nothing of it. */
  int32_t lookup;      /* non-zero: proposes what followed the last tokens where
                          they came before */
  llmc_session *draft; /* proposes what its model would say: a smaller one with
                          the same tokenizer; its context is used. Null: none */
  int64_t speculate_tokens; /* proposed at once [4] */
} LlmcGenerateOptions;

/* The defaults: the model's, one text, seed 0, special tokens added. `size` is
 * sizeof(LlmcGenerateOptions) of the caller. */
LLMC_API LlmcStatus llmc_generate_defaults(LlmcGenerateOptions *options,
                                           size_t size);

typedef enum LlmcFinish {
  LLMC_FINISH_NONE = 0,        /* the text goes on */
  LLMC_FINISH_END_TOKEN = 1,   /* the model's or one of stop_tokens */
  LLMC_FINISH_STOP_STRING = 2, /* the text ends before it */
  LLMC_FINISH_LENGTH = 3,      /* max_tokens, or the context is full */
  LLMC_FINISH_TIME = 4,        /* time_limit */
  LLMC_FINISH_CALLER = 5,      /* the callback had enough; it isn't told */
  LLMC_FINISH_COMPLETE = 6     /* the constraint allows no more, and there is no
                                  end token to say so */
} LlmcFinish;

typedef struct LlmcTokenLogprob {
  uint32_t token;
  float logprob;
} LlmcTokenLogprob;

/* A token, or the end of a text. Later versions may add fields. */
typedef struct LlmcGenerated {
  int64_t sequence; /* from 0 on */
  int64_t token;    /* -1: the text ends; an end token is no part of it */
  const char *text; /* what is now certain, whole UTF-8 characters, often
                       nothing; not ended by 0 */
  size_t length;    /* in bytes */
  double logprob;   /* of the token, when asked for */
  const LlmcTokenLogprob *likeliest; /* the best first, when asked for */
  size_t likeliest_count;
  LlmcFinish finish; /* why the text ends */
  double score;      /* of a beam search's text, at its end */
} LlmcGenerated;

/* Valid during the call. Return non-zero to stop. Of its session it may call
 * llmc_session_cancel and llmc_session_free alone; no exception may leave it.
 */
typedef int32_t (*LlmcGenerateCallback)(void *user,
                                        const LlmcGenerated *generated);

typedef struct LlmcGenerateResult {
  int64_t prompt_tokens;
  int64_t tokens; /* of all texts, end tokens not counted */
  double prefill_seconds;
  double decode_seconds;
  int64_t proposed; /* by lookup or a draft, */
  int64_t accepted; /* and so many of these were right */
} LlmcGenerateResult;

/* Continues the prompt, or, where the model has an encoder and a decoder, reads
 * it and writes about it: a translation, a summary. What the session has read
 * of its beginning already, in an earlier call, is kept and not read again: a
 * conversation costs what is new in it, and gives the same text. Several texts
 * come one after another; those of a beam search at its end, the best first.
 * llmc_session_cancel ends it with LLMC_STATUS_RESOURCE. After a failure the
 * session is as usable as before. `result` may be null. */
LLMC_API LlmcStatus llmc_session_generate(llmc_session *session,
                                          const char *prompt, size_t length,
                                          const LlmcGenerateOptions *options,
                                          LlmcGenerateCallback callback,
                                          void *user,
                                          LlmcGenerateResult *result);

/* ---- Batches ---- */

/* Generates for many requests at once, which join and leave between steps; a
 * step reads the weights once for all of them. Every request's text is the same
 * as alone. llmc_batch_submit and llmc_batch_cancel may be called from any
 * thread, callbacks included; everything else by one thread at a time. */
typedef struct llmc_batch llmc_batch;

/* 0 or null: the value in brackets. */
typedef struct LlmcBatchOptions {
  const char *model;    /* the artifact's [first with the entry `step`] */
  int64_t sequences;    /* that run at the same time, at most [16] */
  int64_t step_tokens;  /* of a step, at most: a bound on how long it takes, at
                           least twice what decodes [256] */
  uint64_t state_bytes; /* of all caches; requests wait where it is reached
                           [half of what the process may use] */
  int64_t lookup;       /* tokens that prompt lookup proposes at once [none] */
} LlmcBatchOptions;

/* Unsupported where the model has no entry `step`. `options` may be null. */
LLMC_API LlmcStatus llmc_batch_create(const llmc_model *model,
                                      const LlmcBatchOptions *options,
                                      llmc_batch **batch);
/* Requests that have not ended do, as cancelled. Null is allowed. */
LLMC_API void llmc_batch_free(llmc_batch *batch);

/* How a request ended: LLMC_STATUS_OK and what it took, its prefill being the
 * time until its first token; or the failure and its text. Valid during the
 * call. */
typedef void (*LlmcBatchEndCallback)(void *user, uint64_t request,
                                     LlmcStatus status, const char *error,
                                     const LlmcGenerateResult *result);

/* Queues a request. The callbacks are called by llmc_batch_step; one that wants
 * no more tokens ends its request. Settings for a beam search and for
 * speculation don't go with it. `request` (or null) becomes its number. */
LLMC_API LlmcStatus llmc_batch_submit(llmc_batch *batch, const char *prompt,
                                      size_t length,
                                      const LlmcGenerateOptions *options,
                                      LlmcGenerateCallback on_token,
                                      LlmcBatchEndCallback on_end, void *user,
                                      uint64_t *request);
/* The request ends with the next step, as cancelled (LLMC_STATUS_RESOURCE). */
LLMC_API void llmc_batch_cancel(llmc_batch *batch, uint64_t request);
/* One step of all that runs. `busy` becomes 0 when there is nothing to do. A
 * failure is one of all that ran, which have ended with it. */
LLMC_API LlmcStatus llmc_batch_step(llmc_batch *batch, int32_t *busy);

typedef enum LlmcPooling {
  LLMC_POOLING_MODEL = -1, /* as the model's folder said, else the mean */
  LLMC_POOLING_MEAN = 0,
  LLMC_POOLING_FIRST = 1,
  LLMC_POOLING_LAST = 2,
  LLMC_POOLING_MAX = 3
} LlmcPooling;

/* A text's embedding: the model's own, or its hidden states pooled; of length
 * one when `normalize` is positive, as the model's folder said when it is
 * negative. As llmc_tokenize: `size` becomes its length. */
LLMC_API LlmcStatus llmc_session_embed(llmc_session *session, const char *text,
                                       size_t length, LlmcPooling pooling,
                                       int32_t normalize, float *vector,
                                       size_t capacity, size_t *size);

/* ---- What a model says about a text ---- */

/* Something found in a text, or said of all of it. Valid during the call. */
typedef struct LlmcFinding {
  int64_t index;     /* of the class or token; -1: none */
  const char *label; /* its name; not ended by 0 */
  size_t label_length;
  double score;     /* a probability, unless the model computes numbers */
  uint32_t start;   /* characters [start, end) of the text, */
  uint32_t end;     /* where it has a place */
  const char *text; /* what stands there, or for a mask the token's text */
  size_t length;
} LlmcFinding;

/* Return non-zero to stop. */
typedef int32_t (*LlmcFindingCallback)(void *user, const LlmcFinding *finding);

/* The best `count` classes of a text, the best first. Names are those of the
 * model's folder; scores by its problem_type: softmax, a sigmoid each for
 * several labels or one class, or the logits as they are for a regression. */
LLMC_API LlmcStatus llmc_session_classify(llmc_session *session,
                                          const char *text, size_t length,
                                          size_t count,
                                          LlmcFindingCallback callback,
                                          void *user);
/* For each mask of the text, in its order, the best `count` tokens. */
LLMC_API LlmcStatus llmc_session_fill_masks(llmc_session *session,
                                            const char *text, size_t length,
                                            size_t count,
                                            LlmcFindingCallback callback,
                                            void *user);

typedef enum LlmcAggregation {
  LLMC_AGGREGATION_NONE = 0,    /* each token by itself */
  LLMC_AGGREGATION_SIMPLE = 1,  /* tokens of one kind that follow each other are
                                   one; "B-" begins a new one */
  LLMC_AGGREGATION_FIRST = 2,   /* words get their first token's label before */
  LLMC_AGGREGATION_AVERAGE = 3, /* that of the mean score */
  LLMC_AGGREGATION_MAX = 4      /* that of the largest score */
} LlmcAggregation;

/* The words of a text that have another label than "O", in its order. */
LLMC_API LlmcStatus llmc_session_tag(llmc_session *session, const char *text,
                                     size_t length, LlmcAggregation aggregation,
                                     LlmcFindingCallback callback, void *user);

typedef struct LlmcAnswerOptions {
  size_t count;   /* answers [1] */
  size_t longest; /* tokens of an answer [15] */
  size_t window;  /* tokens of the question and a part of the context [384] */
  size_t stride;  /* tokens that windows have in common [128] */
} LlmcAnswerOptions;

LLMC_API LlmcAnswerOptions llmc_answer_defaults(void);

/* The parts of the context that answer the question best, the best first. A
 * long context is read in windows. */
LLMC_API LlmcStatus llmc_session_answer(
    llmc_session *session, const char *question, size_t question_length,
    const char *context, size_t context_length,
    const LlmcAnswerOptions *options, LlmcFindingCallback callback, void *user);

/* ---- Speech ---- */

/* The samples of a WAV file, several channels as their mean. As llmc_tokenize:
 * `count` becomes their number. `rate` is in samples a second. */
LLMC_API LlmcStatus llmc_read_wav(const void *file, size_t size, float *samples,
                                  size_t capacity, size_t *count,
                                  int64_t *rate);

typedef struct LlmcTranscribeOptions {
  const char *language; /* "en"; null: found in the first window */
  const char *task;     /* "transcribe", "translate"; null: transcribe */
  int32_t timestamps;   /* non-zero: segments with times */
  const LlmcGenerateOptions *generate; /* of each window's text; null: the
                                          model's defaults */
} LlmcTranscribeOptions;

/* The defaults: null, null, 0, null. */
LLMC_API LlmcTranscribeOptions llmc_transcribe_defaults(void);

/* What was said in a part of the sound: a window of it, or with timestamps what
 * stands between two of them. Valid during the call. */
typedef struct LlmcSegment {
  double start; /* seconds from the start of the sound */
  double end;
  const char *text; /* not ended by 0 */
  size_t length;
  const uint32_t *tokens;
  size_t token_count;
} LlmcSegment;

/* Return non-zero to stop. */
typedef int32_t (*LlmcSegmentCallback)(void *user, const LlmcSegment *segment);

typedef struct LlmcTranscribeResult {
  int64_t tokens;
  double audio_seconds;
  double feature_seconds; /* of work: the features, */
  double encoder_seconds; /* the encoder, */
  double decoder_seconds; /* the text */
  /* As given or found, ended by 0 (15 bytes at most); empty where the model has
   * only one. */
  char language[16];
} LlmcTranscribeResult;

/* Writes down what is spoken: one channel of samples at any rate from 1 to 384
 * kHz. Segments come as they are found. `result` may be null. */
LLMC_API LlmcStatus llmc_session_transcribe(
    llmc_session *session, const float *samples, size_t count, int64_t rate,
    const LlmcTranscribeOptions *options, LlmcSegmentCallback callback,
    void *user, LlmcTranscribeResult *result);

#ifdef __cplusplus
}
#endif
#endif
