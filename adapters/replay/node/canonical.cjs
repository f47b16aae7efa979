'use strict';
// Runs inside the sandbox: values to the canonical form of domain/replay/contract.ts, and back.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { types } = require('node:util');
const {
  depth: maxDepth,
  nodes: maxNodes,
  chars: maxChars,
} = JSON.parse(readFileSync(join(__dirname, 'limits.json'), 'utf8'));

// Taken before the program can replace them.
const { getPrototypeOf, getOwnPropertyDescriptor, keys, defineProperty, is } = Object;
const [mapEntries, setValues] = [Map.prototype.entries, Set.prototype.values];
const { stringify } = JSON;
const { isArray } = Array;
const opaque = (what) => ({ $: 'opaque', what });
/** Longest list and string that a recorder takes of an argument; the rest is cut off. */
const cutTo = { list: 200, string: 4_096 };

/** @param isCut shortens what is long, for inputs: they need not be those of the recorded call */
exports.toCanonical = (root, isCut = false) => {
  const above = [];
  let nodes = 0;
  let chars = 0;
  const text = (string, make) => {
    chars += string.length;
    return chars > maxChars ? opaque('too large') : make(string);
  };
  const list = (values) => {
    const taken = isCut ? values.slice(0, cutTo.list) : values;
    return taken.length > maxNodes ? opaque('too large') : taken.map(visit);
  };
  const held = (values, wrap) => {
    const made = list(values);
    return isArray(made) ? wrap(made) : made;
  };
  const entriesOf = (value) =>
    keys(value)
      .sort()
      .map((key) => [key, visitPart(value, key)]);
  // What is worked out when somebody looks, nobody may ever look at.
  const visitPart = (value, key) => {
    const part = getOwnPropertyDescriptor(value, key);
    return part?.get || part?.set ? opaque('accessor') : part ? visit(part.value) : opaque('hole');
  };

  function visit(value) {
    if (++nodes > maxNodes) return opaque('too large');
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number')
      return Number.isFinite(value) && !is(value, -0) ? value : { $: 'float', text: is(value, -0) ? '-0' : `${value}` };
    if (typeof value === 'string') return text(isCut ? value.slice(0, cutTo.string) : value, fromString);
    if (typeof value === 'bigint') return text(`${value}`, (digits) => ({ $: 'bigint', text: digits }));
    if (typeof value === 'undefined') return { $: 'undefined' };
    if (typeof value !== 'object') return opaque(typeof value);
    const up = above.length - 1 - above.lastIndexOf(value);
    if (up < above.length) return { $: 'cycle', up };
    if (above.length >= maxDepth) return opaque('too deep');
    above.push(value);
    const made = visitObject(value);
    above.pop();
    return made;
  }

  function visitObject(value) {
    if (types.isProxy(value)) return opaque('proxy');
    if (isArray(value)) {
      const length = Math.min(value.length, isCut ? cutTo.list : maxNodes + 1);
      if (length > maxNodes) return opaque('too large');
      const parts = [];
      for (let index = 0; index < length; index++) parts.push(visitPart(value, index));
      return parts.find((part) => part?.$ === 'opaque' && part.what === 'hole') ?? parts;
    }
    const { constructor: { name = '' } = {} } = value;
    if (types.isNativeError(value)) return { $: 'error', class: name };
    if (types.isDate(value)) return { $: 'date', ms: Number.isNaN(+value) ? null : +value };
    if (types.isRegExp(value)) return { $: 'regexp', source: value.source, flags: value.flags };
    if (types.isMap(value)) return held([...mapEntries.call(value)], (entries) => ({ $: 'map', entries }));
    if (types.isSet(value)) return held([...setValues.call(value)], (values) => ({ $: 'set', class: 'Set', values }));
    if (Buffer.isBuffer(value)) return bytes('Buffer', value);
    if (types.isAnyArrayBuffer(value)) return bytes('ArrayBuffer', Buffer.from(value));
    if (types.isTypedArray(value))
      return held([...value.slice(0, maxNodes + 1)], (values) => ({ $: 'numbers', class: name, values }));
    const proto = getPrototypeOf(value);
    if (types.isPromise(value)) return opaque('promise');
    if (typeof value.next === 'function' || typeof value.pipe === 'function') return opaque('iterator');
    // The prototype of another realm has none either.
    if (proto === null || getPrototypeOf(proto) === null) return { $: 'object', entries: entriesOf(value) };
    const entries = entriesOf(value);
    return entries.length > 0 ? { $: 'instance', class: name, entries } : opaque(name || 'object');
  }

  function bytes(name, buffer) {
    const taken = isCut ? buffer.subarray(0, cutTo.string) : buffer;
    return taken.length > maxChars / 2
      ? opaque('too large')
      : text(taken.toString('hex'), (hex) => ({ $: 'bytes', class: name, hex }));
  }
  return visit(root);
};

function fromString(string) {
  // Surrogates that stand alone: JSON readers of other languages refuse them.
  if (!/\p{Surrogate}/u.test(string)) return string;
  return { $: 'units', units: Array.from({ length: string.length }, (_, at) => string.charCodeAt(at)) };
}

/** Makes a value; what cannot be given never gets here. */
exports.fromCanonical = function make(canonical) {
  if (canonical === null || typeof canonical !== 'object') return canonical;
  if (isArray(canonical)) return canonical.map(make);
  switch (canonical.$) {
    case 'undefined':
      return undefined;
    case 'float':
      return canonical.text === '-0' ? -0 : Number(canonical.text);
    case 'bigint':
      return BigInt(canonical.text);
    case 'units':
      return String.fromCharCode(...canonical.units);
    case 'object': {
      const object = {};
      for (const [key, value] of canonical.entries)
        defineProperty(object, key, { value: make(value), writable: true, enumerable: true, configurable: true });
      return object;
    }
    case 'map':
      return new Map(canonical.entries.map(make));
    case 'set':
      return new Set(canonical.values.map(make));
    case 'date':
      return new Date(canonical.ms ?? NaN);
    case 'regexp':
      return new RegExp(canonical.source, canonical.flags);
    case 'bytes': {
      const buffer = Buffer.from(canonical.hex, 'hex');
      return canonical.class === 'Buffer' ? buffer : new Uint8Array(buffer).buffer;
    }
    case 'numbers':
      return globalThis[canonical.class].from(canonical.values.map(make));
    default:
      throw new Error(`no value can be made of ${canonical.$}`);
  }
};

exports.stringify = stringify;
