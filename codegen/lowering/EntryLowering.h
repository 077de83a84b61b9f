// SPDX-License-Identifier: Apache-2.0
// Lowers one entry of the llm dialect to its host program: binds symbols to
// input sizes, plans buffers, and lets each op's lowering
// (codegen/lowering/<Family>.cpp) add its steps. Lives for one entry;
// single-threaded.
#pragma once

#include "codegen/cpu/KernelBuilder.h"
#include "codegen/lowering/Tensor.h"
#include "codegen/lowering/WeightTable.h"
#include "ir/llm/Dialect.h"
#include "ir/rt/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "runtime/include/llmc/abi.h"

namespace llmc {

class EntryLowering;
/// Adds the steps of one op. Failure: an error was emitted at the op.
using LowerFn =
    std::function<mlir::LogicalResult(mlir::Operation *, EntryLowering &)>;
/// Op name -> lowering; what is not in it is not supported by the code
/// generator.
using LoweringTable = llvm::StringMap<LowerFn>;
const LoweringTable &loweringTable();

/// A row of an entry's site table: where a step or a failure comes from, and
/// the kernel where it is a step.
struct SiteRow : llm::Site {
  std::string kernel;
};

/// Ops that general loops run, in order: they have no kernel, or theirs does
/// not take their types or layouts.
using GeneralOps = llvm::SmallSetVector<mlir::Operation *, 16>;

/// What the whole compilation of one target shares.
struct LoweringContext {
  KernelModule &kernels;
  WeightTable &weights;
  std::vector<SiteRow> &sites; ///< of the entry at hand
  GeneralOps &general;         ///< the same
};

class EntryLowering {
public:
  EntryLowering(mlir::func::FuncOp entry, llvm::StringRef symbol,
                LoweringContext &context);
  mlir::LogicalResult run();

  CodeBuilder &host() { return *code; }
  KernelModule &kernels() { return context.kernels; }
  WeightTable &weights() { return context.weights; }
  const CpuTarget &target() { return context.kernels.target(); }

  // Sizes.
  mlir::Value size(llm::Dim);                       ///< i64 at run time
  mlir::Value product(llvm::ArrayRef<mlir::Value>); ///< 1 for none
  void bindSymbol(unsigned symbol, mlir::Value value);
  /// Whether the prologue knows it: such values stand in the arena.
  bool isKnownAtStart(llm::Dim);
  /// The call fails where a size that only data gives is negative or too large.
  void checkSizes(mlir::Type tensor);
  /// What is computed of sizes within its lifetime is forgotten at its end: for
  /// the ops of a region, whose values do not dominate what comes behind it.
  class SizeScope {
  public:
    explicit SizeScope(EntryLowering &);
    ~SizeScope();

  private:
    EntryLowering &lowering;
    llvm::DenseMap<mlir::AffineExpr, mlir::Value> sizeValues;
    llvm::SmallVector<mlir::Value> symbolValues;
    llvm::SmallPtrSet<const void *, 8> checked;
  };

  // Bodies of control flow (codegen/lowering/Bodies.cpp).
  /// Where a value that leaves a body is made: at `base`, in the buffer of an
  /// output, or in a block of its own.
  struct Destination {
    mlir::Value base;
    std::optional<int64_t> output;
  };
  /// While it lives, a body's ops are lowered.
  class BodyScope {
  public:
    explicit BodyScope(EntryLowering &);
    ~BodyScope();

  private:
    EntryLowering &lowering;
    SizeScope sizes;
    mlir::Operation *current;
    llvm::SmallVector<unsigned> scratchSlots;
    llvm::SmallVector<mlir::Value> scratchBlocks;
  };
  /// Lowers a body's ops without its terminator.
  mlir::LogicalResult lowerBody(mlir::Block &);
  /// Asks for a value to be made there; false where it is no op's result in
  /// this body, or asked for already.
  bool makeIn(mlir::Value, mlir::Block &body, Destination);
  /// Its memory: copied there where it was not made there, as asked.
  mlir::Value deliver(mlir::Value, Destination, bool asked);
  /// Releases what only the body needed, once its values are delivered.
  void endBody(mlir::Block &);
  std::optional<int64_t> outputOfValue(mlir::Value) const;
  bool hasDestination(mlir::Value v) const { return destinations.count(v); }
  /// The buffer of an output with the sizes of this type.
  mlir::Value outputBuffer(int64_t output, mlir::Type);
  /// A body's argument, or a result that a body made.
  void setTensor(mlir::Value v, MemTensor t) { tensors[v] = t; }
  /// The same, of a block that is released behind its last use.
  void own(mlir::Value result, mlir::Value block);
  /// The same for a sequence (codegen/lowering/Sequence.h).
  void ownSequence(mlir::Value result, mlir::Value block);
  mlir::Value allocateBytes(mlir::Value bytes);
  mlir::Value allocate(llm::Dim bytes);
  void releaseBlock(mlir::Value block);
  void poll();
  bool isSymbolBound(unsigned symbol) const {
    return symbol < symbolValues.size() && symbolValues[symbol];
  }
  mlir::Block *addBlock(mlir::TypeRange arguments = {});
  void enterBlock(mlir::Block *); ///< goes on building there
  void branch(mlir::Block *, mlir::ValueRange arguments = {});
  void branchIf(mlir::Value condition, mlir::Block *yes, mlir::Block *no);

