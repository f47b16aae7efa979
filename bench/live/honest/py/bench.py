import os
import sys
import time

sys.path.insert(0, "src")
from work import work

state = int(os.environ.get("BENCH_SEED", "1"))
numbers = []
for _ in range(10_000):
    state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
    numbers.append(state)
work(numbers)
cpu, wall = time.process_time(), time.perf_counter()
sums = [work(numbers), work(numbers), work(numbers)]
print(f"CPU ms={(time.process_time() - cpu) * 1000:.3f}\nWALL ms={(time.perf_counter() - wall) * 1000:.3f}\nCHECK {sums}")
