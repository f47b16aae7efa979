'use strict';
// Part of the exit guard: properties that watched files may read but not replace. Other files see ordinary properties.
const { apply, getPrototypeOf, ownKeys } = Reflect;
const { defineProperty, getOwnPropertyDescriptor } = Object;
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const [getSlots, setSlots] = [WeakMap.prototype.get, WeakMap.prototype.set].map((method) => uncurry(method));

/** Slots by name, for each object that has some. */
const owners = new WeakMap();
const globals = [];
let who;
let refuse;

/** @param tools `who` and `refuse` of the exit guard; given once, before any code of the candidate runs */
module.exports = (tools) => {
  if (who) return undefined;
  ({ who, refuse } = tools);
  patchReflection();
  return { guard, replacedGlobal };
};

/**
 * Holds a property, own or inherited.
 * @param label name in messages
 * @param make replaces the original: `read` returns the value, `own` lists all that it can be
 */
function guard(owner, name, label, make) {
  let from = owner;
  let before;
  while (from && !(before = getOwnPropertyDescriptor(from, name))) from = getPrototypeOf(from);
  // A held or frozen property cannot be held.
  if (!before || (from === owner && !before.configurable)) return;
  const { read, own } = make ? make(before.value) : {};
  const enumerable = from === owner && before.enumerable;
  const slot = { owner, label, before, read, own: own || [before.value], now: undefined, enumerable };
  const isFixed = !read && !before.get;
  slot.get = () => (slot.now === undefined && isFixed ? before.value : valueOf(slot));
  const set = function (value) {
    if (this !== owner)
      return void defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    if (slot.now && slot.now.set) apply(slot.now.set, owner, [value]);
    else change(slot, { value });
  };
  let slots = getSlots(owners, owner);
  if (!slots) setSlots(owners, owner, (slots = Object.create(null)));
  slots[name] = slot;
  // A script may declare a global anew only if it can be configured.
  const isGlobal = owner === globalThis;
  if (isGlobal) globals[globals.length] = { slot, name };
  defineProperty(owner, name, { get: slot.get, set, enumerable, configurable: isGlobal });
}

function valueOf({ owner, before, now, read }) {
  if (now) return now.get ? apply(now.get, owner, []) : now.value;
  if (read) return read();
  return before.get ? apply(before.get, owner, []) : before.value;
}

/** Applies an assignment or a definition, or refuses it. */
function change(slot, descriptor) {
  // A file such as a polyfill acts for itself while it is loaded, whoever loads it.
  const by = who(true, true);
  if (by !== true) refuse(by, `replaced ${slot.label}`);
  const { before } = slot;
  if ('value' in descriptor) {
    const { value } = descriptor;
    slot.now = { value };
    for (let i = 0; i < slot.own.length; i++) if (slot.own[i] === value && !before.get) slot.now = undefined;
  } else if (descriptor.get || descriptor.set) {
    const { get, set } = descriptor;
    slot.now = before.get && get === before.get ? undefined : { get: get || (() => undefined), set };
  }
}

/** Describes the slot as an ordinary property. */
function describe(slot) {
  const { before, now, enumerable } = slot;
  const accessor = now ? now.get && now : before.get && before;
  if (accessor) return { get: accessor.get, set: accessor.set, enumerable, configurable: true };
  return { value: valueOf(slot), writable: true, enumerable, configurable: true };
}

/** Returns the label of a global that was deleted or defined anew unseen. */
function replacedGlobal() {
  for (let i = 0; i < globals.length; i++) {
    const { slot, name } = globals[i];
    const { get } = getOwnPropertyDescriptor(globalThis, name) || {};
    if (get !== slot.get) return slot.label;
  }
  return undefined;
}

function slotOf(target, name) {
  const slots = getSlots(owners, target);
  return slots && slots[typeof name === 'symbol' ? name : `${name}`];
}

/** Replaces a function of the language, under its name. */
function patch(owner, name, make) {
  const original = owner[name];
  const value = make(original);
  defineProperty(value, 'name', { value: name, configurable: true });
  defineProperty(value, 'length', { value: original.length, configurable: true });
  defineProperty(owner, name, { value, writable: true, enumerable: false, configurable: true });
}

function patchReflection() {
  for (const owner of [Object, Reflect]) {
    patch(owner, 'defineProperty', (original) => {
      return function (target, name, descriptor) {
        const slot = slotOf(target, name);
        if (!slot || typeof descriptor !== 'object' || descriptor === null) return apply(original, this, arguments);
        change(slot, descriptor);
        return owner === Object ? target : true;
      };
    });
    patch(owner, 'getOwnPropertyDescriptor', (original) => {
      return function (target, name) {
        const slot = slotOf(target, name);
        return slot && isHeld(slot, original, target, name) ? describe(slot) : apply(original, this, arguments);
      };
    });
  }
  patch(Object, 'defineProperties', (original) => {
    return function (target, descriptors) {
      if (!getSlots(owners, target)) return apply(original, this, arguments);
      const names = ownKeys(descriptors);
      for (let i = 0; i < names.length; i++) {
        const slot = slotOf(target, names[i]);
        if (slot) change(slot, descriptors[names[i]]);
        else defineProperty(target, names[i], descriptors[names[i]]);
      }
      return target;
    };
  });
  patch(Object, 'getOwnPropertyDescriptors', (original) => {
    return function (target) {
      const found = apply(original, this, arguments);
      const slots = getSlots(owners, target);
      const names = slots ? ownKeys(slots) : [];
      for (let i = 0; i < names.length; i++)
        if (isHeld(slots[names[i]], getOwnPropertyDescriptor, target, names[i]))
          found[names[i]] = describe(slots[names[i]]);
      return found;
    };
  });
  for (const kind of ['get', 'set']) {
    const name = kind === 'get' ? '__defineGetter__' : '__defineSetter__';
    patch(Object.prototype, name, (original) => {
      return function (property, accessor) {
        const slot = slotOf(this, property);
        return slot ? change(slot, { [kind]: accessor }) : apply(original, this, arguments);
      };
    });
  }
}

/** Tells if the slot is still in place: a global may be gone. */
function isHeld(slot, describeOwn, target, name) {
  const own = apply(describeOwn, Object, [target, name]);
  return own !== undefined && own.get === slot.get;
}
