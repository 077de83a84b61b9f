// SPDX-License-Identifier: Apache-2.0
// Model folders: which files are taken, what the configurations say, and how
// wrong ones are refused.
#include "frontend/package/Package.h"
#include "frontend/package/Json.h"
#include "test/unit/frontend/Harness.h"

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {

struct ModelFolder : Folder {
  explicit ModelFolder(std::initializer_list<std::string> files) {
    for (const std::string &name : files)
      write(name, "{}");
  }
  /// Name and file of every model, or the error.
  std::string models(const std::string &variant = "") const {
    Remarks remarks;
    std::string out;
    try {
      for (const PackageModel &model :
           openPackage(path, remarks, {variant, "none"}).models)
        out += (out.empty() ? "" : " ") + model.name + "=" +
               model.path.substr(path.size() + 1);
    } catch (const InputError &error) {
      return error.what();
    }
    return out;
  }
};

/// The package of a folder with one model and these files.
Package
packageWith(std::initializer_list<std::pair<std::string, std::string>> files,
            Remarks &remarks) {
  Folder folder;
  folder.write("model.onnx", "");
  for (const auto &[name, text] : files)
    folder.write(name, text);
  return openPackage(folder.path, remarks);
}

std::string errorOfConfig(const std::string &name, const std::string &text) {
  Remarks remarks;
  try {
    packageWith({{name, text}}, remarks);
    return "";
  } catch (const InputError &error) {
    CHECK_THAT(error.file(), Catch::EndsWith(name));
    return error.what();
  }
}

} // namespace

TEST_CASE("the files of exporters' folders") {
  CHECK(ModelFolder({"model.onnx", "config.json"}).models() ==
        "model=model.onnx");
  CHECK(ModelFolder({"onnx/model.onnx", "onnx/model_fp16.onnx", "config.json"})
            .models() == "model=onnx/model.onnx");
  CHECK(
      ModelFolder({"onnx/model.onnx", "onnx/model_fp16.onnx"}).models("fp16") ==
      "model=onnx/model_fp16.onnx");
  CHECK(ModelFolder({"decoder_model.onnx", "decoder_with_past_model.onnx",
                     "decoder_model_merged.onnx"})
            .models() == "decoder=decoder_model_merged.onnx");
  CHECK(ModelFolder({"encoder_model.onnx", "decoder_model.onnx",
                     "decoder_with_past_model.onnx"})
            .models() ==
        "decoder_with_past=decoder_with_past_model.onnx "
        "decoder=decoder_model.onnx encoder=encoder_model.onnx");
  CHECK(ModelFolder({"anything.onnx"}).models() == "model=anything.onnx");
  CHECK(ModelFolder({"model_q4.onnx"}).models() == "model=model_q4.onnx");
  CHECK(
      ModelFolder({"encoder_model.onnx", "encoder_model_q4.onnx",
                   "decoder_model_merged.onnx", "decoder_model_merged_q4.onnx"})
          .models("q4") ==
      "decoder=decoder_model_merged_q4.onnx encoder=encoder_model_q4.onnx");
}

TEST_CASE("folders that leave a choice, or none") {
  CHECK(ModelFolder({"a.onnx", "b.onnx"}).models() ==
        "the folder has several models: a.onnx, b.onnx");
  CHECK_THAT(ModelFolder({"model_q4.onnx", "model_q8.onnx"}).models(),
             Contains("several models: model_q4.onnx"));
  CHECK_THAT(ModelFolder({"model.onnx", "decoder_model.onnx"}).models(),
             Contains("several models"));
  CHECK(ModelFolder({"model.onnx"}).models("q4") ==
        "no model has the variant 'q4'");
  CHECK(ModelFolder({"readme.md"}).models() ==
        "no .onnx model in this folder or in its onnx/");
}

TEST_CASE("roles out of genai_config.json") {
  ModelFolder folder({"a.onnx", "b.onnx"});
  folder.write("genai_config.json",
               R"({"model": {"decoder": {"filename": "b.onnx"}}})");
  CHECK(folder.models() == "model=b.onnx");
  folder.write(
      "genai_config.json",
      R"({"model": {"encoder": {"filename": "a.onnx"}, "decoder": {"filename": "b.onnx"}}})");
  CHECK(folder.models() == "encoder=a.onnx decoder=b.onnx");
  folder.write("genai_config.json",
               R"({"model": {"decoder": {"filename": "../b.onnx"}}})");
  CHECK(folder.models() ==
        "model.decoder.filename: '../b.onnx' leaves the model directory");
}

