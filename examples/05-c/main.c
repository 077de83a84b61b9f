/* SPDX-License-Identifier: Apache-2.0
 * llmc from C: 05-c MODEL.llmc PROMPT. Shows the tokens of the prompt, the
 * likeliest next token, and a text that continues it until its second sentence
 * ends. */
#include <inttypes.h>
#include <llmc/llmc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All failures end the program; a program with more to lose would go on. */
static void check(LlmcStatus status) {
  if (status == LLMC_STATUS_OK)
    return;
  fprintf(stderr, "error: %s\n", llmc_last_error());
  exit(status);
}

/* A call tells how much there is; the second one takes it. */
static uint32_t *tokenize(const llmc_model *model, const char *text,
                          size_t *count) {
  check(llmc_tokenize(model, text, strlen(text), 1, NULL, 0, count));
  uint32_t *ids = malloc(*count * sizeof *ids + 1);
  if (!ids)
    exit(LLMC_STATUS_RESOURCE);
  check(llmc_tokenize(model, text, strlen(text), 1, ids, *count, count));
  return ids;
}

static void showNext(const llmc_model *model, llmc_session *session,
                     const uint32_t *ids, size_t count) {
  const float *logits = NULL;
  size_t vocabulary = 0, best = 0;
  printf("tokens:");
  for (size_t i = 0; i < count; ++i) {
    int64_t token = ids[i];
    printf(" %" PRId64, token);
    check(llmc_session_append(session, &token, 1, &logits, &vocabulary));
  }
  for (size_t i = 1; i < vocabulary; ++i)
    if (logits[i] > logits[best])
      best = i;
  uint32_t token = (uint32_t)best;
  char text[64];
  size_t length = 0;
  check(llmc_detokenize(model, &token, 1, text, sizeof text, &length));
  length = length < sizeof text ? length : sizeof text;
  printf("\nlikeliest next: %" PRIu32 " '%.*s'\n", token, (int)length, text);
}

/* Called with every token. `user` counts sentences. */
static int32_t onToken(void *user, const LlmcGenerated *made) {
  int *sentences = user;
  fwrite(made->text, 1, made->length, stdout);
  for (size_t i = 0; i < made->length; ++i)
    *sentences += made->text[i] == '.';
  return *sentences >= 2;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: 05-c MODEL.llmc PROMPT\n");
    return 2;
  }
  llmc_model *model = NULL;
  llmc_session *session = NULL;
  check(llmc_open(argv[1], NULL, &model));
  check(llmc_session_create(model, NULL, &session));

  size_t count = 0;
  uint32_t *ids = tokenize(model, argv[2], &count);
  showNext(model, session, ids, count);
  free(ids);

  LlmcGenerateOptions options;
  check(llmc_generate_defaults(&options, sizeof options));
  options.temperature = 0.7;
  options.seed = 3;
  int sentences = 0;
  LlmcGenerateResult result;
  printf("%s", argv[2]);
  check(llmc_session_generate(session, argv[2], strlen(argv[2]), &options,
                              onToken, &sentences, &result));
  printf("\n%" PRId64 " tokens\n", result.tokens);

  llmc_session_free(session);
  llmc_close(model);
  return 0;
}
