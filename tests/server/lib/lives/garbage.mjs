// Deliveries that no sale makes, of every sort: what becomes of each is its outcome.
import { paypalSale } from './paypal_bodies.mjs';
import { shopifySale } from './shopify_bodies.mjs';
import { stripeSale } from './stripe_bodies.mjs';
import { wooSale } from './woocommerce_bodies.mjs';

const paid = { amount: 4999 };
const change = (delivery, from, to) => {
  const body = delivery.body.replace(from, to);
  if (body === delivery.body) throw new Error(`${delivery.topic}: nothing to change`);
  return { ...delivery, body };
};
const cut = (delivery) => ({ ...delivery, body: delivery.body.slice(0, -20) });
const forged = (delivery) => ({ ...delivery, signedBody: `${delivery.body} ` });

const kinds = [
  ['refused 401', (n) => forged(shopifySale(n).order('create', 0, 'paid', 38800))],
  ['refused 401', (n) => forged(stripeSale(n).charge('succeeded', 0, paid))],
  // The signature of the whole body, of which the end was lost.
  ['refused 401', (n) => { const whole = stripeSale(n).charge('succeeded', 0, paid); return { ...cut(whole), signedBody: whole.body }; }],
  ['dead_lettered', (n) => cut(shopifySale(n).order('create', 0, 'paid', 38800))],
  ['dead_lettered', (n) => cut(stripeSale(n).charge('succeeded', 0, paid))],
  ['dead_lettered', (n) => change(shopifySale(n).order('paid', 0, 'paid', 38800), '{"id"', '{"id":,"id"')],
  ['dead_lettered', (n) => change(stripeSale(n).intent('succeeded', 0, paid), '"status"', 'status')],
  ['dead_lettered', (n) => ({ ...shopifySale(n).refund(10, 1, 5000), topic: 'orders/create' })],
  ['dead_lettered', (n) => change(stripeSale(n).refund('created', 10, 1, 1500, 'succeeded'), 'refund.created', 'charge.succeeded')],
  ['dead_lettered', (n) => change(shopifySale(n).order('create', 0, 'paid', 38800), '"388.00"', '"388.001"')],
  ['dead_lettered', (n) => change(stripeSale(n).charge('succeeded', 0, paid), '"amount_captured":4999', '"amount_captured":4999.5')],
  ['dead_lettered', (n) => change(shopifySale(n).order('create', 0, 'paid', 38800), '"388.00"', '"1e400"')],
  ['dead_lettered', (n) => change(shopifySale(n).order('create', 0, 'paid', 38800), '"388.00"', '"99999999999999999999.00"')],
  ['dead_lettered', (n) => change(stripeSale(n).charge('succeeded', 0, paid), '"amount_captured":4999', '"amount_captured":1e400')],
  ['dead_lettered', (n) => change(stripeSale(n).charge('succeeded', 0, paid), '"amount_captured":4999', '"amount_captured":99999999999999999999')],
  ['refused 401', (n) => forged(paypalSale(n).payment('completed', 0, 4999))],
  ['dead_lettered', (n) => cut(paypalSale(n).payment('completed', 0, 4999))],
  ['dead_lettered', (n) => change(paypalSale(n).refund(10, 1, 1500), 'PAYMENT.CAPTURE.REFUNDED', 'PAYMENT.CAPTURE.COMPLETED')],
  ['dead_lettered', (n) => change(paypalSale(n).payment('completed', 0, 4999), '"49.99"', '"49.999"')],
  ['dead_lettered', (n) => change(paypalSale(n).payment('completed', 0, 4999), '"49.99"', '"1e400"')],
  ['ignored', (n) => ({ ...paypalSale(n).other('BILLING.SUBSCRIPTION.CREATED', 0), anyTopic: true })],
  ['ignored', (n) => paypalSale(n).payment('completed', 0, 4999, { sandbox: true })],
  ['refused 401', (n) => forged(wooSale(n).order('created', 0, 'processing', 2935, { paid: 0 }))],
  ['dead_lettered', (n) => cut(wooSale(n).order('created', 0, 'processing', 2935, { paid: 0 }))],
  ['dead_lettered', (n) => ({ ...wooSale(n).deleted(), topic: 'order.created' })],
  ['dead_lettered', (n) => change(wooSale(n).order('updated', 0, 'processing', 2935, { paid: 0 }), '"29.35"', '"29.355"')],
  ['dead_lettered', (n) => change(wooSale(n).order('updated', 0, 'processing', 2935, { paid: 0 }), '"29.35"', '"-29.35"')],
  ['ignored', (n) => ({ ...wooSale(n).other('product.updated'), anyTopic: true })],
  ['ignored', (n) => ({ ...shopifySale(n).other('fulfillments/create'), anyTopic: true })],
  ['ignored', (n) => ({ ...stripeSale(n).other('customer.updated', 0), anyTopic: true })],
  ['ignored', (n) => shopifySale(n).order('create', 0, 'paid', 38800, { test: true })],
  ['ignored', (n) => stripeSale(n).charge('succeeded', 0, { ...paid, livemode: false })],
];

// Number n of them: every kind comes in turn, with ids of its own.
export function garbage(n) {
  const [outcome, make] = kinds[Number(n % BigInt(kinds.length))];
  return { ...make(n), deliveryKey: `g${n}`, outcome };
}
