// SPDX-License-Identifier: Apache-2.0
// Scan, in its form with a batch (opset 8) as well.
#include "frontend/onnx/rules/LoopBuilder.h"

using namespace mlir;

namespace llmc::onnx {

namespace {
/// What Scan's attributes say, for all of its forms.
struct ScanForm {
  Block *body;
  size_t first, states, scanned; // inputs begin at `first`
  SmallVector<int64_t> inputAxes, inputDirections, outputAxes, outputDirections;
};
} // namespace

static SmallVector<int64_t> listOr(Binder &b, StringRef name, size_t size) {
  auto list = b.intsAttr(name);
  if (!list)
    return SmallVector<int64_t>(size, 0);
  if (list->size() != size)
    b.fail("attribute " + name + " has " + Twine(list->size()) +
           " entries, expected " + Twine(size));
  return *list;
}

static ScanForm scanForm(Binder &b) {
  ScanForm form;
  form.body = &b.subgraph("body");
  form.first = b.version() < 9 ? 1 : 0; // Scan-8 begins with sequence_lens
  int64_t scanned = b.requiredInt("num_scan_inputs"),
          inputs = static_cast<int64_t>(b.numInputs() - form.first);
  if (scanned < 1 || scanned > inputs)
    b.fail("num_scan_inputs " + Twine(scanned) + " is out of the range [1, " +
           Twine(inputs) + "]");
  form.scanned = scanned;
  form.states = inputs - scanned;
  size_t results = form.body->getTerminator()->getNumOperands();
  if (results < form.states || results != b.numOutputs())
    b.fail("a body that returns " + Twine(results) + " values for " +
           Twine(form.states) + " states and " + Twine(b.numOutputs()) +
           " outputs");
  size_t rows = results - form.states;
  bool old = b.version() < 9;
  form.inputDirections =
      listOr(b, old ? "directions" : "scan_input_directions", scanned);
  form.inputAxes = listOr(b, old ? "" : "scan_input_axes", scanned);
  form.outputAxes = listOr(b, old ? "" : "scan_output_axes", rows);
  form.outputDirections = listOr(b, old ? "" : "scan_output_directions", rows);
  return form;
}

/// x's part at a position of an axis, without that axis.
static Value partAt(Binder &b, Value x, int64_t axis, llm::Dim at) {
  Value part = b.slice(x, axis, at, b.constantDim(1));
  llm::Dims dims = llm::dimsOf(part);
  dims.erase(dims.begin() + axis);
  return b.reshape(part, dims);
}

/// The scan itself: states, then rows as they were made, on axis 0.
static std::optional<SmallVector<Value>>
buildScan(Binder &b, const ScanForm &form, ValueRange states,
          ArrayRef<Value> scanned, llm::Dim length, Value trips) {
  LoopSpec spec;
  spec.trips = trips;
  spec.turns = length;
  spec.rowsKeepSizes = true;
  spec.inits.assign(states.begin(), states.end());
  return buildLoop(b, spec, [&](llm::Dim iteration, ValueRange carried) {
    SmallVector<Entry> inputs;
    for (Value v : carried)
      inputs.push_back(storedEntry(v));
    for (auto [i, x] : llvm::enumerate(scanned)) {
      llm::Dim at = form.inputDirections[i]
                        ? llm::simplified(length - iteration - 1)
                        : iteration;
      inputs.push_back(storedEntry(partAt(b, x, form.inputAxes[i], at)));
    }
    LoopTurn out;
    for (auto [i, e] : llvm::enumerate(b.convert(*form.body, inputs))) {
      out.unknown |= e.isUnknown;
      if (!out.unknown)
        (i < carried.size() ? out.next : out.rows).push_back(b.valueOf(e));
    }
    return out;
  });
}

/// Rows in the order and on the axis that the node asks for.
static Value placeRows(Binder &b, Value rows, int64_t axis, bool backwards) {
  llm::Dims dims = llm::dimsOf(rows);
  int64_t rank = dims.size();
  if (backwards) {
    llm::Dims starts(rank, b.constantDim(0));
    starts[0] = llm::simplified(dims[0] - 1);
    SmallVector<int64_t> steps(rank, 1);
    steps[0] = -1;
    rows = b.makeAs<llm::SliceOp>(
        rows.getType(), rows,
        {b.named("starts", llm::dimsAttr(b.ctx, starts)),
         b.named("steps", b.builder.getDenseI64ArrayAttr(steps))});
  }
  axis = b.axis(axis, rank);
  if (axis == 0)
    return rows;
  SmallVector<int64_t> perm = upTo(rank);
  perm.erase(perm.begin());
  perm.insert(perm.begin() + axis, 0);
  return b.transpose(rows, perm);
}

static void importScan(Binder &b) {
  ScanForm form = scanForm(b);
  SmallVector<Value> states, scanned;
  llm::Dim length;
  for (size_t i = 0; i < form.states; ++i)
    states.push_back(b.in(i));
  for (size_t i = 0; i < form.scanned; ++i) {
    Value x = b.in(form.states + i);
    int64_t &axis = form.inputAxes[i];
    axis = b.axis(axis, llm::rankOf(x));
    llm::Dim here = llm::dimsOf(x)[axis];
    if (length && b.sizes.equal(length, here) == false)
      b.fail("scans inputs of different lengths");
    // Equal, or the call fails: the longest is not read beyond the others.
    if (length && length != here) {
      llm::Dims dims = llm::dimsOf(x);
      dims[axis] = length;
      x = b.reshape(x, dims);
    }
    length = length ? length : here;
    scanned.push_back(x);
  }
  Value trips = b.scalarSize(length, b.builder.getI64Type());
  auto results = buildScan(b, form, states, scanned, length, trips);
  if (!results)
    return b.setUnknown();
  for (size_t i = 0; i < b.numOutputs(); ++i) {
    if (i < form.states) {
      b.set(i, (*results)[i]);
    } else {
      size_t k = i - form.states;
      b.set(i, placeRows(b, (*results)[i], form.outputAxes[k],
                         form.outputDirections[k]));
    }
  }
}

/// Scan-8: a scan per element of the batch, axis 0 of everything.
static void importBatchedScan(Binder &b) {
  ScanForm form = scanForm(b);
  if (b.has(0))
    b.unsupported("sequence_lens is not supported");
  llm::Dim batch, length;
  for (size_t i = 1; i < b.numInputs(); ++i) {
    llm::Dims dims = b.dims(i);
    size_t need = i <= form.states ? 1 : 2;
    if (dims.size() < need)
      b.fail("input " + Twine(i) + " has no batch or sequence axis");
    if (batch && batch != dims[0])
      b.fail("inputs with different batch sizes");
    batch = dims[0];
    if (need == 1)
      continue;
    if (length && length != dims[1])
      b.fail("scans inputs of different lengths");
    length = dims[1];
  }
  Type integer = b.builder.getI64Type();
  LoopSpec spec;
  spec.trips = b.scalarSize(batch, integer);
  spec.turns = batch;
  spec.rowsKeepSizes = true;
  auto results = buildLoop(b, spec, [&](llm::Dim element, ValueRange) {
    SmallVector<Value> states, scanned;
    for (size_t i = 1; i < b.numInputs(); ++i)
      (i <= form.states ? states : scanned)
          .push_back(partAt(b, b.in(i), 0, element));
    Value trips = b.scalarSize(length, integer);
    auto made = buildScan(b, form, states, scanned, length, trips);
    LoopTurn out;
    out.unknown = !made;
    if (made)
      out.rows = *made;
    return out;
  });
  if (!results)
    return b.setUnknown();
  for (size_t i = 0; i < b.numOutputs(); ++i)
    b.set(i, (*results)[i]);
}

void addScanRules(RuleTable &rules) {
  rules.add({"Scan"}, [](Binder &b) {
    return b.version() < 9 ? importBatchedScan(b) : importScan(b);
  });
}

} // namespace llmc::onnx
