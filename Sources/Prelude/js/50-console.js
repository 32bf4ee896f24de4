// SPDX-License-Identifier: Apache-2.0
'use strict';

// The console namespace of the Console Standard. Where that leaves the printing open, it is Node's.

const {
  ErrorCaptureStackTrace, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet, MathFloor,
  NumberPrototypeToFixed, ObjectCreate, ObjectDefineProperty, ObjectPrototype, StringPrototypeIndexOf,
  StringPrototypePadStart, StringPrototypeRepeat, StringPrototypeSlice, SymbolToStringTag,
} = primordials;
const { define, defineMembers, list, toDOMString, toSequence } = internals.webidl;

// What shows values loads when there is more to print than a string. `inspector().inspect(…)`
const inspector = () => {
  internals.parts.inspect;
  return internals;
};

const format = (data) => {
  const isText = data.length === 1 && typeof data[0] === 'string';
  return isText ? data[0] : inspector().format(data);
};

const counts = new Map();
const starts = new Map(); // of timers, by their labels
const deepestIndentation = 100;
let depth = 0; // of groups

const write = (level, text) => {
  const width = depth * 2 < deepestIndentation ? depth * 2 : deepestIndentation;
  host.log(level, width === 0 ? text : inspector().text.indentLines(StringPrototypeRepeat(' ', width) + text, width));
};

const toLabel = (label, method) => toDOMString(label, `console.${method}: the label`);

const addAll = (target, source) => {
  for (let i = 0; i < source.length; i++) target[target.length] = source[i];
  return target;
};

const pad = (number) => StringPrototypePadStart(`${number}`, 2, '0');

const formatDuration = (ms) => {
  const seconds = ms / 1000;
  if (seconds < 1) return `${+NumberPrototypeToFixed(ms, 3)}ms`;
  if (seconds < 60) return `${NumberPrototypeToFixed(seconds, 3)}s`;
  const minutes = MathFloor(seconds / 60);
  const rest = StringPrototypePadStart(NumberPrototypeToFixed(seconds % 60, 3), 6, '0');
  if (minutes < 60) return `${minutes}:${rest} (m:ss.mmm)`;
  return `${MathFloor(minutes / 60)}:${pad(minutes % 60)}:${rest} (h:mm:ss.mmm)`;
};

// False where no such timer runs.
const writeTimer = (label, method, data) => {
  const start = MapPrototypeGet(starts, label);
  if (start === undefined) {
    write('warn', `No such label '${label}' for console.${method}()`);
    return false;
  }
  const args = list();
  args[0] = '%s: %s';
  args[1] = label;
  args[2] = formatDuration(host.now() - start);
  write('log', format(addAll(args, data)));
  return true;
};

const openGroup = (data) => {
  if (data.length > 0) write('log', format(data));
  depth++;
};

let firstFrame; // console.trace, which with all above it is left out of stacks
const console = ObjectCreate(ObjectCreate(ObjectPrototype));

defineMembers(console, {
  assert(condition = false, ...data) {
    if (condition) return;
    const args = list();
    const isTemplate = data.length > 0 && typeof data[0] === 'string';
    args[0] = isTemplate ? `Assertion failed: ${data[0]}` : 'Assertion failed';
    for (let i = isTemplate ? 1 : 0; i < data.length; i++) args[args.length] = data[i];
    write('error', format(args));
  },
  clear() { depth = 0; },
  debug(...data) { write('debug', format(data)); },
  error(...data) { write('error', format(data)); },
  info(...data) { write('info', format(data)); },
  log(...data) { write('log', format(data)); },
  table(data = undefined, properties = undefined) {
    let names;
    if (properties !== undefined) names = toSequence(properties, toDOMString, 'console.table: argument 2');
    const isTable = typeof data === 'object' && data !== null && inspector().inspection.targetOf(data) !== null;
    write('log', isTable ? internals.formatTable(data, names) : format([data]));
  },
  trace(...data) {
    const message = format(data);
    // Without a name: the header, which the message may confuse, is written here.
    const holder = { __proto__: null, name: '', message: '' };
    ErrorCaptureStackTrace(holder, firstFrame);
    const { toText, tryGet } = inspector().inspection;
    const stack = toText(tryGet(holder, 'stack') ?? '');
    const start = StringPrototypeIndexOf(stack, '\n    at');
    const frames = start < 0 ? '' : StringPrototypeSlice(stack, start);
    write('error', `Trace${message === '' ? '' : `: ${message}`}${frames}`);
  },
  warn(...data) { write('warn', format(data)); },
  dir(item = undefined, options = undefined) {
    write('log', inspector().inspect(item, { __proto__: null, customInspect: false, ...options }));
  },
  dirxml(...data) { write('log', format(data)); },
  count(label = 'default') {
    const text = toLabel(label, 'count');
    const count = (MapPrototypeGet(counts, text) ?? 0) + 1;
    MapPrototypeSet(counts, text, count);
    write('log', `${text}: ${count}`);
  },
  countReset(label = 'default') {
    const text = toLabel(label, 'countReset');
    if (!MapPrototypeDelete(counts, text)) write('warn', `Count for '${text}' does not exist`);
  },
  group(...data) { openGroup(data); },
  groupCollapsed(...data) { openGroup(data); },
  groupEnd() { if (depth > 0) depth--; },
  time(label = 'default') {
    const text = toLabel(label, 'time');
    if (MapPrototypeHas(starts, text)) write('warn', `Label '${text}' already exists for console.time()`);
    else MapPrototypeSet(starts, text, host.now());
  },
  timeLog(label = 'default', ...data) { writeTimer(toLabel(label, 'timeLog'), 'timeLog', data); },
  timeEnd(label = 'default') {
    const text = toLabel(label, 'timeEnd');
    if (writeTimer(text, 'timeEnd', list())) MapPrototypeDelete(starts, text);
  },
});
ObjectDefineProperty(console, SymbolToStringTag, { __proto__: null, value: 'console', configurable: true });
firstFrame = console.trace;
define(globalThis, 'console', console, false);
