// SPDX-License-Identifier: Apache-2.0
'use strict';

// The format of event streams (HTML, 9.2.5 and 9.2.6).

const {
  ObjectSetPrototypeOf, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice,
} = primordials;
const { decode, TextDecoder } = internals.decoding;

// What one event may have: a server cannot fill the script's heap with one that never ends.
const mostCharacters = 16777216;

// Of one response; `lastEventId` is that of the ones before.
class EventParser {
  // `onEvent(type, data, lastEventId)`, `onRetry(milliseconds)`
  constructor(lastEventId, onEvent, onRetry) {
    this.lastEventId = lastEventId;
    this.onEvent = onEvent;
    this.onRetry = onRetry;
    this.decoder = new TextDecoder('utf-8'); // drops a mark at the beginning
    this.rest = ''; // of a line whose end has not come
    this.isAfterReturn = false; // a line feed at the beginning of the next chunk ends no line
    this.data = '';
    this.type = '';
    this.id = lastEventId;
  }

  // False where an event is too long.
  add(bytes) {
    let chunk = decode(this.decoder, bytes, true);
    if (chunk === '') return true;
    if (this.isAfterReturn && StringPrototypeCharCodeAt(chunk, 0) === 0x0A) chunk = StringPrototypeSlice(chunk, 1);
    this.isAfterReturn = false;
    let start = 0;
    // Each is looked for again only when it is used up, so that the search is linear.
    let feed = StringPrototypeIndexOf(chunk, '\n');
    let carriage = StringPrototypeIndexOf(chunk, '\r');
    while (feed >= 0 || carriage >= 0) {
      const isReturn = carriage >= 0 && (feed < 0 || carriage < feed);
      const end = isReturn ? carriage : feed;
      const line = this.rest + StringPrototypeSlice(chunk, start, end);
      this.rest = '';
      start = end + 1;
      if (isReturn) {
        if (start === chunk.length) this.isAfterReturn = true;
        else if (feed === start) start++;
        carriage = StringPrototypeIndexOf(chunk, '\r', start);
      }
      if (feed >= 0 && feed < start) feed = StringPrototypeIndexOf(chunk, '\n', start);
      this.#line(line);
    }
    this.rest += StringPrototypeSlice(chunk, start);
    return this.rest.length + this.data.length <= mostCharacters;
  }

  #line(line) {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = StringPrototypeIndexOf(line, ':');
    if (colon === 0) return;
    const field = colon < 0 ? line : StringPrototypeSlice(line, 0, colon);
    const isSpaced = colon >= 0 && StringPrototypeCharCodeAt(line, colon + 1) === 0x20;
    const value = colon < 0 ? '' : StringPrototypeSlice(line, colon + (isSpaced ? 2 : 1));
    if (field === 'data') this.data += `${value}\n`;
    else if (field === 'event') this.type = value;
    else if (field === 'id') {
      if (StringPrototypeIndexOf(value, '\0') < 0) this.id = value;
    } else if (field === 'retry' && RegExpPrototypeExec(/^[0-9]+$/, value) !== null) this.onRetry(+value);
  }

  #dispatch() {
    const { data, type } = this;
    this.lastEventId = this.id;
    this.data = '';
    this.type = '';
    if (data === '') return;
    this.onEvent(type === '' ? 'message' : type, StringPrototypeSlice(data, 0, data.length - 1), this.lastEventId);
  }
}
ObjectSetPrototypeOf(EventParser.prototype, null);

internals.EventParser = EventParser;
