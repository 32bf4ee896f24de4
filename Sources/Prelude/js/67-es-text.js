// SPDX-License-Identifier: Apache-2.0
'use strict';

internals.parts.ecma;
const {
  NumberPrototypeToString, RegExpPrototypeExec, StringFromCharCode, StringPrototypeCharCodeAt,
  StringPrototypeCodePointAt, StringPrototypePadStart, TypeError,
} = primordials;
const { list, toUSVString } = internals.webidl;
const { expose, requireCoercible } = internals.ecma;

const loneSurrogate = /[\uD800-\uDFFF]/u;
// A symbol is refused where it becomes text.
const toText = (value, where) => `${requireCoercible(value, where)}`;

expose('StringPrototype', {
  isWellFormed() {
    return RegExpPrototypeExec(loneSurrogate, toText(this, 'String.prototype.isWellFormed: this')) === null;
  },
  toWellFormed() { return toUSVString(toText(this, 'String.prototype.toWellFormed: this'), ''); },
});

// ---- RegExp.escape

const hexadecimal = (code, length) => StringPrototypePadStart(NumberPrototypeToString(code, 16), length, '0');
const syntaxCharacter = /[$()*+./?[\\\]^{|}]/;
const controlCharacters = { __proto__: null, '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r' };
const punctuatorOrSpace = /^[-,=<>#&!%:;@~'`"\s\uD800-\uDFFF]$/u;

const escape = (character) => {
  if (RegExpPrototypeExec(syntaxCharacter, character) !== null) return `\\${character}`;
  const letter = controlCharacters[character];
  if (letter !== undefined) return `\\${letter}`;
  if (RegExpPrototypeExec(punctuatorOrSpace, character) === null) return character;
  const code = StringPrototypeCharCodeAt(character, 0);
  return code < 0x100 ? `\\x${hexadecimal(code, 2)}` : `\\u${hexadecimal(code, 4)}`;
};

const ascii = list();
for (let code = 0; code < 0x80; code++) ascii[code] = escape(StringFromCharCode(code));

expose('RegExp', {
  escape(string) {
    if (typeof string !== 'string') throw new TypeError('RegExp.escape: argument 1 is not a string');
    let result = '';
    for (let i = 0; i < string.length; i++) {
      const code = StringPrototypeCodePointAt(string, i);
      if (i === 0 && RegExpPrototypeExec(/^[0-9A-Za-z]/, string) !== null) {
        result = `\\x${hexadecimal(code, 2)}`; // might go on with an escape before it
      } else if (code > 0xFFFF) {
        result += string[i++] + string[i];
      } else {
        result += code < 0x80 ? ascii[code] : escape(string[i]);
      }
    }
    return result;
  },
});
