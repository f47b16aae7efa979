/** What a watched file may not replace: clocks, and what prints. */
export const replacements: [name: string, candidate: string][] = [
  [
    'process.cpuUsage',
    'const real = process.cpuUsage; process.cpuUsage = (before) => ({ user: real(before).user / 4, system: 0 });',
  ],
  ['process.cpuUsage defined', "Object.defineProperty(process, 'cpuUsage', { value: () => 0 });"],
  ['process.cpuUsage defined by Reflect', "Reflect.defineProperty(process, 'cpuUsage', { value: () => 0 });"],
  ['process.hrtime defined with others', 'Object.defineProperties(process, { hrtime: { value: () => [0, 1] } });'],
  ['process.hrtime.bigint', 'process.hrtime.bigint = () => 1n;'],
  ['process.memoryUsage', "require('process').memoryUsage = () => ({ rss: 1 });"],
  ['performance.now', 'performance.now = () => 1;'],
  ['performance.now of node:perf_hooks', "require('perf_hooks').performance.now = () => 1;"],
  ['performance of node:perf_hooks', "require('perf_hooks').performance = { now: () => 1 };"],
  ['performance.now by the prototype', 'Object.getPrototypeOf(performance).now = () => 1;'],
  ['globalThis.performance', 'globalThis.performance = { now: () => 1 };'],
  ['globalThis.performance by a getter', "globalThis.__defineGetter__('performance', () => ({ now: () => 1 }));"],
  ['Date.now', 'Date.now = () => 1;'],
  ['Date.prototype.getTime', 'Date.prototype.getTime = () => 1;'],
  ['Date', 'Date = class extends Date {};'],
  ['Date after it was deleted', 'const real = Date; delete globalThis.Date; globalThis.Date = class extends real {};'],
  ['process', 'process = { ...process };'],
  ['console.log', 'console.log = () => {};'],
  ['console.error by Object.assign', 'Object.assign(console, { error() {} });'],
  ['console.log of node:console', "require('console').log = () => {};"],
  ['console', 'globalThis.console = { log() {} };'],
  ['console._stdout', 'console._stdout = { write() {} };'],
  ['console.log given to a timer', "setTimeout(Reflect.set, 1, console, 'log', () => {});"],
  ['process.stdout', "Object.defineProperty(process, 'stdout', { value: { write() {} } });"],
  ['process.stdout.write', 'process.stdout.write = () => true;'],
  ['process.stderr.write', 'process.stderr.write = () => true;'],
  ['JSON.stringify', "JSON.stringify = () => '{}';"],
  ['JSON.parse', 'JSON.parse = () => ({});'],
  ['JSON', 'globalThis.JSON = { ...JSON };'],
  ['setTimeout', 'globalThis.setTimeout = (call) => setImmediate(call);'],
  ['fs.writeSync', "require('fs').writeSync = () => 0;"],
];

/** A harness that nobody watches: fakes, looks, calls the candidate, and puts everything back. */
export const harness = `
  const { strictEqual } = require('assert');
  const real = { Date, console, log: console.log, now: performance.now, cpuUsage: process.cpuUsage, write: process.stdout.write, timeout: setTimeout };
  const lines = [];
  console.log = (text) => lines.push(text);
  globalThis.Date = class extends real.Date { static now() { return 7; } };
  performance.now = () => 8;
  const own = Object.getOwnPropertyDescriptor(process, 'cpuUsage');
  strictEqual(own.value, real.cpuUsage);
  strictEqual(own.writable && own.configurable && own.enumerable, true);
  Object.defineProperty(process, 'cpuUsage', { ...own, value: () => 9 });
  globalThis.setTimeout = (call) => call();
  require('./candidate.js').run(() => { console.log(Date.now()); console.log(performance.now()); console.log(process.cpuUsage()); setTimeout(() => console.log(10)); });
  Object.defineProperty(process, 'cpuUsage', own);
  [console.log, globalThis.Date, performance.now, globalThis.setTimeout] = [real.log, real.Date, real.now, real.timeout];
  strictEqual(process.cpuUsage, real.cpuUsage);
  process.stdout.write = (text) => lines.push(text);
  console.log('caught');
  process.stdout.write = real.write;
  globalThis.console = { log: (text) => real.log('other', text) };
  console.log(lines.join());
  globalThis.console = real.console;
  const more = { log: 1 };
  Object.setPrototypeOf(more, console).error = 2;
  console.log(Object.keys(console).length, Object.keys(more), Date() === new Date().toString(), new Date() instanceof Date);
  console.log(JSON.stringify(JSON.parse('[1]')), typeof structuredClone(process.hrtime()), Object.isFrozen(Object.freeze(console)));
  require('./polyfill.cjs');
  require('./candidate.js').load();
  console.log('end');
`;

/** Mocks of node:test are defined below JavaScript. */
export const mocking = `
  import test, { mock } from 'node:test'; import assert from 'node:assert'; import candidate from '../candidate.js';
  test('mocks', () => {
    const log = mock.method(console, 'log', () => {});
    const usage = mock.method(process, 'cpuUsage', () => 5);
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    candidate.run(() => { console.log(1); assert.equal(process.cpuUsage(), 5); assert.equal(Date.now(), 0); });
    mock.timers.reset(); mock.reset();
    assert.equal(log.mock.callCount() + usage.mock.callCount(), 2); assert.ok(Date.now() > 0);
  });
`;
