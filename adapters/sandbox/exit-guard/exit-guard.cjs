'use strict';
// Loaded first in every Node.js process of a run with watched files. Takes what it needs before a candidate changes it.
const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { writeSync } = require('node:fs');
const Module = require('node:module');
const { fileURLToPath, pathToFileURL } = require('node:url');

const { apply } = Reflect;
const { defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames } = Object;
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const [indexOf, startsWith] = [String.prototype.indexOf, String.prototype.startsWith].map((method) => uncurry(method));
const [getOwner, setOwner] = [WeakMap.prototype.get, WeakMap.prototype.set].map((method) => uncurry(method));
const rawListeners = uncurry(EventEmitter.prototype.rawListeners);
const { captureStackTrace } = Error;
const OwnError = Error;
const reallyExit = process.reallyExit;

/** Watched files by path and by URL, as frames of a stack name them. */
const watched = Object.create(null);
const names = JSON.parse(process.env.KARPATHY_LOOP_WATCHED || '[]').flatMap((path) => [path, pathToFileURL(path).href]);
for (const name of names) watched[name] = true;

/** Directories where a run can write code of its own; watched too, unless a watched file lies there. */
const writable = [`${process.env.TMPDIR || '/tmp'}/`, '/dev/shm/', '/profile/']
  .flatMap((path) => [path, `file://${path}`])
  .filter((path) => !names.some((name) => startsWith(name, path)));

/** Returns the frames of the stack whatever a candidate has set for stacks, or null where that cannot be overruled. */
function capture() {
  let kept = null;
  const { prepareStackTrace, stackTraceLimit } = OwnError;
  try {
    OwnError.prepareStackTrace = (_, frames) => {
      kept = frames;
      return '';
    };
    OwnError.stackTraceLimit = Infinity;
    const holder = {};
    captureStackTrace(holder);
    void holder.stack;
    return OwnError.stackTraceLimit === Infinity ? kept : null;
  } catch {
    return null;
  } finally {
    try {
      OwnError.stackTraceLimit = stackTraceLimit;
      if (prepareStackTrace === undefined) delete OwnError.prepareStackTrace;
      else OwnError.prepareStackTrace = prepareStackTrace;
    } catch {
      // Frozen by the candidate: the return value says so.
    }
  }
}
const [fileNameOf, evalOriginOf] = ['getFileName', 'getEvalOrigin'].map((name) => uncurry(capture()[0][name]));

const slotsFile = require.resolve('./exit-guard-slots.cjs');

/** Parts of Node.js that act for themselves. The others, such as timers, act for whoever asked. */
const own = ['test_runner/', 'main/', 'bootstrap/', 'process/pre_execution'].map((part) => `node:internal/${part}`);

/**
 * Returns the name of a watched file on the stack; true for other files only; false for no file.
 * `trusted`: parts of Node.js count as a file. `loading`: a loaded file acts for itself.
 */
function who(trusted = true, loading = false) {
  const frames = capture();
  if (frames === null) return 'code that changed Error';
  let found = false;
  let isFile = false;
  for (let i = 0; i < frames.length; i++) {
    const name = fileNameOf(frames[i]);
    if (name === __filename || name === slotsFile) continue;
    if (typeof name !== 'string') {
      const origin = evalOriginOf(frames[i]);
      for (let j = 0; typeof origin === 'string' && j < names.length; j++)
        if (indexOf(origin, names[j]) >= 0) return names[j];
      continue;
    }
    if (watched[name] || (startsWith(name, 'file:') && watched[fileURLToPath(name)])) return name;
    for (let j = 0; j < writable.length; j++) if (startsWith(name, writable[j])) return name;
    isFile ||= startsWith(name, '/') || startsWith(name, 'file:') || startsWith(name, '[');
    if (loading && isFile && startsWith(name, 'node:internal/modules/')) return true;
    found ||= isFile;
    for (let j = 0; trusted && j < own.length; j++) found ||= startsWith(name, own[j]);
  }
  return found;
}

function refuse(by, action) {
  const actor = by || 'code of unknown origin';
  try {
    writeSync(2, `karpathy-loop: ${actor} ${action}, which a file under test may not do; exit code 97\n`);
  } catch {
    // No standard error.
  }
  apply(reallyExit, process, [97]);
}

const { guard, replacedGlobal } = require('./exit-guard-slots.cjs')({ who, refuse });
const protect = (name, make) => guard(process, name, `process.${name}`, make);

let allowed = false;
/** Gives each reader of process.exit a function for its file, so that a timer may call it later. */
function ending(name) {
  return (original) => {
    const end = (strict) =>
      function (code) {
        const by = who();
        const succeeds = !(arguments.length > 0 ? Number(code) : Number(process.exitCode || 0));
        if (typeof by === 'string' || (strict && by === false && succeeds && !allowed)) {
          refuse(by, `ended the process by process.${name}(${arguments.length > 0 ? String(code) : ''})`);
        }
        allowed = true;
        return apply(original, process, arguments);
      };
    const [known, unknown] = [end(false), end(true)];
    const read = () => {
      // Node.js itself reads the exports of node:process, for all.
      const by = who(false);
      return typeof by === 'string'
        ? (code) => refuse(by, `ended the process by process.${name}(${String(code)})`)
        : by
          ? known
          : unknown;
    };
    return { read, own: [known, unknown] };
  };
}
protect('exit', ending('exit'));
protect('reallyExit', ending('reallyExit'));

