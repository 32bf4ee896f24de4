// SPDX-License-Identifier: Apache-2.0
'use strict';

// What `integrity` of a request asks for (Subresource Integrity): its strongest hash must be that of the body.

const {
  ArrayPrototypeIncludes: includes, RegExpPrototypeExec, StringPrototypeSlice, TypeError, Uint8Array,
} = primordials;
const { list } = internals.webidl;
internals.parts.subtle;
const { compute, hashes, operations, settle } = internals.algorithms;
const { toBase64url } = internals.keyBytes;
const { Body, bytesOf, read } = internals.body;

const url = { '__proto__': null, '+': '-', '/': '_' };
const toUrlAlphabet = (text) => {
  let result = '';
  for (let i = 0; i < text.length; i++) result += url[text[i]] ?? text[i];
  return result;
};

// { bits, digests } of the strongest hash; 0 bits where none is known, and so nothing is asked for.
const parse = (metadata) => {
  const parsed = { __proto__: null, bits: 0, digests: list() };
  const words = /[^\t\n\f\r ]+/g;
  for (let word; (word = RegExpPrototypeExec(words, metadata)) !== null;) {
    const match = RegExpPrototypeExec(/^sha(256|384|512)-([-+/\w]+)={0,2}(?:\?.*)?$/i, word[0]);
    if (match === null || +match[1] < parsed.bits) continue;
    if (+match[1] > parsed.bits) {
      parsed.bits = +match[1];
      parsed.digests = list();
    }
    parsed.digests[parsed.digests.length] = toUrlAlphabet(match[2]);
  }
  return parsed;
};

const shorten = (text) => (text.length > 200 ? `${StringPrototypeSlice(text, 0, 200)}...` : text);

// Calls back with the response, whose body was read then, or with a network error.
const verify = (metadata, response, onDone, onFailed) => {
  const { bits, digests } = parse(metadata);
  if (bits === 0) {
    onDone(response);
    return;
  }
  const refuse = () => onFailed(new TypeError(
    `fetch: the body of '${shorten(response.url)}' is not the one that integrity '${shorten(metadata)}' stands for`));
  const { body } = response;
  if (body === null) {
    refuse();
    return;
  }
  read(body, (source, isShared) => {
    try {
      const bytes = bytesOf(source, isShared);
      settle(compute(operations.digest, hashes[`SHA-${bits}`], bytes), (digest) => {
        if (!includes(digests, toBase64url(new Uint8Array(digest)))) {
          refuse();
          return;
        }
        response.body = new Body(bytes, body.type);
        onDone(response);
      }, onFailed);
    } catch (error) {
      onFailed(error);
    }
  }, onFailed);
};

internals.integrity = { __proto__: null, verify };
