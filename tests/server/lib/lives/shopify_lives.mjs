// Lives of orders at Shopify: what is delivered, in order, and what an accountant books for each delivery.
// Entries are [money key, kind, step, cents, {tax, shipping} where the life looks at them].
import { shopifySale } from './shopify_bodies.mjs';

const life = (title, tell, { note, currency = 'USD' } = {}) => ({ provider: 'shopify', title, note, currency, tell });

export const shopifyLives = [
  life('Pending, then paid', (n) => {
    const s = shopifySale(n);
    const facts = { tax: 6200, shipping: 1000 };
    return [
      [s.order('create', 0, 'pending', 38800, facts)],
      [s.order('paid', 5, 'paid', 38800, facts), [s.key, 'capture', 1, 38800, facts]],
      [s.order('updated', 6, 'paid', 38800, facts)],
      [s.order('updated', 2, 'pending', 38800, facts)],
    ];
  }, { note: 'The last delivery is older than what is known, so it changes nothing.' }),

  life('Pending and paid within one second', (n) => {
    const s = shopifySale(n);
    return [
      [s.order('paid', 1, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.order('create', 1, 'pending', 38800)],
    ];
  }, { note: 'Both bodies have the same `updated_at`; the larger amount counts.' }),

  life('Authorised, then captured in parts', (n) => {
    const s = shopifySale(n);
    return [
      [s.order('create', 0, 'authorized', 38800)],
      [s.payment(0, 1, 'authorization', 38800)],
      [s.payment(10, 2, 'capture', 20000)],
      [s.order('updated', 10, 'partially_paid', 38800, { outstanding: 18800 }), [s.key, 'capture', 1, 20000]],
      [s.payment(20, 3, 'capture', 18800)],
      [s.order('paid', 20, 'paid', 38800), [s.key, 'capture', 2, 18800]],
    ];
  }, { note: 'A single payment says what was moved, the order what is paid by now: the order is booked.' }),

  life('Authorised, then voided', (n) => {
    const s = shopifySale(n);
    return [
      [s.order('create', 0, 'authorized', 38800)],
      [s.payment(10, 1, 'void', 38800)],
      [s.order('cancelled', 10, 'voided', 38800, { outstanding: 0 })],
    ];
  }),

  life('Paid, then edited up and down', (n) => {
    const s = shopifySale(n);
    const refunds = [{ no: 2, minute: 31, amount: 2000 }];
    return [
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.edited(10, 'an item is added')],
      [s.order('updated', 10, 'partially_paid', 42000, { outstanding: 3200 })],
      [s.payment(15, 1, 'sale', 3200)],
      [s.order('paid', 15, 'paid', 42000), [s.key, 'capture', 2, 3200]],
      [s.edited(30, 'an item is taken off')],
      [s.order('updated', 30, 'paid', 42000, { current: 40000, outstanding: -2000 })],
      [s.refund(31, 2, 2000), [s.refundKey(2), 'refund', 1, -2000]],
      [s.order('updated', 31, 'partially_refunded', 42000, { current: 40000, refunds })],
    ];
  }, { note: 'An edit moves no money. What is paid on top is captured, what is given back is refunded.' }),

  life('Edited down, told by the price', (n) => {
    const s = shopifySale(n);
    const refunds = [{ no: 1, minute: 31, amount: 2000 }];
    return [
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.order('updated', 30, 'paid', 36800, { outstanding: -2000 })],
      [s.order('updated', 31, 'partially_refunded', 36800, { refunds }), [s.refundKey(1), 'refund', 1, -2000]],
      [s.refund(31, 1, 2000)],
    ];
  }, { note: 'The total falls to 368.00, but 388.00 were paid: what is not owed any more comes back by the refund.' }),

  life('Paid in part, then paid back', (n) => {
    const s = shopifySale(n);
    const refunds = [{ no: 1, minute: 20, amount: 20000 }];
    return [
      [s.order('updated', 10, 'partially_paid', 38800, { outstanding: 18800 }), [s.key, 'capture', 1, 20000]],
      [s.refund(20, 1, 20000), [s.refundKey(1), 'refund', 1, -20000]],
      [s.order('cancelled', 21, 'refunded', 38800, { current: 0, refunds })],
    ];
  }, { note: 'The price was never paid, so what the refunds came from is captured, not the price.' }),

  life('Cancelled with a refund', (n) => {
    const s = shopifySale(n);
    const refunds = [{ no: 1, minute: 10, amount: 38800 }];
    return [
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.order('cancelled', 10, 'refunded', 38800, { current: 0, refunds }), [s.refundKey(1), 'refund', 1, -38800]],
      [s.refund(10, 1, 38800)],
    ];
  }, { note: 'The order lists its refunds, so it does not matter which of the two comes first.' }),

  life('Partial refunds, then the rest', (n) => {
    const s = shopifySale(n);
    const refunds = [{ no: 1, minute: 10, amount: 10000 }, { no: 2, minute: 20, amount: 28800 }];
    return [
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.refund(10, 1, 10000), [s.refundKey(1), 'refund', 1, -10000]],
      [s.refundTransaction(10, 1, 10000)],
      [s.order('updated', 10, 'partially_refunded', 38800, { current: 28800, refunds: refunds.slice(0, 1) })],
      [s.order('updated', 20, 'refunded', 38800, { current: 0, refunds }), [s.refundKey(2), 'refund', 1, -28800]],
      [s.refund(20, 2, 28800)],
    ];
  }, { note: 'Each refund is one transaction, told up to three times.' }),

  life('A refund before its sale', (n) => {
    const s = shopifySale(n);
    return [
      [s.refund(10, 1, 5000), [s.refundKey(1), 'refund', 1, -5000]],
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.order('updated', 10, 'partially_refunded', 38800, { current: 33800, refunds: [{ no: 1, minute: 10, amount: 5000 }] })],
    ];
  }),

  life('A refund that does not succeed', (n) => {
    const s = shopifySale(n);
    return [
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.refund(10, 1, 5000, 'failure')],
      [s.refund(20, 2, 5000), [s.refundKey(2), 'refund', 1, -5000]],
    ];
  }),

  life('A dispute that is won', (n) => {
    const s = shopifySale(n);
    return [
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.dispute('create', 'chargeback', 'needs_response', 38800), [s.disputeKey, 'chargeback', 1, -38800]],
      [s.dispute('update', 'chargeback', 'under_review', 38800)],
      [s.dispute('update', 'chargeback', 'won', 38800, { over: true }), [s.disputeKey, 'chargeback_reversal', 1, 38800]],
    ];
  }),

  life('A dispute that is lost', (n) => {
    const s = shopifySale(n);
    return [
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.dispute('create', 'chargeback', 'needs_response', 10000), [s.disputeKey, 'chargeback', 1, -10000]],
      [s.dispute('update', 'chargeback', 'lost', 10000, { over: true })],
    ];
  }),

  life('An inquiry that becomes a chargeback', (n) => {
    const s = shopifySale(n);
    return [
      [s.order('create', 0, 'paid', 38800), [s.key, 'capture', 1, 38800]],
      [s.dispute('create', 'inquiry', 'needs_response', 38800)],
      [s.dispute('update', 'chargeback', 'needs_response', 38800), [s.disputeKey, 'chargeback', 1, -38800]],
      [s.dispute('update', 'chargeback', 'lost', 38800, { over: true })],
    ];
  }, { note: 'An inquiry takes no money.' }),

  life('A currency without decimals', (n) => {
    const s = shopifySale(n, 'JPY');
    return [[s.order('create', 0, 'paid', 120000), [s.key, 'capture', 1, 1200]]];
  }, { currency: 'JPY', note: 'Shopify writes `1200.00`; the yen has no smaller unit.' }),

  life('Unknown topics and tests', (n) => {
    const s = shopifySale(n);
    return [
      [s.other('fulfillments/create'), 'ignored'],
      [s.order('create', 0, 'paid', 38800, { test: true }), 'ignored'],
    ];
  }, { note: 'They are acknowledged and counted in `ignored_deliveries`.' }),
];
