// SPDX-License-Identifier: Apache-2.0
// The tree. Blocks hold blocks; leaves hold text while the document is read and inlines afterwards.

const CONTAINERS = new Set(['document', 'quote', 'list', 'item']);

export class Node {
  /** The lines of a leaf, joined; the inline parser empties it. */
  text = '';
  open = true;
  lastLineBlank = false;
  parent = null;
  children = [];

  constructor(type, fields = {}) {
    this.type = type;
    Object.assign(this, fields);
  }

  get isContainer() {
    return CONTAINERS.has(this.type);
  }

  get takesLines() {
    return this.type === 'paragraph' || this.type === 'code' || this.type === 'html';
  }

  canHold(child) {
    if (this.type === 'list') return child.type === 'item';
    return this.isContainer && child.type !== 'item';
  }

  append(child) {
    child.parent = this;
    this.children.push(child);
    return child;
  }

  replaceWith(other) {
    const { parent } = this;
    parent.children[parent.children.indexOf(this)] = other;
    other.parent = parent;
    this.parent = null;
  }

  remove() {
    this.parent.children.splice(this.parent.children.indexOf(this), 1);
    this.parent = null;
  }
}

/** Every node under `root`, parents before their children. */
export function* walk(root) {
  yield root;
  for (const child of root.children) yield* walk(child);
}

/** What a reader sees of a node, without any markup. */
export function plainText(node) {
  switch (node.type) {
    case 'text':
    case 'codespan':
      return node.literal;
    case 'softbreak':
    case 'hardbreak':
      return ' ';
    case 'rawhtml':
      return '';
    default:
      return node.children.map(plainText).join('');
  }
}
