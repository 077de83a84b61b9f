// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Spec.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace llmc::llm;
using llvm::StringRef;

namespace llmc::quantize {

static llvm::Error wrong(const llvm::Twine &what) {
  return llvm::createStringError(what);
}

/// A piece of the user's text, shortened.
static std::string quoted(StringRef text) {
  return "'" + text.take_front(60).str() + (text.size() > 60 ? "...'" : "'");
}

static constexpr StringRef kTypes =
    "int2, int3, int4, int8, nf4, fp4, mxfp4, fp8, "
    "e4m3, e5m2, f16, bf16 or float";

/// Numbers of few bits that are no integers; None for other types.
static Codes codesOf(StringRef text) {
  return llvm::StringSwitch<Codes>(text)
      .Case("nf4", Codes::NF4)
      .Cases("fp4", "mxfp4", Codes::E2M1)
      .Cases("fp8", "e4m3", Codes::E4M3)
      .Case("e5m2", Codes::E5M2)
      .Default(Codes::None);
}

/// A type with the settings that suit it: numbers of 2 to 4 bits in groups of
/// 32 with scales of f16 that fit best, those of 8 bits with one scale of f32
/// for a channel.
static llvm::Expected<WeightType> parseType(StringRef text) {
  WeightType t;
  if (text == "float")
    return t;
  if (text == "f16" || text == "bf16") {
    t.kind = text == "f16" ? WeightType::F16 : WeightType::BF16;
    return t;
  }
  t.kind = WeightType::Integer;
  if (text == "int4" || text == "int3" || text == "int2") {
    unsigned bits = text[3] - '0';
    t.format = {{bits, true, ScaleType::F16}, 32, Fit::LeastError};
    return t;
  }
  Codes codes = codesOf(text);
  if (text == "int8" || codes == Codes::E4M3 || codes == Codes::E5M2) {
    t.format = {{8, true, ScaleType::F32, codes}, 0, Fit::Range};
    return t;
  }
  if (codes != Codes::None) {
    ScaleType scale = text == "mxfp4" ? ScaleType::E8M0 : ScaleType::F16;
    t.format = {{4, true, scale, codes}, 32, Fit::LeastError};
    return t;
  }
  return wrong(quoted(text) + " is no type of weights: " + kTypes);
}

static bool isOfIntegers(const WeightType &type) {
  return type.kind == WeightType::Integer && !type.format.grid.hasCodes();
}

static std::optional<int64_t> parseGroup(StringRef value, StringRef whole) {
  if (value == whole)
    return 0;
  int64_t group = 0;
  if (value.getAsInteger(10, group) || group < 16 || group > 256 ||
      !llvm::isPowerOf2_64(group))
    return std::nullopt;
  return group;
}

namespace {
class RuleParser {
public:
  /// What a user said of activations, which a rule with a pattern inherits.
  explicit RuleParser(std::optional<ActivationType> activations) {
    rule.type.activations = activations;
  }

  llvm::Expected<QuantizeRule> parse(StringRef text) {
    StringRef settings = text, pattern;
    bool hasPattern = text.contains('@');
    if (hasPattern)
      std::tie(settings, pattern) = text.split('@');
    llvm::SmallVector<StringRef> parts;
    settings.split(parts, ',');
    if (parts.front().trim() == "mixed")
      return wrong(hasPattern ? "mixed is for the rule without a pattern"
                              : "mixed is none of the types that are mixed");
    auto type = parseType(parts.front().trim());
    if (!type)
      return type.takeError();
    type->activations = rule.type.activations;
    rule.type = *type;
    for (StringRef part : llvm::drop_begin(parts))
      if (llvm::Error error = set(part.trim()))
        return std::move(error);
    if (llvm::Error error = finish(hasPattern, pattern.trim()))
      return std::move(error);
    return std::move(rule);
  }

private:
  llvm::Error set(StringRef setting) {
    auto [key, value] = setting.split('=');
    bool hasValue = setting.contains('=');
    IntegerGrid &grid = rule.type.format.grid;
    bool integer = rule.type.kind == WeightType::Integer;
    if (!integer &&
        llvm::is_contained({"group", "sym", "asym", "scale", "method"}, key))
      return wrong(quoted(setting) + " is for weights of integers");
    if (grid.hasCodes() && llvm::is_contained({"sym", "asym"}, key))
      return wrong(quoted(setting) + " is for weights of integers");
    if (grid.scale == ScaleType::E8M0 &&
        llvm::is_contained({"group", "scale"}, key))
      return wrong(quoted(setting) + " is not for mxfp4: 32 numbers share a "
                                     "power of two");
    if (!hasValue && (key == "sym" || key == "asym")) {
      grid.symmetric = key == "sym";
      return llvm::Error::success();
    }
    if (key == "group")
      return setGroup(setting, value);
    if (key == "scale")
      return setScale(setting, value);
    if (key == "method")
      return setMethod(setting, value);
    if (key == "act" || key == "act_group")
      return setActivations(setting, key, value);
    if (key == "head" || key == "embed") {
      auto type = parseType(value);
      if (!type)
        return type.takeError();
      (key == "head" ? head : embedding) = *type;
      return llvm::Error::success();
    }
    return wrong(quoted(setting) +
                 " is no setting: group=, sym, asym, scale=, method=, act=, "
                 "act_group=, head= or embed=");
  }

