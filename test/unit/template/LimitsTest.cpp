// SPDX-License-Identifier: Apache-2.0
// Templates and conversations that would take all memory, time or stack.
#include "runtime/template/Limits.h"
#include "test/unit/template/Harness.h"
#include <catch2/catch.hpp>

using namespace llmc;
namespace limits = jinja::limits;
using test::render;

static std::string repeated(const std::string &text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i)
    out += text;
  return out;
}

static const std::string tooDeep =
    "calls, expressions or values nest deeper than 1000";
static const std::string longText =
    "error 5: line 1: a text gets longer than 67108864 bytes";

TEST_CASE("recursion ends") {
  CHECK(render("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}") ==
        "error 5: line 1: " + tooDeep);
  CHECK(render("{% macro f() %}{{ g() }}{% endmacro %}"
               "{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}") ==
        "error 5: line 1: " + tooDeep);
  CHECK(render("{% for x in [1] recursive %}{{ loop([x]) }}{% endfor %}") ==
        "error 5: line 1: " + tooDeep);
  CHECK(render("{% macro f() %}{{ caller() }}{% endmacro %}"
               "{% macro g() %}{% call f() %}{{ g() }}{% endcall %}"
               "{% endmacro %}{{ g() }}") == "error 5: line 1: " + tooDeep);
}

TEST_CASE("long work ends") {
  const std::string steps = "error 5: line 1: takes more than 20000000 steps";
  std::string loops, ends;
  for (int i = 0; i < 6; ++i) {
    loops += "{% for i in range(1000) %}";
    ends += "{% endfor %}";
  }
  CHECK(render(loops + ends) == steps);
  CHECK(render("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}"
               "{% endif %}{% endmacro %}{{ f(60) }}") == steps);
  CHECK(render("{% set ns = namespace(a=[]) %}{% for i in range(90) %}"
               "{% set ns.a = [ns.a, ns.a] %}{% endfor %}"
               "{% set nt = namespace(a=[]) %}{% for i in range(90) %}"
               "{% set nt.a = [nt.a, nt.a] %}{% endfor %}"
               "{{ ns.a == nt.a }}") == steps);
}

TEST_CASE("ranges have Jinja2's limit") {
  const std::string big = "error 2: line 1: Range too big. The sandbox blocks "
                          "ranges larger than 100000.";
  CHECK(render("{% for i in range(10**12) %}{% endfor %}") == big);
  CHECK(render("{{ range(100001)|list|length }}") == big);
  CHECK(render("{{ range(-(2**62), 2**62) }}") == big);
  CHECK(render("{{ range(100000)|list|length }}") == "100000");
}

TEST_CASE("texts and lists have an end") {
  const std::string doubles = "{% set ns = namespace(s='xx') %}"
                              "{% for i in range(60) %}{% set ns.s = ";
  CHECK(render(doubles + "ns.s + ns.s %}{% endfor %}") == longText);
  CHECK(render(doubles + "ns.s ~ ns.s %}{% endfor %}") == longText);
  CHECK(render(doubles + "ns.s|replace('xx', 'x' * 1000) %}{% endfor %}") ==
        longText);
  CHECK(render(doubles + "ns.s|replace('', 'y' * 1000) %}{% endfor %}") ==
        longText);
  CHECK(render(doubles + "ns.s * 1000 %}{% endfor %}") == longText);
  CHECK(render("{{ 'x'.center(10**12) }}") == longText);
  CHECK(render("{{ ' ' * 10**17 }}") == longText);
  CHECK(render("{% for i in range(70) %}{{ 'x'.center(10**6) }}{% endfor %}") ==
        longText);
  CHECK(render("{{ ([1] * 10**12)|length }}") ==
        "error 5: line 1: a list of 1000000000000 items does not fit");
  CHECK(render("{{ '%*d' % (10**12, 1) }}") ==
        "error 5: line 1: a width of more than 67108864");
  CHECK(render("{{ '%999999999999d' % 1 }}") ==
        "error 5: line 1: a width of more than 67108864");
  CHECK(render("{{ '{:999999999999}'.format(1) }}") ==
        "error 5: line 1: a width of more than 67108864");
  CHECK(render("{{ 'a'|indent(10**12) }}") == longText);
  CHECK(render("{{ [1]|batch(10**15, 'x')|list }}") ==
        "error 5: line 1: a list of 1000000000000000 items does not fit");
}

