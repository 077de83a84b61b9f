# SPDX-License-Identifier: Apache-2.0
"""The results of bench.py as a picture, where matplotlib is installed (bench/requirements.txt)."""
import sys

try:
    import matplotlib
except ModuleNotFoundError:
    matplotlib = None


def draw(document, path):
    """A bar for every row and engine: its speed as a ratio to the best peer's."""
    rows = [r for r in document["rows"] if r["best_peer"]]
    if not matplotlib or not rows:
        print("no picture: " + ("no row has a peer" if matplotlib else "./dev bench --peers installs matplotlib"),
              file=sys.stderr)
        return
    matplotlib.use("svg")
    from matplotlib import pyplot
    matplotlib.rcParams.update({"svg.hashsalt": "llmc", "font.size": 8})
    names = [n for n in document["engines"] if any(n in r["medians"] for r in rows)]
    height = 0.8 / len(names)
    figure, axes = pyplot.subplots(figsize=(8, 1 + 0.16 * len(names) * len(rows)))
    for i, name in enumerate(names):
        at = [k + i * height for k, r in enumerate(rows) if name in r["medians"]]
        speeds = [speed(r, name) for r in rows if name in r["medians"]]
        bars = axes.barh(at, speeds, height, label=name)
        axes.bar_label(bars, [f"{s:.2f}" for s in speeds], padding=2, fontsize=6)
    axes.axvline(1, color="black", linewidth=0.5)
    axes.set_yticks([k + 0.4 - height / 2 for k in range(len(rows))],
                    [f"{r['row']}, {r['threads']} threads" for r in rows])
    axes.invert_yaxis()
    axes.set_xlabel("speed, best peer = 1")
    axes.set_title(document["cpu"])
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    print(path, file=sys.stderr)


def speed(row, name):
    ratio = row["medians"][name] / row["medians"][row["best_peer"]]
    return ratio if row["unit"] == "tok/s" else 1 / ratio
