// SPDX-License-Identifier: Apache-2.0
// Reports on two years of a bookseller's orders. Run ./make-data first: it writes data.json.

import data from './data.json' with { type: 'json' };
import { load } from './model.js';
import * as reports from './reports.js';
import { count, groupBy, sum } from './statistics.js';

const shop = load(data);
const { orders } = shop;
const live = orders.filter((order) => !order.cancelled);
const total = sum(live, (order) => order.cents);

console.log(`${shop.shop}: ${data.from} to ${data.to}, amounts in ${data.currency}\n`);
const say = (name, value) => console.log(`${name.padEnd(28)} ${String(value).padStart(12)}`);
say('customers', shop.customers.size);
say('products', shop.products.size);
say('orders', orders.length);
say('  cancelled', orders.length - live.length);
say('  never delivered', count(live, (order) => order.days === null));
say('  of unknown customers', count(orders, (order) => order.customer === null));
say('order lines', sum(orders, (order) => order.lines.length));
say('revenue, in cents', total);
say('customers without orders', shop.customers.size - new Set(orders.map((o) => o.customer).filter(Boolean)).size);
say('JSON, without white space', JSON.stringify(data).length);

console.log('\nNotes that customers left');
const notes = [...groupBy(orders.filter((o) => o.note), (o) => o.note)].sort(([a], [b]) => (a < b ? -1 : 1));
for (const [note, some] of notes) console.log(`${String(some.length).padStart(6)} × ${JSON.stringify(note)}`);

const show = (title, rows) => {
  console.log(`\n${title}`);
  console.table(rows);
};
show('Revenue by country and quarter', reports.revenueByCountry(shop));
show('Value of an order by channel', reports.orderValues(shop));
show('The ten best products', reports.bestProducts(shop, 10));
show('Categories', reports.categories(shop));
show('Days from dispatch to delivery; late is more than a week, in percent', reports.deliveryDays(shop));
show('Customers who come back, by quarter of their first order, in percent', reports.cohorts(shop));
show('Categories bought together', reports.baskets(shop, 12));

console.log('\nWhen people order (UTC)');
for (const line of reports.weekMap(shop)) console.log(line);

// The same sum by another way: from the raw data, line by line, in whole cents of a BigInt.
let again = 0n;
for (const { items, discountPercent, shipped } of data.orders) {
  if (shipped === null) continue;
  for (const { quantity, price } of items) {
    const gross = BigInt(quantity * price);
    again += gross - (gross * BigInt(discountPercent) + 50n) / 100n;
  }
}
console.log(`\nChecked: ${again === BigInt(total) ? 'both ways of adding up agree' : `${again} is not ${total}`}`);

// What a consumer does to a copy does not reach the module.
const copy = structuredClone(data.orders.slice(0, 100));
copy.forEach((order) => order.items.splice(0));
console.log(`Untouched by a change to a copy: ${data.orders.slice(0, 100).every((order) => order.items.length > 0)}`);

export default { orders: orders.length, revenueCents: total };