  /// The op at hand runs, or a part of it does, as a general loop.
  void noteGeneral() { context.general.insert(current); }

  // Tensors.
  MemTensor get(mlir::Value); ///< strided; the memory stays valid until the op
                              ///< that is being lowered is done
  MemTensor contiguous(mlir::Value); ///< copied first if it is a view with gaps
  MemTensor rows(mlir::Value);   ///< contiguous in the last dim, and all other
                                 ///< dims collapse to rows of one stride
  MemTensor result(mlir::Value); ///< the buffer for an op's result
  /// The same, in the memory of an operand of the op at hand (or null) that
  /// nothing reads any more, where the kernel allows the two to be one.
  MemTensor resultOver(mlir::Value, mlir::Value operand);
  void setView(mlir::Value result, MemTensor view, mlir::Value source);
  /// Memory for this op alone; `bytes` is a size expression.
  mlir::Value scratch(llm::Dim bytes);
  MemTensor scratchTensor(mlir::Type tensor);
  mlir::Value weight(int64_t id);
  mlir::Value workers(); ///< LlmcContext.workers
  /// Bytes that are part of the code object.
  mlir::Value constantBytes(mlir::DenseElementsAttr);
  MemTensor makeTensor(mlir::Value base, mlir::Type tensor);
  llm::Dim bytesOf(mlir::Type);
  /// Copies between tensors of one shape.
  void copy(MemTensor from, MemTensor to);
  /// The memory of an argument that the runtime keeps between calls, if it is
  /// one.
  struct StateInfo {
    mlir::Value data, capacity, length;
  };
  std::optional<StateInfo> state(mlir::Value);

  // Steps.
  /// What a step computes and moves, for profiles; i64.
  struct Work {
    mlir::Value flops, bytes;
  };
  /// What the next step does. Without it, an op's first step does all of the
  /// op's work (codegen/lowering/EntryWork.cpp), and further ones only what
  /// their tensors show.
  void setWork(Work work) { nextWork = work; }
  /// The op at hand has steps that say what they do, and none does it all.
  void countSteps() { counted = true; }
  /// The next step makes `made` and has these tensors, `made` among them.
  void setTensors(llvm::ArrayRef<MemTensor> tensors, const MemTensor &made);
  void launch(llvm::StringRef kernel, mlir::ValueRange args, mlir::Value count,
              mlir::Value grain);
  /// The call fails with (kind, a, b, c) where the condition holds.
  void failIf(mlir::Value condition, LlmcFail kind, mlir::Value a = {},
              mlir::Value b = {}, mlir::Value c = {});

  /// Whether the op at hand is lowered for one of several sequences whose steps
  /// run together (codegen/lowering/Segments.cpp); it has no scratch memory
  /// then.
  bool isOneSegment() const { return grouped.has_value(); }

  /// The row of the op at hand; of its step, with the kernel's symbol.
  int64_t site(llvm::StringRef kernel = {});

private:
  // Segments.
  struct Segments {
    mlir::Value lengths; ///< i64 [count]: new tokens of each
    mlir::Value count;
    llm::Dim seq, past;
    unsigned argument; ///< number
    int64_t states;    ///< of one segment
  };
  /// The launches of an op that all segments make, the same for each: a table
  /// for each launch, with a row for each segment.
  struct Grouped {
    struct Launch {
      std::string kernel;
      mlir::Value table;
      int64_t words; ///< of a row
    };
    mlir::Value segment; ///< the one at hand
    llvm::SmallVector<Launch> launches;
  };
  void findSegments();
  void checkSegments();
  bool isPerSegment(mlir::Operation *) const;
  mlir::LogicalResult lowerPerSegment(mlir::Operation *, const LowerFn &);
  void enterSegment(mlir::Operation *, mlir::Value begin, mlir::Value length);
  void bindState(mlir::BlockArgument);
  void addToGroup(llvm::StringRef kernel, mlir::ValueRange args,
                  mlir::Value count, mlir::Value grain);
  void launchGroup(const Grouped::Launch &);
  MemTensor stateTensor(mlir::BlockArgument);

  struct Slot {
    llvm::SmallVector<llm::Dim>
        sizes;           ///< bytes; the slot is as large as the largest
    mlir::Value address; ///< placeholder until the end
    bool busy = false;
  };

