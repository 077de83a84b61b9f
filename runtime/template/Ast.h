// SPDX-License-Identifier: Apache-2.0
// A parsed template. Expressions and statements are one struct each: their
// kinds differ in which fields they use, and the analysis of names goes over
// the fields in the order of Jinja2's nodes. Immutable after Scopes.cpp has
// resolved the names.
#ifndef LLMC_RUNTIME_TEMPLATE_AST_H
#define LLMC_RUNTIME_TEMPLATE_AST_H

#include "runtime/template/Value.h"
#include <memory>
#include <string>
#include <vector>

namespace llmc::jinja {

/// A variable: a slot of the activation that is `hops` functions further out.
struct Reference {
  unsigned hops = 0;
  unsigned slot = 0;
};

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Arguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  ExpressionPtr list; // *list
  ExpressionPtr dict; // **dict
};

enum class Operator : uint8_t {
  Add,
  Subtract,
  Multiply,
  Divide,
  FloorDivide,
  Modulo,
  Power,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  NotIn
};

struct Expression {
  enum class Kind : uint8_t {
    Constant,  // value; of a template's own text too
    Name,      // name, use, reference
    Attribute, // name.attribute as a target: name, text, reference
    Tuple,     // children
    List,      // children
    Dict,      // children: key, value, key, value, ...
    Negative,  // child
    Positive,  // child
    Not,       // child
    Binary,    // operators[0], two children
    And,       // two children
    Or,        // two children
    Concat,    // children
    Compare,   // the first child, then one for each operator
    Member,    // child.text
    Item,      // child[child]
    Slice,     // only as an Item's second child: three, null where left out
    Call,      // child(arguments)
    Filter,    // child | text(arguments); the child is null in filter blocks
    Test,      // child is text(arguments)
    Condition  // value if test else other: test, value, other (null)
  };
  enum class Use : uint8_t { Load, Store, Parameter };

  Expression(Kind kind, int line) : kind(kind), line(line) {}

  Kind kind;
  Use use = Use::Load;
  bool isConditional =
      false; // in an `if`: an unknown filter fails when reached
  int line;
  unsigned height = 1; // of expressions inside each other
  Reference reference;
  std::string name; // a variable's
  std::string text; // an attribute's, a filter's or a test's name
  Value value;
  std::vector<ExpressionPtr> children;
  std::vector<Operator> operators;
  Arguments arguments;
};

/// What happens to a frame's variables when it is entered; all are set to
/// nothing when it is left.
struct FrameVariable {
  enum Source { Parameter, Context, Outer, Nothing } source;
  unsigned slot;
  std::string name;     // Context: of the variable
  Reference outer = {}; // Outer: whose value it starts with
};

struct Frame {
  std::vector<FrameVariable> variables;
};

struct Statement;
using StatementPtr = std::unique_ptr<Statement>;
using Body = std::vector<StatementPtr>;

/// A macro's or a call block's function.
struct MacroScope {
  Frame frame;
  unsigned slots = 0;
  std::vector<unsigned> arguments; // slots of the declared ones
  bool takesCaller = false, takesNamed = false, takesMore = false;
  unsigned caller = 0, named = 0, more = 0; // slots, where taken
};

struct Statement {
  enum class Kind : uint8_t {
    Output,     // expressions
    If,         // expressions[i] and bodies[i]; one body more: else
    For,        // target, expressions[0], test, bodies[0], bodies[1]: else
    Set,        // target, expressions[0]
    SetBlock,   // target, filter, bodies[0]
    Macro,      // name, parameters, defaults, bodies[0]
    Call,       // expressions[0], parameters, defaults, bodies[0]
    Generation, // a call block that calls nothing: bodies[0]
    Filter,     // filter, bodies[0]
    With,       // targets, expressions, bodies[0]
    Break,
    Continue
  };

  Statement(Kind kind, int line) : kind(kind), line(line) {}

  Kind kind;
  int line;
  bool isRecursive = false; // For
  bool usesLoop = false;    // For: `loop` has a value in the body
  std::string name;         // Macro
  Reference reference;      // Macro: the variable it is stored in
  ExpressionPtr target, test, filter;
  std::vector<ExpressionPtr> targets;
  std::vector<ExpressionPtr> expressions;
  std::vector<ExpressionPtr> parameters; // Names
  std::vector<ExpressionPtr> defaults;   // of the last parameters
  std::vector<Body> bodies;

  // Set by Scopes.cpp.
  Frame frame;              // of the first body
  Frame elseFrame;          // For
  MacroScope macro;         // Macro, Call, Generation
  unsigned loopSlot = 0;    // For, where usesLoop
  unsigned slots = 0;       // For, where isRecursive: of its function
  Frame testFrame;          // For, where there is a test
  unsigned testSlots = 0;   // of the test's function
  ExpressionPtr testTarget; // the target again, in the test's function
};

struct TemplateTree {
  Body body;
  Frame frame;
  unsigned slots = 0;
};

} // namespace llmc::jinja

#endif