TEST_CASE("what is alive at one time has an end") {
  CHECK(render("{% set ns = namespace(a=[]) %}{% for i in range(20) %}"
               "{% set ns.a = ns.a + ['x'.center(60000000)] %}{% endfor %}") ==
        "error 5: line 1: the values take more than 536870912 bytes");
  // What is dropped does not count.
  CHECK(render("{% for i in range(20) %}{% set x = 'x'.center(30000000) %}"
               "{% endfor %}ok") == "ok");
}

TEST_CASE("values nest to a depth") {
  const std::string deep = "error 5: line 1: values nest deeper than 100";
  const std::string start = "{% set ns = namespace(a=[]) %}"
                            "{% for i in range(100000) %}{% set ns.a = ";
  CHECK(render(start + "[ns.a] %}{% endfor %}") == deep);
  CHECK(render(start + "{'k': ns.a} %}{% endfor %}") == deep);
  CHECK(render(start + "ns.a|map('list') %}{% endfor %}") == deep);
  CHECK(render(start + "cycler(ns.a) %}{% endfor %}") == deep);
  CHECK(render("{% set ns = namespace(a=[1]) %}{% for i in range(100000) %}"
               "{% for j in ns.a %}{% set ns.a = [loop] %}{% endfor %}"
               "{% endfor %}") == deep);
  // Namespaces may form chains and rings.
  CHECK(render("{% set ns = namespace(a=none) %}{% for i in range(100000) %}"
               "{% set ns.a = namespace(a=ns.a) %}{% endfor %}ok") == "ok");
  CHECK(render("{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}") ==
        "error 5: line 1: " + tooDeep);
  CHECK(render("{% for i in [1] %}{% set x = loop.changed(loop) %}"
               "{% endfor %}ok") == "ok");
}

TEST_CASE("sources nest to a depth") {
  const std::string deep =
      "error 5: line 1: the template nests deeper than 100";
  CHECK(render("{{ " + repeated("(", 20000) + "1" + repeated(")", 20000) +
               " }}") == deep);
  CHECK(render("{{ " + repeated("[", 20000)) == deep);
  CHECK(render("{{ " + repeated("{1:", 20000)) == deep);
  CHECK(render("{{ " + repeated("-", 20000) + "1 }}") == deep);
  CHECK(render("{{ " + repeated("not ", 20000) + "1 }}") == deep);
  CHECK(render("{{ " + repeated("a(", 20000)) == deep);
  CHECK(render("{{ " + repeated("a[", 20000)) == deep);
  CHECK(render("{{ " + repeated("1 if 1 else ", 20000) + "1 }}") == deep);
  CHECK(render(repeated("{% if true %}", 2000)) == deep);
  CHECK(render(repeated("{% macro f() %}", 2000)) == deep);
  const std::string wide = "error 5: line 1: an expression of more than 400 "
                           "levels";
  CHECK(render("{{ 1" + repeated(" + 1", 20000) + " }}") == wide);
  CHECK(render("{{ a" + repeated(".a", 20000) + " }}") == wide);
  CHECK(render("{{ a" + repeated("|list", 20000) + " }}") == wide);
  CHECK(render("{{ 1" + repeated(" or 1", 20000) + " }}") == wide);
  CHECK(render("{{ ''" + repeated(" ~ 'a'", 20000) + " }}") ==
        repeated("a", 20000));
}

TEST_CASE("sources and JSON have a size") {
  CHECK(render(std::string(limits::sourceBytes + 1, 'x')) ==
        "error 5: the template has 1048577 bytes, more than 1048576");
  CHECK(render(std::string(limits::sourceBytes, 'x')).size() ==
        limits::sourceBytes);
  CHECK(render("", "{\"x\": " + repeated("[", 100000)) ==
        "error 5: variables: JSON nesting exceeds 64");
}

TEST_CASE("many names in many branches are analysed in time") {
  std::string source;
  for (int i = 0; i < 20000; ++i)
    source += "{% if a" + std::to_string(i) + " %}{% set b" +
              std::to_string(i) + " = 1 %}{% endif %}";
  CHECK(render(source).empty());
}
