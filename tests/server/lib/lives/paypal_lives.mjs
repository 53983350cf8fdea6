// Lives of sales at PayPal, as in shopify_lives.mjs.
import { paypalSale } from './paypal_bodies.mjs';
import { shopifySale } from './shopify_bodies.mjs';

const life = (title, tell, { note, currency = 'EUR' } = {}) => ({ provider: 'paypal', title, note, currency, tell });

export const paypalLives = [
  life('Pending, then paid', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('pending', 0, 4999)],
      [s.payment('completed', 2000, 4999), [s.key, 'capture', 1, 4999]],
      [s.payment('pending', 0, 4999)],
    ];
  }, { note: 'An eCheck clears days later. The last delivery is older than what is known, so it changes nothing.' }),

  life('Pending, then denied', (n) => {
    const s = paypalSale(n, { kind: 'sale' });
    return [[s.payment('pending', 0, 4999)], [s.payment('denied', 2000, 4999)]];
  }),

  life('A sale of version 1, refunded in parts', (n) => {
    const s = paypalSale(n, { kind: 'sale' });
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.refund(10, 1, 1500), [s.refundKey(1), 'refund', 1, -1500]],
      [s.refund(20, 2, 3499), [s.refundKey(2), 'refund', 1, -3499]],
    ];
  }),

  life('A capture of version 2, refunded in parts', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.refund(10, 1, 1500), [s.refundKey(1), 'refund', 1, -1500]],
      [s.refund(20, 2, 3499), [s.refundKey(2), 'refund', 1, -3499]],
    ];
  }),

  life('A refund before its sale', (n) => {
    const s = paypalSale(n);
    return [
      [s.refund(10, 1, 1500), [s.refundKey(1), 'refund', 1, -1500]],
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
    ];
  }),

  life('A refund that waits, and one that fails', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.refund(10, 1, 1500, { word: 'pending' })],
      [s.refund(20, 1, 1500, { made: 10 }), [s.refundKey(1), 'refund', 1, -1500]],
      [s.refund(30, 2, 500), [s.refundKey(2), 'refund', 1, -500]],
      [s.refund(40, 2, 500, { made: 30, word: 'failed' }), [s.refundKey(2), 'refund', 2, 500]],
    ];
  }),

  life('A refund told by the sale itself, then by its id', (n) => {
    const s = paypalSale(n, { kind: 'sale' });
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.total('refunded', 10, 1500), [s.key, 'refund', 1, -1500]],
      [s.refund(10, 1, 1500), [s.refundKey(1), 'refund', 1, -1500], [s.key, 'refund', 2, 1500]],
    ];
  }, { note: 'The sale has no id for what went back, so that is booked without a name. When the refund is known, it moves there.' }),

  life('Reversed, and lost', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.dispute('created', 40, 4999)],
      [s.reversal(41, 4999), [s.reversalKey, 'chargeback', 1, -4999]],
      [s.dispute('updated', 60, 4999)],
      [s.dispute('resolved', 900, 4999, { outcome: 'RESOLVED_BUYER_FAVOUR' })],
    ];
  }, { note: 'The reversal takes the money. The dispute tells the same again, so it books nothing.' }),

  life('Reversed, and won', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.dispute('created', 40, 2000)],
      [s.reversal(41, 2000), [s.reversalKey, 'chargeback', 1, -2000]],
      [s.dispute('resolved', 900, 2000, { outcome: 'RESOLVED_SELLER_FAVOUR' }), [s.disputeKey, 'chargeback_reversal', 1, 2000]],
    ];
  }, { note: 'No other delivery tells that the money came back.' }),

  life('A sale of version 1, reversed', (n) => {
    const s = paypalSale(n, { kind: 'sale' });
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.total('reversed', 41, 4999), [s.key, 'chargeback', 1, -4999]],
      [s.dispute('resolved', 900, 4999, { outcome: 'RESOLVED_BUYER_FAVOUR' })],
    ];
  }),

  life('A won dispute whose reversal comes late', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.dispute('resolved', 900, 4999, { outcome: 'RESOLVED_SELLER_FAVOUR' }), [s.key, 'chargeback', 1, -4999], [s.disputeKey, 'chargeback_reversal', 1, 4999]],
      [s.reversal(41, 4999), [s.reversalKey, 'chargeback', 1, -4999], [s.key, 'chargeback', 2, 4999]],
    ];
  }, { note: 'What comes back must have been taken, so the dispute tells that too. It moves to the reversal when that is known.' }),

  life('A dispute at PayPal itself that is won', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.dispute('created', 40, 4999, { channel: 'INTERNAL' })],
      [s.dispute('resolved', 900, 4999, { outcome: 'RESOLVED_SELLER_FAVOUR', channel: 'INTERNAL' })],
    ];
  }, { note: 'PayPal holds the money meanwhile and takes none.' }),

  life('A dispute at PayPal itself that ends with a refund', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.dispute('created', 40, 4999, { channel: 'INTERNAL' })],
      [s.refund(800, 1, 4999), [s.refundKey(1), 'refund', 1, -4999]],
      [s.dispute('resolved', 801, 4999, { outcome: 'RESOLVED_BUYER_FAVOUR', channel: 'INTERNAL' })],
    ];
  }),

  life('A dispute that lists its movements', (n) => {
    const s = paypalSale(n);
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.reversal(41, 4999), [s.reversalKey, 'chargeback', 1, -4999]],
      [s.dispute('resolved', 900, 4999, { outcome: 'RESOLVED_WITH_PAYOUT', movements: [['DEBIT', 4999], ['CREDIT', 3000]] }),
        [s.disputeKey, 'chargeback_reversal', 1, 3000]],
    ];
  }, { note: 'Where PayPal lists what was moved, that counts and not the outcome.' }),

  life('Yen', (n) => {
    const s = paypalSale(n, { currency: 'JPY' });
    return [
      [s.payment('completed', 0, 4999), [s.key, 'capture', 1, 4999]],
      [s.refund(10, 1, 1500), [s.refundKey(1), 'refund', 1, -1500]],
    ];
  }, { currency: 'JPY' }),

  life('Unknown types and the sandbox', (n) => {
    const s = paypalSale(n);
    return [
      [s.other('BILLING.SUBSCRIPTION.CREATED', 0), 'ignored'],
      [s.payment('completed', 0, 4999, { sandbox: true }), 'ignored'],
    ];
  }, { note: 'They are acknowledged and counted in `ignored_deliveries`.' }),
];

export const paypalEvidenceLives = [
  life('The shop books, PayPal is evidence', (n) => {
    const shop = shopifySale(n, 'EUR');
    const s = paypalSale(n, { endpoint: 'paypalEvidence', invoice: shop.orderId });
    return [
      [s.payment('completed', 0, 4999), 'evidence'],
      [shop.order('create', 0, 'paid', 4999), [shop.key, 'capture', 1, 4999]],
      [s.refund(10, 1, 1500), 'evidence'],
    ];
  }, { note: 'The same with PayPal: `invoice_id` names the order.' }),
];
