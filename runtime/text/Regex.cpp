// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/Regex.h"
#include "runtime/text/RegexSyntax.h"
#include "runtime/text/Utf8.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace llmc::text {

namespace {

struct Free {
  void operator()(pcre2_code *p) const { pcre2_code_free(p); }
  void operator()(pcre2_match_data *p) const { pcre2_match_data_free(p); }
  void operator()(pcre2_match_context *p) const { pcre2_match_context_free(p); }
  void operator()(pcre2_compile_context *p) const {
    pcre2_compile_context_free(p);
  }
};
template <typename T> using Owned = std::unique_ptr<T, Free>;

std::string pcreMessage(int code) {
  PCRE2_UCHAR buffer[256] = {};
  pcre2_get_error_message(code, buffer, sizeof buffer);
  return reinterpret_cast<const char *>(buffer);
}

constexpr uint32_t stepLimit = 1000000;
constexpr uint32_t depthLimit = 100000;
constexpr uint32_t heapLimitKiB = 65536;

} // namespace

class Regex {
public:
  std::string source;
  Owned<pcre2_code> code;
  Owned<pcre2_match_context> context;

  /// Finds a match at or after `from`. An error counts as bad input: the file
  /// brought the expression.
  Result<bool> search(std::string_view text, size_t from,
                      pcre2_match_data *data) const {
    auto *subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    int rc = pcre2_match(code.get(), subject, text.size(), from,
                         PCRE2_NO_UTF_CHECK, data, context.get());
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
      rc = pcre2_match(code.get(), subject, text.size(), from,
                       PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, context.get());
    if (rc == PCRE2_ERROR_NOMATCH)
      return false;
    if (rc < 0)
      return badTokenizer("pattern '" + source + "'",
                          "cannot be matched within limits: " +
                              pcreMessage(rc));
    return true;
  }
};

static Result<std::shared_ptr<const Regex>>
compileRegex(const std::string &source, const std::string &where) {
  Result<std::string> translated = translateRegex(source);
  if (!translated)
    return std::move(translated.takeStatus()).at(where);
  Owned<pcre2_compile_context> options(pcre2_compile_context_create(nullptr));
  if (!options)
    throw std::bad_alloc();
  pcre2_set_max_pattern_length(options.get(), 65536);
  pcre2_set_parens_nest_limit(options.get(), 200);
  int error = 0;
  PCRE2_SIZE offset = 0;
  // Multi-line anchors are always on in the syntax that the files are in.
  constexpr uint32_t flags =
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
  auto regex = std::make_shared<Regex>();
  regex->source = source;
  regex->code.reset(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated->data()),
                    translated->size(), flags, &error, &offset, options.get()));
  if (!regex->code)
    return badTokenizer(where, "the regex pattern '" + source +
                                   "' is invalid: " + pcreMessage(error));
  regex->context.reset(pcre2_match_context_create(nullptr));
  if (!regex->context)
    throw std::bad_alloc();
  pcre2_set_match_limit(regex->context.get(), stepLimit);
  pcre2_set_depth_limit(regex->context.get(), depthLimit);
  pcre2_set_heap_limit(regex->context.get(), heapLimitKiB);
  // Without JIT the interpreter does the same, slower.
  pcre2_jit_compile(regex->code.get(), PCRE2_JIT_COMPLETE);
  return std::shared_ptr<const Regex>(std::move(regex));
}

Pattern Pattern::literal(std::string text) {
  Pattern pattern;
  pattern.literal_ = std::move(text);
  return pattern;
}

Result<Pattern> Pattern::regex(const std::string &source,
                               const std::string &where) {
  Pattern pattern;
  pattern.word_ = recogniseWordPattern(source);
  if (pattern.word_ != WordPattern::None)
    return pattern;
  Result<std::shared_ptr<const Regex>> regex = compileRegex(source, where);
  if (!regex)
    return regex.takeStatus();
  pattern.regex_ = *regex;
  return pattern;
}

Status
Pattern::regexMatches(std::string_view text,
                      const std::function<void(size_t, size_t)> &visit) const {
  if (!regex_)
    return Status();
  Owned<pcre2_match_data> data(
      pcre2_match_data_create_from_pattern(regex_->code.get(), nullptr));
  if (!data)
    throw std::bad_alloc();
  size_t from = 0;
  size_t lastEnd = std::string_view::npos;
  while (from <= text.size()) {
    Result<bool> found = regex_->search(text, from, data.get());
    if (!found)
      return found.takeStatus();
    if (!*found)
      break;
    const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(data.get());
    size_t begin = bounds[0], end = bounds[1];
    if (begin > end || begin < from)
      return badTokenizer("pattern '" + regex_->source + "'",
                          "its matches run backwards");
    // An empty match right after the last one would never end.
    if (begin == end && end == lastEnd) {
      from = from < text.size() ? from + decodeAt(text, from).size : from + 1;
      continue;
    }
    visit(begin, end);
    from = lastEnd = end;
  }
  return Status();
}

Result<Pattern> loadPattern(FieldReader &fields) {
  const nlohmann::json *pattern = fields.find("pattern");
  if (pattern && pattern->is_object() && pattern->size() == 1) {
    const nlohmann::json &value = *pattern->begin();
    std::string kind = pattern->begin().key();
    if (value.is_string() && kind == "String" &&
        !value.get<std::string>().empty())
      return Pattern::literal(value.get<std::string>());
    if (value.is_string() && (kind == "Regex" || kind == "String"))
      return Pattern::regex(value.get<std::string>(), fields.where());
  }
  return badTokenizer(fields.where(),
                      "pattern is not {\"String\": s} or {\"Regex\": s}");
}

} // namespace llmc::text
