// SPDX-License-Identifier: Apache-2.0
// One line under a cursor that knows columns: a tab reaches to the next multiple of four.

export class Line {
  offset = 0;
  column = 0;
  /** The cursor stands inside a tab, some columns of which are used up. */
  insideTab = false;

  constructor(text) {
    this.text = text;
    this.scan();
  }

  /** Looks ahead for the next character that is not white space. */
  scan() {
    let at = this.offset;
    let column = this.column;
    for (; at < this.text.length; at++) {
      const c = this.text[at];
      if (c === ' ') column += 1;
      else if (c === '\t') column += 4 - (column % 4);
      else break;
    }
    this.next = at;
    this.indent = column - this.column;
    this.blank = at === this.text.length;
    this.indented = this.indent >= 4;
  }

  get rest() {
    return this.text.slice(this.next);
  }

  peek() {
    return this.text[this.next];
  }

  advance(count, byColumns = false) {
    while (count > 0 && this.offset < this.text.length) {
      if (this.text[this.offset] === '\t') {
        const width = 4 - (this.column % 4);
        if (byColumns) {
          const step = Math.min(width, count);
          this.insideTab = step < width;
          this.column += step;
          this.offset += this.insideTab ? 0 : 1;
          count -= step;
        } else {
          this.insideTab = false;
          this.column += width;
          this.offset += 1;
          count -= 1;
        }
      } else {
        this.insideTab = false;
        this.offset += 1;
        this.column += 1;
        count -= 1;
      }
    }
    this.scan();
  }

  advanceToNext() {
    this.column += this.indent;
    this.offset = this.next;
    this.insideTab = false;
    this.scan();
  }

  /** Uses the line up. It does not count as blank for that. */
  consume() {
    this.offset = this.text.length;
    this.insideTab = false;
  }

  mark() {
    const { offset, column, insideTab } = this;
    return () => {
      Object.assign(this, { offset, column, insideTab });
      this.scan();
    };
  }

  get spaceHere() {
    const c = this.text[this.offset];
    return c === ' ' || c === '\t';
  }

  /** The line from the cursor on, with what is left of a half used tab as spaces. */
  remainder() {
    if (!this.insideTab) return this.text.slice(this.offset);
    return ' '.repeat(4 - (this.column % 4)) + this.text.slice(this.offset + 1);
  }
}
