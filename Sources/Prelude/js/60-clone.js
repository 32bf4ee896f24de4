// SPDX-License-Identifier: Apache-2.0
'use strict';

// HTML's structured cloning, within one realm: what is serialised there is copied here. Objects of the platform are
// told from others by what defineInterface was given; to V8 they are ordinary objects.

const {
  ArrayBuffer, ArrayBufferPrototypeGetByteLength, ArrayPrototype, BigIntPrototypeValueOf, BooleanPrototypeValueOf, DataView,
  DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset, Date, DatePrototypeGetTime,
  Error, ErrorPrototype, EvalErrorPrototype, Map, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet,
  NumberPrototypeValueOf, Object, ObjectKeys, ObjectPrototype, ObjectPrototypeHasOwnProperty, ObjectSetPrototypeOf,
  RangeErrorPrototype, ReferenceErrorPrototype, ReflectGetOwnPropertyDescriptor, ReflectGetPrototypeOf, Set,
  SetPrototypeAdd, StringPrototypeValueOf, SyntaxErrorPrototype, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag,
  TypedArrayPrototypeSet, TypeErrorPrototype, URIErrorPrototype, Uint8Array,
} = primordials;
const { DOMException } = internals;
const {
  define, interfaces, isArrayBuffer, isObject, isOf, list, toDictionary, toDOMString, toObject, toSequence,
} = internals.webidl;

const refusal = (message) => new DOMException(message, 'DataCloneError');

// ---- Interfaces

const byPrototype = new Map();
const cloneable = list();
const transferable = list();
let known = 0; // of the interfaces, whose number grows while parts load

const learnInterfaces = () => {
  for (; known < interfaces.length; known++) {
    const record = interfaces[known];
    MapPrototypeSet(byPrototype, record.prototype, record);
    if (record.clone !== undefined) cloneable[cloneable.length] = record;
    if (record.transfer !== undefined) transferable[transferable.length] = record;
  }
};

const recordOf = (records, object) => {
  for (let i = records.length - 1; i >= 0; i--) if (records[i].has(object)) return records[i];
  return undefined;
};

// ---- What is to be transferred, while it is not

class Pending {
  #isResolved = false;
  #value;

