// SPDX-License-Identifier: Apache-2.0
// The chat templates of an artifact. Stateless.
#ifndef LLMC_RUNTIME_SESSION_CHAT_H
#define LLMC_RUNTIME_SESSION_CHAT_H

#include "runtime/model/Artifact.h"
#include "runtime/template/ChatTemplate.h"

namespace llmc {

/// From the package files that the artifact keeps.
Result<std::shared_ptr<const ChatTemplates>>
loadChatTemplates(const Artifact &artifact);

} // namespace llmc

#endif
