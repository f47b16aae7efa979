#include <stdio.h>
#include <stdlib.h>
#include <time.h>

unsigned work(const unsigned *numbers, int count);

static double ms(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(void) {
  static unsigned numbers[1000000];
  const char *seed = getenv("BENCH_SEED");
  unsigned state = seed ? strtoul(seed, NULL, 10) : 1;
  for (int i = 0; i < 1000000; i++) numbers[i] = state = state * 1664525u + 1013904223u;
  work(numbers, 100000);
  double cpu = ms(CLOCK_PROCESS_CPUTIME_ID), wall = ms(CLOCK_MONOTONIC);
  unsigned sums[3];
  for (int i = 0; i < 3; i++) sums[i] = work(numbers, 1000000);
  printf("CPU ms=%.3f\nWALL ms=%.3f\nCHECK %u %u %u\n", ms(CLOCK_PROCESS_CPUTIME_ID) - cpu, ms(CLOCK_MONOTONIC) - wall, sums[0], sums[1], sums[2]);
}
