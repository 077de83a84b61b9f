// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/Chat.h"
#include <algorithm>

namespace llmc {

Result<std::shared_ptr<const ChatTemplates>>
loadChatTemplates(const Artifact &artifact) {
  ChatFiles files;
  for (const auto &[name, section] : artifact.manifest().files) {
    bool isKnown = name.starts_with(additionalTemplates) ||
                   std::find(chatFileNames.begin(), chatFileNames.end(),
                             name) != chatFileNames.end();
    if (!isKnown)
      continue;
    Artifact::Bytes bytes = artifact.section(section);
    files[name].assign(reinterpret_cast<const char *>(bytes.data()),
                       bytes.size());
  }
  return ChatTemplates::load(files, artifact.path());
}

} // namespace llmc
