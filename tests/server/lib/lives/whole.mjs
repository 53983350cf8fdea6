// One long life for each provider, with everything that a sale can meet: its deliveries in order, and the totals in
// which they end, by money key and kind, in cents. Totals of zero are left out.
import { paypalSale } from './paypal_bodies.mjs';
import { shopifySale } from './shopify_bodies.mjs';
import { stripeSale } from './stripe_bodies.mjs';
import { wooSale } from './woocommerce_bodies.mjs';

export function wholeShopify(n) {
  const s = shopifySale(n);
  const refunds = [{ no: 3, minute: 31, amount: 2000 }, { no: 4, minute: 35, amount: 10000 }, { no: 5, minute: 60, amount: 30000 }];
  const deliveries = [
    s.order('create', 0, 'pending', 38800),
    s.payment(1, 1, 'sale', 38800),
    s.order('updated', 1, 'pending', 38800),  // within the second in which it is paid
    s.order('paid', 1, 'paid', 38800),
    s.order('updated', 2, 'paid', 38800),
    s.edited(10, 'an item is added'),
    s.order('updated', 10, 'partially_paid', 42000, { outstanding: 3200 }),
    s.payment(15, 2, 'sale', 3200),
    s.order('paid', 15, 'paid', 42000),
    s.order('updated', 30, 'paid', 42000, { current: 40000, outstanding: -2000 }),
    s.refund(31, 3, 2000),
    s.refundTransaction(31, 3, 2000),
    s.order('updated', 31, 'partially_refunded', 42000, { current: 40000, refunds: refunds.slice(0, 1) }),
    s.refund(35, 4, 10000),
    s.order('updated', 35, 'partially_refunded', 42000, { current: 30000, refunds: refunds.slice(0, 2) }),
    s.refund(36, 6, 500, 'failure'),
    s.dispute('create', 'inquiry', 'needs_response', 30000),
    s.dispute('update', 'chargeback', 'needs_response', 30000),
    s.dispute('update', 'chargeback', 'won', 30000, { over: true }),
    s.order('cancelled', 60, 'refunded', 42000, { current: 0, refunds }),
    s.refund(60, 5, 30000),
  ];
  return { deliveries, currency: 'USD', totals: [
    [s.key, 'capture', 42000], [s.refundKey(3), 'refund', -2000], [s.refundKey(4), 'refund', -10000], [s.refundKey(5), 'refund', -30000],
    [s.disputeKey, 'chargeback', -30000], [s.disputeKey, 'chargeback_reversal', 30000],
  ] };
}

// What of refunds the merchant has subscribed to.
const refundTellings = ['both', 'ids', 'sums', 'the first by its sum only'];

const paidLater = (s) => [
  s.session('completed', 0, 10000, 'unpaid'), s.session('async_payment_succeeded', 5, 10000, 'paid'),
  s.intent('succeeded', 5, { amount: 10000 }), s.charge('succeeded', 5, { amount: 10000 }),
];
const capturedInParts = (s) => [
  s.charge('succeeded', 0, { amount: 10000, captured: 0 }), s.charge('captured', 3, { amount: 10000, captured: 4000 }),
  s.charge('captured', 5, { amount: 10000 }), s.intent('succeeded', 5, { amount: 10000 }),
];

// Refunds of 25.00, 10.00, 15.00 and 5.00, of which the second fails before the last sum is told and the fourth after it,
// and what the charge says meanwhile.
function refundDeliveries(s, telling) {
  const sum = (minute, refunded) => s.charge('refunded', minute, { amount: 10000, refunded });
  const ids = [
    [s.refund('created', 10, 1, 2500, 'pending'), s.refund('updated', 10, 1, 2500, 'succeeded')],
    [s.refund('created', 12, 2, 1000, 'pending'), s.refund('failed', 14, 2, 1000, 'failed', { made: 12 })],
    [s.refund('created', 20, 3, 1500, 'requires_action'), s.refund('updated', 22, 3, 1500, 'succeeded', { made: 20 })],
  ];
  const late = [s.refund('created', 23, 4, 500, 'pending'), s.refund('failed', 35, 4, 500, 'failed', { made: 23 })];
  const refund = (no, minor) => [s.refundKey(no), 'refund', minor];
  switch (telling) {
    case 'both': return { deliveries: [ids[0], sum(10, 2500), ids[1][0], sum(12, 3500), ids[1][1], ids[2], sum(22, 4000), late[0], sum(23, 4500), late[1]].flat(),
      totals: [refund(1, -2500), refund(3, -1500)] };
    case 'ids': return { deliveries: [...ids, late].flat(), totals: [refund(1, -2500), refund(3, -1500)] };
    case 'sums': return { deliveries: [sum(10, 2500), sum(22, 4000)], totals: [[s.key, 'refund', -4000]] };
    default: return { deliveries: [sum(10, 2500), ids[2], sum(22, 4000)].flat(), totals: [[s.key, 'refund', -2500], refund(3, -1500)] };
  }
}

