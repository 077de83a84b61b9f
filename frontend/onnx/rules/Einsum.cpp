// SPDX-License-Identifier: Apache-2.0
// Einsum: operands are contracted from left to right, each pair as one matrix
// product over axes grouped into batch, rows, columns and what is summed.
#include "frontend/onnx/rules/Terms.h"

using namespace mlir;

namespace llmc::onnx {

namespace {

/// Letters by their code; the axes of an ellipsis are -1, -2, ... from the
/// right.
using Labels = SmallVector<int64_t>;

struct Operand {
  Value value;
  Labels labels; // one per axis
};

struct Equation {
  SmallVector<std::string> terms;
  std::optional<std::string> output;
};

bool contains(const Labels &labels, int64_t label) {
  return llvm::is_contained(labels, label);
}

int64_t axisOf(const Operand &o, int64_t label) {
  return llvm::find(o.labels, label) - o.labels.begin();
}

Equation parse(Binder &b) {
  std::string text = b.stringAttr("equation", "").str();
  llvm::erase(text, ' ');
  Equation equation;
  StringRef rest = text;
  if (size_t arrow = rest.find("->"); arrow != StringRef::npos) {
    equation.output = rest.drop_front(arrow + 2).str();
    rest = rest.take_front(arrow);
  }
  SmallVector<StringRef> terms;
  rest.split(terms, ',');
  for (StringRef t : terms)
    equation.terms.push_back(t.str());
  return equation;
}

/// The labels of a term whose ellipsis stands for `hidden` axes.
Labels labelsOf(Binder &b, StringRef term, int64_t hidden) {
  Labels labels;
  bool hasEllipsis = false;
  while (!term.empty()) {
    if (term.consume_front("...")) {
      if (hasEllipsis)
        b.fail("a term of the equation has two ellipses");
      hasEllipsis = true;
      for (int64_t i = hidden; i > 0; --i)
        labels.push_back(-i);
      continue;
    }
    if (!llvm::isAlpha(term.front()))
      b.fail("the equation has a character that is no letter");
    labels.push_back(term.front());
    term = term.drop_front();
  }
  return labels;
}

/// Without an arrow: the ellipsis, then what occurs once, in the alphabet's
/// order.
Labels impliedOutput(ArrayRef<Operand> operands, int64_t hidden) {
  Labels output;
  for (int64_t i = hidden; i > 0; --i)
    output.push_back(-i);
  for (int64_t c = 'A'; c <= 'z'; ++c) {
    int64_t count = 0;
    for (const Operand &o : operands)
      count += llvm::count(o.labels, c);
    if (count == 1)
      output.push_back(c);
  }
  return output;
}

void sumOver(Binder &b, Operand &o, llvm::function_ref<bool(int64_t)> isGone) {
  SmallVector<int64_t> axes;
  Labels kept;
  for (auto [i, label] : llvm::enumerate(o.labels))
    if (isGone(label))
      axes.push_back(i);
    else
      kept.push_back(label);
  if (!axes.empty())
    o.value = reduce(b, llm::ReduceKind::Sum, o.value, axes, false);
  o.labels = kept;
}

/// A label on two axes means their diagonal.
void takeDiagonals(Binder &b, Operand &o) {
  for (size_t i = 0; i < o.labels.size(); ++i)
    for (size_t j = o.labels.size() - 1; j > i; --j) {
      if (o.labels[i] != o.labels[j])
        continue;
      llm::Dims dims = llm::dimsOf(o.value);
      if (llm::isFixed({dims[i], dims[j]}) && dims[i] != dims[j])
        b.fail("an operand's axes of one label have different sizes");
      Type whole = b.builder.getI64Type();
      int64_t rank = dims.size();
      Value eye = equal(b, countAlong(b, dims[i], i, rank, whole),
                        countAlong(b, dims[j], j, rank, whole));
      Value rest = where(b, eye, o.value, constantLike(b, o.value, 0));
      o.value = reduce(b, llm::ReduceKind::Sum, rest, {static_cast<int64_t>(j)},
                       false);
      o.labels.erase(o.labels.begin() + j);
    }
}

Value inOrder(Binder &b, const Operand &o, const Labels &order) {
  SmallVector<int64_t> perm;
  for (int64_t label : order)
    perm.push_back(axisOf(o, label));
  return llvm::equal(perm, upTo(perm.size())) ? o.value
                                              : b.transpose(o.value, perm);
}

Labels joined(std::initializer_list<Labels> parts) {
  Labels all;
  for (const Labels &p : parts)
    all.append(p);
  return all;
}

class Contraction {
public:
  Contraction(Binder &b, Operand x, Operand y) : b(b), x(x), y(y) {}

