'use strict';
// Runs inside the sandbox: a rewritten module offers its functions here. Records their arguments, or gives them to the caller.
const { appendFileSync, existsSync, mkdirSync, readFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { types } = require('node:util');
const { toCanonical, stringify } = require('./canonical.cjs');
const { recordingDirectory, maxRecorded } = JSON.parse(readFileSync(join(__dirname, 'limits.json'), 'utf8'));

const directory = join(tmpdir(), recordingDirectory);
const own = join(directory, `${process.pid}-${Math.random().toString(36).slice(2)}.jsonl`);
// Tells that a module was loaded.
mkdirSync(directory, { recursive: true });
/** Functions that were offered, by themselves and by their recorders. */
const known = new WeakMap();
let isBusy = false;
const watch = join(__dirname, 'watch');
/** Chooses calls to be watched; null where calls are recorded. */
const chance = existsSync(watch) ? Number(readFileSync(watch, 'utf8')) : null;

/** Returns the function to use in its place. @param exported what its module exports it as; null: not at all */
exports.offer = (file, name, value, exported = null) => {
  if (typeof value !== 'function' || known.has(value)) return known.get(value) ?? value;
  const take = globalThis[Symbol.for('karpathy-loop.replay')];
  const isTaken = !isLeftOut(value);
  if (take && isTaken) take(file, name, value);
  const recorder = chance === null ? recorderOf(file, name, value) : watcherOf(exported, value);
  const used = isTaken && !take ? recorder : value;
  known.set(value, used);
  known.set(used, used);
  return used;
};

/** Offers what a CommonJS module exports, by its `names` in the source. */
exports.offerAll = (file, exported, names) => {
  const isObject = exported !== null && (typeof exported === 'object' || typeof exported === 'function');
  if (!isObject) return exported;
  for (const [key, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(exported)))
    if (typeof value === 'function' && writable) exported[key] = exports.offer(file, names[key] ?? key, value, key);
  return exports.offer(file, names.default ?? 'default', exported);
};

/** Classes, and what answers later. */
function isLeftOut(value) {
  const text = Function.prototype.toString.call(value);
  return types.isAsyncFunction(value) || types.isGeneratorFunction(value) || /^class\b/.test(text);
}

function recorderOf(file, name, target) {
  const written = new Set();
  let calls = 0;
  let next = 1;
  const record = (args) => {
    const canonical = args.map((argument) => toCanonical(argument, true));
    const found = stringify(canonical);
    const what = /\{"\$":"(?:opaque","what":("[^"]*")|(instance)|(cycle)|(error))/.exec(found);
    const line = stringify(
      what
        ? { file, name, leftOut: what[1] ? JSON.parse(what[1]) : what.slice(2).find(Boolean) }
        : { file, name, arguments: canonical },
    );
    if (written.has(line)) return;
    written.add(line);
    appendFileSync(own, `${line}\n`);
  };
  return new Proxy(target, {
    apply(_, self, args) {
      // Ever fewer of many: a benchmark calls millions of times.
      if (++calls >= next && written.size < maxRecorded && !isBusy) {
        next = calls < maxRecorded ? calls + 1 : Math.ceil(calls * 1.5);
        quietly(() => record(args));
      }
      return Reflect.apply(target, self, args);
    },
  });
}

/** Writes down how calls end. */
function watcherOf(name, target) {
  if (name === null) return target;
  let calls = 0;
  return new Proxy(target, {
    apply(_, self, args) {
      if (isBusy || !isChosen(++calls)) return Reflect.apply(target, self, args);
      const before = quietly(() => args.map((argument) => toCanonical(argument, true)));
      let end;
      try {
        const value = Reflect.apply(target, self, args);
        end = () => ({ kind: 'returned', value: toCanonical(value, true) });
        return value;
      } catch (error) {
        end = () => ({ kind: 'threw', class: `${error?.constructor?.name}`, code: null, isAccident: false });
        throw error;
      } finally {
        quietly(() => {
          const after = args.map((argument) => toCanonical(argument, true));
          appendFileSync(own, `${stringify({ name, arguments: before, end: end(), after })}\n`);
        });
      }
    },
  });
}

/** The first few, then ever fewer, which nobody can tell beforehand. */
function isChosen(nth) {
  return nth <= maxRecorded || Math.imul(nth, chance) >>> 0 < (2 ** 32 * maxRecorded) / nth;
}

/** Does work in which no call is looked at. What cannot be written down is left out. */
function quietly(work) {
  isBusy = true;
  try {
    return work();
  } catch {
    return undefined;
  } finally {
    isBusy = false;
  }
}
