// SPDX-License-Identifier: Apache-2.0
// A sentence through a decoder, step by step: tokenize, encode, infer, decode.
//   01-steps MODEL.llmc TEXT
#include <llmc/llmc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

using llmc::api::Model;
using llmc::api::Session;
using nlohmann::json;

/// What one token stands for; special tokens have no text.
static std::string piece(const Model &model, uint32_t id) {
  std::string text = model.detokenize({id});
  return text.empty() ? "(special)" : '"' + text + '"';
}

/// The inputs of the raw entry for one sequence without a past: ids, ones,
/// 0 1 2 ..., and caches of length 0. Owns what the tensors point to.
class Inputs {
public:
  Inputs(const json &manifest, const std::vector<uint32_t> &tokens)
      : ids_(tokens.begin(), tokens.end()), ones_(tokens.size(), 1),
        positions_(tokens.size()), zeros_(tokens.size(), 0) {
    std::iota(positions_.begin(), positions_.end(), 0);
    for (const json &entry : manifest.at("models").at(0).at("entries"))
      if (entry.at("name") == "raw")
        for (const json &input : entry.at("inputs"))
          add(input);
    for (size_t i = 0; i < names_.size(); ++i)
      tensors_[i].name = names_[i].c_str();
  }
  const std::vector<LlmcNamedTensor> &tensors() const { return tensors_; }

private:
  void add(const json &input) {
    names_.push_back(input.at("name"));
    std::string role = input.at("role");
    LlmcTensor tensor = {};
    if (role.empty()) { // a cache: [1, heads, 0, head size]
      tensor.dtype = LLMC_F32;
      bool batch = true;
      for (const json &dim : input.at("dims")) {
        bool fixed = dim.is_number();
        tensor.dims[tensor.rank++] = fixed ? dim.get<int64_t>() : batch ? 1 : 0;
        batch &= fixed;
      }
    } else {
      std::vector<int64_t> &values = role == "tokens"           ? ids_
                                     : role == "attention_mask" ? ones_
                                     : role == "position_ids"   ? positions_
                                                                : zeros_;
      tensor.dtype = LLMC_I64;
      tensor.rank = 2;
      tensor.dims[0] = 1;
      tensor.dims[1] = static_cast<int64_t>(values.size());
      tensor.data = values.data();
    }
    tensors_.push_back({nullptr, tensor});
  }

  std::vector<int64_t> ids_, ones_, positions_, zeros_;
  std::vector<std::string> names_;
  std::vector<LlmcNamedTensor> tensors_;
};

/// Prints the likeliest next tokens after one position.
static void showBest(const Model &model, const float *logits, size_t count) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::partial_sort(
      order.begin(), order.begin() + 3, order.end(),
      [&](uint32_t a, uint32_t b) { return logits[a] > logits[b]; });
  double sum = 0;
  for (size_t i = 0; i < count; ++i)
    sum += std::exp(static_cast<double>(logits[i] - logits[order[0]]));
  for (size_t i = 0; i < 3; ++i)
    std::printf(
        "  %-12s %5.1f %%", piece(model, order[i]).c_str(),
        100 *
            std::exp(static_cast<double>(logits[order[i]] - logits[order[0]])) /
            sum);
  std::printf("\n");
}

static void infer(const Model &model, const std::vector<uint32_t> &ids) {
  Inputs inputs(json::parse(model.manifest()), ids);
  Session session(model);
  auto [outputs, count] = session.run(inputs.tensors(), "raw");
  for (size_t i = 0; i < count; ++i) {
    const LlmcTensor &logits = outputs[i].tensor; // [1, sequence, vocabulary]
    if (std::string(outputs[i].name) != "logits")
      continue;
    auto vocabulary = static_cast<size_t>(logits.dims[2]);
    std::printf("\n3. infer: %zu x %zu logits; after each token the likeliest "
                "next ones\n",
                ids.size(), vocabulary);
    for (size_t t = 0; t < ids.size(); ++t) {
      std::printf("   %3zu %-12s ->", t, piece(model, ids[t]).c_str());
      showBest(model, static_cast<const float *>(logits.data) + t * vocabulary,
               vocabulary);
    }
  }
}

/// Appends the likeliest token, twelve times.
static void decode(const Model &model, const std::vector<uint32_t> &ids) {
  Session session(model);
  std::vector<uint32_t> answer;
  std::vector<int64_t> next(ids.begin(), ids.end());
  for (int step = 0; step < 12; ++step) {
    auto [logits, count] = session.append(next);
    auto best = std::max_element(logits, logits + count) - logits;
    answer.push_back(static_cast<uint32_t>(best));
    next = {best};
  }
  std::printf("\n4. decode: the next twelve tokens, always the likeliest\n   ");
  for (uint32_t id : answer)
    std::printf("%u ", id);
  std::printf("\n   \"%s\"\n", model.detokenize(answer).c_str());
}

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: 01-steps MODEL.llmc TEXT\n");
    return 2;
  }
  try {
    Model model(argv[1]);
    std::vector<uint32_t> ids = model.tokenize(argv[2]);
    std::printf("1. tokenize: %s\n   ", argv[2]);
    for (uint32_t id : ids)
      std::printf("%s ", piece(model, id).c_str());
    std::printf("\n\n2. encode: %zu ids\n   ", ids.size());
    for (uint32_t id : ids)
      std::printf("%u ", id);
    std::printf("\n");
    infer(model, ids);
    decode(model, ids);
    return 0;
  } catch (const llmc::api::Failure &failure) {
    std::fprintf(stderr, "error: %s\n", failure.what());
    return failure.status();
  } catch (const std::exception &failure) {
    std::fprintf(stderr, "error: %s\n", failure.what());
    return 1;
  }
}
