// SPDX-License-Identifier: Apache-2.0
// Two visits of every scope: the first one notes which names it reads and
// stores, the second one resolves them and goes into the scopes inside.
#include "runtime/template/Scopes.h"
#include "runtime/template/Failure.h"
#include "runtime/template/Functions.h"
#include "runtime/template/Print.h"
#include "runtime/template/Symbols.h"
#include <list>

namespace llmc::jinja {

namespace {

using Use = Expression::Use;

/// What a scope's statements need to know around them.
struct Place {
  Symbols &symbols;
  bool isConditional = false; // in an `if`: unknown filters fail when reached
  int loops = 0;              // of this function around the statement
};

class Resolver {
public:
  void resolve(TemplateTree &tree) {
    FunctionScope &function = newFunction(nullptr);
    Symbols symbols(nullptr, function);
    note(symbols, tree.body);
    tree.frame = symbols.frame();
    resolve(tree.body, {symbols});
    tree.slots = unsigned(function.slots.size());
  }

private:
  // What a scope reads and stores.

  static void note(Symbols &symbols, const Body &body) {
    for (const StatementPtr &statement : body)
      note(symbols, *statement);
  }

  static void note(Symbols &symbols, const ExpressionPtr &expression) {
    if (expression)
      note(symbols, *expression, expression->use);
  }

  static void note(Symbols &symbols, const std::vector<ExpressionPtr> &list) {
    for (const ExpressionPtr &expression : list)
      note(symbols, expression);
  }

  static void note(Symbols &symbols, const Expression &expression, Use use) {
    if (expression.kind == Expression::Kind::Attribute ||
        (expression.kind == Expression::Kind::Name && use == Use::Load))
      symbols.load(expression.name);
    else if (expression.kind == Expression::Kind::Name && use == Use::Store)
      symbols.store(expression.name);
    else if (expression.kind == Expression::Kind::Name)
      symbols.declareParameter(expression.name);
    forEachChild(expression, [&](const Expression &child) {
      note(symbols, child, use == Use::Parameter ? use : child.use);
    });
  }

  static void note(Symbols &symbols, const Statement &s) {
    switch (s.kind) {
    case Statement::Kind::If:
      noteBranches(symbols, s);
      break;
    case Statement::Kind::Macro:
      symbols.store(s.name);
      break;
    case Statement::Kind::For:
      note(symbols, s.expressions);
      break;
    case Statement::Kind::Filter:
      note(symbols, s.filter);
      break;
    default: // Output, Set, SetBlock, Call, With
      note(symbols, s.expressions);
      note(symbols, s.target);
    }
  }

  static void noteBranches(Symbols &symbols, const Statement &s) {
    note(symbols, s.expressions[0]);
    Symbols first = symbols.branch(), others = symbols.branch(),
            last = symbols.branch();
    note(first, s.bodies[0]);
    for (size_t i = 1; i < s.expressions.size(); ++i) {
      note(others, s.expressions[i]);
      Symbols inner = others.branch();
      note(inner, s.bodies[i]);
      others.merge({&inner});
    }
    if (s.bodies.size() > s.expressions.size())
      note(last, s.bodies.back());
    symbols.merge({&first, &others, &last});
  }

  // References.

  FunctionScope &newFunction(FunctionScope *outer) {
    functions_.push_back({outer});
    return functions_.back();
  }

  static Reference lookUp(const std::string &name, const Symbols &symbols) {
    std::optional<Variable> found = symbols.find(name);
    if (!found)
      fail("the name {} is unknown here", quoted(name));
    return referenceTo(*found, symbols.function());
  }

