// What WooCommerce sends about one order. Amounts are given in cents; the members are those of
// https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties.
import { bodyOf, decimal, id } from './shopify_bodies.mjs';

export const store = 'woocommerce.example.com';

const start = Date.parse('2026-11-20T10:00:00Z');
const timeAt = (minute) => new Date(start + minute * 60_000).toISOString().slice(0, 19);

// The deliveries of order number n. minute counts from the order; every id is made of n.
// attribution: what the order's visit left, by name. transactionId: the payment provider's, once it is paid.
export function wooSale(n, { currency = 'USD', method = 'stripe', attribution = {}, transactionId = '' } = {}) {
  const orderId = String(n);
  const numbered = (no) => String(BigInt(n) * 100n + BigInt(no));
  const delivery = (topic, says, body) => ({ endpoint: 'woocommerce', provider: 'woocommerce', topic, says, body: bodyOf(body) });
  const meta_data = Object.entries(attribution).map(([name, value], i) => ({ id: i + 1, key: `_wc_order_attribution_${name}`, value }));

  return {
    key: `woocommerce:${store}:order:${orderId}`,
    refundKey: (no) => `woocommerce:${store}:refund:${numbered(no)}`,
    orderId,

    // paid: the minute of its payment; left out it was never paid. refunds: those that it lists by now, as {no, amount}.
    order(topic, minute, status, total, { paid, refunds = [], tax = 0, shipping = 0 } = {}) {
      const words = [status, `total ${decimal(total)}`];
      if (paid !== undefined) words.push('paid');
      if (refunds.length) words.push(`refunds ${refunds.map(({ amount }) => decimal(amount)).join(' and ')}`);
      const date = paid === undefined ? null : timeAt(paid);
      return delivery(`order.${topic}`, words.join(', '), {
        id: id(orderId), parent_id: 0, number: orderId, order_key: `wc_order_${n}`, created_via: 'checkout', version: '10.3.5', status, currency,
        date_created_gmt: timeAt(0), date_modified_gmt: timeAt(minute), discount_total: '0.00', discount_tax: '0.00',
        shipping_total: decimal(shipping), shipping_tax: '0.00', cart_tax: decimal(tax), total: decimal(total), total_tax: decimal(tax),
        customer_id: 0, billing: { email: 'jane.roe@example.com' }, payment_method: method, payment_method_title: method,
        transaction_id: date ? transactionId : '', date_paid_gmt: date, date_completed_gmt: status === 'completed' ? timeAt(minute) : null,
        meta_data, line_items: [],
        refunds: refunds.map(({ no, amount }) => ({ id: id(numbered(no)), reason: 'Damaged', total: `-${decimal(amount)}` })),
      });
    },

    deleted() { return delivery('order.deleted', 'put in the trash', { id: id(orderId) }); },
    other(topic) { return delivery(topic, 'not about orders', { id: id(orderId) }); },
  };
}
