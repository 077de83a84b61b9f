// SPDX-License-Identifier: Apache-2.0
// Where chat templates and special tokens come from, and what conversations
// are.
#include "runtime/template/ChatTemplate.h"
#include <catch2/catch.hpp>

using namespace llmc;

static std::string describe(const Error &error) {
  return "error " + std::to_string(static_cast<int>(error.code)) + ": " +
         error.file + ": " + (error.where.empty() ? "" : error.where + ": ") +
         error.what;
}

static std::string renderFiles(const ChatFiles &files,
                               const ChatRequest &request) {
  auto templates = ChatTemplates::load(files, "F");
  if (!templates)
    return describe(templates.error());
  auto text = (*templates)->render(request);
  return text ? *text : describe(text.error());
}

static std::string renderFiles(const ChatFiles &files) {
  return renderFiles(files, {.conversation = "[]"});
}

static const std::pair<const std::string, std::string> config = {
    "tokenizer_config.json", R"({"chat_template": "T"})"};

TEST_CASE("templates by the order of their files") {
  std::pair<const std::string, std::string> json = {
      "chat_template.json", R"({"chat_template": "J"})"};
  std::pair<const std::string, std::string> text = {"chat_template.jinja", "X"};
  CHECK(renderFiles({config}) == "T");
  CHECK(renderFiles({config, json}) == "J");
  CHECK(renderFiles({config, json, text}) == "X");
  CHECK(renderFiles({}) == "error 2: F: has no chat template");
  CHECK(
      renderFiles({{"tokenizer_config.json", R"({"chat_template": null})"}}) ==
      "error 2: F: has no chat template");
}

TEST_CASE("named templates") {
  ChatFiles files = {{"tokenizer_config.json",
                      R"({"chat_template": [{"name": "tool_use", "template":
                      "U"}, {"name": "default", "template": "D"},
                      {"name": "rag", "template": "R"}]})"}};
  CHECK(renderFiles(files) == "D");
  CHECK(renderFiles(files, {.conversation = "[]", .tools = "[]"}) == "U");
  CHECK(renderFiles(files, {.conversation =
                                R"({"messages": [], "tools": [1]})"}) == "U");
  CHECK(renderFiles(files, {.conversation =
                                R"({"messages": [], "tools": null})"}) == "D");
  CHECK(renderFiles(files, {.conversation = "[]", .name = "rag"}) == "R");
  CHECK(renderFiles(files, {.conversation = "[]", .name = "x\n"}) ==
        "error 2: F: has no chat template 'x\n'");
  ChatFiles beside = {{"chat_template.jinja", "D"},
                      {"additional_chat_templates/rag.jinja", "B"}};
  CHECK(renderFiles(beside) == "D");
  CHECK(renderFiles(beside, {.conversation = "[]", .name = "rag"}) == "B");
  CHECK(renderFiles({{"tokenizer_config.json",
                      R"({"chat_template": [{"name": "a", "template": "A"},
                      {"name": "b", "template": "B"}]})"}}) ==
        "error 2: F: has several chat templates and no default one");
}

