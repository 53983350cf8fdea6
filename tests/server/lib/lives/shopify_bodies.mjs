// What Shopify sends about one order, its payments, refunds and disputes. Amounts are given in cents; the members are
// those of https://shopify.dev/docs/api/admin-rest/latest/resources/order and its neighbours.
import { order } from '../shopify.mjs';

export const decimal = (cents) => `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;

const start = Date.parse('2026-11-20T10:00:00Z');
const timeAt = (minute) => new Date(start + minute * 60_000).toISOString().replace('.000Z', 'Z');

// Ids exceed what a JavaScript number holds: they are written as texts of this form and become numbers in the body.
export const id = (digits) => `#${digits}#`;
export const bodyOf = (value) => (typeof value === 'string' ? value : JSON.stringify(value)).replace(/"#(\d+)#"/g, '$1');

const unpaid = ['pending', 'authorized'];

// The deliveries of order number n. minute counts from the sale; every id is made of n.
export function shopifySale(n, currency = 'USD') {
  const orderId = String(n);
  const numbered = (offset) => String(BigInt(n) * 100n + BigInt(offset));
  const delivery = (topic, says, body) => ({ endpoint: 'shopify', provider: 'shopify', topic, says, body: bodyOf(body) });

  const transaction = (minute, { no, kind = 'refund', amount, status = 'success' }) => ({
    id: id(numbered(no)), order_id: id(orderId), kind, gateway: 'bogus', status, message: null, amount: decimal(amount), currency,
    created_at: timeAt(minute), processed_at: timeAt(minute), test: false, parent_id: null, error_code: null, source_name: 'web',
  });
  const refund = ({ minute, ...changes }) => ({
    id: id(numbered(changes.no + 50)), order_id: id(orderId), created_at: timeAt(minute), processed_at: timeAt(minute), note: null,
    refund_line_items: [], order_adjustments: [], transactions: [transaction(minute, changes)],
  });

  return {
    key: `shopify:order:${orderId}`,
    refundKey: (no) => `shopify:transaction:${numbered(no)}`,
    disputeKey: `shopify:dispute:${numbered(90)}`,
    orderId,

    // refunds: those that the order lists by now, as {no, minute, amount}.
    order(topic, minute, status, total, { outstanding, current = total, refunds = [], tax = 0, shipping = 0, test = false } = {}) {
      const open = outstanding ?? (unpaid.includes(status) ? total : 0);
      const words = [status, `total ${decimal(total)}`];
      if (current !== total) words.push(`now ${decimal(current)}`);
      if (outstanding !== undefined) words.push(`${decimal(outstanding)} outstanding`);
      if (refunds.length) words.push(`refunds ${refunds.map(({ amount }) => decimal(amount)).join(' and ')}`);
      if (test) words.push('a test');
      return delivery(`orders/${topic}`, words.join(', '), order({
        id: orderId, created_at: timeAt(0), processed_at: timeAt(0), updated_at: timeAt(minute), currency, test,
        cancelled_at: topic === 'cancelled' ? timeAt(minute) : null, financial_status: status, total_price: decimal(total),
        current_total_price: decimal(current), total_outstanding: decimal(open), total_tax: decimal(tax),
        total_shipping_price_set: { shop_money: { amount: decimal(shipping), currency_code: currency } },
        refunds: refunds.map(refund),
      }));
    },

    edited(minute, says) {
      const order_edit = { id: id(numbered(80)), app_id: null, created_at: timeAt(minute), notify_customer: false,
        order_id: id(orderId), staff_note: '', user_id: null, line_items: { additions: [], removals: [] } };
      return delivery('orders/edited', says, { order_edit });
    },

    payment(minute, no, kind, amount) {
      return delivery('order_transactions/create', `${kind} ${decimal(amount)}`, transaction(minute, { no, kind, amount }));
    },

    refund(minute, no, amount, status = 'success') {
      const says = `refund of ${decimal(amount)}${status === 'success' ? '' : `: ${status}`}`;
      return delivery('refunds/create', says, refund({ no, minute, amount, status }));
    },

    refundTransaction(minute, no, amount, status = 'success') {
      return delivery('order_transactions/create', `refund ${decimal(amount)}${status === 'success' ? '' : `: ${status}`}`,
        transaction(minute, { no, amount, status }));
    },

    dispute(topic, type, status, amount, { over = false } = {}) {
      return delivery(`disputes/${topic}`, `${type} of ${decimal(amount)}: ${status}`, {
        id: id(numbered(90)), order_id: id(orderId), type, amount: decimal(amount), currency, reason: 'fraudulent',
        network_reason_code: '4837', status, initiated_at: timeAt(40), evidence_due_by: timeAt(50_000), evidence_sent_on: null,
        finalized_on: over ? timeAt(45) : null,
      });
    },

    other(topic) { return delivery(topic, 'not about money', { id: id(orderId) }); },
  };
}
