// SPDX-License-Identifier: Apache-2.0
// Renders templates from standard input, one JSON object a line with `template`
// and `variables` (JSON as a text); prints a JSON object a line with the exit
// code and the text or the error. The time is noon of 2025-07-26.
#include "runtime/template/Template.h"
#include <iostream>
#include <nlohmann/json.hpp>

using namespace llmc;
using nlohmann::json;

static json render(const json &request, const std::tm &now) {
  auto parsed = jinja::Template::parse(request["template"].get<std::string>());
  Result<std::string> text =
      parsed ? (*parsed)->render(
                   {{request["variables"].get_ref<const std::string &>(),
                     "variables"}},
                   now)
             : Result<std::string>(parsed.takeStatus());
  if (text)
    return {{"code", 0}, {"text", *text}};
  const Error &error = text.error();
  return {{"code", static_cast<int>(error.code)},
          {"error", error.where + ": " + error.what}};
}

int main() {
  std::tm now = {};
  now.tm_year = 125;
  now.tm_mon = 6;
  now.tm_mday = 26;
  now.tm_hour = 12;
  timegm(&now);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << render(json::parse(line), now)
                     .dump(-1, ' ', true, json::error_handler_t::replace)
              << std::endl;
  return 0;
}
