import java.lang.management.ManagementFactory;

final class Bench {
  public static void main(String[] arguments) {
    String seed = System.getenv("BENCH_SEED");
    int state = seed == null ? 1 : (int) Long.parseLong(seed);
    int[] numbers = new int[1_000_000];
    for (int i = 0; i < numbers.length; i++) numbers[i] = state = state * 1664525 + 1013904223;
    Work.work(numbers);
    var threads = ManagementFactory.getThreadMXBean();
    long cpu = threads.getCurrentThreadCpuTime(), wall = System.nanoTime();
    int[] sums = {Work.work(numbers), Work.work(numbers), Work.work(numbers)};
    System.out.printf("CPU ms=%.3f%nWALL ms=%.3f%nCHECK %d %d %d%n", (threads.getCurrentThreadCpuTime() - cpu) / 1e6,
        (System.nanoTime() - wall) / 1e6, sums[0], sums[1], sums[2]);
  }
}