// Eight kinds of it, by the number.
export function wholeStripe(n, of = { metadata: { utm_source: 'google', utm_medium: 'cpc' } }) {
  const s = stripeSale(n, of);
  const variant = Number(BigInt(n) % 8n);
  const refunds = refundDeliveries(s, refundTellings[variant % refundTellings.length]);
  const sale = variant < refundTellings.length ? paidLater(s) : capturedInParts(s);
  const deliveries = [
    ...sale, ...refunds.deliveries,
    s.dispute('created', 40, 6000, 'warning_needs_response'), s.dispute('updated', 50, 6000, 'needs_response'),
    s.dispute('funds_withdrawn', 50, 6000, 'needs_response', [-6000]), s.dispute('updated', 60, 6000, 'under_review', [-6000]),
    s.dispute('funds_reinstated', 70, 6000, 'won', [-6000, 6000]), s.dispute('closed', 70, 6000, 'won', [-6000, 6000]),
  ];
  return { deliveries, currency: 'EUR', totals: [
    [s.key, 'capture', 10000], ...refunds.totals, [s.disputeKey, 'chargeback', -6000], [s.disputeKey, 'chargeback_reversal', 6000],
  ] };
}

const wooRefunds = [{ no: 1, amount: 1000 }, { no: 2, amount: 500 }, { no: 3, amount: 2035 }];

// How an order is paid, until it is worth 29.35.
const wooPayments = [
  (s) => [s.order('created', 0, 'pending', 2935), s.order('updated', 0, 'processing', 2935, { paid: 0 })],  // within one second
  (s) => [s.order('created', 0, 'checkout-draft', 2935), s.order('updated', 1, 'on-hold', 2935), s.order('updated', 5, 'processing', 2935, { paid: 5 })],
  (s) => [s.order('created', 0, 'pending', 2935), s.order('updated', 1, 'failed', 2935), s.order('updated', 4, 'cancelled', 2935), s.order('updated', 5, 'completed', 2935, { paid: 5 })],
];

// How it ends, worth 35.35: refunded by three refunds, with and without a time at which only the status told of the last
// one; told by the status alone; or cancelled with one refund.
const wooEndings = [
  (s, paid) => ({ deliveries: [s.order('updated', 60, 'refunded', 3535, { ...paid, refunds: wooRefunds })], told: wooRefunds, rest: 0 }),
  (s, paid) => ({ deliveries: [s.order('updated', 60, 'refunded', 3535, { ...paid, refunds: wooRefunds.slice(0, 2) }),
    s.order('updated', 61, 'refunded', 3535, { ...paid, refunds: wooRefunds })], told: wooRefunds, rest: 0 }),
  (s, paid) => ({ deliveries: [s.order('updated', 60, 'refunded', 3535, { ...paid, refunds: wooRefunds.slice(0, 2) })], told: wooRefunds.slice(0, 2), rest: 2035 }),
  (s, paid) => ({ deliveries: [s.order('updated', 60, 'cancelled', 3535, { ...paid, refunds: wooRefunds.slice(0, 2) })], told: wooRefunds.slice(0, 2), rest: 0 }),
];

// Twelve kinds of it, by the number.
export function wholeWoo(n, of = {}) {
  const s = wooSale(n, { ...of, attribution: { source_type: 'utm', utm_source: 'google', utm_medium: 'cpc' } });
  const variant = Number(BigInt(n) % 12n);
  const paid = { paid: variant % 3 === 0 ? 0 : 5 };
  const ending = wooEndings[variant % wooEndings.length](s, paid);
  const deliveries = [
    ...wooPayments[variant % wooPayments.length](s),
    s.order('updated', 10, 'processing', 4000, paid),
    s.order('updated', 11, 'processing', 3535, paid),
    s.order('updated', 20, 'processing', 3535, { ...paid, refunds: wooRefunds.slice(0, 1) }),
    s.order('updated', 30, 'trash', 3535, { ...paid, refunds: wooRefunds.slice(0, 1) }),
    s.deleted(),
    s.order('restored', 31, 'on-hold', 3535, { ...paid, refunds: wooRefunds.slice(0, 1) }),
    s.order('updated', 40, 'completed', 3535, { ...paid, refunds: wooRefunds.slice(0, 2) }),
    ...ending.deliveries,
  ];
  return { deliveries, currency: of.currency ?? 'USD', totals: [
    [s.key, 'capture', 3535], ...ending.told.map(({ no, amount }) => [s.refundKey(no), 'refund', -amount]),
    ...(ending.rest ? [[s.key, 'refund', -ending.rest]] : []),
  ] };
}

