"""Strings, a dictionary and a sort: memory rather than arithmetic. Prints what repeats.mjs prints. Hashes are seeded anew in every process, as usual."""

import json
import time


def section():
    counts = {}
    state = 1
    for _ in range(25000):
        state = (state * 1103515245 + 12345) % 2147483648
        word = "w" + str(state % 4001)
        counts[word] = counts.get(word, 0) + 1
    text = " ".join(sorted(counts, key=lambda word: (-counts[word], word)))
    return sum(len(part) for part in text.replace("w", "word").split(" "))


def main():
    cpu, wall = [], []
    section()
    for _ in range(5):
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        section()
        wall.append((time.perf_counter() - wall_before) * 1000)
        cpu.append((time.process_time() - cpu_before) * 1000)
    print(json.dumps({"cpu": cpu, "wall": wall}))


main()