  Operand run(llvm::function_ref<bool(int64_t)> isKept) {
    sumOver(b, x,
            [&](int64_t l) { return !isKept(l) && !contains(y.labels, l); });
    sumOver(b, y,
            [&](int64_t l) { return !isKept(l) && !contains(x.labels, l); });
    for (int64_t label : x.labels)
      (!contains(y.labels, label) ? rows
       : isKept(label)            ? batch
                                  : summed)
          .push_back(label);
    for (int64_t label : y.labels)
      if (!contains(x.labels, label))
        columns.push_back(label);
    return {summed.empty() ? product() : matmul(),
            joined({batch, rows, columns})};
  }

private:
  /// The sizes of `labels` in an operand's value that begins with them at
  /// `first`.
  static llm::Dims part(Value v, size_t first, const Labels &labels) {
    llm::Dims dims = llm::dimsOf(v);
    return llm::Dims(dims.begin() + first,
                     dims.begin() + first + labels.size());
  }

  Value product() {
    Value left = inOrder(b, x, joined({batch, rows})),
          right = inOrder(b, y, joined({batch, columns}));
    llm::Dims a = llm::dimsOf(left), c = part(right, 0, batch);
    a.append(columns.size(), b.constantDim(1));
    c.append(rows.size(), b.constantDim(1));
    c.append(part(right, batch.size(), columns));
    return mul(b, b.reshape(left, a), b.reshape(right, c));
  }

  /// What is summed has one size: 1 in an operand is broadcast to the other's.
  Value spread(Value v, size_t first, Value other, size_t otherFirst) {
    llm::Dims dims = llm::dimsOf(v), sizes = llm::dimsOf(other);
    for (size_t i = 0; i < summed.size(); ++i)
      if (llm::fixedDim(dims[first + i]) == 1)
        dims[first + i] = sizes[otherFirst + i];
    return b.expand(v, dims);
  }

  Value matmul() {
    size_t n = batch.size();
    Value left = inOrder(b, x, joined({batch, rows, summed})),
          right = inOrder(b, y, joined({batch, summed, columns}));
    left = spread(left, n + rows.size(), right, n);
    right = spread(right, n, left, n + rows.size());
    llm::Dims a = part(left, 0, batch), c = part(right, 0, batch),
              m = part(left, n, rows), k = part(right, n, summed),
              w = part(right, n + summed.size(), columns);
    auto size = [&](const llm::Dims &dims) {
      return llm::productOf(b.ctx, dims);
    };
    a.append({size(m), size(k)}), c.append({size(k), size(w)});
    Value out =
        b.make<llm::MatmulOp>({b.reshape(left, a), b.reshape(right, c)});
    llm::Dims dims = part(out, 0, batch);
    dims.append(m), dims.append(w);
    return b.reshape(out, dims);
  }

  Binder &b;
  Operand x, y;
  Labels batch, rows, columns, summed;
};

} // namespace

static void importEinsum(Binder &b) {
  Equation equation = parse(b);
  if (equation.terms.size() != b.numInputs())
    b.fail("the equation has " + Twine(equation.terms.size()) + " terms for " +
           Twine(b.numInputs()) + " inputs");
  SmallVector<Operand> operands;
  int64_t hidden = 0; // axes of the longest ellipsis
  for (auto [i, term] : llvm::enumerate(equation.terms)) {
    int64_t letters = labelsOf(b, term, 0).size(), rank = b.rank(i);
    bool hasEllipsis = StringRef(term).contains("...");
    if (hasEllipsis ? letters > rank : letters != rank)
      b.fail("term " + Twine(i) + " of the equation does not fit rank " +
             Twine(rank));
    operands.push_back({b.in(i), labelsOf(b, term, rank - letters)});
    hidden = std::max(hidden, rank - letters);
  }
  Labels output = equation.output ? labelsOf(b, *equation.output, hidden)
                                  : impliedOutput(operands, hidden);
  for (Operand &o : operands)
    takeDiagonals(b, o);
  for (int64_t label : output)
    if (llvm::count(output, label) > 1 ||
        llvm::none_of(operands, [&](const Operand &o) {
          return contains(o.labels, label);
        }))
      b.fail("the equation's output has a label twice or one of no input");
  Operand all = operands[0];
  for (size_t i = 1; i < operands.size(); ++i) {
    ArrayRef<Operand> later = ArrayRef(operands).drop_front(i + 1);
    all = Contraction(b, all, operands[i]).run([&](int64_t label) {
      return contains(output, label) ||
             llvm::any_of(later, [&](const Operand &o) {
               return contains(o.labels, label);
             });
    });
  }
  sumOver(b, all, [&](int64_t label) { return !contains(output, label); });
  b.set(0, inOrder(b, all, output));
}

void addEinsumRules(RuleTable &rules) { rules.add({"Einsum"}, importEinsum); }

} // namespace llmc::onnx
