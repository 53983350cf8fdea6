// What PayPal sends about one sale. Amounts are given in cents; the members are those of
// https://developer.paypal.com/docs/api/payments/v2/, v1 (sale) and customer-disputes/v1.
import { createHmac } from 'node:crypto';
import { decimal } from './shopify_bodies.mjs';

const start = Date.parse('2026-11-20T10:00:00Z');
const timeAt = (minute) => new Date(start + minute * 60_000).toISOString().replace('.000', '');
const api = 'https://api.paypal.com';

// What the relay of the tests signs with.
export const relayHeaders = (secret, body) => ({ 'x-attribution-signature': createHmac('sha256', secret).update(body).digest('hex') });

// The deliveries of sale number n. minute counts from the sale; every id is made of n. kind: 'capture' as version 2 of the
// resources tells it, or 'sale' as version 1 does.
export function paypalSale(n, { currency = 'EUR', kind = 'capture', endpoint = 'paypal', custom, invoice } = {}) {
  const id = `PAY${n}`;
  const isCapture = kind === 'capture';
  const folder = isCapture ? `${api}/v2/payments/captures` : `${api}/v1/payments/sale`;
  let events = 0;

  const event = (type, minute, says, resourceType, resource, changes = {}) => {
    events += 1;
    const body = JSON.stringify({
      id: `WH-${n}-${events}`, event_version: '1.0', create_time: timeAt(minute), resource_type: resourceType, event_type: type,
      summary: says, resource, links: [{ href: `${api}/v1/notifications/webhooks-events/WH-${n}-${events}`, rel: 'self', method: 'GET' }], ...changes,
    });
    return { endpoint, provider: 'paypal', topic: type.toLowerCase(), says, body };
  };
  const money = (cents) => (currency === 'JPY' ? String(cents) : decimal(cents));
  const value = (cents) => ({ currency_code: currency, value: money(cents) });
  const amount = (cents) => (isCapture ? value(cents) : { total: money(cents), currency });
  const status = (word) => (isCapture ? { status: word.toUpperCase() } : { state: word });
  const references = { ...(custom ? { [isCapture ? 'custom_id' : 'custom']: custom } : {}), ...(invoice ? { [isCapture ? 'invoice_id' : 'invoice_number']: invoice } : {}) };
  const prefix = isCapture ? 'PAYMENT.CAPTURE.' : 'PAYMENT.SALE.';

  // What went back, as a resource of its own.
  const returned = (topic, minute, words, resourceId, cents, { made = minute, word = 'completed' } = {}) => event(prefix + topic.toUpperCase(), minute,
    `${words} of ${money(cents)}${word === 'completed' ? '' : `: ${word}`}`, 'refund', {
      id: resourceId, amount: amount(cents), ...status(word), create_time: timeAt(made), update_time: timeAt(minute),
      ...(isCapture ? { links: [{ href: `${folder}/${id}`, rel: 'up', method: 'GET' }] } : { sale_id: id }),
    });

  return {
    id,
    key: `paypal:payment:${id}`,
    refundKey: (no) => `paypal:refund:RE${n}X${no}`,
    reversalKey: `paypal:reversal:RV${n}`,
    disputeKey: `paypal:dispute:PP-D-${n}`,

    payment(topic, minute, cents, { sandbox = false } = {}) {
      const word = topic === 'denied' && isCapture ? 'declined' : topic;
      return event(prefix + topic.toUpperCase(), minute, `${word} ${money(cents)}${sandbox ? ', from the sandbox' : ''}`, kind, {
        id, amount: amount(cents), ...status(word), ...references, create_time: timeAt(0), update_time: timeAt(minute),
        links: [{ href: `${folder}/${id}`, rel: 'self', method: 'GET' }],
      }, sandbox ? { links: [{ href: 'https://api.sandbox.paypal.com/v1/notifications/webhooks-events/WH-1', rel: 'self', method: 'GET' }] } : {});
    },

    refund(minute, no, cents, more) { return returned('refunded', minute, `refund ${no}`, `RE${n}X${no}`, cents, more); },
    reversal(minute, cents) { return returned('reversed', minute, 'reversal', `RV${n}`, cents); },

    // Told by the payment itself, which has no id for what went back.
    total(topic, minute, cents) {
      return event(prefix + topic.toUpperCase(), minute, `-${money(cents)}, told by the ${kind} itself`, kind, {
        id, amount: amount(-cents), ...status('completed'), create_time: timeAt(0), update_time: timeAt(minute), links: [],
      });
    },

    dispute(topic, minute, cents, { outcome, channel = 'EXTERNAL', movements } = {}) {
      const words = [`${channel.toLowerCase()}, ${money(cents)}`, outcome?.toLowerCase(), ...(movements ?? []).map(([type, moved]) => `${type.toLowerCase()} ${money(moved)}`)];
      return event(`CUSTOMER.DISPUTE.${topic.toUpperCase()}`, minute, words.filter(Boolean).join(', '), 'dispute', {
        dispute_id: `PP-D-${n}`, create_time: timeAt(40), update_time: timeAt(minute), disputed_transactions: [{ seller_transaction_id: id }],
        reason: 'UNAUTHORISED', status: outcome ? 'RESOLVED' : 'UNDER_REVIEW', dispute_amount: value(cents), dispute_channel: channel,
        dispute_life_cycle_stage: 'CHARGEBACK', ...(outcome ? { dispute_outcome: { outcome_code: outcome } } : {}),
        ...(movements ? { money_movements: movements.map(([type, moved]) => ({ affected_party: 'SELLER', type, amount: value(moved) })) } : {}),
      });
    },

    other(type, minute) { return event(type, minute, 'not about booked money', 'subscription', { id: `I-${n}` }); },
  };
}