  llvm::Error setMethod(StringRef setting, StringRef value) {
    WeightType &type = rule.type;
    bool rtn = false, clip = false, hqq = false;
    std::pair<StringRef, bool *> known[] = {{"rtn", &rtn},
                                            {"clip", &clip},
                                            {"hqq", &hqq},
                                            {"gptq", &type.gptq},
                                            {"order", &type.actOrder},
                                            {"refine", &type.refine},
                                            {"qep", &type.propagate},
                                            {"awq", &type.awq},
                                            {"smooth", &type.smooth},
                                            {"bias", &type.correctBias},
                                            {"rotate", &type.rotate}};
    for (auto [word, flag] : known)
      *flag = false;
    llvm::SmallVector<StringRef> words;
    value.split(words, '+');
    for (StringRef word : words) {
      auto entry =
          llvm::find_if(known, [&](const auto &k) { return k.first == word; });
      if (entry == std::end(known))
        return wrong(quoted(setting) +
                     " is no method: rtn, clip, hqq, gptq, order, refine, "
                     "qep, awq, smooth, bias and rotate, joined by +");
      *entry->second = true;
    }
    if (hqq && type.format.grid.hasCodes())
      return wrong(quoted(setting) + ": hqq is for weights of integers");
    if (clip && hqq)
      return wrong(quoted(setting) + ": clip and hqq exclude each other");
    type.format.fit = clip  ? Fit::LeastError
                      : hqq ? Fit::LeastNorm
                            : Fit::Range;
    if (rtn && type.gptq)
      return wrong(quoted(setting) + ": rtn and gptq exclude each other");
    if ((type.actOrder || type.refine || type.propagate) && !type.gptq)
      return wrong(quoted(setting) + ": order, refine and qep belong to gptq");
    if (type.awq && type.smooth)
      return wrong(quoted(setting) + ": awq and smooth exclude each other");
    if (type.rotate && (type.awq || type.smooth))
      return wrong(quoted(setting) + ": rotate leaves no channels for " +
                   (type.awq ? "awq" : "smooth") + " to balance");
    return llvm::Error::success();
  }

  llvm::Error setGroup(StringRef setting, StringRef value) {
    auto group = parseGroup(value, "channel");
    if (!group)
      return wrong(quoted(setting) + " is no group: channel, 16, 32, 64, 128 "
                                     "or 256");
    if (rule.type.format.grid.bits == 3 && *group == 16)
      return wrong(quoted(setting) + " is no group of int3: channel, 32, 64, "
                                     "128 or 256");
    rule.type.format.group = *group;
    // Many scales weigh more. Those of floats of 8 bits are small numbers.
    IntegerGrid &grid = rule.type.format.grid;
    if (!hasScale && *group)
      grid.scale =
          grid.hasCodes() && grid.bits == 8 ? ScaleType::BF16 : ScaleType::F16;
    return llvm::Error::success();
  }

  llvm::Error setScale(StringRef setting, StringRef value) {
    ScaleType &scale = rule.type.format.grid.scale;
    if (value != "f16" && value != "bf16" && value != "f32")
      return wrong(quoted(setting) + " is no type of scales: f16, bf16 or f32");
    scale = value == "f16"    ? ScaleType::F16
            : value == "bf16" ? ScaleType::BF16
                              : ScaleType::F32;
    hasScale = true;
    return llvm::Error::success();
  }

  llvm::Error setActivations(StringRef setting, StringRef key,
                             StringRef value) {
    if (key == "act") {
      if (value != "int8" && value != "static" && value != "float")
        return wrong(quoted(setting) +
                     " is no type of activations: int8, static or float");
      rule.type.activations.reset();
      if (value != "float")
        rule.type.activations = {activationGroup.value_or(0),
                                 value == "static"};
      return llvm::Error::success();
    }
    activationGroup = parseGroup(value, "row");
    if (!activationGroup)
      return wrong(quoted(setting) + " is no group: row, 16, 32, 64, 128 or "
                                     "256");
    if (rule.type.activations)
      rule.type.activations->group = *activationGroup;
    return llvm::Error::success();
  }

  llvm::Error finish(bool hasPattern, StringRef pattern) {
    WeightType &type = rule.type;
    if (activationGroup && !type.activations)
      return wrong("act_group= needs act=int8");
    if (activationGroup && type.activations->fixed)
      return wrong(
          "act_group= is for act=int8: of act=static all numbers share "
          "a scale");
    if (type.smooth && !type.activations)
      return wrong("method=smooth needs act=int8 or act=static");
    if (type.activations && !isOfIntegers(type)) {
      if (!hasPattern)
        return wrong("act=int8 is for weights of integers");
      type.activations.reset(); // inherited
    }
    if (hasPattern) {
      if (head || embedding)
        return wrong("head= and embed= are for the rule without a pattern");
      auto glob = llvm::GlobPattern::create(pattern);
      if (!glob) {
        llvm::consumeError(glob.takeError());
        return wrong(quoted(pattern) + " is no pattern");
      }
      rule.pattern = std::move(*glob);
      return llvm::Error::success();
    }
    // The first and last layers are the most sensitive.
    bool fine = type.kind == WeightType::Integer && type.format.grid.bits < 8;
    WeightType outer = fine ? llvm::cantFail(parseType("int8")) : type;
    rule.head = head.value_or(outer);
    rule.embedding = embedding.value_or(outer);
    if (isOfIntegers(rule.head))
      rule.head.activations = type.activations;
    rule.head.rotate = type.rotate;
    return llvm::Error::success();
  }

