// SPDX-License-Identifier: Apache-2.0
// A chat: 03-chat MODEL.llmc [STOP]. Each line of the input is a message; the
// answer is shown as it comes and ends before the string STOP.
#include <cstdio>
#include <iostream>
#include <llmc/llmc.hpp>
#include <string>
#include <string_view>
#include <vector>

using namespace llmc::api;

struct Message {
  std::string role, content;
};

/// A string as JSON has it.
static std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
    bool plain = static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
    out += plain ? std::string(1, c) : std::string(escape);
  }
  return out + "\"";
}

/// The conversation in the form that chat templates read.
static std::string toJson(const std::vector<Message> &messages) {
  std::string out;
  for (const Message &message : messages)
    out += (out.empty() ? "[" : ",") + ("{\"role\":" + quoted(message.role)) +
           ",\"content\":" + quoted(message.content) + "}";
  return out + "]";
}

/// Shows the answer piece by piece, and returns all of it.
static std::string answer(Session &session, const std::string &prompt,
                          const char *stop) {
  LlmcGenerateOptions options = generateDefaults();
  options.max_tokens = 60;
  options.seed = 7;
  options.add_special = 0; // the template has written what is needed
  options.stop_strings = &stop;
  options.stop_string_count = stop ? 1 : 0;
  std::string text;
  session.generate(
      prompt,
      [&](std::string_view piece) {
        text += piece;
        std::cout << piece << std::flush;
        return true; // go on
      },
      options);
  std::cout << "\n";
  return text;
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: 03-chat MODEL.llmc [STOP]\n";
    return 2;
  }
  try {
    Model model(argv[1]);
    Session session(model);
    std::vector<Message> messages;
    std::string line;
    while (std::getline(std::cin, line)) {
      messages.push_back({"user", line});
      std::string prompt = model.applyChatTemplate(toJson(messages));
      messages.push_back(
          {"assistant", answer(session, prompt, argc > 2 ? argv[2] : nullptr)});
    }
    return 0;
  } catch (const Failure &failure) {
    std::cerr << "error: " << failure.what() << "\n";
    return failure.status();
  }
}
