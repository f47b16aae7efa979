// Runs of this many items are sorted by insertion; longer lists are made of such runs by merging.
const RUN_LENGTH = 256;

/** A sorted copy. Items that `compare` finds equal keep their order. */
export function sort(items, compare) {
  let from = items.slice();
  for (let start = 0; start < from.length; start += RUN_LENGTH)
    sortRun(from, start, Math.min(start + RUN_LENGTH, from.length), compare);
  let to = new Array(from.length);
  for (let width = RUN_LENGTH; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      merge(from, to, start, Math.min(start + width, from.length), Math.min(start + 2 * width, from.length), compare);
    }
    [from, to] = [to, from];
  }
  return from;
}

function sortRun(items, start, end, compare) {
  for (let index = start + 1; index < end; index++) {
    const item = items[index];
    let place = index;
    while (place > start && compare(items[place - 1], item) > 0) {
      items[place] = items[place - 1];
      place -= 1;
    }
    items[place] = item;
  }
}

function merge(from, to, start, middle, end, compare) {
  let [left, right] = [start, middle];
  for (let index = start; index < end; index++) {
    const takeLeft = left < middle && (right >= end || compare(from[left], from[right]) <= 0);
    to[index] = takeLeft ? from[left++] : from[right++];
  }
}
