// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;

internals.ecma.expose('Error', {
  isError(value) { return host.classOf(value) === 'Error' || internals.isDOMException(value); },
});