  static is(value) { return isObject(value) && #isResolved in value; }

  static set(pending, value) {
    pending.#value = value;
    pending.#isResolved = true;
  }

  static get(value) { return Pending.is(value) ? value.#value : value; }
}
ObjectSetPrototypeOf(Pending.prototype, null);

class Run {
  constructor(later) {
    this.memory = new Map();
    this.later = later; // what to do once the transfer is done; undefined: there is none
  }
}
ObjectSetPrototypeOf(Run.prototype, null);

const remember = (run, value, copied) => {
  MapPrototypeSet(run.memory, value, copied);
  return copied;
};

const postpone = (run, work) => { run.later[run.later.length] = work; };

// Scripts may have put setters on the prototypes of objects; lists have none.
const store = (holder, key, value) => {
  if (key in ObjectPrototype) define(holder, key, value);
  else holder[key] = value;
};

// The place of a property is that of its first definition.
const put = (run, holder, key, value, write) => {
  write(holder, key, value);
  if (run.later !== undefined && Pending.is(value)) postpone(run, () => write(holder, key, Pending.get(value)));
};

// ---- Kinds

const refuse = (run, value) => {
  if (value === ObjectPrototype) return copyOrdinary(run, value);
  if (typeof value === 'function') throw refusal('A function cannot be cloned');
  if (host.proxyDetails(value) !== undefined) throw refusal('A Proxy cannot be cloned');
  throw refusal(`An object of the class ${host.constructorName(value)} cannot be cloned`);
};

const copyMembers = (run, value, result, keys, write) => {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    // A getter may have removed it.
    if (i === 0 || ObjectPrototypeHasOwnProperty(value, key)) put(run, result, key, copy(run, value[key]), write);
  }
};

// Undefined for what is no object of the platform.
const copyPlatform = (run, value, prototype) => {
  learnInterfaces();
  const record = recordOf(cloneable, value);
  if (record !== undefined) return remember(run, value, record.clone(value, (inner) => copy(run, inner)));
  for (let object = prototype; object !== null && object !== ObjectPrototype; object = host.prototypeOf(object)) {
    const found = MapPrototypeGet(byPrototype, object);
    if (found === undefined || !isOf(found, value)) continue;
    throw refusal(`An object of the class ${found.name} cannot be cloned${found.transfer === undefined ? ''
      : ', only handed over: list it in "transfer" too'}`);
  }
  return undefined;
};

const copyOrdinary = (run, value) => {
  const prototype = ReflectGetPrototypeOf(value);
  if (prototype !== ObjectPrototype && prototype !== null) {
    const made = copyPlatform(run, value, prototype);
    if (made !== undefined) return made;
  }
  const result = remember(run, value, {});
  copyMembers(run, value, result, ObjectKeys(value), store);
  return result;
};

const storeInList = (holder, key, value) => { holder[key] = value; };

const copyArray = (run, value) => {
  const result = remember(run, value, list());
  const { length } = value;
  copyMembers(run, value, result, host.enumerableKeys(value), storeInList);
  if (result.length !== length) result.length = length;
  return ObjectSetPrototypeOf(result, ArrayPrototype);
};

const copyCollection = (run, value, result, fill) => {
  remember(run, value, result);
  const entries = host.previewEntries(value)[0];
  for (let i = 0; i < entries.length; i++) entries[i] = copy(run, entries[i]);
  if (run.later === undefined) fill(result, entries);
  else {
    postpone(run, () => {
      for (let i = 0; i < entries.length; i++) entries[i] = Pending.get(entries[i]);
      fill(result, entries);
    });
  }
  return result;
};

const fillMap = (map, entries) => {
  for (let i = 0; i < entries.length; i += 2) MapPrototypeSet(map, entries[i], entries[i + 1]);
};

const fillSet = (set, entries) => {
  for (let i = 0; i < entries.length; i++) SetPrototypeAdd(set, entries[i]);
};

const errorPrototypes = {
  __proto__: null, EvalError: EvalErrorPrototype, RangeError: RangeErrorPrototype, ReferenceError: ReferenceErrorPrototype,
  SyntaxError: SyntaxErrorPrototype, TypeError: TypeErrorPrototype, URIError: URIErrorPrototype,
};

// Undefined where it is none, or an accessor.
const ownValue = (object, key) => {
  const descriptor = ReflectGetOwnPropertyDescriptor(object, key);
  return descriptor && ObjectSetPrototypeOf(descriptor, null);
};

const defineHidden = (holder, key, value) => define(holder, key, value, false);

const copyError = (run, value) => {
  const { name } = value;
  const message = ownValue(value, 'message');
  const result = remember(run, value, new Error());
  const prototype = typeof name === 'string' ? errorPrototypes[name] : undefined;
  ObjectSetPrototypeOf(result, prototype ?? ErrorPrototype);
  if (message !== undefined && 'value' in message) {
    defineHidden(result, 'message', toDOMString(message.value, 'The message of the error'));
  }
  const stack = ownValue(value, 'stack')?.value;
  defineHidden(result, 'stack', typeof stack === 'string' ? stack : '');
  const cause = ownValue(value, 'cause');
  if (cause !== undefined) put(run, result, 'cause', copy(run, value.cause), defineHidden);
  return result;
};

const isDetached = (buffer) => {
  if (ArrayBufferPrototypeGetByteLength(buffer) > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
};

const requireAttached = (buffer) => {
  if (isDetached(buffer)) throw refusal('An ArrayBuffer is detached and cannot be cloned');
};

const copyBuffer = (run, value) => {
  requireAttached(value);
  const result = new ArrayBuffer(ArrayBufferPrototypeGetByteLength(value));
  TypedArrayPrototypeSet(new Uint8Array(result), new Uint8Array(value));
  return remember(run, value, result);
};

const copyView = (run, value) => {
  const type = TypedArrayPrototypeGetSymbolToStringTag(value);
  const isData = type === undefined;
  const buffer = isData ? DataViewPrototypeGetBuffer(value) : TypedArrayPrototypeGetBuffer(value);
  if (!isArrayBuffer(buffer)) throw refusal('Shared memory cannot be cloned');
  requireAttached(buffer);
  const offset = isData ? DataViewPrototypeGetByteOffset(value) : TypedArrayPrototypeGetByteOffset(value);
  const length = isData ? DataViewPrototypeGetByteLength(value) : TypedArrayPrototypeGetLength(value);
  const copied = copy(run, buffer);
  const View = isData ? DataView : primordials[type];
  if (!Pending.is(copied)) return remember(run, value, new View(copied, offset, length));
  const pending = remember(run, value, new Pending());
  postpone(run, () => Pending.set(pending, new View(Pending.get(copied), offset, length)));
  return pending;
};

const boxed = (valueOf) => (run, value) => remember(run, value, Object(valueOf(value)));

// In the order of host.cloneKind.
const copiers = [
  refuse, copyOrdinary, copyArray,
  (run, value) => copyCollection(run, value, new Map(), fillMap),
  (run, value) => copyCollection(run, value, new Set(), fillSet),
  (run, value) => remember(run, value, new Date(DatePrototypeGetTime(value))),
  copyError, copyView, copyBuffer,
  (run, value) => remember(run, value, host.copyRegExp(value)),
  boxed(BooleanPrototypeValueOf), boxed(NumberPrototypeValueOf), boxed(StringPrototypeValueOf),
  boxed(BigIntPrototypeValueOf),
];
ObjectSetPrototypeOf(copiers, null);

const copy = (run, value) => {
  if (!isObject(value)) {
    if (typeof value === 'symbol') throw refusal('A symbol cannot be cloned');
    return value;
  }
  return MapPrototypeGet(run.memory, value) ?? copiers[host.cloneKind(value)](run, value);
};

// ---- Transfer

const requireTransferable = (value) => {
  if (isArrayBuffer(value) || recordOf(transferable, value) !== undefined) return;
  throw refusal(`An object of the class ${host.constructorName(value)} cannot be transferred`);
};

const move = (value) => {
  if (!isArrayBuffer(value)) return recordOf(transferable, value).transfer(value);
  if (isDetached(value)) throw refusal('An ArrayBuffer is detached and cannot be transferred');
  return host.transferArrayBuffer(value);
};

internals.clone = (value) => copy(new Run(undefined), value);

// { value, received }: the copy, and what came of the elements of `transfer`, both lists.
internals.cloneWithTransfer = (value, transfer) => {
  const received = list();
  if (transfer.length === 0) return { __proto__: null, value: internals.clone(value), received };
  learnInterfaces();
  const run = new Run(list());
  for (let i = 0; i < transfer.length; i++) {
    requireTransferable(transfer[i]);
    if (MapPrototypeHas(run.memory, transfer[i])) throw refusal('An object is listed twice in "transfer"');
    remember(run, transfer[i], new Pending());
  }
  const copied = copy(run, value);
  for (let i = 0; i < transfer.length; i++) {
    received[i] = move(transfer[i]);
    Pending.set(MapPrototypeGet(run.memory, transfer[i]), received[i]);
  }
  for (let i = 0; i < run.later.length; i++) run.later[i]();
  return { __proto__: null, value: Pending.get(copied), received };
};

const toTransfer = (value, where, method = undefined) => toSequence(value, toObject, where, method);
internals.toTransfer = toTransfer;
internals.transferMembers = [['transfer', toTransfer]];

internals.structuredClone = (value, init) => {
  const { transfer } = toDictionary(init, internals.transferMembers, 'structuredClone: argument 2');
  return transfer === undefined ? internals.clone(value) : internals.cloneWithTransfer(value, transfer).value;
};