  QuantizeRule rule;
  std::optional<WeightType> head, embedding;
  std::optional<int64_t> activationGroup;
  bool hasScale = false;
};

/// A rule of mixed products: its own settings, and the rule that each of its
/// types has with the others.
class MixedParser {
public:
  llvm::Expected<QuantizeRule> parse(StringRef text) {
    llvm::SmallVector<StringRef> parts;
    text.split(parts, ',');
    for (StringRef part : llvm::drop_begin(parts))
      if (llvm::Error error = set(part.trim()))
        return std::move(error);
    if ((target.bits > 0) + (target.bytes > 0) + (target.loss > 0) != 1)
      return wrong("mixed needs one of bits=, size= and kl=");
    QuantizeRule rule;
    for (StringRef name : types) {
      bool isInteger = name != "f16" && name != "bf16" && name != "float";
      auto option = RuleParser({}).parse(
          (name + (isInteger ? StringRef(others) : "")).str());
      if (!option)
        return option.takeError();
      if (rule.type.options.empty())
        rule.head = option->head, rule.embedding = option->embedding;
      rule.type.options.push_back(option->type);
    }
    finish(rule.type);
    if (!ownHead)
      rule.head = rule.type;
    if (!ownTable)
      rule.embedding = llvm::cantFail(parseType("int8"));
    return rule;
  }

  MixTarget target;

private:
  llvm::Error set(StringRef setting) {
    auto [key, value] = setting.split('=');
    if (key == "types") {
      types.clear();
      value.split(types, '/');
      return llvm::Error::success();
    }
    double *limit = llvm::StringSwitch<double *>(key)
                        .Case("bits", &target.bits)
                        .Case("size", &target.bytes)
                        .Case("kl", &target.loss)
                        .Default(nullptr);
    if (!limit) {
      ownHead |= key == "head", ownTable |= key == "embed";
      others += "," + setting.str();
      return llvm::Error::success();
    }
    double unit = 1;
    if (key == "size" && !value.empty()) {
      size_t power = StringRef("KMG").find(value.back());
      if (power != StringRef::npos)
        unit = std::pow(1024, power + 1), value = value.drop_back();
    }
    if (value.getAsDouble(*limit) || !(*limit > 0) || !std::isfinite(*limit))
      return wrong(quoted(setting) + " is no number above 0" +
                   (key == "size" ? " with K, M, G or nothing behind it" : ""));
    *limit *= unit;
    return llvm::Error::success();
  }

  static void finish(WeightType &mixed) {
    std::vector<WeightType> options = std::move(mixed.options);
    llvm::stable_sort(options, [](const WeightType &a, const WeightType &b) {
      return a.width() < b.width();
    });
    mixed = options[options.size() / 2];
    mixed.kind = WeightType::Mixed;
    mixed.options = std::move(options);
  }

  llvm::SmallVector<StringRef> types = {"int3", "int4", "int8"};
  std::string others; ///< settings of all types, each behind a comma
  bool ownHead = false, ownTable = false;
};
} // namespace

llvm::Expected<QuantizeSpec> parseQuantizeSpec(StringRef text) {
  constexpr size_t maxRules = 1000;
  llvm::SmallVector<StringRef> texts, ordered;
  text.split(texts, ';');
  if (texts.size() > maxRules)
    return wrong("more than 1000 rules");
  // The rule without a pattern first: others inherit of it.
  for (bool patterns : {false, true})
    for (StringRef rule : texts)
      if (rule.contains('@') == patterns)
        ordered.push_back(rule);
  QuantizeSpec spec;
  for (StringRef rule : ordered) {
    std::optional<ActivationType> activations;
    if (!spec.rules.empty())
      activations = spec.rules.front().type.activations;
    else if (rule.contains('@')) // all other products stay as they are
      spec.rules.emplace_back();
    if (!rule.contains('@') && !spec.rules.empty())
      return wrong("two rules without a pattern: " + quoted(rule.trim()) +
                   " is the second");
    MixedParser mixed;
    bool mixes = !rule.contains('@') && rule.split(',').first.trim() == "mixed";
    auto parsed = mixes ? mixed.parse(rule.trim())
                        : RuleParser(activations).parse(rule.trim());
    if (!parsed)
      return parsed.takeError();
    spec.rules.push_back(std::move(*parsed));
    if (mixes)
      spec.target = mixed.target;
  }
  return spec;
}

} // namespace llmc::quantize