/** Refuses the call if a watched file is on the stack. */
function unwatched(name, concerns = () => true) {
  protect(name, (original) => {
    const checked = function (...args) {
      const by = concerns(...args) && who();
      if (typeof by === 'string') refuse(by, `called process.${name}`);
      return apply(original, process, args);
    };
    return { read: () => checked, own: [checked] };
  });
}
unwatched('abort');
unwatched('execve');
unwatched('setUncaughtExceptionCaptureCallback');
unwatched('kill', (pid) => Number(pid) <= 0 || Number(pid) === process.pid);

/** Registrants of listeners for the end of the process. */
const owners = new WeakMap();
const failures = { __proto__: null, uncaughtException: true, unhandledRejection: true };
const guarded = { ...failures, __proto__: null, exit: true, beforeExit: true, newListener: true, removeListener: true };
let isEnding = false;
function onNewListener(event, listener) {
  if (!guarded[event]) return;
  const by = who();
  setOwner(owners, listener, by);
  if (failures[event] && by !== true) refuse(by, `registered a listener for "${event}"`);
}
function onRemoveListener(event, listener) {
  if (!guarded[event] || isEnding) return;
  const [by, owner] = [who(), getOwner(owners, listener)];
  if (typeof by === 'string' && typeof owner !== 'string') refuse(by, `removed a listener for "${event}"`);
}
process.on('newListener', onNewListener);
// Two of them: each hears of the other's removal.
process.on('removeListener', onRemoveListener);
process.on('removeListener', (event, listener) => onRemoveListener(event, listener));
const marker = () => undefined;
process.on('exit', marker);

/** Exit code before the listeners for "beforeExit" began more work. */
let codeWhenDone;
/** Lets no watched listener take back a code of failure, and refuses if the listeners of others were removed. */
function emitEnd(event, args) {
  isEnding = true;
  const replaced = replacedGlobal();
  if (replaced) refuse(false, `replaced ${replaced}`);
  const listeners = rawListeners(process, event);
  let marked = event !== 'exit';
  let isPending = false;
  for (let i = 0; i < listeners.length; i++) {
    marked ||= listeners[i] === marker;
    // Node.js's own listener, there while the main module waits at its top level.
    isPending ||= event === 'exit' && listeners[i].name === 'handleProcessExit';
  }
  if (!marked) refuse(false, 'removed the listeners for "exit"');
  if (Number(codeWhenDone) && !Number(process.exitCode)) process.exitCode = codeWhenDone;
  for (let i = 0; i < listeners.length; i++) {
    const before = process.exitCode;
    const listener = listeners[i];
    apply(listener, process, args);
    if (Number(before) && !Number(process.exitCode) && getOwner(owners, listener.listener || listener) !== true)
      process.exitCode = before;
  }
  if (isPending && !allowed && !Number(process.exitCode)) refuse(false, 'never let the main module end');
  codeWhenDone = process.exitCode;
  isEnding = event === 'exit';
  return listeners.length > 0;
}
protect('emit', (original) => {
  const emit = function (event, ...args) {
    if (this !== process || (event !== 'exit' && event !== 'beforeExit')) return apply(original, this, arguments);
    const by = who();
    if (typeof by === 'string') refuse(by, `emitted "${event}"`);
    return emitEnd(event, args);
  };
  return { read: () => emit, own: [emit] };
});

require('./exit-guard-clocks.cjs')(guard, (path) => watched[path]);

// WASI ends the process below JavaScript, where nothing is watched.
const { WebAssembly: wasm } = globalThis;
const { Instance, Module: WasmModule, instantiate } = wasm;
const importsOf = WasmModule.imports;
function refuseWasi(module) {
  const by = who();
  if (typeof by !== 'string') return;
  const imports = importsOf(module);
  for (let i = 0; i < imports.length; i++)
    if (startsWith(imports[i].module, 'wasi')) refuse(by, 'started a WASI program');
}
wasm.Instance = class extends Instance {
  constructor(module, imports) {
    refuseWasi(module);
    super(module, imports);
  }
};
defineProperty(wasm.Instance, 'name', { value: 'Instance' });
wasm.instantiate = function (source, imports) {
  if (source instanceof WasmModule) refuseWasi(source);
  else if (typeof who() === 'string') refuseWasi(new WasmModule(source));
  return apply(instantiate, wasm, [source, imports]);
};
delete wasm.instantiateStreaming;

/** Fixes the functions of a test module. New ones may be added. */
function lock(library) {
  for (const name of getOwnPropertyNames(library)) {
    const { value, configurable } = getOwnPropertyDescriptor(library, name);
    if (configurable && typeof value === 'function')
      defineProperty(library, name, { value, writable: false, configurable: false });
  }
}
lock(assert);
lock(assert.strict);
if (process.env.NODE_TEST_CONTEXT) lock(require('node:test'));
else {
  // Elsewhere its load would cost some milliseconds.
  const load = Module._load;
  Module._load = function (request) {
    const loaded = apply(load, this, arguments);
    if (request === 'node:test') lock(loaded);
    return loaded;
  };
}
