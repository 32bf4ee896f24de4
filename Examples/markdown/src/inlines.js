// SPDX-License-Identifier: Apache-2.0
// The inline parser: one pass over a leaf's text with two stacks, one of delimiter runs and one of open brackets.

import { Delimiters, flanking } from './emphasis.js';
import { destination, label, match, skipSpaces, title } from './links.js';
import { Node } from './nodes.js';
import { CLOSE_TAG, OPEN_TAG } from './starts.js';
import { ASCII_PUNCTUATION, decodeEntity, ENTITY_AT, normalizeLabel, normalizeUrl } from './text.js';

const PLAIN = /[^\n`[\]\\!<&*_~]+/y;
const TICKS = /`+/y;
const AUTOLINK = /<([A-Za-z][A-Za-z0-9.+-]{1,31}:[^<>\x00-\x20]*)>/y;
const HOST_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const EMAIL = new RegExp(`<([\\w.!#$%&'*+/=?^\`{|}~-]+@${HOST_LABEL}(?:\\.${HOST_LABEL})*)>`, 'y');
const RAW_HTML = new RegExp(
  `${OPEN_TAG}|${CLOSE_TAG}|<!---->|<!--(?:-?[^>-])(?:-?[^-])*-->|<[?][\\s\\S]*?[?]>|<![A-Z]+\\s+[^>]*>|` +
    '<!\\[CDATA\\[[\\s\\S]*?\\]\\]>',
  'yi',
);
const PUNCTUATION = new RegExp(`[${ASCII_PUNCTUATION}]`);

export class InlineParser {
  constructor(references) {
    this.references = references;
  }

  parse(text) {
    this.text = text;
    this.at = 0;
    this.out = [];
    this.delimiters = new Delimiters(this.out);
    this.brackets = [];
    while (this.at < text.length) this.#step();
    this.delimiters.resolve(null);
    return mergeText(this.out);
  }

  #step() {
    const c = this.text[this.at];
    switch (c) {
      case '\n':
        return this.#newline();
      case '\\':
        return this.#backslash();
      case '`':
        return this.#code();
      case '*':
      case '_':
      case '~':
        return this.#run(c);
      case '[':
        return this.#openBracket(false);
      case '!':
        if (this.text[this.at + 1] === '[') return this.#openBracket(true);
        return this.#literal('!');
      case ']':
        return this.#closeBracket();
      case '<':
        return this.#angle();
      case '&':
        return this.#entity();
      default:
        return this.#literal(match(PLAIN, this.text, this.at)[0]);
    }
  }

  #push(node) {
    this.out.push(node);
    return node;
  }

  #literal(literal, width = literal.length) {
    this.at += width;
    return this.#push(new Node('text', { literal }));
  }

  #newline() {
    this.at += 1;
    const before = this.out.at(-1);
    let type = 'softbreak';
    if (before?.type === 'text' && before.literal.endsWith(' ')) {
      if (before.literal.endsWith('  ')) type = 'hardbreak';
      before.literal = before.literal.replace(/ +$/, '');
    }
    this.#push(new Node(type));
    this.#skip(/[ \t]*/y);
  }

  #skip(sticky) {
    this.at += match(sticky, this.text, this.at)[0].length;
  }

  #backslash() {
    const next = this.text[this.at + 1];
    if (next === '\n') {
      this.at += 2;
      this.#push(new Node('hardbreak'));
      this.#skip(/[ \t]*/y);
    } else if (next !== undefined && PUNCTUATION.test(next)) {
      this.#literal(next, 2);
    } else {
      this.#literal('\\');
    }
  }

  #code() {
    const ticks = match(TICKS, this.text, this.at)[0];
    const start = this.at + ticks.length;
    const close = new RegExp(`(?<!\`)${ticks}(?!\`)`, 'g');
    close.lastIndex = start;
    const found = close.exec(this.text);
    if (!found) return this.#literal(ticks);
    let literal = this.text.slice(start, found.index).replaceAll('\n', ' ');
    if (/[^ ]/.test(literal) && literal.startsWith(' ') && literal.endsWith(' ')) literal = literal.slice(1, -1);
    this.at = close.lastIndex;
    return this.#push(new Node('codespan', { literal }));
  }

  #run(mark) {
    const { count, canOpen, canClose } = flanking(this.text, this.at, mark);
    const node = this.#literal(mark.repeat(count));
    if (canOpen || canClose) this.delimiters.push({ node, mark, count, canOpen, canClose });
  }

  #entity() {
    const found = match(ENTITY_AT, this.text, this.at);
    if (!found) return this.#literal('&');
    return this.#literal(decodeEntity(found[0]), found[0].length);
  }

  #angle() {
    const uri = match(AUTOLINK, this.text, this.at);
    const email = uri ? null : match(EMAIL, this.text, this.at);
    const found = uri ?? email;
    if (found) {
      const link = new Node('link', { destination: normalizeUrl((email ? 'mailto:' : '') + found[1]), title: null });
      link.append(new Node('text', { literal: found[1] }));
      this.at += found[0].length;
      return this.#push(link);
    }
    const raw = match(RAW_HTML, this.text, this.at);
    if (!raw) return this.#literal('<');
    this.at += raw[0].length;
    return this.#push(new Node('rawhtml', { literal: raw[0] }));
  }

  #openBracket(image) {
    const enclosing = this.brackets.at(-1);
    if (enclosing) enclosing.bracketAfter = true;
    const node = this.#literal(image ? '![' : '[');
    const { last } = this.delimiters;
    this.brackets.push({ node, image, active: true, start: this.at, before: last, bracketAfter: false });
  }

  #closeBracket() {
    const opener = this.brackets.at(-1);
    if (!opener?.active) {
      this.brackets.pop();
      return this.#literal(']');
    }
    const close = this.at;
    const target = this.#inlineTarget(close + 1) ?? this.#referenceTarget(opener, close);
    this.brackets.pop();
    if (!target) return this.#literal(']');

    const node = new Node(opener.image ? 'image' : 'link', { destination: target.destination, title: target.title });
    this.delimiters.resolve(opener.before);
    const from = this.out.indexOf(opener.node);
    for (const child of mergeText(this.out.splice(from).slice(1))) node.append(child);
    this.#push(node);
    this.at = target.end;
    // Links hold no links; images may.
    if (!opener.image) for (const outer of this.brackets) if (!outer.image) outer.active = false;
    return node;
  }

  #inlineTarget(at) {
    const { text } = this;
    if (text[at] !== '(') return null;
    const start = skipSpaces(text, at + 1);
    const target = destination(text, start);
    if (!target) return null;
    let end = skipSpaces(text, target.end);
    let said = null;
    if (end > target.end && text[end] !== ')') {
      said = title(text, end);
      if (!said) return null;
      end = skipSpaces(text, said.end);
    }
    if (text[end] !== ')') return null;
    return { destination: target.value, title: said?.value ?? null, end: end + 1 };
  }

  #referenceTarget(opener, close) {
    const following = label(this.text, close + 1);
    const full = following && following.value !== '';
    if (!full && opener.bracketAfter) return null;
    const name = full ? following.value : this.text.slice(opener.start, close);
    const found = this.references.get(normalizeLabel(name));
    return found && { ...found, end: following ? following.end : close + 1 };
  }
}

/** Neighbouring texts become one. */
function mergeText(nodes) {
  const merged = [];
  for (const node of nodes) {
    const before = merged.at(-1);
    if (node.type === 'text' && before?.type === 'text') before.literal += node.literal;
    else if (node.type !== 'text' || node.literal !== '') merged.push(node);
  }
  return merged;
}
