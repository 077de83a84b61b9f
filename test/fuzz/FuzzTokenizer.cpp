// SPDX-License-Identifier: Apache-2.0
// Fuzzes the tokenizer: an input is a tokenizer.json, a 0 byte, and a text.
// Every file must be refused or load; what loads must give ids below its
// limit, the same ids in both forms, offsets in order of size, and a stream
// that joins to the decoded text.
#include "runtime/text/Tokenizer.h"
#include "runtime/text/Utf8.h"
#include "test/fuzz/Require.h"

using namespace llmc;
using namespace llmc::fuzz;

static void checkDecoding(const text::Tokenizer &tokenizer,
                          const std::vector<uint32_t> &ids) {
  auto decoded = tokenizer.decode(ids);
  if (!decoded)
    return;
  text::StreamDecoder stream = tokenizer.stream();
  std::string joined;
  for (uint32_t id : ids) {
    auto piece = stream.push(id);
    if (!piece)
      return;
    require(text::isValidUtf8(*piece), "pieces of a stream are UTF-8");
    joined += *piece;
  }
  auto rest = stream.finish();
  if (!rest)
    return;
  require(joined + *rest == *decoded, "a stream joins to the decoded text");
}

static void checkText(const text::Tokenizer &tokenizer, std::string_view text) {
  auto encoding = tokenizer.encode(text);
  auto ids = tokenizer.encodeIds(text);
  require(bool(encoding) == bool(ids), "both forms succeed or fail");
  if (!encoding)
    return;
  require(encoding->ids == *ids, "both forms give the same ids");
  for (size_t i = 0; i < ids->size(); ++i) {
    require((*ids)[i] < tokenizer.idLimit(), "ids are below the limit");
    require(encoding->offsets[i].begin <= encoding->offsets[i].end &&
                encoding->offsets[i].end <= text.size(),
            "offsets lie in the text");
  }
  checkDecoding(tokenizer, *ids);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view input(reinterpret_cast<const char *>(data), size);
  size_t end = std::min(input.find('\0'), input.size());
  auto tokenizer = text::Tokenizer::load(input.substr(0, end));
  if (!tokenizer)
    return 0;
  std::string_view text = input.substr(std::min(end + 1, size));
  checkText(**tokenizer, text);
  (void)(*tokenizer)->encodePair(text, text.substr(0, text.size() / 2));
  // Tokens that no text would give.
  std::vector<uint32_t> ids;
  for (char c : text)
    ids.push_back(static_cast<unsigned char>(c));
  checkDecoding(**tokenizer, ids);
  return 0;
}
