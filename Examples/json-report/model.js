// SPDX-License-Identifier: Apache-2.0
// Joins the data's parts: orders with their customers and products, texts turned into numbers and dates.

import { indexBy, sum } from './statistics.js';

const DAY = 86_400_000;

export function load(data) {
  const products = indexBy(data.products, (product) => product.id);
  const customers = indexBy(data.customers, (customer) => customer.id);

  const orders = data.orders.map((order) => {
    const placed = new Date(order.placed);
    const lines = order.items.map((item, at) => {
      const gross = item.quantity * item.price;
      return {
        product: products.get(item.product),
        quantity: item.quantity,
        cents: gross - Math.round((gross * order.discountPercent) / 100),
        returned: order.returned?.includes(at) ?? false,
      };
    });
    return {
      id: order.id,
      placed,
      quarter: quarterOf(placed),
      channel: order.channel,
      customer: customers.get(order.customer) ?? null,
      lines,
      cents: sum(lines, (line) => line.cents),
      cancelled: order.shipped === null,
      days: order.delivered === null ? null : (Date.parse(order.delivered) - Date.parse(order.shipped)) / DAY,
      note: order.note ?? null,
    };
  });
  return { ...data, products, customers, orders };
}

/** Quarters as text that sorts by time: 2025-Q1. */
export const quarterOf = (date) => `${date.getUTCFullYear()}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
