// SPDX-License-Identifier: Apache-2.0
#include "passes/quantize/Spec.h"

#include <catch2/catch.hpp>

using namespace llmc;
using namespace llmc::quantize;

static QuantizeSpec parsed(llvm::StringRef text) {
  auto spec = parseQuantizeSpec(text);
  if (!spec)
    FAIL(llvm::toString(spec.takeError()));
  return *spec;
}

static std::string errorOf(llvm::StringRef text) {
  auto spec = parseQuantizeSpec(text);
  return spec ? "" : llvm::toString(spec.takeError());
}

TEST_CASE("Defaults of int4 and int8") {
  QuantizeSpec spec = parsed("int4");
  WeightType type = spec.typeOf({}, false);
  CHECK(type.kind == WeightType::Integer);
  CHECK(type.format == llm::QuantizeFormat{{4, true, llm::ScaleType::F16},
                                           32,
                                           llm::Fit::LeastError});
  CHECK(!type.activations);
  llm::QuantizeFormat bytes{{8, true, llm::ScaleType::F32}, 0, llm::Fit::Range};
  CHECK(spec.typeOf({}, true).format == bytes);
  CHECK(spec.embedding({}).format == bytes);
  CHECK(parsed("int8").typeOf({}, false).format == bytes);
  CHECK(
      parsed("int8,group=64").typeOf({}, false).format ==
      llm::QuantizeFormat{{8, true, llm::ScaleType::F16}, 64, llm::Fit::Range});
}

TEST_CASE("Numbers that are no integers") {
  using llm::Codes;
  CHECK(parsed("nf4").typeOf({}, false).format ==
        llm::QuantizeFormat{{4, true, llm::ScaleType::F16, Codes::NF4},
                            32,
                            llm::Fit::LeastError});
  CHECK(parsed("nf4").typeOf({}, true).format.grid.bits == 8);
  CHECK(parsed("mxfp4").typeOf({}, false).format.grid ==
        llm::IntegerGrid{4, true, llm::ScaleType::E8M0, Codes::E2M1});
  llm::QuantizeFormat bytes{
      {8, true, llm::ScaleType::F32, Codes::E4M3}, 0, llm::Fit::Range};
  CHECK(parsed("fp8").typeOf({}, true).format == bytes);
  CHECK(parsed("e4m3").typeOf({}, false).format == bytes);
  CHECK(parsed("e5m2,group=64").typeOf({}, false).format.grid.scale ==
        llm::ScaleType::BF16);
  CHECK(!parsed("int4,act=int8,head=fp8").typeOf({}, true).activations);
}

TEST_CASE("Mixed types") {
  QuantizeSpec spec = parsed("mixed,bits=4.5,group=64,method=gptq;int8@*down*");
  CHECK(spec.mixes());
  CHECK(spec.observes());
  CHECK(spec.target.bits == 4.5);
  WeightType type = spec.typeOf({"up"}, true); // the head takes part
  CHECK(type.kind == WeightType::Mixed);
  std::vector<unsigned> bits;
  for (const WeightType &option : type.options) {
    bits.push_back(option.format.grid.bits);
    CHECK(option.format.group == 64);
    CHECK(option.gptq);
  }
  CHECK(bits == std::vector<unsigned>{3, 4, 8});
  CHECK(spec.typeOf({"x.down"}, false).kind == WeightType::Integer);
  CHECK(spec.embedding({}).format.grid.bits == 8);
  CHECK(parsed("mixed,kl=1e-3,types=f16/int4/int8,method=rtn")
            .typeOf({}, false)
            .options.back()
            .kind == WeightType::F16);
  CHECK(parsed("mixed,size=1.5M").target.bytes == 1.5 * 1024 * 1024);
  CHECK(parsed("mixed,bits=4,head=int8").typeOf({}, true).format.grid.bits ==
        8);
  CHECK(errorOf("mixed") == "mixed needs one of bits=, size= and kl=");
  CHECK(errorOf("mixed,bits=4,kl=1") ==
        "mixed needs one of bits=, size= and kl=");
  CHECK(errorOf("mixed,bits=-1") == "'bits=-1' is no number above 0");
  CHECK(
      errorOf("mixed,size=1T").find("'size=1T' is no number above 0 with K") ==
      0);
  CHECK(errorOf("mixed,bits=4,types=mixed/int4") ==
        "mixed is none of the types that are mixed");
  CHECK(errorOf("int4;mixed,bits=4@x") ==
        "mixed is for the rule without a pattern");
  CHECK(errorOf("mixed,bits=4,types=").find("'' is no type of weights") == 0);
}

TEST_CASE("Settings") {
  WeightType type =
      parsed("int4, group=128, asym, scale=f32, method=rtn").typeOf({}, false);
  CHECK(type.format == llm::QuantizeFormat{{4, false, llm::ScaleType::F32},
                                           128,
                                           llm::Fit::Range});
  CHECK(parsed("int4,group=channel").typeOf({}, false).format.group == 0);
  QuantizeSpec spec = parsed("int4,act_group=32,act=int8,head=f16,embed=float");
  CHECK(spec.typeOf({}, false).activations->group == 32);
  CHECK(spec.typeOf({}, true).kind == WeightType::F16);
  CHECK(!spec.typeOf({}, true).activations);
  CHECK(spec.embedding({}).kind == WeightType::Float);
  CHECK(parsed("int8,act=int8").typeOf({}, true).activations->group == 0);
}

