'use strict';
// Part of the exit guard: clocks and printing functions of a benchmark.
const fs = require('node:fs');
const perfHooks = require('node:perf_hooks');
const timers = require('node:timers');

const { apply, getPrototypeOf, ownKeys } = Reflect;
const { getOwnPropertyDescriptor } = Object;
const { performance } = perfHooks;

const clocks = ['cpuUsage', 'hrtime', 'memoryUsage', 'resourceUsage', 'uptime'];
const waits = ['setTimeout', 'setInterval', 'setImmediate'];
const writes = ['write', '_write', '_writev', '_writeGeneric'];

/** Holds them all; under node:test only JSON, since its mocks work below JavaScript. */
module.exports = (guard, isWatched) => {
  const hold = (owner, label, names) => {
    for (const name of names) guard(owner, name, `${label}.${String(name)}`);
  };
  hold(JSON, 'JSON', ['stringify', 'parse']);
  if (isTest(isWatched)) return;
  hold(process.hrtime, 'process.hrtime', ['bigint']);
  hold(process.memoryUsage, 'process.memoryUsage', ['rss']);
  hold(process, 'process', clocks);
  hold(getPrototypeOf(performance), 'performance', ['now', 'timeOrigin']);
  hold(performance, 'performance', ['now', 'timeOrigin']);
  hold(perfHooks, 'perf_hooks', ['performance']);
  hold(Date, 'Date', ['now']);
  hold(Date.prototype, 'Date.prototype', ['getTime', 'valueOf']);
  hold(timers, 'timers', waits);
  hold(fs, 'fs', ['write', 'writeSync', 'writeFileSync', 'appendFileSync']);
  hold(console, 'console', ownKeys(console).filter(isFunctionOrStream));
  holdStreams(guard, hold);
  hold(globalThis, 'globalThis', ['console', 'performance', 'Date', 'JSON', 'process', ...waits]);
};

function isFunctionOrStream(name) {
  const { value, get } = getOwnPropertyDescriptor(console, name);
  return typeof value === 'function' || get !== undefined;
}

/** Holds each stream when it is first read: making it costs time and changes its connection. */
function holdStreams(guard, hold) {
  for (const name of ['stdout', 'stderr']) {
    const { get } = getOwnPropertyDescriptor(process, name) || {};
    if (!get) continue;
    let held;
    const read = () => {
      const stream = apply(get, process, []);
      if (stream !== held) hold((held = stream), `process.${name}`, writes);
      return stream;
    };
    guard(process, name, `process.${name}`, () => ({ read }));
  }
}

/** Guesses if this process will run tests of node:test. */
function isTest(isWatched) {
  if (process.env.NODE_TEST_CONTEXT) return true;
  const main = process.argv[1];
  if (!main || isWatched(main)) return false;
  try {
    return /['"]node:test['"]/.test(fs.readFileSync(main, 'utf8'));
  } catch {
    return false;
  }
}
