// SPDX-License-Identifier: Apache-2.0
// The family of attention: each spelling has a file in attention/.
#include "frontend/onnx/Rule.h"

namespace llmc::onnx {

void addFlexAttentionRules(RuleTable &);
void addGroupQueryAttentionRules(RuleTable &);
void addMultiHeadAttentionRules(RuleTable &);
void addLinearAttentionRules(RuleTable &);
void addRopeRules(RuleTable &);
void addStandardAttentionRules(RuleTable &);

void addAttentionRules(RuleTable &rules) {
  addStandardAttentionRules(rules);
  addFlexAttentionRules(rules);
  addGroupQueryAttentionRules(rules);
  addMultiHeadAttentionRules(rules);
  addLinearAttentionRules(rules);
  addRopeRules(rules);
}

} // namespace llmc::onnx
