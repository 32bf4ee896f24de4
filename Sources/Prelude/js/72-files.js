// SPDX-License-Identifier: Apache-2.0
'use strict';

// Bindings of the capability files, and what rookery:files exports.

const {
  decodeURIComponent, JSONParse, ObjectPrototypeHasOwnProperty, RegExpPrototypeExec, StringPrototypeEndsWith,
  StringPrototypeSlice, StringPrototypeStartsWith, TypeError,
} = primordials;
const {
  isObject, list, requireArguments, toBoolean, toDictionary, toDOMString, toUnsignedLongLongEnforced,
} = internals.webidl;
const {
  asIs, attempt, call, capabilityError, isStream, nameOf, readableOf, seal, toBytes, toContent, Upload, writableOf,
} = internals.hostCalls;
const { decode, defer } = internals.bytes;
const hostSide = internals.host;

const READ = nameOf('files.read');
const STREAM = nameOf('files.stream');
const WRITE = nameOf('files.write');
const CREATE = nameOf('files.create');
const APPEND = nameOf('files.append');
const PATCH = nameOf('files.patch');
const LIST = nameOf('files.list');
const STAT = nameOf('files.stat');
const REMOVE = nameOf('files.remove');
const RENAME = nameOf('files.rename');
const MKDIR = nameOf('files.mkdir');

const readMembers = [['length', toUnsignedLongLongEnforced], ['position', toUnsignedLongLongEnforced]];
const streamMembers = [['position', toUnsignedLongLongEnforced]];
const writeMembers = [['createNew', toBoolean, false]];
const treeMembers = [['recursive', toBoolean, false]];

const nothing = () => {};

