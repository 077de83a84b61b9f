// SPDX-License-Identifier: Apache-2.0
// Sequences and optional values in files and folders.
#include "test/unit/frontend/Harness.h"

using namespace llmc;
using namespace llmc::test;
using Catch::Contains;

namespace {

HostValue made(ValueKind kind, std::vector<HostTensor> tensors,
               std::string name = "v") {
  HostValue out;
  out.name = std::move(name);
  out.kind = kind;
  out.dtype = 1;
  out.tensors = std::move(tensors);
  return out;
}

void checkEqual(const HostValue &a, const HostValue &b) {
  CHECK(a.name == b.name);
  CHECK(a.isAbsent == b.isAbsent);
  CHECK(a.dtype == b.dtype);
  REQUIRE(a.tensors.size() == b.tensors.size());
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    CHECK(a.tensors[i].dims == b.tensors[i].dims);
    CHECK(a.tensors[i].data == b.tensors[i].data);
  }
}

std::string errorOfPb(ValueKind kind, const std::string &bytes) {
  return errorOfLoading("x.pb", bytes, [&](const std::string &path) {
    loadValuePb(path, {.name = "x", .kind = kind});
  });
}

} // namespace

TEST_CASE("values come back from files") {
  Folder folder;
  HostValue absent = made(ValueKind::OptionalSequence, {});
  absent.isAbsent = true;
  std::vector<HostTensor> two = {floats({2}, {1, 2}), floats({}, {3})};
  for (const HostValue &v :
       {made(ValueKind::Sequence, two), made(ValueKind::Sequence, {}),
        made(ValueKind::Optional, {two[0]}), made(ValueKind::Optional, {}),
        made(ValueKind::OptionalSequence, two),
        made(ValueKind::OptionalSequence, {}), absent}) {
    saveValuePb(folder.path + "/v.pb", v);
    ValueSlot slot = {"v", v.kind, 1};
    checkEqual(loadValuePb(folder.path + "/v.pb", slot), v);
  }
}

TEST_CASE("files that hold something else") {
  Msg numbers = tensor("", 7, {1}, std::string(8, '\1')),
      small = tensor("", 1, {1}, std::string(4, '\1'));
  CHECK(errorOfPb(ValueKind::Sequence,
                  Msg().message(3, small).message(3, numbers).bytes) ==
        "holds f32 and i64 tensors");
  CHECK(errorOfPb(ValueKind::Sequence, Msg().message(5, Msg()).bytes) ==
        "a sequence of anything but tensors is not supported");
  CHECK(errorOfPb(ValueKind::Optional, Msg().message(5, Msg()).bytes) ==
        "holds a sequence, expected a tensor");
  CHECK(errorOfPb(ValueKind::OptionalSequence, Msg().message(3, small).bytes) ==
        "holds a tensor, expected a sequence");
  CHECK(errorOfPb(ValueKind::Optional, Msg().message(7, Msg()).bytes) ==
        "an optional value that holds neither a tensor nor a sequence is not "
        "supported");
  CHECK_THAT(errorOfPb(ValueKind::Optional,
                       Msg().message(3, small).message(3, small).bytes),
             Contains("field 3 (tensor_value) is given twice"));
  Msg lying = tensor("", 1, {int64_t(1) << 40}, std::string(4, '\1'));
  CHECK_THAT(errorOfPb(ValueKind::Sequence, Msg().message(3, lying).bytes),
             Contains("4 bytes"));
  std::string cut = Msg().message(3, small).bytes;
  cut.pop_back();
  CHECK_FALSE(errorOfPb(ValueKind::Sequence, cut).empty());
}

TEST_CASE("test vectors of all kinds match by their names") {
  Folder folder;
  std::vector<ValueSlot> slots = {{"t", ValueKind::Tensor, 1},
                                  {"s", ValueKind::Sequence, 1},
                                  {"o", ValueKind::Optional, 1}};
  saveValuePb(folder.path + "/input_0.pb", made(ValueKind::Optional, {}, "o"));
  saveValuePb(folder.path + "/input_1.pb", HostValue(floats({1}, {5}, "t")));
  saveValuePb(folder.path + "/input_2.pb",
              made(ValueKind::Sequence, {floats({1}, {6})}, "s"));
  auto matched = loadTestVectors(folder.path, "input", slots);
  REQUIRE(matched.size() == 3);
  CHECK(matched[0].index == 2);
  CHECK(matched[1].index == 0);
  CHECK(matched[2].index == 1);
  CHECK(matched[2].value.tensors.size() == 1);
}

TEST_CASE("inputs of all kinds from a folder") {
  Folder folder;
  std::vector<ValueSlot> slots = {{"s", ValueKind::Sequence, 1},
                                  {"o", ValueKind::Optional, 1},
                                  {"q", ValueKind::OptionalSequence, 1}};
  CHECK_THROWS_WITH(loadInputs(folder.path, slots),
                    Contains("'s': this input is missing"));
  saveNpy(folder.path + "/s%5B0%5D.npy", floats({2}, {1, 2}));
  saveNpy(folder.path + "/s%5B1%5D.npy", floats({1}, {3}));
  auto values = loadInputs(folder.path, slots);
  CHECK(values[0].tensors.size() == 2);
  CHECK(values[1].tensors.empty());
  CHECK(values[2].isAbsent);
  saveNpy(folder.path + "/q.npy", floats({1}, {3}));
  CHECK_THROWS_WITH(loadInputs(folder.path, slots),
                    Contains("'q' needs a .pb file"));
}

TEST_CASE("outputs of all kinds are read back as inputs") {
  Folder folder;
  std::vector<HostValue> values = {
      made(ValueKind::Sequence, {floats({2}, {1, 2}), floats({0}, {})}, "s"),
      made(ValueKind::Optional, {}, "o"),
      made(ValueKind::OptionalSequence, {}, "q")};
  saveOutputs(folder.path, values);
  std::vector<ValueSlot> slots = {{"s", ValueKind::Sequence, 1},
                                  {"o", ValueKind::Optional, 1},
                                  {"q", ValueKind::OptionalSequence, 1}};
  auto back = loadInputs(folder.path, slots);
  for (size_t i = 0; i < values.size(); ++i)
    checkEqual(back[i], values[i]);
}