// A shop's sale, told by its payment provider as well: what the shop books, and which evidence belongs to which of its
// orders, [external id of the evidence, external id of the booking].
function withEvidence(booking, evidence, link) {
  return { ...booking, deliveries: [...booking.deliveries, ...evidence.deliveries], link };
}

// The order names the charge or the payment intent.
export function wholeWooWithStripe(n) {
  const { key } = wooSale(n);
  const { chargeId, intentId } = stripeSale(n);
  const transactionId = BigInt(n) % 2n === 0n ? chargeId : intentId;
  return withEvidence(wholeWoo(n, { currency: 'EUR', transactionId }), wholeStripe(n, { endpoint: 'storeEvidence' }), [intentId, key]);
}

// The payment names the order as its invoice.
export function wholeShopifyWithPaypal(n) {
  const { orderId } = shopifySale(n);
  return withEvidence(wholeShopify(n), wholePaypal(n, { endpoint: 'paypalEvidence', invoice: orderId }), [paypalSale(n).id, orderId]);
}

// Told by both versions of PayPal's resources, by turns. Of the refunds of version 1 the payment itself tells the first, too.
export function wholePaypal(n, of = {}) {
  const kind = Number(BigInt(n) % 2n) === 0 ? 'capture' : 'sale';
  const s = paypalSale(n, { kind, custom: 'utm_source=google|utm_medium=cpc', ...of });
  const told = kind === 'sale' ? [s.total('refunded', 10, 1500), s.total('reversed', 41, 6000)] : [s.reversal(41, 6000)];
  const deliveries = [
    s.payment('pending', 0, 10000), s.payment('completed', 5, 10000),
    s.refund(10, 1, 1500), s.refund(12, 2, 500), s.refund(14, 2, 500, { made: 12, word: 'failed' }),
    s.refund(20, 3, 2500, { word: 'pending' }), s.refund(22, 3, 2500, { made: 20 }), ...told,
    s.dispute('created', 40, 6000), s.dispute('updated', 60, 6000), s.dispute('resolved', 900, 6000, { outcome: 'RESOLVED_SELLER_FAVOUR' }),
  ];
  return { deliveries, currency: 'EUR', totals: [
    [s.key, 'capture', 10000], [s.refundKey(1), 'refund', -1500], [s.refundKey(3), 'refund', -2500],
    [kind === 'sale' ? s.key : s.reversalKey, 'chargeback', -6000], [s.disputeKey, 'chargeback_reversal', 6000],
  ] };
}

// "money key kind currency" → cents, of all the lives and of the ledger: what is compared.
export function totalsOf(lives) {
  return new Map(lives.flatMap(({ totals, currency }) => totals.map(([key, kind, minor]) => [`${key} ${kind} ${currency}`, minor])));
}

export async function bookedTotals(stack, tenantId) {
  const rows = await stack.sql(`SELECT money_key || ' ' || kind || ' ' || currency AS key, sum(amount_minor)::int AS minor
      FROM attribution.revenue_ledger WHERE tenant_id = $1 GROUP BY 1 HAVING sum(amount_minor) <> 0`, [tenantId]);
  return new Map(rows.map(({ key, minor }) => [key, minor]));
}

// The channels of all the tenant's revenue.
export async function bookedChannels(stack, tenantId) {
  const results = await stack.pool.query(`BEGIN; SELECT attribution.set_tenant('${tenantId}');
    SELECT DISTINCT channel FROM attribution.realtime_revenue ORDER BY 1; COMMIT`);
  return results[2].rows.map(({ channel }) => channel);
}

// "external id of the evidence external id of the booking" of all evidence of the tenant; of what is not linked the first
// alone.
export async function linkedEvidence(stack, tenantId) {
  const results = await stack.pool.query(`BEGIN; SELECT attribution.set_tenant('${tenantId}');
    SELECT DISTINCT concat_ws(' ', e.external_id, b.external_id) AS link
      FROM attribution.evidence AS e LEFT JOIN attribution.attribution_events AS b ON b.event_id = e.booked_event_id; COMMIT`);
  return new Set(results[2].rows.map(({ link }) => link));
}

// The keys whose totals differ, at most ten: [key, wanted, booked].
export function differences(wanted, booked) {
  return [...new Set([...wanted.keys(), ...booked.keys()])].filter((key) => wanted.get(key) !== booked.get(key)).slice(0, 10)
    .map((key) => [key, wanted.get(key), booked.get(key)]);
}
