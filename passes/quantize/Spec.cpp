// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Spec.h"

#include "llvm/ADT/STLExtras.h"

namespace llmc::quantize {

/// The type of the last rule with a pattern that fits one of the names.
static const WeightType *named(llvm::ArrayRef<QuantizeRule> rules,
                               llvm::ArrayRef<std::string> names) {
  for (const QuantizeRule &rule : llvm::reverse(rules))
    if (rule.pattern && llvm::any_of(names, [&](const std::string &name) {
          return rule.pattern->match(name);
        }))
      return &rule.type;
  return nullptr;
}

bool QuantizeSpec::observes() const {
  return llvm::any_of(rules,
                      [](const QuantizeRule &r) { return r.type.observes(); });
}

bool QuantizeSpec::balances() const {
  return llvm::any_of(
      rules, [](const QuantizeRule &r) { return r.type.awq || r.type.smooth; });
}

bool QuantizeSpec::rotates() const {
  return llvm::any_of(rules,
                      [](const QuantizeRule &r) { return r.type.rotate; });
}

bool QuantizeSpec::mixes() const {
  return llvm::any_of(rules, [](const QuantizeRule &r) {
    return r.type.kind == WeightType::Mixed;
  });
}

WeightType QuantizeSpec::typeOf(llvm::ArrayRef<std::string> names,
                                bool isHead) const {
  if (const WeightType *type = named(rules, names))
    return *type;
  return isHead ? rules.front().head : rules.front().type;
}

WeightType QuantizeSpec::embedding(llvm::ArrayRef<std::string> names) const {
  if (const WeightType *type = named(rules, names))
    return *type;
  return rules.front().embedding;
}

} // namespace llmc::quantize
