// Lives of sales at Stripe, as in shopify_lives.mjs.
import { shopifySale } from './shopify_bodies.mjs';
import { stripeSale } from './stripe_bodies.mjs';

const life = (title, tell, { note, currency = 'EUR' } = {}) => ({ provider: 'stripe', title, note, currency, tell });
const paid = { amount: 4999 };

export const stripeLives = [
  life('Pending, then paid', (n) => {
    const s = stripeSale(n);
    const facts = { tax: 800, shipping: 499 };
    return [
      [s.session('completed', 0, 4999, 'unpaid', facts)],
      [s.session('async_payment_succeeded', 2000, 4999, 'paid', facts), [s.key, 'capture', 1, 4999, facts]],
      [s.intent('succeeded', 2000, paid)],
      [s.charge('succeeded', 2000, paid)],
    ];
  }, { note: 'A bank debit: the session is complete days before the money is there.' }),

  life('The same sale told three times', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 1, paid), [s.key, 'capture', 1, 4999]],
      [s.intent('succeeded', 1, paid)],
      [s.session('completed', 1, 4999, 'paid')],
    ];
  }, { note: 'Charge, payment intent and checkout session are one money.' }),

  life('A charge without a payment intent', (n) => {
    const s = stripeSale(n, { withIntent: false });
    return [
      [s.charge('succeeded', 1, paid), [s.key, 'capture', 1, 4999]],
      [s.refund('created', 10, 1, 1500, 'succeeded'), [s.refundKey(1), 'refund', 1, -1500]],
    ];
  }),

  life('Authorised, then captured in parts', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, { amount: 10000, captured: 0 })],
      [s.intent('amount_capturable_updated', 0, { amount: 10000, received: 0 }), 'ignored'],
      [s.charge('captured', 10, { amount: 10000, captured: 4000 }), [s.key, 'capture', 1, 4000]],
      [s.intent('succeeded', 20, { amount: 10000 }), [s.key, 'capture', 2, 6000]],
    ];
  }, { note: 'Stripe tells the captures in between by `charge.updated`, which is not needed: the last amount is the sum.' }),

  life('Captured for less than was authorised', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, { amount: 10000, captured: 0 })],
      [s.charge('captured', 10, { amount: 10000, captured: 7000 }), [s.key, 'capture', 1, 7000]],
      [s.charge('refunded', 20, { amount: 10000, captured: 7000, refunded: 1000 }), [s.key, 'refund', 1, -1000]],
    ];
  }),

  life('Captured for less, told by an API version before 2025-03-31', (n) => {
    const s = stripeSale(n, { apiVersion: '2024-06-20' });
    return [
      [s.charge('succeeded', 0, { amount: 10000, captured: 0 })],
      [s.charge('captured', 10, { amount: 10000, captured: 7000, refunded: 3000 }), [s.key, 'capture', 1, 7000]],
      [s.charge('refunded', 20, { amount: 10000, captured: 7000, refunded: 4000 }), [s.key, 'refund', 1, -1000]],
    ];
  }, { note: 'There `amount_refunded` holds what was released, too. No money came back for that.' }),

  life('Authorised, then released', (n) => {
    const s = stripeSale(n, { apiVersion: '2024-06-20' });
    return [
      [s.charge('succeeded', 0, { amount: 10000, captured: 0 })],
      [s.intent('canceled', 10, { amount: 10000, received: 0 }), 'ignored'],
      [s.charge('refunded', 10, { amount: 10000, captured: 0, refunded: 10000 })],
    ];
  }),

  life('Cancelled with a refund', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.refund('created', 10, 1, 4999, 'succeeded'), [s.refundKey(1), 'refund', 1, -4999]],
      [s.charge('refunded', 10, { ...paid, refunded: 4999 })],
    ];
  }, { note: 'The sum on the charge is explained by the refund, so it books nothing.' }),

  life('Refunds told by their sum only', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.charge('refunded', 10, { ...paid, refunded: 1500 }), [s.key, 'refund', 1, -1500]],
      [s.charge('refunded', 20, { ...paid, refunded: 4999 }), [s.key, 'refund', 2, -3499]],
    ];
  }, { note: 'The endpoint has no `refund.*` events. `amount_refunded` is the sum so far; its growth is booked.' }),

  life('Refunds told by their ids only', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.refund('created', 10, 1, 1500, 'pending'), [s.refundKey(1), 'refund', 1, -1500]],
      [s.refund('updated', 10, 1, 1500, 'succeeded')],
      [s.refund('created', 20, 2, 3499, 'succeeded'), [s.refundKey(2), 'refund', 1, -3499]],
    ];
  }, { note: 'Stripe takes the money when a refund is made, so a pending one counts.' }),

  life('Refunds told by both, the sum first', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.charge('refunded', 10, { ...paid, refunded: 1500 }), [s.key, 'refund', 1, -1500]],
      [s.refund('created', 10, 1, 1500, 'succeeded'), [s.refundKey(1), 'refund', 1, -1500], [s.key, 'refund', 2, 1500]],
      [s.refund('created', 20, 2, 3499, 'succeeded'), [s.refundKey(2), 'refund', 1, -3499]],
      [s.charge('refunded', 20, { ...paid, refunded: 4999 })],
    ];
  }, { note: 'The refund of 15.00 was booked without a name. When its id is known, it moves there.' }),

  life('A refund before its sale', (n) => {
    const s = stripeSale(n);
    return [
      [s.refund('created', 10, 1, 1500, 'succeeded'), [s.refundKey(1), 'refund', 1, -1500]],
      [s.charge('refunded', 10, { ...paid, refunded: 1500 }), [s.key, 'capture', 1, 4999]],
      [s.charge('succeeded', 0, paid)],
    ];
  }, { note: 'The refunded charge says what was captured as well.' }),

  life('A refund that fails', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.refund('created', 10, 1, 1500, 'pending'), [s.refundKey(1), 'refund', 1, -1500]],
      [s.charge('refunded', 10, { ...paid, refunded: 1500 })],
      [s.refund('failed', 9000, 1, 1500, 'failed', { made: 10 }), [s.refundKey(1), 'refund', 2, 1500]],
    ];
  }, { note: 'The sum was told while the refund still counted, so it stays explained.' }),

  life('A refund that waits for the customer', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.refund('created', 10, 1, 1500, 'requires_action')],
      [s.refund('updated', 20, 1, 1500, 'succeeded', { made: 10 }), [s.refundKey(1), 'refund', 1, -1500]],
    ];
  }),

  life('A dispute that is won', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.dispute('created', 40, 4999, 'needs_response')],
      [s.dispute('funds_withdrawn', 40, 4999, 'needs_response', [-4999]), [s.disputeKey, 'chargeback', 1, -4999]],
      [s.dispute('updated', 50, 4999, 'under_review', [-4999])],
      [s.dispute('funds_reinstated', 900, 4999, 'won', [-4999, 4999]), [s.disputeKey, 'chargeback_reversal', 1, 4999]],
      [s.dispute('closed', 900, 4999, 'won', [-4999, 4999])],
    ];
  }),

  life('A dispute that is lost', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.dispute('created', 40, 2000, 'needs_response')],
      [s.dispute('funds_withdrawn', 40, 2000, 'needs_response', [-2000]), [s.disputeKey, 'chargeback', 1, -2000]],
      [s.dispute('closed', 900, 2000, 'lost', [-2000])],
    ];
  }, { note: 'Part of the sale is disputed. The fee of the dispute is a cost, not revenue.' }),

  life('An inquiry that becomes a chargeback', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.dispute('created', 40, 4999, 'warning_needs_response')],
      [s.dispute('updated', 90, 4999, 'needs_response')],
      [s.dispute('funds_withdrawn', 90, 4999, 'needs_response', [-4999]), [s.disputeKey, 'chargeback', 1, -4999]],
      [s.dispute('closed', 900, 4999, 'lost', [-4999])],
    ];
  }),

  life('An inquiry that ends', (n) => {
    const s = stripeSale(n);
    return [
      [s.charge('succeeded', 0, paid), [s.key, 'capture', 1, 4999]],
      [s.dispute('created', 40, 4999, 'warning_needs_response')],
      [s.dispute('closed', 900, 4999, 'warning_closed')],
    ];
  }),

  life('Unknown types and test mode', (n) => {
    const s = stripeSale(n);
    return [
      [s.other('customer.updated', 0), 'ignored'],
      [s.charge('succeeded', 0, { ...paid, livemode: false }), 'ignored'],
    ];
  }, { note: 'They are acknowledged and counted in `ignored_deliveries`.' }),
];

// A shop that books and its payment provider, whose endpoint was made with --books-revenue false.
export const evidenceLives = [
  life('The shop books, the payment provider is evidence', (n) => {
    const shop = shopifySale(n, 'EUR');
    const s = stripeSale(n, { endpoint: 'evidence', metadata: { order_id: shop.orderId } });
    return [
      [s.charge('succeeded', 0, paid), 'evidence'],
      [shop.order('create', 0, 'paid', 4999), [shop.key, 'capture', 1, 4999]],
      [s.intent('succeeded', 0, paid), 'evidence'],
      [shop.refund(10, 1, 1500), [shop.refundKey(1), 'refund', 1, -1500]],
      [s.refund('created', 10, 1, 1500, 'succeeded'), 'evidence'],
      [s.charge('refunded', 10, { ...paid, refunded: 1500 }), 'evidence'],
    ];
  }, { note: 'Stripe’s deliveries are stored as events and add nothing. The view `evidence` shows them beside the order that `metadata.order_id` names; Stripe does not copy it to refunds.' }),
];
