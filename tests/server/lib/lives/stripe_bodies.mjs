// What Stripe sends about one sale. Amounts are integers in cents; the members are those of
// https://docs.stripe.com/api/events/object, charges, payment_intents, checkout/sessions, refunds and disputes.
import { decimal } from './shopify_bodies.mjs';

const start = Date.parse('2026-11-20T10:00:00Z') / 1000;
const secondAt = (minute) => start + Math.round(minute * 60);

// The deliveries of sale number n. minute counts from the sale; every id is made of n.
// apiVersion: before 2025-03-31 a released authorisation counts as refunded.
export function stripeSale(n, { currency = 'eur', apiVersion = '2026-06-24.dahlia', endpoint = 'stripe', withIntent = true, metadata = {} } = {}) {
  const intentId = withIntent ? `pi_${n}` : null;
  const chargeId = `ch_${n}`;
  let events = 0;

  const event = (type, minute, says, object, { livemode = true } = {}) => {
    events += 1;
    const body = JSON.stringify({
      id: `evt_${n}_${events}`, object: 'event', api_version: apiVersion, created: secondAt(minute), data: { object }, livemode,
      pending_webhooks: 1, request: { id: null, idempotency_key: null }, type,
    });
    return { endpoint, provider: 'stripe', topic: type, says, body };
  };

  return {
    key: withIntent ? `stripe:payment_intent:${intentId}` : `stripe:charge:${chargeId}`,
    refundKey: (no) => `stripe:refund:re_${n}_${no}`,
    disputeKey: `stripe:dispute:dp_${n}`,
    intentId,
    chargeId,

    charge(topic, minute, { amount, captured = amount, refunded = 0, livemode = true }) {
      const words = [captured > 0 ? `captured ${decimal(captured)}` : `authorised ${decimal(amount)}`];
      if (captured > 0 && captured < amount) words.push(`of ${decimal(amount)}`);
      if (refunded) words.push(`amount_refunded ${decimal(refunded)}`);
      if (!livemode) words.push('livemode false');
      return event(`charge.${topic}`, minute, words.join(', ').replace(', of', ' of'), {
        id: chargeId, object: 'charge', amount, amount_captured: captured, amount_refunded: refunded, captured: captured > 0,
        created: secondAt(0), currency, disputed: false, livemode, metadata, paid: true, payment_intent: intentId,
        refunded: refunded === amount, status: 'succeeded',
      }, { livemode });
    },

    intent(topic, minute, { amount, received = amount }) {
      const status = topic === 'succeeded' ? 'succeeded' : 'requires_capture';
      return event(`payment_intent.${topic}`, minute, received ? `received ${decimal(received)}` : `of ${decimal(amount)}, nothing received`, {
        id: intentId, object: 'payment_intent', amount, amount_capturable: amount - received, amount_received: received,
        created: secondAt(0), currency, latest_charge: chargeId, livemode: true, metadata, status,
      });
    },

    session(topic, minute, amount, paymentStatus, { tax = 0, shipping = 0 } = {}) {
      return event(`checkout.session.${topic}`, minute, `${paymentStatus}, total ${decimal(amount)}`, {
        id: `cs_live_${n}`, object: 'checkout.session', amount_subtotal: amount - tax - shipping, amount_total: amount,
        client_reference_id: null, created: secondAt(0), currency, livemode: true, metadata, mode: 'payment',
        payment_intent: intentId, payment_status: paymentStatus, status: 'complete',
        total_details: { amount_discount: 0, amount_shipping: shipping, amount_tax: tax },
      });
    },

    // made: the minute of the refund itself; the event's is minute.
    refund(topic, minute, no, amount, status, { made = minute } = {}) {
      return event(`refund.${topic}`, minute, `refund ${no} of ${decimal(amount)}: ${status}`, {
        id: `re_${n}_${no}`, object: 'refund', amount, balance_transaction: `txn_${n}_${no}`, charge: chargeId,
        created: secondAt(made), currency, metadata: {}, payment_intent: intentId, reason: null, status,
      });
    },

    // moved: how much of the account's balance it has moved so far, one item for each movement.
    dispute(topic, minute, amount, status, moved = []) {
      return event(`charge.dispute.${topic}`, minute, `${decimal(amount)}: ${status}`, {
        id: `dp_${n}`, object: 'dispute', amount, charge: chargeId, created: secondAt(40), currency, is_charge_refundable: false,
        livemode: true, metadata: {}, payment_intent: intentId, reason: 'fraudulent', status,
        balance_transactions: moved.map((cents, i) => ({ id: `txn_${n}_dp${i}`, object: 'balance_transaction', amount: cents,
          currency, fee: cents < 0 ? 1500 : 0, net: cents < 0 ? cents - 1500 : cents, type: 'adjustment' })),
      });
    },

    other(topic, minute) { return event(topic, minute, 'not about money', { id: `cus_${n}`, object: 'customer', livemode: true }); },
  };
}
