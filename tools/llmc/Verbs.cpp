// SPDX-License-Identifier: Apache-2.0
#include "tools/llmc/Verbs.h"

namespace llmc::cli {

const std::vector<AddVerb> verbTable = {
    addCompile,  addCheck,    addExport, addQuantize, addInspect, addVerify,
    addTokenize, addTemplate, addRun,    addChat,     addEval,    addBench};

} // namespace llmc::cli
