// SPDX-License-Identifier: Apache-2.0
// What the comparison with Jinja2 does not see: messages, their lines, and what
// is refused on purpose. Also use by several threads.
#include "runtime/template/Failure.h"
#include "test/unit/template/Harness.h"
#include <catch2/catch.hpp>
#include <thread>

using namespace llmc;
using test::render;

TEST_CASE("errors have the line of the template") {
  CHECK(render("a\n{{ x.y }}") == "error 2: line 2: 'x' is undefined");
  CHECK(render("{{ m.a.b }}", R"({"m": {}})") ==
        "error 2: line 1: 'dict object' has no attribute 'a'");
  CHECK(render("\n\n{% for x in y %}") ==
        "error 2: line 3: Unexpected end of template: expected 'endfor' or "
        "'else'");
  CHECK(render("x{% endfor %}") ==
        "error 2: line 1: Encountered unknown tag 'endfor'");
  CHECK(render("{{ 'a'|frobnicate }}") ==
        "error 2: line 1: No filter named 'frobnicate'");
  CHECK(render("{{ 1 is frobnicate }}") ==
        "error 2: line 1: No test named 'frobnicate'");
  CHECK(render("{% if true %}\n{{ 'a'|frobnicate }}{% endif %}") ==
        "error 2: line 2: No filter named 'frobnicate'");
  CHECK(render("{% macro f(a) %}\n{{ a + 1 }}{% endmacro %}\n{{ f('x') }}") ==
        "error 2: line 2: unsupported operand type(s) for +: 'str' and 'int'");
  CHECK(render("{% break %}") == "error 2: line 1: 'break' outside loop");
  CHECK(render("{{ [1][::0] }}") ==
        "error 2: line 1: slice step cannot be zero");
}

TEST_CASE("raise_exception passes its message through") {
  CHECK(render("{{ raise_exception('Roles must\nalternate: ' ~ x) }}",
               R"({"x": "ü"})") == "error 2: line 1: Roles must\nalternate: ü");
}

TEST_CASE("what would reach into an interpreter is refused") {
  for (const char *source :
       {"{{ x.__class__ }}", "{{ x['__class__'] }}",
        "{{ x|attr('__class__') }}", "{{ ''.__class__.__mro__ }}",
        "{{ range.__globals__ }}",
        "{% for i in [1] %}{{ loop.__init__ }}{% endfor %}",
        "{{ namespace().__class__ }}", "{{ '{0.__class__}'.format(x) }}",
        "{{ [x]|map(attribute='__class__')|list }}"}) {
    INFO(source);
    std::string got = render(source, R"({"x": "t"})");
    CHECK(got.starts_with("error 2: line 1: access to attribute '__"));
    CHECK(got.ends_with("is unsafe."));
  }
  // A key of that name is data.
  CHECK(render("{{ x.__class__ }}", R"({"x": {"__class__": "k"}})") == "k");
}

TEST_CASE("values cannot be changed") {
  CHECK(render("{{ x.append(1) }}", R"({"x": []})") ==
        "error 2: line 1: access to attribute 'append' of 'list' object is "
        "unsafe.");
  CHECK(render("{{ x.update({}) }}", R"({"x": {}})") ==
        "error 2: line 1: access to attribute 'update' of 'dict' object is "
        "unsafe.");
  CHECK(render("{% set x.a = 1 %}", R"({"x": {}})") ==
        "error 2: line 1: cannot assign attribute on non-namespace object");
}

TEST_CASE("other templates are refused") {
  for (const char *tag : {"extends", "include", "import", "from"}) {
    std::string source = std::string("{% ") + tag + " '../base' %}";
    CHECK(render(source) == std::string("error 2: line 1: '") + tag +
                                "' refers to another template, and there is "
                                "none");
  }
}

TEST_CASE("what is not supported says so") {
  CHECK(render("{% block b %}{% endblock %}") ==
        "error 3: line 1: the tag 'block' is not supported");
  CHECK(render("{{ x|urlize }}") ==
        "error 3: line 1: 'urlize' is not supported");
  CHECK(render("{{ 9223372036854775807 + 1 }}") ==
        "error 3: line 1: an integer beyond 64 bits");
  CHECK(render("{{ range }}") == "error 3: line 1: a function has no text that "
                                 "is the same in every run");
  CHECK(render("{{ x }}", R"({"x": 18446744073709551615})") ==
        "error 3: variables: the JSON has an integer beyond 64 bits");
}

TEST_CASE("bytes that are no UTF-8, and JSON that is none, are refused") {
  CHECK(render("a\xff") == "error 2: the template is not valid UTF-8");
  CHECK(render("", "{\"x\": \"\xff\"}") ==
        "error 2: variables: not valid JSON at byte 8");
  CHECK(render("", "{\"x\": 1e999}")
            .starts_with("error 2: variables: not valid JSON: a number is out "
                         "of range"));
  CHECK(render("", "3") == "error 2: variables: a list or an object of JSON is "
                           "expected, not int");
  CHECK(render("", R"({"x": "\ud800"})")
            .starts_with("error 2: variables: not valid JSON at byte"));
}

TEST_CASE("a template may be rendered by many threads") {
  auto parsed = jinja::Template::parse(
      "{% for m in messages %}{{ loop.index }} {{ m|upper }}{% endfor %}");
  REQUIRE(parsed);
  std::vector<std::string> out(8);
  std::vector<std::thread> threads;
  for (std::string &text : out)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        text = *(*parsed)->render({{R"(["a", "ß"])", "", "messages"}}, {});
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const std::string &text : out)
    CHECK(text == "1 A2 SS");
}
