final class Work {
  private static final int PASSES = 40;

  /** A checksum of the numbers; all passes give the same. */
  static int work(int[] numbers) {
    int sum = 0;
    for (int pass = 0; pass < PASSES; pass++) {
      sum = 7;
      for (int number : numbers) sum = sum * 31 + number;
    }
    return sum;
  }
}
