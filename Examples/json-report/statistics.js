// SPDX-License-Identifier: Apache-2.0
// Grouping, percentiles and joins over plain arrays.

/** key → items, in the order in which the keys first come. */
export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export const indexBy = (items, keyOf) => new Map(items.map((item) => [keyOf(item), item]));

export const sum = (items, valueOf = (x) => x) => items.reduce((total, item) => total + valueOf(item), 0);

export const count = (items, test) => items.reduce((total, item) => total + (test(item) ? 1 : 0), 0);

export const sortedKeys = (map) => [...map.keys()].sort();

/** Keeps numbers in order and answers questions about them. */
export class Distribution {
  #sorted;

  constructor(values) {
    this.#sorted = Float64Array.from(values).sort();
  }

  get size() {
    return this.#sorted.length;
  }

  get mean() {
    return sum([...this.#sorted]) / this.size;
  }

  /** Between two values it lies on the line from one to the other, as in most spreadsheets. */
  percentile(p) {
    const at = ((this.size - 1) * p) / 100;
    const below = this.#sorted[Math.floor(at)];
    const above = this.#sorted[Math.ceil(at)];
    return below + (above - below) * (at % 1);
  }

  get deviation() {
    const { mean } = this;
    return Math.sqrt(sum([...this.#sorted], (x) => (x - mean) ** 2) / this.size);
  }
}

/** Rows and columns of a cross table: pivot(items, …).get(row).get(column) are the items there. */
export function pivot(items, rowOf, columnOf) {
  const rows = groupBy(items, rowOf);
  return new Map(sortedKeys(rows).map((row) => [row, groupBy(rows.get(row), columnOf)]));
}

/** All pairs of distinct elements, each pair once. */
export function* pairs(elements) {
  const distinct = [...new Set(elements)].sort();
  for (let i = 0; i < distinct.length; i++) {
    for (let j = i + 1; j < distinct.length; j++) yield [distinct[i], distinct[j]];
  }
}
