// SPDX-License-Identifier: Apache-2.0
#include "runtime/text/RegexSyntax.h"
#include "runtime/text/RegexClasses.h"
#include "runtime/text/Utf8.h"

namespace llmc::text {

namespace {

class Translator {
public:
  explicit Translator(std::string_view source) : source_(source) {}

  Result<std::string> run() {
    while (at_ < source_.size()) {
      char c = source_[at_];
      if (c == '\\')
        escape(/*inClass=*/false);
      else if (c == '[')
        characterClass();
      else if (c == '(')
        group();
      else
        copy(1);
      if (!status_)
        return std::move(status_);
    }
    return std::move(out_);
  }

private:
  bool starts(std::string_view prefix) const {
    return source_.substr(at_, prefix.size()) == prefix;
  }
  void copy(size_t count) {
    out_.append(source_.substr(at_, count));
    at_ += count;
  }
  void replace(size_t count, std::string_view with) {
    out_.append(with);
    at_ += count;
  }
  void unsupported(std::string_view what) {
    status_ =
        Status(Code::Unsupported, "the regex pattern '" + std::string(source_) +
                                      "' has " + std::string(what));
  }

  void escape(bool inClass) {
    if (at_ + 1 >= source_.size()) {
      copy(1);
      return;
    }
    switch (source_[at_ + 1]) {
    case 's':
      return replace(2, R"(\p{White_Space})");
    case 'S':
      return replace(2, R"(\P{White_Space})");
    case 'w':
    case 'W':
      return wordClass(inClass);
    case 'd':
      return members(2, R"(\p{Nd})" + youngMembers("Nd"), inClass, false);
    case 'D':
      if (inClass)
        return copy(2);
      return members(2, R"(\p{Nd})" + youngMembers("Nd"), inClass, true);
    case 'p':
    case 'P':
      return property(inClass);
    case 'h':
      return replace(2, inClass ? "0-9a-fA-F" : "[0-9a-fA-F]");
    case 'H':
      if (inClass)
        return unsupported("\\H inside a class");
      return replace(2, "[^0-9a-fA-F]");
    case 'Q': // Not a quotation there.
      return replace(2, "Q");
    default: {
      size_t size =
          sequenceLength(static_cast<unsigned char>(source_[at_ + 1]));
      copy(1 + size);
    }
    }
  }

  /// A class of these members, or the members alone inside one.
  void members(size_t count, const std::string &list, bool inClass,
               bool negated) {
    replace(count, inClass ? list : (negated ? "[^" : "[") + list + "]");
  }

  /// \w or \W. Alone, not inside a class, it has six numbers more.
  void wordClass(bool inClass) {
    bool negated = source_[at_ + 1] == 'W';
    if (negated && inClass)
      return unsupported("\\W inside a class");
    std::string list =
        R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})" + youngWordMembers();
    if (!inClass)
      list += R"(\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})";
    members(2, list, inClass, negated);
  }

  /// \p{..}, \P{..} or \p{^..}.
  void property(bool inClass) {
    size_t end = source_.find('}', at_);
    if (!source_.substr(at_ + 2).starts_with("{") || end == source_.npos)
      return copy(2);
    std::string_view name = source_.substr(at_ + 3, end - at_ - 3);
    bool negated = source_[at_ + 1] == 'P';
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    if (isScript(name))
      // PCRE2's plain name means the script extensions.
      return replace(end + 1 - at_, std::string(negated ? "\\P" : "\\p") +
                                        "{sc:" + std::string(name) + "}");
    std::string young = youngMembers(name);
    // A complement inside a class cannot be written as a list of members.
    if (young.empty() || (negated && inClass))
      return copy(end + 1 - at_);
    members(end + 1 - at_, "\\p{" + std::string(name) + "}" + young, inClass,
            negated);
  }

  void group() {
    if (!starts("(?") || starts("(?<") || starts("(?#")) {
      copy(1);
      return;
    }
    copy(2);
    // Options: letters, perhaps '-', up to ':' or ')'.
    size_t end = source_.find_first_not_of("imx-", at_);
    if (end == at_ || end == source_.npos ||
        (source_[end] != ':' && source_[end] != ')'))
      return;
    for (; at_ < end; ++at_)
      out_.push_back(source_[at_] == 'm' ? 's' : source_[at_]);
  }

  void characterClass() {
    copy(1);
    if (at_ < source_.size() && source_[at_] == '^')
      copy(1);
    if (at_ < source_.size() && source_[at_] == ']')
      replace(1, R"(\])");
    for (size_t depth = 1; depth > 0 && status_;) {
      if (at_ >= source_.size())
        return;
      char c = source_[at_];
      if (c == '\\') {
        escape(/*inClass=*/true);
      } else if (starts("[:")) {
        size_t end = source_.find(":]", at_);
        copy(end == source_.npos ? source_.size() - at_ : end + 2 - at_);
      } else if (c == '[') {
        if (starts("[^"))
          return unsupported("a negated class inside a class");
        ++depth;
        ++at_; // A union: the members join the outer class.
      } else if (c == ']') {
        if (--depth == 0)
          copy(1);
        else
          ++at_;
      } else if (starts("&&")) {
        return unsupported("a class intersection (&&)");
      } else {
        copy(1);
      }
    }
  }

  std::string_view source_;
  size_t at_ = 0;
  std::string out_;
  Status status_;
};

} // namespace

Result<std::string> translateRegex(std::string_view source) {
  return Translator(source).run();
}

} // namespace llmc::text
