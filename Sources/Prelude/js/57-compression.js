// SPDX-License-Identifier: Apache-2.0
'use strict';

const { Float64Array, TypeError } = primordials;
const { exposeInterface, list, requireArguments, toBufferSource, toEnumeration } = internals.webidl;

internals.parts.streams; // loads it
const { makeTransform, soon } = internals.streams;

// By the shim's number.
const formats = { __proto__: null, 'deflate': 0, 'deflate-raw': 1, 'gzip': 2, 'brotli': 3 };

const MORE = 1;
const ENDED = 2;
const ENDED_EARLY = 3;
const CORRUPT = 4;

// How much of the input is used up, and the status.
const numbers = new Float64Array(2);

const makeCodec = (format, decompresses, name) => {
  let codec = host.codecOpen(formats[format], decompresses);
  const close = () => {
    if (codec !== undefined) host.codecClose(codec);
    codec = undefined;
  };

  // A slice of the work at a time, so that a termination comes between. Without bytes: the end. All is done before
  // any of it is enqueued, which may run a script's code, and that may detach the bytes.
  const run = (bytes) => {
    const outputs = list();
    numbers[0] = 0;
    do {
      const output = host.codecRun(codec, bytes, numbers);
      if (output !== undefined) outputs[outputs.length] = output;
    } while (numbers[1] === MORE);
    const status = numbers[1];
    if (status === CORRUPT) {
      close();
      throw new TypeError(`${name}: the data is not valid ${format}`);
    }
    for (let i = 0; i < outputs.length; i++) transform.enqueue(outputs[i]);
    return status;
  };

  let hasEnded = false;
  const transform = makeTransform((chunk) => {
    const status = run(toBufferSource(chunk, `${name}: the chunk`));
    hasEnded = status >= ENDED;
    if (status !== ENDED_EARLY) return;
    close();
    throw new TypeError(`${name}: there is more after the end of the ${format} data`);
  }, () => {
    if (!decompresses) run(undefined);
    close();
    if (decompresses && !hasEnded) throw new TypeError(`${name}: the ${format} data is cut short`);
  });
  transform.cancel = (reason, onDone) => {
    close();
    soon(onDone);
  };
  return transform;
};

class CompressionStream {
  #transform;

  constructor(format) {
    requireArguments(arguments.length, 1, 'CompressionStream');
    this.#transform = makeCodec(toEnumeration(format, formats, 'CompressionStream: argument 1'), false,
      'CompressionStream');
  }

  get readable() { return this.#transform.readable.object; }
  get writable() { return this.#transform.writable.object; }
}

class DecompressionStream {
  #transform;

  constructor(format) {
    requireArguments(arguments.length, 1, 'DecompressionStream');
    this.#transform = makeCodec(toEnumeration(format, formats, 'DecompressionStream: argument 1'), true,
      'DecompressionStream');
  }

  get readable() { return this.#transform.readable.object; }
  get writable() { return this.#transform.writable.object; }
}

exposeInterface(CompressionStream);
exposeInterface(DecompressionStream);
