// Runs inside the sandbox: calls functions as calls.json says, and prints how each call ended.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Session } from 'node:inspector';
import { Script } from 'node:vm';

const require = createRequire(import.meta.url);
const { toCanonical, fromCanonical, stringify } = require('./canonical.cjs');
const { mark, callMs, traced, calls } = JSON.parse(readFileSync(new URL('calls.json', import.meta.url), 'utf8'));
const root = new URL('../', import.meta.url);
// Taken before the program can replace it.
const { exit } = process;
const urlOf = (file) => new URL(file.split('/').map(encodeURIComponent).join('/'), root).href;
const keyOf = ({ file, name }) => `${file}\0${name}`;

const offered = new Map();
globalThis[Symbol.for('karpathy-loop.replay')] = (file, name, value) => void offered.set(keyOf({ file, name }), value);
let current;
globalThis[Symbol.for('karpathy-loop.call')] = () => (current.end = current.run());
const timed = new Script("globalThis[Symbol.for('karpathy-loop.call')]()");
// What a program prints is no answer.
process.stdout.write = process.stderr.write = () => true;
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

/** Messages of errors that no program throws on purpose. */
const ofTheEngine =
  /^(Cannot (read|set|convert|access|destructure|mix|assign|redefine|add|delete|create) |Reduce of empty|Invalid (array|string|typed array|count|regular expression)|Maximum call stack|Method \S+ called on|Array buffer allocation)|is not (a function|iterable|a constructor|defined|an object|a valid)|not (a function|iterable)/;

const trace = traced.length > 0 ? createTrace() : null;
const loading = new Map();
for (const call of calls) {
  const { file } = call;
  if (!loading.has(file)) {
    loading.set(file, await load(file));
    // No call ran what ran meanwhile.
    trace?.();
  }
  print(answerTo(call, loading.get(file)));
}
exit(0);

async function load(file) {
  try {
    return { exports: await import(urlOf(file)), problem: null };
  } catch (error) {
    return { problem: `its module cannot be loaded: ${error instanceof Error ? error.name : typeof error}` };
  }
}

function answerTo(call, { problem, exports }) {
  const { id, name } = call;
  // An export of that name may be another function now.
  const target = offered.get(keyOf(call)) ?? exportOf(exports, name) ?? exportOf(exports?.default, name);
  if (problem || !target) return { id, end: { kind: 'unreachable', why: problem ?? 'no such function' } };
  const args = argumentsOf(call);
  if (!args) return { id, end: { kind: 'unreachable', why: 'its input cannot be made' } };
  current = { end: { kind: 'late' }, run: () => endOf(() => Reflect.apply(target, undefined, args)) };
  let after;
  try {
    timed.runInThisContext({ timeout: callMs });
    const changed = args.map((argument) => toCanonical(argument));
    if (stringify(changed) !== stringify(call.arguments)) after = changed;
  } catch {
    current.end = { kind: 'late' };
  }
  return { id, end: current.end, after, ran: trace?.() };
}

function exportOf(exports, name) {
  const value = exports && Object.hasOwn(exports, name) ? exports[name] : undefined;
  return typeof value === 'function' ? value : undefined;
}

function argumentsOf(call) {
  try {
    return call.arguments.map(fromCanonical);
  } catch {
    return null;
  }
}

function endOf(run) {
  try {
    return { kind: 'returned', value: toCanonical(run()) };
  } catch (error) {
    if (!(error instanceof Error)) return { kind: 'threw', class: typeof error, code: null, isAccident: false };
    const { constructor, code, message } = error;
    const isAccident = [TypeError, RangeError, ReferenceError].includes(constructor) && ofTheEngine.test(message);
    return { kind: 'threw', class: `${constructor?.name}`, code: typeof code === 'string' ? code : null, isAccident };
  }
}

function print(answer) {
  const text = Buffer.from(`\n${mark} ${stringify(answer)}\n`);
  for (let at = 0; at < text.length;) {
    try {
      at += writeSync(1, text, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** Returns what tells the functions of traced files that ran since it was asked last. */
function createTrace() {
  const session = new Session();
  session.connect();
  const ask = (method, options) => {
    let answer;
    session.post(method, options, (_, result) => (answer = result));
    return answer;
  };
  ask('Profiler.enable');
  ask('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const files = new Map(
    traced.map((file) => [urlOf(file), { file, text: readFileSync(new URL(urlOf(file)), 'utf8') }]),
  );
  const isRun = ({ ranges: [{ startOffset, count }] }) => count > 0 && startOffset > 0;
  return () =>
    ask('Profiler.takePreciseCoverage').result.flatMap(({ url, functions }) => {
      const { file, text } = files.get(url) ?? {};
      const lineOf = ({ ranges: [{ startOffset }] }) => text.slice(0, startOffset).split('\n').length;
      return file === undefined ? [] : functions.filter(isRun).map((one) => [file, lineOf(one)]);
    });
}
