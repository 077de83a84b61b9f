// SPDX-License-Identifier: Apache-2.0
// Which tokens may come where some of them stand for times. Used by the logit
// processors; stateless.
#ifndef LLMC_RUNTIME_SESSION_TIMESTAMPS_H
#define LLMC_RUNTIME_SESSION_TIMESTAMPS_H

#include "runtime/session/GenerateOptions.h"
#include <span>

namespace llmc {

/// Rules out what may not follow `text`, all of it made under the rules: two
/// times follow each other, of which the second begins the next piece of text;
/// a time is not before the one before it; and where times together are
/// likelier than any other token, one of them comes.
void applyTimestampRules(const TimestampRules &rules, std::span<float> scores,
                         std::span<const int64_t> text);

} // namespace llmc

#endif
