// SPDX-License-Identifier: Apache-2.0
// Emphasis by delimiter runs: `*`, `_` and, for deletions, `~`.

import { Node } from './nodes.js';

const SPACE = /^[\s\u00a0]?$/u;
const PUNCTUATION = /^[\p{P}$+<=>^`|~]$/u;

/** Whether the run of `mark` at `at` may open or close emphasis. */
export function flanking(text, at, mark) {
  let end = at;
  while (text[end] === mark) end++;
  const after = end < text.length ? String.fromCodePoint(text.codePointAt(end)) : '';
  const before = characterBefore(text, at);
  const [spaceBefore, spaceAfter] = [SPACE.test(before), SPACE.test(after)];
  const [punctuationBefore, punctuationAfter] = [PUNCTUATION.test(before), PUNCTUATION.test(after)];
  const left = !spaceAfter && (!punctuationAfter || spaceBefore || punctuationBefore);
  const right = !spaceBefore && (!punctuationBefore || spaceAfter || punctuationAfter);
  const count = end - at;
  if (mark === '_') {
    // Not inside words: snake_case_names stay as they are.
    return { count, canOpen: left && (!right || punctuationBefore), canClose: right && (!left || punctuationAfter) };
  }
  const usable = mark === '*' || count <= 2;
  return { count, canOpen: left && usable, canClose: right && usable };
}

function characterBefore(text, at) {
  if (at === 0) return '';
  const low = text.charCodeAt(at - 1);
  const pair = low >= 0xdc00 && low <= 0xdfff && at > 1;
  return text.slice(at - (pair ? 2 : 1), at);
}

/** The stack of runs that may still become emphasis, over the list of nodes it will change. */
export class Delimiters {
  last = null;

  constructor(out) {
    this.out = out;
  }

  push(run) {
    Object.assign(run, { length: run.count, previous: this.last, next: null });
    if (this.last) this.last.next = run;
    this.last = run;
  }

  remove(run) {
    if (run.previous) run.previous.next = run.next;
    if (run.next) run.next.previous = run.previous;
    else this.last = run.previous;
  }

  /** Makes emphasis of all runs above `bottom`, and empties the stack down to it. */
  resolve(bottom) {
    // Below these no opener was found for such a closer: the search need not go there again.
    const floors = new Map();
    let closer = this.last;
    while (closer && closer.previous !== bottom) closer = closer.previous;

    while (closer) {
      if (!closer.canClose) {
        closer = closer.next;
        continue;
      }
      const key = `${closer.mark}${closer.canOpen ? 1 : 0}${closer.length % 3}`;
      const floor = floors.get(key) ?? bottom;
      let opener = closer.previous;
      while (opener && opener !== bottom && opener !== floor && !matches(opener, closer)) opener = opener.previous;
      if (opener && opener !== bottom && opener !== floor) {
        closer = this.#join(opener, closer);
      } else {
        floors.set(key, closer.previous);
        const { next } = closer;
        if (!closer.canOpen) this.remove(closer);
        closer = next;
      }
    }
    while (this.last !== bottom) this.remove(this.last);
  }

  /** Wraps what is between the two runs; answers the closer to go on with. */
  #join(opener, closer) {
    const { out } = this;
    const deletion = closer.mark === '~';
    const used = deletion ? closer.count : opener.count >= 2 && closer.count >= 2 ? 2 : 1;
    const node = new Node(deletion ? 'deleted' : used === 2 ? 'strong' : 'emphasis');
    const from = out.indexOf(opener.node) + 1;
    const to = out.indexOf(closer.node, from);
    for (const child of out.splice(from, to - from, node)) node.append(child);

    while (closer.previous !== opener) this.remove(closer.previous);
    for (const run of [opener, closer]) {
      run.count -= used;
      run.node.literal = run.mark.repeat(run.count);
    }
    if (opener.count === 0) this.#drop(opener);
    if (closer.count > 0) return closer;
    const { next } = closer;
    this.#drop(closer);
    return next;
  }

  #drop(run) {
    this.out.splice(this.out.indexOf(run.node), 1);
    this.remove(run);
  }
}

function matches(opener, closer) {
  if (opener.mark !== closer.mark || !opener.canOpen) return false;
  if (closer.mark === '~') return opener.count === closer.count;
  const bothWays = closer.canOpen || opener.canClose;
  return !(bothWays && closer.length % 3 !== 0 && (opener.length + closer.length) % 3 === 0);
}