TEST_CASE("a limit of texts beyond 64 bits is no obstacle") {
  CHECK(renderFiles({{"tokenizer_config.json",
                      R"({"model_max_length": 1000000000000000019884624838656,
              "other": 18446744073709551615, "chat_template": "T"})"}}) == "T");
}

TEST_CASE("templates of the wrong form are named") {
  auto withTemplate = [](const std::string &value) {
    return renderFiles(
        {{"tokenizer_config.json", "{\"chat_template\": " + value + "}"}});
  };
  CHECK(withTemplate("5") ==
        "error 2: F/tokenizer_config.json: chat_template: a text or a list of "
        "named templates is expected, not int");
  CHECK(withTemplate("[{\"name\": \"x\"}]") ==
        "error 2: F/tokenizer_config.json: chat_template: a named template "
        "lacks its name or its text");
  CHECK(withTemplate("[]") == "error 2: F/tokenizer_config.json: "
                              "chat_template: the list of templates is empty");
  CHECK(withTemplate("\"\\n{{ x\"") ==
        "error 2: F/tokenizer_config.json: chat_template: line 2: expected the "
        "end of the print statement, got the end of the template");
  CHECK(renderFiles({{"tokenizer_config.json", "[]"}}) ==
        "error 2: F/tokenizer_config.json: not a JSON object");
  CHECK(renderFiles({{"chat_template.json", "{"}}) ==
        "error 2: F/chat_template.json: not valid JSON at byte 2");
  // One that nobody asks for does no harm.
  ChatFiles files = {{"chat_template.jinja", "D"},
                     {"additional_chat_templates/bad.jinja", "{{"}};
  CHECK(renderFiles(files) == "D");
  auto templates = ChatTemplates::load(files, "F");
  REQUIRE(templates);
  REQUIRE((*templates)->failures().size() == 1);
  CHECK((*templates)->failures()[0].file ==
        "F/additional_chat_templates/bad.jinja");
}

TEST_CASE("special tokens are texts or objects") {
  ChatFiles files = {
      {"chat_template.jinja",
       "{{ bos_token }} {{ eos_token }} {{ pad_token is defined }} "
       "{{ unk_token }} {{ additional_special_tokens }} {{ image_token }}"},
      {"tokenizer_config.json",
       R"({"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": true},
           "pad_token": null, "additional_special_tokens": ["<a>",
           {"content": "<b>"}], "extra_special_tokens": {"image_token": "<i>"}})"},
      {"special_tokens_map.json",
       R"({"bos_token": "other", "pad_token": "<pad>", "unk_token": {"content":
           "<unk>"}})"}};
  CHECK(renderFiles(files) == "<s> </s> False <unk> ['<a>', '<b>'] <i>");
  CHECK(renderFiles({{"chat_template.jinja", ""},
                     {"tokenizer_config.json", R"({"bos_token": 5})"}}) ==
        "error 2: F/tokenizer_config.json: bos_token: a token is expected, not "
        "int");
}

TEST_CASE("conversations and what goes with them") {
  auto render = [](ChatRequest request) {
    return renderFiles(
        {{"chat_template.jinja",
          "{{ messages }} {{ tools }} {{ documents }} {{ add_generation_prompt "
          "}} {{ x }}"}},
        request);
  };
  CHECK(render({.conversation = " [1] "}) == "[1] None None True ");
  CHECK(render({.conversation =
                    R"({"messages": [], "x": 5, "tools": [3], "documents": 1,
                        "add_generation_prompt": false})"}) ==
        "[] [3] 1 False 5");
  CHECK(render({.conversation = R"({"messages": [], "tools": [3]})",
                .tools = "[4]",
                .addGenerationPrompt = false}) == "[] [4] None False ");
  CHECK(
      render({.conversation = "[1], \"x\": 3", .conversationFile = "m.json"}) ==
      "error 2: m.json: not valid JSON at byte 4");
  CHECK(render({.conversation = "[]", .tools = "{", .toolsFile = "t.json"}) ==
        "error 2: t.json: not valid JSON at byte 2");
  CHECK(render({.conversation = "5"}) ==
        "error 2: conversation: a list or an object of JSON is expected, not "
        "int");
}

TEST_CASE("the time is what it is told") {
  ChatFiles files = {
      {"chat_template.jinja",
       "{{ strftime_now('%d %b %Y %H:%M:%S %A %j|%z|%Z|%f|%%') }}{{ "
       "strftime_now('') }}"}};
  std::tm now = {};
  now.tm_year = 124;
  now.tm_mon = 1;
  now.tm_mday = 29;
  timegm(&now);
  CHECK(renderFiles(files, {.conversation = "[]", .now = now}) ==
        "29 Feb 2024 00:00:00 Thursday 060|||000000|%");
  CHECK(renderFiles({{"chat_template.jinja", "{{ strftime_now('%Y') }}"}})
            .starts_with("2"));
}
