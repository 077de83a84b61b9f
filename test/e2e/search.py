# SPDX-License-Identifier: Apache-2.0
"""Greedy and beam search over an oracle, whose logprobs(tokens) are those of the next token."""
import numpy as np


def greedy(oracle, prompt, length, ends):
    ids = []
    while len(ids) < length:
        token = int(np.argmax(oracle.logprobs(prompt + ids)))
        if token in ends:
            break
        ids.append(token)
    return ids


def beam_search(oracle, prompt, beams, length, ends, penalty=1.0, early="no", ban_runs=0):
    """The texts of transformers' beam search, best first, as (ids, score): each step takes the best continuations of all
    open texts, as many as (1 + number of end tokens) times the beams; those that end within the first `beams` of them
    are finished with their sum over length^penalty, those that do not are the next open texts."""
    running, done = [([], 0.0)], []
    for step in range(1, length + 1):
        options = []
        for ids, score in running:
            scores = oracle.logprobs(prompt + ids).copy()
            seen = prompt + ids
            for i in range(len(seen) - ban_runs + 1 if ban_runs else 0):
                if seen[i:i + ban_runs - 1] == seen[len(seen) - ban_runs + 1:]:
                    scores[seen[i + ban_runs - 1]] = -np.inf
            options += [(score + scores[t], ids + [int(t)]) for t in np.argsort(-scores)[:beams * (1 + len(ends))]]
        options = sorted(options, key=lambda option: -option[0])[:beams * max(2, 1 + len(ends))]
        over = [step == length or ids[-1] in ends for _, ids in options]
        done += [(ids, score / step ** penalty) for (score, ids), end in list(zip(options, over))[:beams] if end]
        done = sorted(done, key=lambda text: -text[1])[:beams]
        running = [(ids, score) for (score, ids), end in zip(options, over) if not end][:beams]
        if all(over) or (early == "yes" and len(done) == beams):
            break
        if len(done) == beams:
            reach = length if early == "never" and penalty > 0 else step
            if running[0][1] / reach ** penalty <= done[-1][1]:
                break
    return done
