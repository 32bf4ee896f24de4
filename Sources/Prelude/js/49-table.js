// SPDX-License-Identifier: Apache-2.0
'use strict';

// internals.formatTable(data, names): what console.table prints of an object, laid out as Node does.

const {
  ArrayIsArray, ArrayPrototypeJoin, MapIteratorPrototypeNext, MapPrototypeEntries, MapPrototypeGetSize, MathMax,
  ObjectKeys, ObjectPrototypeHasOwnProperty, SetIteratorPrototypeNext, SetPrototypeGetSize, SetPrototypeValues,
  StringPrototypeRepeat, TypedArrayPrototypeGetSymbolToStringTag,
} = primordials;
const { inspect, textLimit } = internals;
const { isObject, list } = internals.webidl;
const { widthOf } = internals.text;
const { moreThan, slotOf, targetOf } = internals.inspection;

const show = (value) => {
  const target = targetOf(value);
  const isDeep = isObject(target) && typeof target !== 'function' && !ArrayIsArray(target) &&
    TypedArrayPrototypeGetSymbolToStringTag(target) === undefined && ObjectKeys(target).length > 2;
  return inspect(value, { __proto__: null, depth: isDeep ? -1 : 0, maxArrayLength: 3, breakLength: Infinity });
};

const columnOf = (name) => ({ __proto__: null, name, width: widthOf(name), cells: list() });

// The cells of a column may have holes.
const put = (table, column, text) => {
  column.cells[table.rows] = text;
  column.width = MathMax(column.width, widthOf(text));
  table.size += text.length + 3;
};

const addRow = (table, index) => {
  put(table, table.index, index);
  table.rows++;
};

// No rows are added once the text would be too long.
const isFull = (table) => table.size > textLimit;

// ---- Rows

const addEntries = (table, keys, values, target, isMap) => {
  const next = isMap ? MapIteratorPrototypeNext : SetIteratorPrototypeNext;
  const iterator = isMap ? MapPrototypeEntries(target) : SetPrototypeValues(target);
  for (let step; !isFull(table) && !(step = next(iterator)).done;) {
    if (isMap) put(table, keys, show(step.value[0]));
    put(table, values, show(isMap ? step.value[1] : step.value));
    addRow(table, `${table.rows}`);
  }
  table.rest = (isMap ? MapPrototypeGetSize : SetPrototypeGetSize)(target) - table.rows;
};

const addPreview = (table, keys, values, preview) => {
  const entries = preview[0];
  for (let i = 0; i < entries.length && !isFull(table);) {
    if (preview[1]) put(table, keys, show(entries[i++]));
    put(table, values, show(entries[i++]));
    addRow(table, `${table.rows}`);
  }
  table.rest = entries.length / (preview[1] ? 2 : 1) - table.rows;
};

// Columns by the names of properties; what is no object stands in `values`.
const addProperties = (table, columns, values, target, names) => {
  const rows = ObjectKeys(target);
  for (let i = 0; i < rows.length && !isFull(table); i++) {
    const slot = slotOf(target, rows[i]);
    const item = targetOf(slot.value);
    if (names === undefined && !isObject(item)) {
      put(table, values, slot.get || slot.set ? '[Getter/Setter]' : show(slot.value));
    } else {
      const keys = names ?? ObjectKeys(item);
      for (let j = 0; j < keys.length && !isFull(table); j++) {
        const column = columns[keys[j]] ??= columnOf(keys[j]);
        table.size += column.width;
        if (!isObject(item) || !ObjectPrototypeHasOwnProperty(item, keys[j])) continue;
        const cell = slotOf(item, keys[j]);
        put(table, column, cell.get || cell.set ? '[Getter/Setter]' : show(cell.value));
      }
    }
    addRow(table, rows[i]);
  }
  table.rest = rows.length - table.rows;
};

// ---- Layout

const line = (columns, textOf) => {
  let text = '';
  for (let i = 0; i < columns.length && text.length < textLimit; i++) {
    const cell = textOf(columns[i]) ?? '';
    text += `${i === 0 ? '│ ' : ' │ '}${cell}${StringPrototypeRepeat(' ', columns[i].width - widthOf(cell))}`;
  }
  return `${text} │\n`;
};

const rule = (columns, left, middle, right) => {
  const parts = list();
  for (let i = 0; i < columns.length; i++) parts[i] = StringPrototypeRepeat('─', columns[i].width + 2);
  return left + ArrayPrototypeJoin(parts, middle) + right;
};

const draw = (columns, { rows, rest }) => {
  let text = `${rule(columns, '┌', '┬', '┐')}\n${line(columns, (column) => column.name)}`;
  text += `${rule(columns, '├', '┼', '┤')}\n`;
  for (let row = 0; row < rows && text.length < textLimit; row++) text += line(columns, (column) => column.cells[row]);
  text += rule(columns, '└', '┴', '┘');
  return rest > 0 ? `${text}\n${moreThan(rest, 'row')}` : text;
};

internals.formatTable = (data, names) => {
  const target = targetOf(data);
  const brand = host.classOf(target);
  const isIterator = brand === 'MapIterator' || brand === 'SetIterator';
  const preview = isIterator ? host.previewEntries(target) : undefined;
  const isCollection = isIterator || brand === 'Map' || brand === 'Set';

  const table = {
    __proto__: null,
    index: columnOf(isCollection ? '(iteration index)' : '(index)'),
    rows: 0,
    rest: 0, // rows that are left out
    size: 0, // of the text, about
  };
  const keys = columnOf('Key');
  const values = columnOf('Values');
  const named = { __proto__: null };
  if (isIterator) addPreview(table, keys, values, preview);
  else if (isCollection) addEntries(table, keys, values, target, brand === 'Map');
  else addProperties(table, named, values, target, names);

  const columns = list();
  columns[0] = table.index;
  if (brand === 'Map' || (isIterator && preview[1])) columns[columns.length] = keys;
  const order = ObjectKeys(named); // integers first
  for (let i = 0; i < order.length; i++) columns[columns.length] = named[order[i]];
  if (isCollection || values.cells.length > 0) columns[columns.length] = values;
  return draw(columns, table);
};
