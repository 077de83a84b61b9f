#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the llmc program on a toy artifact and checks results, messages and exit codes."""
import argparse, json, os, struct, subprocess, tempfile, unittest

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--llmc", required=True)
parser.add_argument("--make-toy", required=True)
parser.add_argument("--library", required=True, help="libllmc.so")
args = parser.parse_args()


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def tensor_pb(name, dims, values, dtype=1):
    """A TensorProto of f32 (or i64 with dtype 7) with raw data."""
    raw = struct.pack(f"<{len(values)}{'f' if dtype == 1 else 'q'}", *values)
    out = b"".join(b"\x08" + varint(d) for d in dims) + b"\x10" + varint(dtype)
    return out + b"\x42" + varint(len(name)) + name.encode() + b"\x4a" + varint(len(raw)) + raw


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


class Cli(unittest.TestCase):
    def setUp(self):
        self.keep = tempfile.TemporaryDirectory()
        self.dir = self.keep.name
        self.toy = os.path.join(self.dir, "toy.llmc")
        subprocess.run([args.make_toy, self.toy], check=True)

    def tearDown(self):
        self.keep.cleanup()

    def llmc(self, *command, code=0):
        r = subprocess.run([args.llmc, *command], capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        errors = [l for l in r.stderr.splitlines() if l.startswith("error: ")]
        self.assertEqual(len(errors), 0 if code == 0 else 1, r.stderr)
        r.error = errors[0] if errors else ""
        return r

    def vectors(self, name, expected, first="x"):
        folder = os.path.join(self.dir, "data", name)
        write(folder + "/input_0.pb", tensor_pb(first, [2, 4], range(8)))
        write(folder + "/input_1.pb", tensor_pb("y" if first == "x" else "", [2, 4], [1] * 8))
        write(folder + "/output_0.pb", tensor_pb("z", [2, 4], expected))
        return folder

    good = [i + 1 + 10 * (i % 4 + 1) for i in range(8)]

    def test_inspect(self):
        text = self.llmc("inspect", self.toy, "--ops", "--check").stdout
        for part in ("toy (decoder)", "input   x  f32[rows,4]", "layer 0: add", "all checksums match", "tokenizer.json"):
            self.assertIn(part, text)
        document = json.loads(self.llmc("inspect", self.toy, "--json").stdout)
        self.assertEqual(document["models"][0]["entries"][1]["states"][0]["dims"], ["batch", 1, "past", 2])
        self.assertEqual(document["weights"]["count"], 2)

    def test_verify(self):
        self.vectors("test_data_set_0", self.good)
        out = self.llmc("verify", self.toy, "--data", self.dir + "/data").stdout
        self.assertIn("ok ", out)
        wrong = list(self.good)
        wrong[5] += 1
        self.vectors("test_data_set_1", wrong)
        r = self.llmc("verify", self.toy, "--data", self.dir + "/data", code=4)
        self.assertIn("output 'z': 1 of 8 values differ, first at [1,1]: got 26, expected 27", r.error)
        r = self.llmc("verify", self.toy, "--data", self.dir + "/data", "--json", code=4)
        document = json.loads(r.stdout)
        self.assertEqual([s["passed"] for s in document["sets"]], [True, False])
        self.assertEqual(document["error"]["code"], 4)
        self.llmc("verify", self.toy, "--data", self.dir + "/data", "--atol", "1.5")
        junit = self.dir + "/junit.xml"
        self.llmc("verify", self.toy, "--data", self.dir + "/data", "--junit", junit, code=4)
        with open(junit) as f:
            self.assertIn('failures="1"', f.read())

    def test_vectors_by_position(self):
        self.vectors("test_data_set_0", self.good, first="other")
        self.llmc("verify", self.toy, "--data", self.dir + "/data")

    def test_vectors_that_do_not_fit(self):
        folder = self.vectors("test_data_set_0", self.good)
        write(folder + "/input_1.pb", tensor_pb("y", [2, 5], range(10)))
        r = self.llmc("verify", self.toy, "--data", self.dir + "/data", code=2)
        self.assertIn("input 'y' dim 1 = 5, expected 4", r.error)
        write(folder + "/input_1.pb", tensor_pb("y", [2, 4], range(8), dtype=7))
        self.assertIn("has type i64, expected f32", self.llmc("verify", self.toy, "--data", folder, code=2).error)
        os.remove(folder + "/input_1.pb")
        self.llmc("verify", self.toy, "--data", folder, code=2)
        self.llmc("verify", self.toy, "--data", self.dir + "/nothing", code=2)

    def test_damage(self):
        with open(self.toy, "rb") as f:
            data = bytearray(f.read())
        data[-1] ^= 1
        write(self.toy, data)
        for verb in (["inspect"], ["bench"], ["verify", "--data", self.dir + "/data"]):
            self.vectors("test_data_set_0", self.good)
            self.llmc(verb[0], self.toy, *verb[1:], code=6)
        data[-1] ^= 1
        data[8192] ^= 1  # inside the weights
        write(self.toy, data)
        self.llmc("inspect", self.toy)
        self.assertIn("weights are damaged", self.llmc("inspect", self.toy, "--check", code=6).error)
        self.llmc("bench", self.toy, "--check", "full", code=6)
        write(self.toy, data[:5000])
        self.assertIn("truncated", self.llmc("inspect", self.toy, code=6).error)

    def test_other_machine(self):
        subprocess.run([args.make_toy, self.toy, "Toy", "warp9"], check=True)
        r = self.llmc("bench", self.toy, code=6)
        self.assertIn("no code for this CPU", r.error)
        self.assertIn("hint: ", r.stderr)
        self.llmc("inspect", self.toy)
        subprocess.run([args.make_toy, self.toy, "NeedsLibrary"], check=True)
        self.assertIn("needs other libraries", self.llmc("bench", self.toy, code=6).error)

    def test_bench(self):
        common = ("bench", self.toy, "--prompt-tokens", "4,9", "--tokens", "3", "--repeat", "2", "--threads", "1")
        document = json.loads(self.llmc(*common, "--json").stdout)
        self.assertEqual([r["prompt"] for r in document["rows"]], [4, 9])
        self.assertGreater(document["rows"][0]["decode"]["tokens_per_second"], 0)
        self.assertLess(document["open_ms"], 1000)
        old = self.dir + "/old.json"
        write(old, json.dumps(document).encode())
        self.assertIn("x)", self.llmc(*common, "--compare", old).stdout)
        self.llmc(*common, "--compare", self.toy, code=2)

    def test_run_inputs(self):
        folder = self.vectors("in", self.good)
        out = self.dir + "/out"
        profiled = ("run", self.toy, "--inputs", folder, "--profile", self.dir + "/p.json")
        r = self.llmc(*profiled, "--outputs", out)
        self.assertEqual(r.stdout, "z  f32[2,4]\n")
        self.assertRegex(r.stderr, r"(?m)^note: raw +\(all\) +1 .*\nnote: raw +add_0 +1 .* node 7 'sum' \(Add\)$")
        with open(out + "/z.npy", "rb") as f:
            self.assertEqual(list(struct.unpack("<8f", f.read()[-32:])), self.good)
        with open(self.dir + "/p.json") as f:
            events = json.load(f)["traceEvents"]
        self.assertEqual([e["name"] for e in events], ["process_name", "node 7 'sum' (Add)", "raw"])
        self.assertEqual([events[1]["args"][key] for key in ("kernel", "flops", "bytes")], ["add_0", 16, 96])
        profile = json.loads(self.llmc(*profiled, "--json").stdout)["profile"]
        self.assertEqual([(k["kernel"], k["count"], k["flops"]) for k in profile["kernels"]], [("add_0", 1, 16)])
        self.llmc("run", self.toy, "--inputs", self.dir + "/none", code=2)
        self.llmc("run", self.toy, code=2)
        self.llmc("run", self.toy, "--inputs", folder, "--entry", "prefill", code=2)

    def test_run_prompt(self):
        # The toy's next token is the sum of all before, mod 8; 5 and 6 end a text.
        self.assertEqual(self.llmc("run", self.toy, "--prompt", "t1 t2").stdout, "t3\n")
        r = self.llmc("run", self.toy, "--prompt", "t1", "--max-tokens", "3", "--ignore-eos", "--json", "--stats")
        document = json.loads(r.stdout)
        self.assertEqual(document["ids"], [1, 2, 4])
        self.assertEqual(document["stats"]["prompt_tokens"], 1)
        self.assertIn("tokens/s", self.llmc("run", self.toy, "--prompt", "t1", "--max-tokens", "2", "--stats").stderr)
        sampled = [self.llmc("run", self.toy, "--prompt", "t1", "--temperature", "9", "--seed", s, "--max-tokens", "20",
                             "--ignore-eos").stdout for s in ("1", "1", "2")]
        self.assertEqual(sampled[0], sampled[1])
        self.assertNotEqual(sampled[0], sampled[2])
        self.assertIn("top-p 7 is outside", self.llmc("run", self.toy, "--prompt", "t1", "--top-p", "7", code=2).error)
        self.assertIn("the prompt is empty", self.llmc("run", self.toy, "--prompt", "", code=2).error)
        self.llmc("run", self.toy, "--text", "t1", code=3)

    def test_usage(self):
        self.llmc("--help")
        self.llmc("verify", "--help")
        self.llmc("--version")
        self.llmc(code=2)
        self.llmc("inspect", "--bogus", code=2)
        self.assertIn("unknown verb", self.llmc("transmogrify", code=2).error)
        r = self.llmc("inspect", "/does/not/exist", "--json", code=2)
        self.assertEqual(json.loads(r.stdout)["error"]["file"], "/does/not/exist")
        r = self.llmc("inspect", "/bad\x1b[31mname", code=2)
        self.assertIn("\\x1b", r.error)

    def test_links_neither_llvm_nor_protobuf(self):
        for file, allowed in ((args.llmc, ("protobuf-lite",)), (args.library, ())):
            needed = subprocess.run(["readelf", "-d", file], capture_output=True, text=True, check=True).stdout
            for name in ("LLVM", "MLIR", "onnx", "protobuf"):
                lines = [l for l in needed.splitlines() if name in l and not any(a in l for a in allowed)]
                self.assertEqual(lines, [], file)

    def test_library_exports_the_c_interface_only(self):
        out = subprocess.run(["nm", "-D", "--defined-only", args.library], capture_output=True, text=True, check=True)
        names = [l.split()[-1].split("@")[0] for l in out.stdout.splitlines()]
        self.assertTrue(names)
        self.assertEqual([n for n in names if not n.startswith("llmc_")], [])


unittest.main(argv=["cli_test.py", "-v"])