TEST_CASE("Methods") {
  WeightType type =
      parsed("int4,method=awq+gptq+clip+order+refine").typeOf({}, false);
  CHECK(type.gptq);
  CHECK(type.awq);
  CHECK(type.actOrder);
  CHECK(type.refine);
  CHECK(type.format.fit == llm::Fit::LeastError);
  CHECK(parsed("int4,method=hqq").typeOf({}, false).format.fit ==
        llm::Fit::LeastNorm);
  CHECK(parsed("int4,method=gptq").typeOf({}, false).format.fit ==
        llm::Fit::Range);
  CHECK(parsed("int8,act=int8,method=smooth").balances());
  CHECK(!parsed("int8,act=int8,method=smooth").observes());
  CHECK(parsed("int4;int4,method=gptq@*down*").observes());
  CHECK(!parsed("int4").balances());
}

TEST_CASE("Patterns") {
  QuantizeSpec spec =
      parsed("int8@*down*;int4,act=int8;f16@*layers.1.*;int8,act=float@*v_*");
  auto bits = [&](const char *name) {
    WeightType type = spec.typeOf({name}, false);
    return type.kind == WeightType::Integer ? type.format.grid.bits : 16;
  };
  CHECK(bits("layers.0.up") == 4);
  CHECK(bits("layers.0.down") == 8);
  CHECK(bits("layers.1.down") == 16); // the later one
  CHECK(spec.typeOf({"layers.0.down"}, false).activations->group == 0);
  CHECK(!spec.typeOf({"layers.1.down"}, false).activations);
  CHECK(!spec.typeOf({"layers.0.v_proj"}, false).activations);
  CHECK(spec.typeOf({"a", "layers.0.down"}, true).format.grid.bits == 8);
  // Without a rule for all, others stay as they are.
  QuantizeSpec one = parsed("int4@*x*");
  CHECK(one.typeOf({"y"}, false).kind == WeightType::Float);
  CHECK(one.embedding({"y"}).kind == WeightType::Float);
}

TEST_CASE("What is wrong is said") {
  CHECK(
      errorOf("int5") ==
      "'int5' is no type of weights: int2, int3, int4, int8, nf4, fp4, mxfp4, "
      "fp8, e4m3, e5m2, f16, bf16 or float");
  CHECK(errorOf("").find("'' is no type of weights: ") == 0);
  CHECK(errorOf("int4,group=33") ==
        "'group=33' is no group: channel, 16, 32, 64, 128 or 256");
  CHECK(errorOf("int4,group=8").find("is no group") != std::string::npos);
  CHECK(errorOf("int4,scale=f64") ==
        "'scale=f64' is no type of scales: f16, bf16 or f32");
  CHECK(errorOf("int4,method=rtn+magic") ==
        "'method=rtn+magic' is no method: rtn, clip, hqq, gptq, order, refine, "
        "qep, "
        "awq, smooth, bias and rotate, joined by +");
  CHECK(errorOf("int4,method=rtn+order") ==
        "'method=rtn+order': order, refine and qep belong to gptq");
  CHECK(errorOf("int4,method=rtn+gptq") ==
        "'method=rtn+gptq': rtn and gptq exclude each other");
  CHECK(errorOf("int4,method=clip+hqq") ==
        "'method=clip+hqq': clip and hqq exclude each other");
  CHECK(errorOf("int8,method=smooth") ==
        "method=smooth needs act=int8 or act=static");
  CHECK(errorOf("int8,act=int8,method=smooth+awq") ==
        "'method=smooth+awq': awq and smooth exclude each other");
  CHECK(errorOf("int4,act=int4") ==
        "'act=int4' is no type of activations: int8, static or float");
  CHECK(errorOf("int4,act_group=32") == "act_group= needs act=int8");
  CHECK(errorOf("int4,act=int8,act_group=7") ==
        "'act_group=7' is no group: row, 16, 32, 64, 128 or 256");
  CHECK(errorOf("f16,group=32") == "'group=32' is for weights of integers");
  CHECK(errorOf("f16,act=int8") == "act=int8 is for weights of integers");
  CHECK(errorOf("nf4,asym") == "'asym' is for weights of integers");
  CHECK(errorOf("nf4,act=int8") == "act=int8 is for weights of integers");
  CHECK(errorOf("fp8,method=hqq") ==
        "'method=hqq': hqq is for weights of integers");
  CHECK(errorOf("mxfp4,group=64") ==
        "'group=64' is not for mxfp4: 32 numbers share a power of two");
  CHECK(errorOf("int3,group=16") ==
        "'group=16' is no group of int3: channel, 32, 64, 128 or 256");
  CHECK(errorOf("int4,fast").find("'fast' is no setting: ") == 0);
  CHECK(errorOf("int4,head=x").find("'x' is no type") == 0);
  CHECK(errorOf("int8,head=int8@*") ==
        "head= and embed= are for the rule without a pattern");
  CHECK(errorOf("int4;int8") ==
        "two rules without a pattern: 'int8' is the second");
  CHECK(errorOf("int8@[") == "'[' is no pattern");
  CHECK(errorOf(std::string(3000, ';')) == "more than 1000 rules");
  CHECK(errorOf("int4," + std::string(200, 'x')).size() < 200);
}
