// SPDX-License-Identifier: Apache-2.0
'use strict';

// What WebAssembly.compileStreaming and instantiateStreaming take (WebAssembly Web API). V8 has the functions, and
// awaits what they are given.

const { RegExpPrototypeExec, TypeError } = primordials;

const mimeType = /^[\t ]*application\/wasm[\t ]*$/i;

const require = (value) => {
  if (internals.responses === undefined || !internals.responses.isResponse(value)) {
    throw new TypeError('WebAssembly: what is to be compiled is not a Response');
  }
  const response = internals.responses.stateOf(value);
  const type = response.headers.get('content-type') ?? '';
  if (RegExpPrototypeExec(mimeType, type) === null) {
    throw new TypeError(`WebAssembly: the Content-Type of the response is '${type}', not 'application/wasm'`);
  }
  if (!internals.responses.isOk(response)) {
    throw new TypeError(`WebAssembly: the response has the status ${response.status}`);
  }
  return response;
};

// Calls back with a Uint8Array, or with an error.
internals.exposed.readModule = (value, onModule, onFailed) => {
  try {
    const { body } = require(value);
    const { bytesOf, read } = internals.body;
    if (body === null) onModule(host.utf8Encode(''));
    else read(body, (source) => onModule(bytesOf(source, false)), onFailed);
  } catch (error) {
    onFailed(error);
  }
};
