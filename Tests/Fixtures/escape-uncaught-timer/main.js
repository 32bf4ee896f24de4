// SPDX-License-Identifier: Apache-2.0
// An object whose every conversion and property throws leaves a timer: it is shown, and nothing of the report escapes.
const fail = () => { throw new Error('must not escape'); };
const hostile = {
  toString: fail, valueOf: fail, toJSON: fail, then: fail, [Symbol.toPrimitive]: fail,
  get name() { return fail(); },
  get message() { return fail(); },
  get stack() { return fail(); },
  get code() { return fail(); },
  get cause() { return fail(); },
  [Symbol.for('nodejs.util.inspect.custom')](...args) {
    const foreign = args.filter((arg) => arg instanceof Object === false && typeof arg === 'object' && arg !== null);
    console.log(`inspected with ${args.length} arguments, ${foreign.length} of them foreign`);
    throw hostile;
  },
};
setTimeout(() => { throw hostile; });
setTimeout(() => console.log('not reached'), 1000);