  mlir::LogicalResult bindInputs();
  /// The block of a sequence that the caller gives, and such a block as an
  /// output (codegen/lowering/SequenceBorder.cpp).
  mlir::Value readSequence(int64_t input, llm::SequenceType);
  void writeSequence(int64_t output, mlir::Value block);
  void bindDerived();
  bool isBound(llm::Dim);
  mlir::Value sizeAsDouble(llm::Dim); ///< to see sizes that overflow an i64
  mlir::LogicalResult lowerOp(mlir::Operation *);
  mlir::LogicalResult lowerReturn(mlir::Operation *);
  void findLastUses(mlir::Block &);
  void findSharedSymbols();
  void release(mlir::Operation *after);
  unsigned takeSlot(llm::Dim bytes);
  mlir::Value symbolValue(unsigned symbol);
  void failIfTooLarge(llm::Dim bytes);
  Work takeWork();
  Work workOf(mlir::Operation *);
  mlir::Value countOf(mlir::Value);
  mlir::Value bytesMoved(mlir::Value);
  mlir::Value bytesMoved(const MemTensor &);
  mlir::Value attentionPairs(llm::AttentionOp);
  mlir::Value flopsOf(mlir::Operation *);
  void placeSlots();
  mlir::Value rootOf(mlir::Value);
  bool isLastUse(mlir::Value operand);

  mlir::func::FuncOp entry;
  LoweringContext &context;
  llm::Symbols symbols;
  mlir::OpBuilder builder;
  mlir::LLVM::LLVMFuncOp function;
  std::optional<CodeBuilder> code;
  mlir::Value ctx;
  mlir::Operation *prologueEnd =
      nullptr; ///< slot addresses are computed before it
  mlir::Operation *current = nullptr;

  llvm::DenseMap<mlir::Value, MemTensor> tensors;
  llvm::DenseMap<mlir::Value, mlir::Value>
      roots; ///< view -> the value that owns the memory
  llvm::DenseMap<mlir::Value, unsigned> slotOf; ///< owner -> slot
  llvm::DenseMap<mlir::Value, StateInfo> states;
  llvm::DenseMap<mlir::Value, int64_t> outputOf; ///< value -> the result it is
  llvm::DenseMap<mlir::Value, Destination> destinations; ///< of bodies' results
  llvm::DenseSet<mlir::Value> placed; ///< values made in their destination
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Value>> dyingAfter;
  std::vector<Slot> slots;
  llvm::SmallVector<unsigned> scratchSlots;
  // Blocks whose size the prologue does not know, by owner and of the op at
  // hand.
  llvm::DenseMap<mlir::Value, mlir::Value> blockOf;
  llvm::SmallVector<mlir::Value> scratchBlocks;
  llvm::DenseMap<mlir::AffineExpr, mlir::Value> sizeValues;
  llvm::SmallVector<mlir::Value> symbolValues;
  llvm::SmallVector<bool> knownAtStart;   ///< by symbol
  llvm::DenseSet<unsigned> sharedSymbols; ///< used outside of bodies
  unsigned launches = 0;
  std::optional<Work> nextWork;
  bool counted = true; ///< a step does the work of the op at hand already
  llvm::SmallPtrSet<const void *, 8> checked; ///< types and dims
  std::optional<Segments> segments;
  std::optional<Grouped> grouped;
  bool broken = false; ///< an error was emitted where no failure can return
};

struct LoweredEntry {
  std::string name;
  std::vector<SiteRow> sites;
  GeneralOps general;
};
using LoweredModel = std::vector<LoweredEntry>;
/// Lowers all entries of the modules into `kernels.module()`, which becomes a
/// module of `llvm.func`s with rt ops and the constant `llmc_module`. Entry
/// functions are those with the attribute `llm.entry`, in order. The site
/// tables begin with the rows of `before`: one table serves the code of all
/// targets.
mlir::FailureOr<std::vector<LoweredModel>>
lowerModules(llvm::ArrayRef<mlir::ModuleOp> modules, KernelModule &kernels,
             WeightTable &weights, llvm::ArrayRef<uint8_t> digest,
             llvm::ArrayRef<LoweredModel> before = {});

/// Turns rt ops into calls through the LlmcContext
/// (codegen/lowering/RtToLLVM.cpp).
void lowerRtToLLVM(mlir::ModuleOp module);

// Each family registers its lowerings.
void addConstantLowerings(LoweringTable &);
void addConvLowerings(LoweringTable &);
void addDetLowerings(LoweringTable &);
void addDetectionLowerings(LoweringTable &);
void addControlLowerings(LoweringTable &);
void addElementwiseLowerings(LoweringTable &);
void addPoolLowerings(LoweringTable &);
void addRecurrentLowerings(LoweringTable &);
void addResizeLowerings(LoweringTable &);
void addSignalLowerings(LoweringTable &);
void addReduceLowerings(LoweringTable &);
void addSequenceLowerings(LoweringTable &);
void addLayoutLowerings(LoweringTable &);
void addIndexLowerings(LoweringTable &);
void addMatmulLowerings(LoweringTable &);
void addNormLowerings(LoweringTable &);
void addAttentionLowerings(LoweringTable &);
void addRopeLowerings(LoweringTable &);
void addLinearLowerings(LoweringTable &);
void addLinearAttentionLowerings(LoweringTable &);
void addExpertsLowerings(LoweringTable &);
void addCacheLowerings(LoweringTable &);
void addPackedRowsLowerings(LoweringTable &);

} // namespace llmc