TEST_CASE("a file finds its companions beside it or above onnx/") {
  ModelFolder folder({"onnx/model.onnx", "tokenizer.json", "config.json"});
  Remarks remarks;
  Package package = openPackage(folder.path + "/onnx/model.onnx", remarks);
  CHECK(std::filesystem::equivalent(package.tokenizer,
                                    folder.path + "/tokenizer.json"));
  CHECK(openPackage(folder.path + "/onnx/model.onnx", remarks, {"", "none"})
            .tokenizer.empty());
  ModelFolder other({"tokenizer.json"});
  CHECK_THAT(
      openPackage(folder.path + "/onnx/model.onnx", remarks, {"", other.path})
          .tokenizer,
      Catch::StartsWith(other.path));
}

TEST_CASE("no tokenizer earns a note") {
  Remarks remarks;
  packageWith({}, remarks);
  REQUIRE(remarks.all().size() == 1);
  CHECK_THAT(remarks.all()[0].text, Contains("no tokenizer.json"));
}

TEST_CASE("generation defaults and their order") {
  Remarks remarks;
  Package package = packageWith(
      {{"config.json",
        R"({"model_type": "llama", "eos_token_id": 2, "bos_token_id": 1, "pad_token_id": -1,
                           "vocab_size": 100, "num_hidden_layers": 3, "max_position_embeddings": 512})"},
       {"generation_config.json",
        R"({"eos_token_id": [7, 8], "do_sample": true, "temperature": 0.8, "top_p": 0.95,
                                      "top_k": 50, "max_new_tokens": 200, "repetition_penalty": 1.1})"}},
      remarks);
  CHECK(package.generation.eosIds == std::vector<int64_t>{7, 8});
  CHECK(package.generation.bosId == 1);
  CHECK_FALSE(package.generation.padId);
  CHECK(package.generation.doSample);
  CHECK(package.generation.temperature == 0.8);
  CHECK(package.generation.topK == 50);
  CHECK(package.generation.maxNewTokens == 200);
  CHECK(package.facts.modelType == "llama");
  CHECK(package.facts.contextLength == 512);
  CHECK(package.facts.layers == 3);
  package = packageWith(
      {{"genai_config.json",
        R"({"model": {"eos_token_id": [9, 10], "context_length": 64, "type": "qwen3",
                                 "decoder": {"head_size": 16, "num_attention_heads": 4}},
                                 "search": {"top_p": 0.5, "max_length": 64}})"},
       {"generation_config.json", R"({"eos_token_id": 1, "top_p": 0.9})"}},
      remarks);
  CHECK(package.generation.eosIds == std::vector<int64_t>{9, 10});
  CHECK(package.generation.topP == 0.5);
  CHECK(package.generation.maxLength == 64);
  CHECK(package.facts.headSize == 16);
}

TEST_CASE("settings of searches, and what generation does not use") {
  Remarks remarks;
  Package package = packageWith(
      {{"tokenizer.json", "{}"},
       {"generation_config.json",
        R"({"num_beams": 4, "num_return_sequences": 2, "length_penalty": -0.5, "early_stopping": "never",
            "min_new_tokens": 3, "no_repeat_ngram_size": 2, "min_p": 0.1, "typical_p": 1.0, "eta_cutoff": 0,
            "bad_words_ids": [], "suppress_tokens": [1], "guidance_scale": 1.5})"}},
      remarks);
  const GenerationSettings &g = package.generation;
  CHECK(g.beams == 4);
  CHECK(g.sequences == 2);
  CHECK(g.lengthPenalty == -0.5);
  CHECK(g.earlyStopping == "never");
  CHECK(g.minNewTokens == 3);
  CHECK(g.noRepeatNgram == 2);
  CHECK(g.minP == 0.1);
  CHECK(g.suppressedIds == std::vector<int64_t>{1});
  std::string said;
  for (const Remarks::Remark &remark : remarks.all())
    said += remark.text + "\n";
  CHECK(said == "guidance_scale: generation does not use it\n");
  Remarks sampled;
  package = packageWith(
      {{"tokenizer.json", "{}"},
       {"genai_config.json",
        R"({"search": {"num_beams": 4, "do_sample": true, "early_stopping": true, "diversity_penalty": 0.0, "typical_p": 0.5}})"}},
      sampled);
  CHECK(package.generation.beams == 1);
  CHECK(package.generation.earlyStopping == "yes");
  REQUIRE(sampled.all().size() == 2);
  CHECK(sampled.all()[0].text == "typical_p: generation does not use it");
  CHECK(sampled.all()[1].text ==
        "num_beams: beams are not sampled, and do_sample is set: by default "
        "there will be none");
}

