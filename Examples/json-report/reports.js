// SPDX-License-Identifier: Apache-2.0
// The reports. Each answers an object of rows for console.table: label → { column: number }.

import { count, Distribution, groupBy, pairs, pivot, sortedKeys, sum } from './statistics.js';

const euros = (cents) => Math.round(cents / 100);
const percent = (part, whole) => (whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10);
const cents = (order) => order.cents;
const table = (rows) => Object.fromEntries(rows);

export function revenueByCountry({ orders, countries }) {
  const known = orders.filter((order) => order.customer && !order.cancelled);
  const quarters = sortedKeys(groupBy(known, (order) => order.quarter));
  const rows = [...pivot(known, (order) => order.customer.country, (order) => order.quarter)].map(([code, cells]) => {
    const row = quarters.map((quarter) => [quarter.slice(2), euros(sum(cells.get(quarter) ?? [], cents))]);
    const total = euros(sum([...cells.values()].flat(), cents));
    return [countries[code].name, { ...table(row), total }];
  });
  rows.sort(([, a], [, b]) => b.total - a.total);
  return table(rows);
}

export function orderValues({ orders }) {
  const rows = [...groupBy(orders, (order) => order.channel), ['all', orders]].map(([channel, some]) => {
    const values = new Distribution(some.map((order) => order.cents / 100));
    const row = { orders: values.size, mean: Number(values.mean.toFixed(2)) };
    for (const p of [5, 25, 50, 75, 95, 99, 100]) row[`p${p}`] = Number(values.percentile(p).toFixed(2));
    return [channel, row];
  });
  return table(rows);
}

export function bestProducts({ orders }, limit) {
  const lines = orders.filter((order) => !order.cancelled).flatMap((order) => order.lines);
  const rows = [...groupBy(lines, (line) => line.product)].map(([product, sold]) => ({
    product,
    units: sum(sold, (line) => line.quantity),
    revenue: euros(sum(sold, (line) => line.cents)),
    returns: percent(count(sold, (line) => line.returned), sold.length),
  }));
  rows.sort((a, b) => b.revenue - a.revenue || (a.product.id < b.product.id ? -1 : 1));
  return table(
    rows.slice(0, limit).map(({ product, ...numbers }) => {
      return [`${product.id} ${product.title}`, { price: product.price / 100, rating: product.rating, ...numbers }];
    }),
  );
}

export function categories({ orders }) {
  const lines = orders.filter((order) => !order.cancelled).flatMap((order) => order.lines);
  const whole = sum(lines, (line) => line.cents);
  const rows = [...groupBy(lines, (line) => line.product.category)]
    .map(([category, some]) => ({ category, some, revenue: sum(some, (line) => line.cents) }))
    .sort((a, b) => b.revenue - a.revenue);
  let running = 0;
  return table(
    rows.map(({ category, some, revenue }) => {
      running += revenue;
      const titles = new Set(some.map((line) => line.product.id)).size;
      const [share, sofar] = [percent(revenue, whole), percent(running, whole)];
      return [category, { titles, revenue: euros(revenue), share, sofar }];
    }),
  );
}

export function deliveryDays({ orders, countries }) {
  const arrived = orders.filter((order) => order.customer && order.days !== null);
  const rows = [...groupBy(arrived, (order) => order.customer.country)].map(([code, some]) => {
    const days = new Distribution(some.map((order) => order.days));
    const rounded = (x) => Math.round(x * 100) / 100;
    const row = { parcels: days.size, mean: rounded(days.mean), sd: rounded(days.deviation) };
    for (const p of [50, 90]) row[`p${p}`] = rounded(days.percentile(p));
    row.late = percent(count(some, (order) => order.days > 7), some.length);
    return [countries[code].name, row];
  });
  rows.sort(([, a], [, b]) => a.mean - b.mean);
  return table(rows);
}

/** Customers by the quarter of their first order: how many of them order again so many quarters later, in percent. */
export function cohorts({ orders }) {
  const known = orders.filter((order) => order.customer);
  const quarters = sortedKeys(groupBy(known, (order) => order.quarter));
  const histories = [...groupBy(known, (order) => order.customer).values()].map(
    (theirs) => new Set(theirs.map((order) => quarters.indexOf(order.quarter))),
  );
  const byFirst = groupBy(histories, (history) => Math.min(...history));
  return table(
    sortedKeys(byFirst).map((first) => {
      const cohort = byFirst.get(first);
      const row = { customers: cohort.length };
      for (let later = 1; first + later < quarters.length; later++) {
        row[`+${later}`] = percent(count(cohort, (history) => history.has(first + later)), cohort.length);
      }
      return [quarters[first], row];
    }),
  );
}

/** Which categories are bought together more often than chance has it? */
export function baskets({ orders }, limit) {
  const singles = new Map();
  const together = new Map();
  const add = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
  for (const order of orders) {
    const kinds = order.lines.map((line) => line.product.category);
    for (const kind of new Set(kinds)) add(singles, kind);
    for (const [a, b] of pairs(kinds)) add(together, `${a} + ${b}`);
  }
  const rows = [...together].map(([names, n]) => {
    const [a, b] = names.split(' + ');
    const lift = (n * orders.length) / (singles.get(a) * singles.get(b));
    return [names, { orders: n, lift: Math.round(lift * 1000) / 1000 }];
  });
  rows.sort(([a, x], [b, y]) => y.lift - x.lift || (a < b ? -1 : 1));
  return table(rows.slice(0, limit));
}

/** A week by hours, as lines of text: the darker, the more orders. */
export function weekMap({ orders }) {
  const cells = new Uint32Array(7 * 24);
  for (const { placed } of orders) cells[((placed.getUTCDay() + 6) % 7) * 24 + placed.getUTCHours()] += 1;
  const most = Math.max(...cells);
  return ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'].map((day, at) => {
    const hours = Array.from(cells.subarray(at * 24, (at + 1) * 24));
    const blocks = hours.map((n) => ' ░▒▓█'[Math.ceil((4 * n) / most)].repeat(2)).join('');
    return `${day} |${blocks}| ${sum(hours)}`;
  });
}
