// SPDX-License-Identifier: Apache-2.0

export interface Identified<Id extends string = string> {
  readonly id: Id;
}

export type Order<T> = (a: T, b: T) => number;

export const by =
  <T, K extends string | number>(keyOf: (item: T) => K): Order<T> =>
  (a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };

/** Things by id, in the order in which they came. */
export class Registry<T extends Identified> implements Iterable<T> {
  readonly #items = new Map<string, T>();

  constructor(
    private readonly noun: string,
    items: Iterable<T> = [],
  ) {
    for (const item of items) this.add(item);
  }

  add(item: T): this {
    if (this.#items.has(item.id)) throw new RangeError(`two of ${this.noun} ${item.id}`);
    this.#items.set(item.id, item);
    return this;
  }

  get(id: T['id']): T {
    const item = this.#items.get(id);
    if (item === undefined) throw new RangeError(`no ${this.noun} ${id}`);
    return item;
  }

  get size(): number {
    return this.#items.size;
  }

  filter<S extends T>(test: (item: T) => item is S): S[];
  filter(test: (item: T) => boolean): T[];
  filter(test: (item: T) => boolean): T[] {
    return [...this].filter(test);
  }

  sorted(...orders: [Order<T>, ...Order<T>[]]): T[] {
    return [...this].sort((a, b) => orders.reduce((result, order) => result || order(a, b), 0));
  }

  group<K>(keyOf: (item: T) => K): Map<K, T[]> {
    const groups = new Map<K, T[]>();
    for (const item of this) {
      const key = keyOf(item);
      const group = groups.get(key) ?? [];
      groups.set(key, [...group, item]);
    }
    return groups;
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.#items.values();
  }
}