TEST_CASE("an end token beyond the vocabulary is dropped with a warning") {
  Remarks remarks;
  Package package = packageWith(
      {{"config.json", R"({"vocab_size": 10, "eos_token_id": [3, 10]})"}},
      remarks);
  CHECK(package.generation.eosIds == std::vector<int64_t>{3});
  CHECK_THAT(remarks.all().at(0).text,
             Contains("eos_token_id: 10 is beyond the vocabulary of 10"));
}

TEST_CASE("wrong configurations are named") {
  const char *name = "generation_config.json";
  CHECK(errorOfConfig(name, R"({"temperature": -1})") ==
        "temperature: -1 is out of range [0, 1000000]");
  CHECK(errorOfConfig(name, R"({"top_p": 1.5})") ==
        "top_p: 1.5 is out of range [0, 1]");
  CHECK(errorOfConfig(name, R"({"top_k": 1.5})") ==
        "top_k: an integer is expected, this is a fraction");
  CHECK(errorOfConfig(name, R"({"do_sample": 1})") ==
        "do_sample: true or false is expected, this is a number");
  CHECK(errorOfConfig(name, R"({"early_stopping": "often"})") ==
        "early_stopping: true, false or \"never\" is expected");
  CHECK(errorOfConfig(name, R"({"early_stopping": 1})") ==
        "early_stopping: true or false is expected, this is a number");
  CHECK(errorOfConfig(name, R"({"num_beams": 257})") ==
        "num_beams: 257 is out of range [1, 256]");
  CHECK(errorOfConfig(name, R"({"eos_token_id": "2"})") ==
        "eos_token_id: an integer is expected, this is a string");
  CHECK_THAT(
      errorOfConfig(name, R"({"eos_token_id": [2, 9223372036854775808]})"),
      Contains("is out of range"));
  CHECK(errorOfConfig(name, "[]") == "not a JSON object");
  CHECK(errorOfConfig(name, "{\n\"top_k\":\n") ==
        "line 3: not valid JSON (byte 12)");
  CHECK(errorOfConfig(name, std::string(100, '[') + std::string(100, ']')) ==
        "JSON nesting exceeds 64");
  CHECK_THAT(errorOfConfig(name, "{\"a\": 1e999}"), Contains("not valid JSON"));
  CHECK(errorOfConfig("config.json", R"({"vocab_size": -5})") ==
        "vocab_size: -5 is out of range [0, 1099511627776]");
  CHECK(errorOfConfig("genai_config.json", R"({"model": 3})") ==
        "model.: not a JSON object");
}

TEST_CASE("a folder of sentence-transformers says how a text is embedded") {
  const std::string modules =
      R"([{"type": "sentence_transformers.models.Transformer", "path": ""},
          {"type": "sentence_transformers.models.Pooling", "path": "."},
          {"type": "sentence_transformers.models.Normalize", "path": "2_Normalize"}])";
  auto poolingOf = [&](const std::string &config) {
    Remarks remarks;
    Package package = packageWith({{"tokenizer.json", ""},
                                   {"modules.json", modules},
                                   {"config.json", config}},
                                  remarks);
    CHECK(package.embedding.normalize);
    return package.embedding.pooling.empty() ? remarks.all().at(0).text
                                             : package.embedding.pooling;
  };
  CHECK(poolingOf(R"({"pooling_mode_cls_token": true,
                      "pooling_mode_mean_tokens": false})") == "first");
  CHECK(poolingOf(R"({"pooling_mode": "lasttoken"})") == "last");
  CHECK_THAT(poolingOf(R"({"pooling_mode": "weightedmean"})"),
             Contains("a pooling that is not supported"));
  CHECK_THAT(poolingOf("{}"), Contains("a pooling that is not supported"));
  CHECK_THAT(
      errorOfConfig("modules.json", R"([{"type": "P", "path": "../a"}])"),
      Contains("[0].path"));
  CHECK_THAT(errorOfConfig("modules.json", "{}"),
             Contains("a list of modules is expected"));
}
