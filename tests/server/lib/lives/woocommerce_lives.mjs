// Lives of orders at WooCommerce, as in shopify_lives.mjs.
import { stripeSale } from './stripe_bodies.mjs';
import { wooSale } from './woocommerce_bodies.mjs';

const life = (title, tell, { note, currency = 'USD' } = {}) => ({ provider: 'woocommerce', title, note, currency, tell });
const paid = { paid: 1 };

export const wooLives = [
  life('Pending, then paid', (n) => {
    const s = wooSale(n);
    const facts = { tax: 135, shipping: 1000 };
    return [
      [s.order('created', 0, 'pending', 2935, facts)],
      [s.order('updated', 1, 'processing', 2935, { ...paid, ...facts }), [s.key, 'capture', 1, 2935, facts]],
      [s.order('updated', 60, 'completed', 2935, { ...paid, ...facts })],
      [s.order('updated', 0.5, 'pending', 2935, facts)],
    ];
  }, { note: 'The last delivery is older than what is known, so it changes nothing.' }),

  life('Pending and paid within one second', (n) => {
    const s = wooSale(n);
    return [
      [s.order('updated', 1, 'processing', 2935, paid), [s.key, 'capture', 1, 2935]],
      [s.order('created', 1, 'pending', 2935)],
    ];
  }, { note: 'Both bodies have the same `date_modified_gmt`; the larger amount counts.' }),

  life('On hold, then paid', (n) => {
    const s = wooSale(n, { method: 'bacs' });
    return [
      [s.order('created', 0, 'on-hold', 2935)],
      [s.order('updated', 900, 'processing', 2935, { paid: 900 }), [s.key, 'capture', 1, 2935]],
    ];
  }, { note: 'A bank transfer, which the shop waits for.' }),

  life('A payment that fails, then one that does not', (n) => {
    const s = wooSale(n);
    return [
      [s.order('created', 0, 'pending', 2935)],
      [s.order('updated', 1, 'failed', 2935)],
      [s.order('updated', 2, 'processing', 2935, { paid: 2 }), [s.key, 'capture', 1, 2935]],
    ];
  }),

  life('Never paid, cancelled', (n) => {
    const s = wooSale(n);
    return [
      [s.order('created', 0, 'checkout-draft', 2935)],
      [s.order('updated', 1, 'pending', 2935)],
      [s.order('updated', 60, 'cancelled', 2935)],
    ];
  }),

  life('Cash on delivery', (n) => {
    const s = wooSale(n, { method: 'cod' });
    return [
      [s.order('created', 0, 'processing', 2935)],
      [s.order('updated', 900, 'completed', 2935, { paid: 900 }), [s.key, 'capture', 1, 2935]],
    ];
  }, { note: 'The order is processed before it is paid.' }),

  life('Paid, then cancelled', (n) => {
    const s = wooSale(n);
    const refunds = [{ no: 1, amount: 2935 }];
    return [
      [s.order('created', 1, 'processing', 2935, paid), [s.key, 'capture', 1, 2935]],
      [s.order('updated', 60, 'cancelled', 2935, paid)],
      [s.order('updated', 90, 'refunded', 2935, { ...paid, refunds }), [s.refundKey(1), 'refund', 1, -2935]],
    ];
  }, { note: '`date_paid_gmt` tells that it was paid. The money comes back by the refund, not by the cancellation.' }),

  life('Paid, then failed', (n) => {
    const s = wooSale(n);
    return [
      [s.order('created', 1, 'processing', 2935, paid), [s.key, 'capture', 1, 2935]],
      [s.order('updated', 60, 'on-hold', 2935, paid)],
      [s.order('updated', 900, 'failed', 2935, paid)],
    ];
  }, { note: 'So plugins mark an order whose payment is disputed. What a dispute takes, the payment provider tells.' }),

  life('A status that a plugin adds', (n) => {
    const s = wooSale(n);
    return [
      [s.order('created', 0, 'awaiting-stock', 2935)],
      [s.order('updated', 1, 'packed', 2935, paid), [s.key, 'capture', 1, 2935]],
    ];
  }, { note: 'Of a status that is not known, `date_paid_gmt` tells whether the order was paid.' }),

  life('Partial refunds, then the rest', (n) => {
    const s = wooSale(n);
    const refunds = [{ no: 1, amount: 1000 }, { no: 2, amount: 1935 }];
    return [
      [s.order('created', 1, 'processing', 2935, paid), [s.key, 'capture', 1, 2935]],
      [s.order('updated', 60, 'processing', 2935, { ...paid, refunds: refunds.slice(0, 1) }), [s.refundKey(1), 'refund', 1, -1000]],
      [s.order('updated', 70, 'completed', 2935, { ...paid, refunds: refunds.slice(0, 1) })],
      [s.order('updated', 90, 'refunded', 2935, { ...paid, refunds }), [s.refundKey(2), 'refund', 1, -1935]],
    ];
  }, { note: 'A refund is told by the order alone, in `refunds`, with every later delivery.' }),

  life('Refunded, with the refund told later', (n) => {
    const s = wooSale(n);
    return [
      [s.order('created', 1, 'processing', 2935, paid), [s.key, 'capture', 1, 2935]],
      [s.order('updated', 60, 'refunded', 2935, paid), [s.key, 'refund', 1, -2935]],
      [s.order('updated', 61, 'refunded', 2935, { ...paid, refunds: [{ no: 1, amount: 2935 }] }),
        [s.refundKey(1), 'refund', 1, -2935], [s.key, 'refund', 2, 2935]],
    ];
  }, { note: 'The status says that all came back. When the refund is listed, the money moves to its key.' }),

  life('Told by its refund first', (n) => {
    const s = wooSale(n);
    return [
      [s.order('updated', 60, 'completed', 2935, { ...paid, refunds: [{ no: 1, amount: 1000 }] }),
        [s.key, 'capture', 1, 2935], [s.refundKey(1), 'refund', 1, -1000]],
      [s.order('created', 0, 'pending', 2935)],
    ];
  }),

  life('Edited up and down after it was paid', (n) => {
    const s = wooSale(n);
    return [
      [s.order('created', 1, 'processing', 2935, paid), [s.key, 'capture', 1, 2935]],
      [s.order('updated', 60, 'processing', 3535, paid), [s.key, 'capture', 2, 600]],
      [s.order('updated', 70, 'processing', 2500, paid), [s.key, 'capture', 3, -1035]],
    ];
  }, { note: 'WooCommerce knows no part of an order that is open: what the total is, the order is worth.' }),

  life('Put in the trash and restored', (n) => {
    const s = wooSale(n);
    return [
      [s.order('created', 1, 'processing', 2935, paid), [s.key, 'capture', 1, 2935]],
      [s.order('updated', 60, 'trash', 2935, paid)],
      [s.deleted()],
      [s.order('restored', 90, 'processing', 2935, paid)],
    ];
  }, { note: 'Neither moves money.' }),

  life('A currency without decimals', (n) => {
    const s = wooSale(n, { currency: 'JPY' });
    return [[s.order('created', 1, 'processing', 1200000, paid), [s.key, 'capture', 1, 12000]]];
  }, { currency: 'JPY', note: 'The number of decimals is a setting of the store: `12000.00` are as many yen.' }),

  life('Unknown topics', (n) => {
    const s = wooSale(n);
    return [[s.other('product.updated'), 'ignored']];
  }, { note: 'They are acknowledged and counted in `ignored_deliveries`.' }),
];

const paidByStripe = { amount: 4999 };

export const wooEvidenceLives = [
  life('WooCommerce books, Stripe is evidence', (n) => {
    const s = stripeSale(n, { endpoint: 'storeEvidence' });
    const shop = wooSale(n, { currency: 'EUR', transactionId: s.chargeId });
    return [
      [s.intent('succeeded', 1, paidByStripe), 'evidence'],
      [s.charge('succeeded', 1, paidByStripe), 'evidence'],
      [shop.order('created', 0, 'pending', 4999)],
      [shop.order('updated', 1, 'processing', 4999, paid), [shop.key, 'capture', 1, 4999]],
      [s.refund('created', 10, 1, 1500, 'succeeded'), 'evidence'],
      [shop.order('updated', 10, 'processing', 4999, { ...paid, refunds: [{ no: 1, amount: 1500 }] }), [shop.refundKey(1), 'refund', 1, -1500]],
    ];
  }, { currency: 'EUR', note: 'The order’s `transaction_id` is the charge or the payment intent, and every event of that payment is linked by it.' }),
];
