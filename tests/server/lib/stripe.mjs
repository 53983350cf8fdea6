// Stripe as the tests play it: events, deliveries, and signatures by Stripe's own client library.
import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import { request } from './http.mjs';

export const stripe = new Stripe('sk_test_not_used');

const id = (prefix) => `${prefix}_${randomBytes(12).toString('hex')}`;
export const now = () => Math.floor(Date.now() / 1000);

// The text of an event, indented as Stripe sends it.
export function event(type, object, changes = {}) {
  return JSON.stringify({
    id: id('evt'), object: 'event', api_version: '2025-07-30.basil', created: now(), livemode: true, pending_webhooks: 1,
    type, data: { object }, ...changes,
  }, null, 2);
}

export function charge(changes = {}) {
  return {
    id: id('ch'), object: 'charge', amount: 4999, amount_captured: 4999, amount_refunded: 0, captured: true, paid: true,
    created: now(), currency: 'usd', payment_intent: id('pi'), status: 'succeeded', livemode: true, metadata: {}, ...changes,
  };
}

export const chargeSucceeded = (changes) => event('charge.succeeded', charge(changes));

// The value of Stripe-Signature, as the client makes it for tests.
export function sign(secret, payload, { timestamp = now(), scheme = 'v1' } = {}) {
  return stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp, scheme });
}

// The hex digits alone.
export const mac = (secret, payload, timestamp = now()) => sign(secret, payload, { timestamp }).split('v1=')[1];

export const target = (place, path = '/charge/succeeded') => `/webhooks/stripe${path}?endpoint=${place.endpointId}`;

export function headers(place, body, changes = {}) {
  const all = {
    'content-type': 'application/json; charset=utf-8', 'stripe-signature': sign(place.secret, body),
    'content-length': String(Buffer.byteLength(body)), ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export async function deliver(stack, place, body, changes = {}) {
  return request(stack.url, 'POST', target(place), { headers: headers(place, body, changes), body });
}

// A Stripe endpoint of a tenant.
export function createEndpoint(stack, tenantId, { secret = `whsec_${randomBytes(16).toString('hex')}`, account = 'acct_1demo' } = {}) {
  const endpointId = stack.admin(['endpoint', 'create', '--tenant', tenantId, '--provider', 'stripe', '--account', account,
    '--secret-file', '-'], secret);
  return { tenantId, secret, account, endpointId };
}
