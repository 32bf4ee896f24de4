// SPDX-License-Identifier: Apache-2.0
'use strict';

const { TypeError } = primordials;
const { define, defineIterable, exposeInterface, isObject, list, requireArguments, toUSVString } = internals.webidl;

const isBlob = (value) => internals.blob !== undefined && internals.blob.isBlob(value);

// What an entry keeps: a string or a File.
const toEntryValue = (value, filename) => {
  if (typeof value === 'string') return value;
  const { asFile, make, stateOf } = internals.blob;
  const { name, lastModified } = stateOf(value);
  if (name === undefined) return make(asFile(stateOf(value), filename ?? 'blob'));
  return filename === undefined ? value : make(asFile(stateOf(value), filename, lastModified));
};

// ---- Interface

let isFormData;
let entriesOf;

const toName = (value, method) => toUSVString(value, `FormData.${method}: argument 1`);

// { name, value } of the arguments of append and set, which are overloaded.
const toEntry = (count, name, value, filename, method) => {
  requireArguments(count, 2, `FormData.${method}`);
  const key = toName(name, method);
  if (count === 2 && !isBlob(value)) {
    return { __proto__: null, name: key, value: toUSVString(value, `FormData.${method}: argument 2`) };
  }
  if (!isBlob(value)) throw new TypeError(`FormData.${method}: argument 2 is not a Blob, and so has no filename`);
  const text = filename === undefined ? undefined : toUSVString(filename, `FormData.${method}: argument 3`);
  return { __proto__: null, name: key, value: toEntryValue(value, text) };
};

class FormData {
  #entries = list(); // name, value, name, value …

  static {
    isFormData = (value) => isObject(value) && #entries in value;
    entriesOf = (form) => form.#entries;
    // Of entries whose values are strings and states of files.
    internals.makeFormData = (entries) => {
      const form = new FormData();
      for (let i = 0; i < entries.length; i++) {
        const item = entries[i];
        form.#entries[i] = typeof item === 'string' ? item : internals.blob.make(item);
      }
      return form;
    };
  }

  // Replaces the first entry of the name and removes the others; removes all where no value is given.
  static #replace(form, name, value) {
    const old = form.#entries;
    const kept = list();
    let isSet = value === undefined;
    for (let i = 0; i < old.length; i += 2) {
      const isNamed = old[i] === name;
      if (isNamed && isSet) continue;
      kept[kept.length] = old[i];
      kept[kept.length] = isNamed ? value : old[i + 1];
      isSet = isSet || isNamed;
    }
    if (!isSet) {
      kept[kept.length] = name;
      kept[kept.length] = value;
    }
    form.#entries = kept;
  }

  constructor(form = undefined) {
    if (form !== undefined) throw new TypeError('FormData: there are no forms here; call it without arguments');
  }

  append(name, value, filename = undefined) {
    this.#entries;
    const entry = toEntry(arguments.length, name, value, filename, 'append');
    const entries = this.#entries;
    entries[entries.length] = entry.name;
    entries[entries.length] = entry.value;
  }

  delete(name) {
    this.#entries;
    requireArguments(arguments.length, 1, 'FormData.delete');
    FormData.#replace(this, toName(name, 'delete'), undefined);
  }

  get(name) {
    this.#entries;
    requireArguments(arguments.length, 1, 'FormData.get');
    const key = toName(name, 'get');
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === key) return entries[i + 1];
    return null;
  }

  getAll(name) {
    this.#entries;
    requireArguments(arguments.length, 1, 'FormData.getAll');
    const key = toName(name, 'getAll');
    const entries = this.#entries;
    const values = [];
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === key) define(values, values.length, entries[i + 1]);
    return values;
  }

  has(name) {
    this.#entries;
    requireArguments(arguments.length, 1, 'FormData.has');
    const key = toName(name, 'has');
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === key) return true;
    return false;
  }

  set(name, value, filename = undefined) {
    this.#entries;
    const entry = toEntry(arguments.length, name, value, filename, 'set');
    FormData.#replace(this, entry.name, entry.value);
  }
}

defineIterable(FormData, (form) => entriesOf(form));
exposeInterface(FormData, { __proto__: null, has: isFormData, iterable: 'entries' });

internals.formData = { __proto__: null, entriesOf, isFormData };
