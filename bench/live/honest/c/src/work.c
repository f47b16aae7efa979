enum { PASSES = 40 };

static volatile unsigned kept;

/* A checksum of the numbers; all passes give the same. */
unsigned work(const unsigned *numbers, int count) {
  unsigned sum = 0;
  for (int pass = 0; pass < PASSES; pass++) {
    sum = 7;
    for (int i = 0; i < count; i++) sum = sum * 31 + numbers[i];
    kept = sum;
  }
  return sum;
}
