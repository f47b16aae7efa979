/** Integer arithmetic in registers: xorshift32. No memory, no system calls. */
import { timeRepeats } from './repeats.mjs';

timeRepeats(() => {
  let state = 2463534242;
  for (let step = 0; step < 7_000_000; step++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  if (state === 0) throw new Error('xorshift: state became 0, which it never does; the loop is broken');
});
