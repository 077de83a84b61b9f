// SPDX-License-Identifier: Apache-2.0
// A quick way to read large JSON texts. Used by readTokenizerFile; pure.
#ifndef LLMC_RUNTIME_TEXT_JSONEVENTS_H
#define LLMC_RUNTIME_TEXT_JSONEVENTS_H

#include <nlohmann/json.hpp>
#include <string_view>

namespace llmc::text {

/// Gives the events of nlohmann's reader, by simdjson, several times as fast.
/// False: the consumer stopped, or the text is no JSON or in some corner that
/// the two read differently (integers beyond 64 bits, a byte order mark). What
/// is to be done then, nlohmann's reader says: read again with it.
bool quickJsonEvents(std::string_view text,
                     nlohmann::json_sax<nlohmann::json> &to);

} // namespace llmc::text

#endif