// A string, or a URL of a file.
const toPath = (value, where) => {
  const text = toDOMString(value, where);
  if (!isObject(value) || !StringPrototypeStartsWith(text, 'file:///')) return text;
  return decodeURIComponent(RegExpPrototypeExec(/^[^?#]*/, StringPrototypeSlice(text, 7))[0]);
};

// Writes a stream to a file, all of it or nothing.
const writeStream = (binding, path, content) => {
  const { promise, reject, resolve } = defer();
  hostSide.callLater(binding, CREATE, undefined, ({ sink }) => {
    const fail = (error) => {
      hostSide.cancelStream(sink);
      reject(error);
    };
    try {
      const upload = new Upload(content, toBytes, {
        __proto__: null, fail,
        write: (bytes, onDone, onFailed) => hostSide.writeSink(sink, bytes, onDone, onFailed),
        finish: () => hostSide.finishSink(sink, () => resolve(), reject),
        refuse: reject,
      });
      upload.read();
    } catch (error) {
      fail(error);
    }
  }, reject, path);
  return promise;
};

// Adds each chunk as it comes.
const appendStream = (binding, path, content) => {
  const { promise, reject, resolve } = defer();
  const upload = new Upload(content, toBytes, {
    __proto__: null, fail: reject, refuse: reject,
    write: (bytes, onDone, onFailed) => hostSide.callLater(binding, APPEND, undefined, onDone, onFailed, path, bytes),
    finish: () => resolve(),
  });
  upload.read();
  return promise;
};

const join = (folder, name) => (StringPrototypeEndsWith(folder, '/') ? folder + name : `${folder}/${name}`);

// Removes a file, a link as such, or a folder with what is in it.
const removeTree = (binding, path, onDone, onFailed) => {
  let isEmpty = false;
  const remove = () => hostSide.callLater(binding, REMOVE, undefined, onDone, (error) => {
    if (isEmpty || error.code !== 'conflict') onFailed(error);
    else clear();
  }, path);
  const clear = () => hostSide.callLater(binding, LIST, undefined, ({ entries }) => {
    isEmpty = entries.length === 0;
    let index = 0;
    const next = () => {
      if (isEmpty) remove();
      else if (index === entries.length) clear();
      else removeTree(binding, join(path, entries[index++].name), next, onFailed);
    };
    next();
  }, onFailed, path);
  remove();
};

// An async iterator of { name, kind }, which asks for a page of entries when it has given all of the last.
const listEntries = (binding, path) => {
  internals.parts.streams;
  let entries = list();
  let index = 0;
  let after;
  let isLast = false;
  const stream = internals.streams.create((_, onDone, onFailed) => {
    const give = () => {
      const { controller } = stream;
      if (index < entries.length) {
        const { kind, name } = entries[index++];
        controller.enqueue({ name, kind });
      } else controller.close();
      onDone();
    };
    if (index < entries.length || isLast) {
      internals.streams.soon(give);
      return;
    }
    hostSide.callLater(binding, LIST, undefined, (page) => {
      ({ entries } = page);
      index = 0;
      isLast = !ObjectPrototypeHasOwnProperty(page, 'next');
      after = isLast ? undefined : page.next;
      give();
    }, onFailed, path, after);
  }, undefined, 0, false);
  return internals.readable.makeIterator(stream, false);
};

class Files {
  constructor() { throw new TypeError('Illegal constructor'); }

  read(path, options = undefined) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.read');
      const name = toPath(path, 'Files.read: argument 1');
      const { length, position } = toDictionary(options, readMembers, 'Files.read: argument 2');
      return call(binding, READ, asIs, name, position, length);
    });
  }

  readText(path) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.readText');
      return call(binding, READ, decode, toPath(path, 'Files.readText: argument 1'));
    });
  }

  readJSON(path) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.readJSON');
      return call(binding, READ, (bytes) => JSONParse(decode(bytes)), toPath(path, 'Files.readJSON: argument 1'));
    });
  }

  // The promise of a ReadableStream.
  stream(path, options = undefined) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.stream');
      const name = toPath(path, 'Files.stream: argument 1');
      const { position } = toDictionary(options, streamMembers, 'Files.stream: argument 2');
      return call(binding, STREAM, ({ stream }) => readableOf(stream), name, position);
    });
  }

  write(path, data, options = undefined) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 2, 'Files.write');
      const name = toPath(path, 'Files.write: argument 1');
      const { createNew } = toDictionary(options, writeMembers, 'Files.write: argument 3');
      const content = toContent(data, 'Files.write: argument 2');
      if (!isStream(content)) return call(binding, WRITE, nothing, name, content, createNew);
      if (createNew) throw new TypeError("Files.write: 'createNew' is for text and bytes, not for a stream");
      return writeStream(binding, name, content);
    });
  }

  // The promise of a WritableStream; what was written is in place once it is closed.
  create(path) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.create');
      return call(binding, CREATE, ({ sink }) => writableOf(sink), toPath(path, 'Files.create: argument 1'));
    });
  }

  append(path, data) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 2, 'Files.append');
      const name = toPath(path, 'Files.append: argument 1');
      const content = toContent(data, 'Files.append: argument 2');
      return isStream(content) ? appendStream(binding, name, content) : call(binding, APPEND, nothing, name, content);
    });
  }

  // Writes over a part of the file.
  patch(path, data, position) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 3, 'Files.patch');
      const name = toPath(path, 'Files.patch: argument 1');
      const content = toContent(data, 'Files.patch: argument 2');
      const start = toUnsignedLongLongEnforced(position, 'Files.patch: argument 3');
      if (isStream(content)) throw new TypeError('Files.patch: argument 2 is a stream; patch takes text or bytes');
      return call(binding, PATCH, nothing, name, content, start);
    });
  }

  // An async iterable of { name, kind }, in the order of the names.
  list(path = '.') {
    const binding = granted(this);
    return listEntries(binding, toPath(path, 'Files.list: argument 1'));
  }

  stat(path) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.stat');
      const name = toPath(path, 'Files.stat: argument 1');
      return call(binding, STAT, ({ kind, modified, size }) => ({ kind, size, modified }), name);
    });
  }

  exists(path) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.exists');
      const name = toPath(path, 'Files.exists: argument 1');
      const { promise, reject, resolve } = defer();
      hostSide.callLater(binding, STAT, undefined, () => resolve(true), (error) => {
        if (error.code === 'notFound') resolve(false);
        else reject(error);
      }, name);
      return promise;
    });
  }

  remove(path, options = undefined) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.remove');
      const name = toPath(path, 'Files.remove: argument 1');
      const { recursive } = toDictionary(options, treeMembers, 'Files.remove: argument 2');
      if (!recursive) return call(binding, REMOVE, nothing, name);
      const { promise, reject, resolve } = defer();
      removeTree(binding, name, () => resolve(), reject);
      return promise;
    });
  }

  rename(path, newPath) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 2, 'Files.rename');
      const name = toPath(path, 'Files.rename: argument 1');
      return call(binding, RENAME, nothing, name, toPath(newPath, 'Files.rename: argument 2'));
    });
  }

  mkdir(path, options = undefined) {
    return attempt(() => {
      const binding = granted(this);
      requireArguments(arguments.length, 1, 'Files.mkdir');
      const name = toPath(path, 'Files.mkdir: argument 1');
      const { recursive } = toDictionary(options, treeMembers, 'Files.mkdir: argument 2');
      return call(binding, MKDIR, nothing, name, recursive);
    });
  }
}

const { get: bindingOf, make } = seal(Files);

const granted = (object) => {
  const binding = bindingOf(object);
  if (binding !== undefined) return binding;
  throw capabilityError('denied',
    'files are not granted; --allow-read=PATH or --allow-write=PATH, or a files binding, would allow them');
};

// Without a binding, an object that refuses everything.
internals.files = { __proto__: null, make };