  void resolve(Expression &expression, const Symbols &symbols,
               bool isConditional) {
    if (expression.kind == Expression::Kind::Name ||
        expression.kind == Expression::Kind::Attribute)
      expression.reference = lookUp(expression.name, symbols);
    isConditional =
        isConditional || expression.kind == Expression::Kind::Condition;
    expression.isConditional = isConditional;
    if (!isConditional && expression.kind == Expression::Kind::Filter &&
        !findFilter(expression.text))
      failAt(expression.line, "filter", expression.text);
    if (!isConditional && expression.kind == Expression::Kind::Test &&
        !findTest(expression.text))
      failAt(expression.line, "test", expression.text);
    forEachChild(expression, [&](const Expression &child) {
      resolve(const_cast<Expression &>(child), symbols, isConditional);
    });
  }

  [[noreturn]] static void failAt(int line, const char *what,
                                  const std::string &name) {
    throw Failure{Code::BadInput,
                  fmt::format("No {} named {}", what, quoted(name)), line};
  }

  void resolve(const ExpressionPtr &expression, const Place &place) {
    if (expression)
      resolve(*expression, place.symbols, place.isConditional);
  }

  void resolve(const std::vector<ExpressionPtr> &list, const Place &place) {
    for (const ExpressionPtr &expression : list)
      resolve(expression, place);
  }

  void resolve(Body &body, const Place &place) {
    for (StatementPtr &statement : body) {
      try {
        resolve(*statement, place);
      } catch (Failure &failure) {
        if (failure.line == 0)
          failure.line = statement->line;
        throw;
      }
    }
  }

  void resolve(Statement &s, const Place &place) {
    switch (s.kind) {
    case Statement::Kind::If:
      return resolveIf(s, place);
    case Statement::Kind::For:
      return resolveFor(s, place);
    case Statement::Kind::SetBlock:
    case Statement::Kind::Filter:
    case Statement::Kind::With:
      return resolveInner(s, place);
    case Statement::Kind::Macro:
      s.reference = lookUp(s.name, place.symbols);
      return resolveMacro(s, place);
    case Statement::Kind::Call:
    case Statement::Kind::Generation:
      resolve(s.expressions, place);
      return resolveMacro(s, place);
    case Statement::Kind::Break:
    case Statement::Kind::Continue:
      if (place.loops == 0)
        fail("'{}' outside loop",
             s.kind == Statement::Kind::Break ? "break" : "continue");
      return;
    default: // Output, Set
      resolve(s.expressions, place);
      resolve(s.target, place);
    }
  }

  void resolveIf(Statement &s, Place place) {
    place.isConditional = true;
    resolve(s.expressions, place);
    for (Body &body : s.bodies)
      resolve(body, place);
  }

  /// A scope that is no function of its own.
  void resolveInner(Statement &s, const Place &place) {
    Symbols symbols(&place.symbols, place.symbols.function());
    note(symbols, s.targets); // With
    note(symbols, s.bodies[0]);
    if (s.kind == Statement::Kind::Filter)
      note(symbols, s.filter);
    s.frame = symbols.frame();
    resolve(s.target, place);      // SetBlock
    resolve(s.expressions, place); // With
    Place inner = {symbols, false, place.loops};
    resolve(s.targets, inner);
    resolve(s.filter, inner);
    resolve(s.bodies[0], inner);
  }

  void resolveMacro(Statement &s, const Place &place) {
    FunctionScope &function = newFunction(&place.symbols.function());
    Symbols symbols(&place.symbols, function);
    note(symbols, s.parameters);
    note(symbols, s.defaults);
    note(symbols, s.bodies[0]);
    declareSpecial(s, symbols);
    MacroScope &macro = s.macro;
    for (const ExpressionPtr &parameter : s.parameters)
      macro.arguments.push_back(symbols.find(parameter->name)->slot);
    macro.frame = symbols.frame();
    Place inner = {symbols};
    resolve(s.parameters, inner);
    resolve(s.defaults, inner);
    resolve(s.bodies[0], inner);
    macro.slots = unsigned(function.slots.size());
  }

