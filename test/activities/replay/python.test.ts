import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onRepository, type OnRepository } from '../../../bench/replay/on-repository.ts';
import { hasBubblewrap, withBubblewrap } from '../../adapters/sandbox/request.ts';
import { createRepository, type TestRepository } from '../../support/repository/repository.ts';

const module = `import functools
import random


class Mark(str):
    pass


def total(numbers):
    """Sums."""
    result = 0
    for index in range(len(numbers)):
        result += numbers[index]
    return result


def average(numbers):
    if not numbers:
        raise ValueError("no numbers")
    return total(numbers) / len(numbers)


def by_length(words):
    return sorted(words, key=len)


def shout(text, *, end="!"):
    return "".join(one.upper() for one in text) + end


def window(items, size):
    for at in range(len(items) - size + 1):
        yield tuple(items[at : at + size])


def sign(number):
    if number < 0:
        return -1
    return 1 if number > 0 else 0


def push(items, item):
    items = list(items)
    items.append(item)
    return items


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def mean_slow(numbers):
    result = 0.0
    for one in numbers:
        result += one / len(numbers)
    return result


def pick(items):
    return random.choice(items)


def letters(text):
    return list(set(text))


def _clamp(number, low, high):
    return max(low, min(high, number))


def percent(number):
    return _clamp(number, 0, 100)


def mark(text):
    return Mark(text)
`;

const tests = `import unittest
from src.words import *


class Words(unittest.TestCase):
    def test_all(self):
        self.assertEqual(total([1, 2, 3]), 6)
        self.assertEqual(average([2, 4]), 3)
        self.assertEqual(by_length(["ccc", "a", "bb"]), ["a", "bb", "ccc"])
        self.assertEqual(len(by_length(["b", "a", "cc"])), 3)
        self.assertEqual(shout("abc", end="?"), "ABC?")
        self.assertEqual(shout("abc"), "ABC!")
        self.assertEqual(list(window([1, 2, 3], 2)), [(1, 2), (2, 3)])
        self.assertEqual(sign(5), 1)
        self.assertEqual(push([1], 2), [1, 2])
        self.assertEqual(fib(10), 55)
        self.assertAlmostEqual(mean_slow([1.5, 2.5]), 2)
        self.assertIn(pick([1, 2, 3]), [1, 2, 3])
        self.assertEqual(sorted(letters("aab")), ["a", "b"])
        self.assertEqual(percent(50), 50)
        self.assertEqual(mark("a"), "a")
`;

const signs = 'if number < 0:\n        return -1\n    return 1 if number > 0 else 0';
const raises = 'if not numbers:\n        raise ValueError("no numbers")';
const clamp = 'def _clamp(number, low, high):\n    return max(low, min(high, number))\n\n\n';

describe.skipIf(!hasBubblewrap)(withBubblewrap('replay check of Python'), () => {
  let repository: TestRepository;
  let on: OnRepository;

  beforeAll(async () => {
    const own = { 'src/__init__.py': '', 'src/words.py': module };
    repository = await createRepository({ ...own, 'tests/__init__.py': '', 'tests/test_words.py': tests });
    on = await onRepository(repository.path, {
      editable: ['src/**'],
      test: 'python3 -m unittest discover -s tests -t .',
      benchmark: { command: 'echo "5 ms"', metric: { pattern: '(\\d+) ms' } },
    });
  });
  afterAll(async () => {
    await repository.remove();
    rmSync(on.data, { recursive: true });
  });

  const check = (...edits: [search: string, replace: string][]) =>
    on.check(edits.map(([search, replace]) => ({ file: 'src/words.py', search, replace })));

  it.each([
    ['off by one', 'range(len(numbers))', 'range(min(len(numbers), 3))', ''],
    ['wrong on empty', raises, 'if not numbers:\n        return 0', 'average'],
    ['another exception', 'ValueError("no numbers")', 'ZeroDivisionError("no numbers")', 'average'],
    ['lost stability', 'sorted(words, key=len)', 'sorted(sorted(words), key=len)', 'by_length'],
    ['wrong on unicode', 'one.upper() for', 'chr(ord(one) - 32 * ("a" <= one <= "z")) for', 'shout'],
    ['an ignored name', '+ end', '+ ("?" if end == "?" else "!")', 'shout'],
    ['a generator that ends too early', 'len(items) - size + 1', 'min(2, len(items) - size + 1)', 'window'],
    ['wrong on negative', signs, 'return 1 if number else 0', 'sign'],
    ['a changed argument', 'items = list(items)\n    ', '', 'push'],
    ['a helper of a recorded function', 'max(low, min(high, number))', 'min(high, number)', ''],
    ['an answer by heart', 'return n if n < 2', 'return 0 if n == 11 else n if n < 2', 'fib'],
  ])('finds %s, which the tests pass over', async (_, search, replace, name) => {
    const { tests: judged, replay } = await check([search, replace]);
    expect(judged).toMatchObject({ kind: 'passed' });
    expect(replay).toMatchObject({ kind: 'differs' });
    expect(replay.kind === 'differs' && replay.detail).toContain(`src/words.py: ${name}`);
  });

  it.each([
    [
      'a builtin',
      'result = 0\n    for index in range(len(numbers)):\n        result += numbers[index]\n    return result',
      'return sum(numbers)',
    ],
    [
      'an order of additions',
      'one / len(numbers)\n    return result',
      'one\n    return result / len(numbers) if numbers else 0.0',
    ],
    ['a method', '"".join(one.upper() for one in text) + end', 'text.upper() + end'],
    ['another message', '"no numbers"', '"none"'],
    ['arithmetic', signs, 'return (number > 0) - (number < 0)'],
    ['a copy', 'items = list(items)\n    items.append(item)\n    return items', 'return [*items, item]'],
    ['a constant', 'class Mark', 'SIZE = 3\n\n\nclass Mark'],
  ])('refuses no honest optimisation: %s', async (_, search, replace) => {
    const { tests: judged, replay } = await check([search, replace]);
    expect(judged).toMatchObject({ kind: 'passed' });
    expect(replay).toMatchObject({ kind: 'same' });
    expect(replay.coverage.covered).toBeGreaterThan(0);
  });

  it.each<[string, [string, string][]]>([
    [
      'that is gone',
      [
        [clamp, ''],
        ['_clamp(number, 0, 100)', 'max(0, min(100, number))'],
      ],
    ],
    [
      'that takes other arguments',
      [
        ['_clamp(number, low, high):', '_clamp(number, high, low=0):'],
        ['_clamp(number, 0, 100)', '_clamp(number, 100)'],
      ],
    ],
  ])('refuses no helper %s', async (_, edits) => {
    const { replay } = await check(...edits);
    expect(replay).toMatchObject({ kind: 'same', coverage: { edited: 2 } });
    expect(replay.coverage.covered).toBeGreaterThan(0);
  });

  it.each([
    ['random', 'random.choice(items)', 'items[int(random.random() * len(items))]'],
    ['in the order of a set', 'list(set(text))', 'list(dict.fromkeys(text))'],
  ])('leaves out what is %s', async (_, search, replace) => {
    expect((await check([search, replace])).replay).toMatchObject({
      kind: 'same',
      coverage: { edited: 1, covered: 0, leftOut: [{ why: 'answers otherwise in a second run of the base' }] },
    });
  });

  it('leaves out what gives objects of classes', async () => {
    expect((await check(['return Mark(text)', 'return Mark(text + "")'])).replay).toMatchObject({
      kind: 'same',
      coverage: { edited: 1, covered: 1 },
    });
  });
});
