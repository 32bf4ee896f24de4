// SPDX-License-Identifier: Apache-2.0
'use strict';

const { TypeError } = primordials;
const { exposeInterface } = internals.webidl;

const requireThis = (object) => {
  if (object !== navigator) throw new TypeError('Illegal invocation');
};

class Navigator {
  constructor() { throw new TypeError('Illegal constructor'); }

  get userAgent() {
    requireThis(this);
    return 'Rookery/0.1.0'; // the version that the command line tells
  }

  // A script has one thread, whatever the machine has.
  get hardwareConcurrency() {
    requireThis(this);
    return 1;
  }
}

exposeInterface(Navigator);
const navigator = internals.navigator = { __proto__: Navigator.prototype };