  /// `caller`, `kwargs` and `varargs`, where the body reads them.
  static void declareSpecial(Statement &s, Symbols &symbols) {
    Undeclared undeclared({"caller", "kwargs", "varargs"});
    undeclared.visit(s.bodies[0]);
    auto place = [&](std::string_view name) {
      for (size_t i = 0; i < s.parameters.size(); ++i)
        if (s.parameters[i]->name == name)
          return i;
      return s.parameters.size();
    };
    MacroScope &macro = s.macro;
    size_t count = s.parameters.size(), caller = place("caller");
    if (undeclared.has("caller") && caller < count &&
        caller + s.defaults.size() < count)
      fail("the argument 'caller' of a macro must have a default");
    if (undeclared.has("caller") && caller == count) {
      macro.takesCaller = true;
      macro.caller = symbols.declareParameter("caller").slot;
    }
    if (undeclared.has("kwargs") && place("kwargs") == count) {
      macro.takesNamed = true;
      macro.named = symbols.declareParameter("kwargs").slot;
    }
    if (undeclared.has("varargs") && place("varargs") == count) {
      macro.takesMore = true;
      macro.more = symbols.declareParameter("varargs").slot;
    }
  }

  void resolveFor(Statement &s, const Place &place) {
    Undeclared undeclared({"loop"});
    undeclared.visit(s.bodies[0]);
    s.usesLoop = s.isRecursive || undeclared.has("loop");
    failIfStoresLoop(s);
    FunctionScope &outer = place.symbols.function();
    FunctionScope &function = s.isRecursive ? newFunction(&outer) : outer;
    Symbols symbols(&place.symbols, function);
    if (s.usesLoop)
      s.loopSlot = symbols.declareParameter("loop").slot;
    note(symbols, *s.target, Use::Parameter);
    note(symbols, s.bodies[0]);
    Symbols elseSymbols(&place.symbols, function);
    note(elseSymbols, s.bodies[1]);
    if (s.test)
      resolveTest(s, place);
    s.frame = symbols.frame();
    s.elseFrame = elseSymbols.frame();
    resolve(s.expressions, place);
    int loops = s.isRecursive ? 0 : place.loops;
    Place inner = {symbols, false, loops + 1};
    resolve(s.target, inner);
    resolve(s.bodies[0], inner);
    resolve(s.bodies[1], {elseSymbols, false, loops});
    s.slots = s.isRecursive ? unsigned(function.slots.size()) : 0;
  }

  void resolveTest(Statement &s, const Place &place) {
    FunctionScope &function = newFunction(&place.symbols.function());
    Symbols symbols(&place.symbols, function);
    note(symbols, *s.target, Use::Parameter);
    note(symbols, s.test);
    s.testFrame = symbols.frame();
    s.testTarget = copyTarget(*s.target);
    resolve(s.testTarget, {symbols});
    resolve(s.test, {symbols});
    s.testSlots = unsigned(function.slots.size());
  }

  static ExpressionPtr copyTarget(const Expression &target) {
    auto out = std::make_unique<Expression>(target.kind, target.line);
    out->use = target.use;
    out->name = target.name;
    for (const ExpressionPtr &child : target.children)
      out->children.push_back(copyTarget(*child));
    return out;
  }

  static bool isStoredLoop(const Expression &target) {
    bool isLoop = target.kind == Expression::Kind::Name &&
                  target.use == Use::Store && target.name == "loop";
    forEachChild(target, [&](const Expression &child) {
      isLoop = isLoop || isStoredLoop(child);
    });
    return isLoop;
  }

  static void failIfStoresLoop(const Statement &s) {
    if (s.target && isStoredLoop(*s.target))
      fail("Can't assign to special loop variable in for-loop target");
    for (const Body &body : s.bodies)
      for (const StatementPtr &inner : body)
        failIfStoresLoop(*inner);
  }

  std::list<FunctionScope> functions_; // whose addresses stay
};

} // namespace

void resolveNames(TemplateTree &tree) { Resolver().resolve(tree); }

} // namespace llmc::jinja
