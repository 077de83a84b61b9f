# SPDX-License-Identifier: Apache-2.0
"""Microseconds of a mask for the schemas of schemas.json, by tokenizer.json:

  speed.py [--program build/release/bin/draw-texts] TOKENIZER...
"""
import argparse
import json
import subprocess

import schemas


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/bin/draw-texts")
    parser.add_argument("--count", type=int, default=100, help="of texts for each schema (default: 100)")
    parser.add_argument("tokenizers", nargs="+")
    options = parser.parse_args()
    for tokenizer in options.tokenizers:
        print(f"{tokenizer}\n{'schema':<16}{'masks':>8}{'ready ms':>10}{'first':>9}{'mean':>9}{'median':>9}{'p99':>9}{'largest':>9}  us")
        for name, schema in schemas.load().items():
            request = {"schema": json.dumps(schema), "draw": options.count, "seed": 1, "tokenizer": tokenizer, "time": True}
            run = subprocess.run([options.program], input=json.dumps(request), capture_output=True, text=True, check=True)
            made = json.loads(run.stdout)
            print(f"{name:<16}{made['masks']:>8}{made['ready_ms']:>10.1f}"
                  + "".join(f"{made[key]:>9.1f}" for key in ("first_us", "mean_us", "median_us", "p99_us", "largest_us")), flush=True)


main()
