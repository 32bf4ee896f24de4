// SPDX-License-Identifier: Apache-2.0
// The block parser: reads lines one by one and keeps a path of open blocks from the document to the tip.

import { finish, resume } from './kinds.js';
import { Line } from './line.js';
import { Node } from './nodes.js';
import { starts } from './starts.js';
import { addRow } from './tables.js';

export class BlockParser {
  root = new Node('document');
  tip = this.root;
  /** Label → { destination, title }; the first definition of a label counts. */
  references = new Map();
  lineNumber = 0;
  #unmatched = null;
  #lastMatched = this.root;

  parse(source) {
    const lines = source.replace(/\0/g, '\ufffd').split(/\r\n|\n|\r/);
    if (lines.at(-1) === '') lines.pop();
    for (const text of lines) this.#take(new Line(text));
    while (this.tip) this.close(this.tip);
    return this.root;
  }

  /** Adds a block where the path now ends, closing what cannot hold it. */
  add(node) {
    while (!this.tip.canHold(node)) this.close(this.tip);
    this.tip.append(node);
    this.tip = node;
    return node;
  }

  close(node) {
    node.open = false;
    const { parent } = node;
    finish(node, this);
    this.tip = parent;
  }

  /** Closes the blocks that this line did not continue. Block starts call it once they are sure. */
  closeUnmatched() {
    while (this.#unmatched && this.#unmatched !== this.#lastMatched) {
      const { parent } = this.#unmatched;
      this.close(this.#unmatched);
      this.#unmatched = parent;
    }
    this.#unmatched = null;
  }

  #take(line) {
    this.lineNumber += 1;

    // 1. Which open blocks does the line continue?
    let container = this.root;
    this.#unmatched = this.tip;
    for (;;) {
      const child = container.children.at(-1);
      if (!child?.open) break;
      const answer = resume(child, line, this);
      if (answer === 'done') return;
      if (answer === 'no') break;
      container = child;
    }
    this.#lastMatched = container;
    const paragraphGoesOn = container.type === 'paragraph';

    // 2. Which blocks does it start?
    let leaf = container.takesLines && !paragraphGoesOn;
    while (!leaf) {
      const started = starts(this, container, line);
      if (!started) {
        line.advanceToNext();
        break;
      }
      container = this.tip;
      leaf = started === 'leaf';
    }

    // 3. What is left is text.
    const someUnmatched = this.#unmatched && this.#unmatched !== this.#lastMatched;
    if (someUnmatched && !line.blank && this.tip.type === 'paragraph') {
      // A lazy continuation: the paragraph goes on although its quote or item does not.
      this.tip.text += line.remainder() + '\n';
      return;
    }
    this.closeUnmatched();
    this.#noteBlank(container, line);
    if (container.takesLines) {
      container.text += line.remainder() + '\n';
      if (container.type === 'html' && container.end?.test(line.text.slice(line.offset))) this.close(container);
    } else if (line.offset === line.text.length || line.blank) {
      return;
    } else if (container.type === 'table') {
      addRow(container, line.rest);
    } else {
      this.add(new Node('paragraph'));
      line.advanceToNext();
      this.tip.text += line.remainder() + '\n';
    }
  }

  /** Blank lines decide later whether a list is loose. */
  #noteBlank(container, line) {
    if (line.blank && container.children.length > 0) container.children.at(-1).lastLineBlank = true;
    const fenced = container.type === 'code' && container.fence;
    const emptyItem =
      container.type === 'item' && container.children.length === 0 && container.startsAt === this.lineNumber;
    container.lastLineBlank = line.blank && container.type !== 'quote' && !fenced && !emptyItem;
    for (let node = container.parent; node; node = node.parent) node.lastLineBlank = false;
  }
}
