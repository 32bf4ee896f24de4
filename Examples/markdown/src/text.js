// SPDX-License-Identifier: Apache-2.0
// Escaping, entities and the other string rules that blocks and inlines share.

/** Backslash escapes work before these characters only. */
export const ASCII_PUNCTUATION = '!-/:-@\\[-`{-~';

const HTML_ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeHtml = (text) => text.replace(/[&<>"]/g, (c) => HTML_ESCAPES[c]);

// The names the documents here use, not HTML's 2,231.
const NAMED = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', copy: '©', reg: '®', trade: '™',
  hellip: '…', mdash: '—', ndash: '–', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»',
  deg: '°', plusmn: '±', times: '×', divide: '÷', frac12: '½', frac14: '¼', frac34: '¾', sup2: '²', sup3: '³',
  micro: 'µ', para: '¶', sect: '§', middot: '·', bull: '•', dagger: '†', Dagger: '‡', permil: '‰', prime: '′',
  Prime: '″', euro: '€', pound: '£', yen: '¥', cent: '¢', larr: '←', uarr: '↑', rarr: '→', darr: '↓', harr: '↔',
  ne: '≠', le: '≤', ge: '≥', asymp: '≈', equiv: '≡', infin: '∞', radic: '√', sum: '∑', prod: '∏', int: '∫',
  part: '∂', minus: '−', alpha: 'α', beta: 'β', gamma: 'γ', delta: 'δ', pi: 'π', sigma: 'σ', omega: 'ω',
  Omega: 'Ω', auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß', eacute: 'é',
  egrave: 'è', agrave: 'à', ccedil: 'ç', ntilde: 'ñ', oslash: 'ø', aring: 'å', aelig: 'æ', AElig: 'Æ',
  frasl: '⁄', spades: '♠', clubs: '♣', hearts: '♥', diams: '♦',
};

const ENTITY = '&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});';
export const ENTITY_AT = new RegExp(ENTITY, 'y');

/** The text that an entity such as `&eacute;` or `&#8212;` stands for; the entity itself if nobody knows it. */
export function decodeEntity(entity) {
  const name = entity.slice(1, -1);
  if (name[0] !== '#') return Object.hasOwn(NAMED, name) ? NAMED[name] : entity;
  const hex = name[1] === 'x' || name[1] === 'X';
  const code = parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
  const broken = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return broken ? '\ufffd' : String.fromCodePoint(code);
}

const ESCAPE_OR_ENTITY = new RegExp(`\\\\([${ASCII_PUNCTUATION}])|${ENTITY}`, 'g');

/** Takes backslashes and entities out of a link's destination or title, or of a fence's info string. */
export const unescapeText = (text) =>
  text.replace(ESCAPE_OR_ENTITY, (match, escaped) => escaped ?? decodeEntity(match));

/** A destination as an attribute may hold it: what is not allowed in a URL becomes %XX, what is encoded stays. */
export function normalizeUrl(url) {
  return url.replace(/%[0-9a-fA-F]{2}|[\s\S]/gu, (part) => {
    if (part.length === 3 && part[0] === '%') return part;
    if (/[A-Za-z0-9;/?:@&=+$,\-_.!~*'()#]/.test(part)) return part;
    try {
      return encodeURIComponent(part);
    } catch {
      return '%EF%BF%BD';
    }
  });
}

/** Labels of reference links are the same if they differ in case and white space only. */
export const normalizeLabel = (label) =>
  label.trim().replace(/\s+/g, ' ').toLowerCase().toUpperCase();
