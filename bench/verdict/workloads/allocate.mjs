/** Allocation of small objects, some of which live long enough to be moved by the garbage collector. */
import { timeRepeats } from './repeats.mjs';

timeRepeats(() => {
  const kept = new Map();
  for (let step = 0; step < 150_000; step++) {
    const item = { step, parts: [step, step + 1, step + 2], name: `item ${step % 977}` };
    kept.set(step % 5000, item);
  }
  if (kept.size !== 5000) throw new Error(`kept: ${kept.size} items, not 5000; the loop is broken`);
});
