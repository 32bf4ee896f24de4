// SPDX-License-Identifier: Apache-2.0
'use strict';

// Bindings of the capabilities clock, random, log and env, all of which answer at once.

const { TypeError } = primordials;
const { defineMembers, requireArguments, toDOMString, toUnsignedLong } = internals.webidl;
const { nameOf, seal } = internals.hostCalls;
const { callNow } = internals.host;

const NOW = nameOf('clock.now');
const BYTES = nameOf('random.bytes');
const NUMBER = nameOf('random.number');
const WRITE = nameOf('log.write');
const GET = nameOf('env.get');
const NAMES = nameOf('env.names');

class Clock {
  constructor() { throw new TypeError('Illegal constructor'); }

  // Milliseconds since 1970.
  now() { return callNow(clock.get(this), NOW); }
}

class Random {
  constructor() { throw new TypeError('Illegal constructor'); }

  bytes(count) {
    const binding = random.get(this);
    requireArguments(arguments.length, 1, 'Random.bytes');
    return callNow(binding, BYTES, toUnsignedLong(count, 'Random.bytes: argument 1'));
  }

  // From 0 up to, and without, 1.
  number() { return callNow(random.get(this), NUMBER); }
}

// The text that console would print.
const format = (values) => {
  if (values.length === 1 && typeof values[0] === 'string') return values[0];
  internals.parts.inspect;
  return internals.format(values);
};

class Log {
  constructor() { throw new TypeError('Illegal constructor'); }

  // Whether there was room for it.
  write(level, ...values) {
    const binding = log.get(this);
    requireArguments(arguments.length, 2, 'Log.write');
    return callNow(binding, WRITE, toDOMString(level, 'Log.write: argument 1'), format(values));
  }
}

const defineLevel = (level) => defineMembers(Log.prototype, {
  [level](...values) { return callNow(log.get(this), WRITE, level, format(values)); },
});
defineLevel('debug');
defineLevel('log');
defineLevel('info');
defineLevel('warn');
defineLevel('error');

class Environment {
  constructor() { throw new TypeError('Illegal constructor'); }

  // Undefined where there is no such variable.
  get(name) {
    const binding = environment.get(this);
    requireArguments(arguments.length, 1, 'Environment.get');
    return callNow(binding, GET, toDOMString(name, 'Environment.get: argument 1'));
  }

  names() { return callNow(environment.get(this), NAMES); }
}

const clock = seal(Clock);
const random = seal(Random);
const log = seal(Log);
const environment = seal(Environment);

internals.smallBindings = {
  __proto__: null, clock: clock.make, env: environment.make, log: log.make, random: random.make,
};
