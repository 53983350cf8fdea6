// WooCommerce as the tests play it. Its npm client does REST only, so deliveries are signed here as class-wc-webhook.php
// does: base64(HMAC-SHA256(secret, body)).
import { createHmac, randomBytes } from 'node:crypto';
import { request } from './http.mjs';

let lastOrder = 7000;

export function order(changes = {}) {
  return JSON.stringify({
    id: (lastOrder += 1), status: 'processing', currency: 'USD', date_created_gmt: '2026-11-20T10:00:00',
    date_modified_gmt: '2026-11-20T10:00:05', date_paid_gmt: '2026-11-20T10:00:05', total: '29.35', total_tax: '1.35',
    shipping_total: '10.00', payment_method: 'stripe', transaction_id: '', meta_data: [], line_items: [], refunds: [], ...changes,
  });
}

export const sign = (secret, body) => createHmac('sha256', secret).update(body).digest('base64');

export const target = (place, path = '/order/created') => `/webhooks/woocommerce${path}?endpoint=${place.endpointId}`;

// The id of a delivery is a hash of the webhook and the second: every delivery here is of the same second.
export function headers(place, body, changes = {}) {
  const all = {
    'content-type': 'application/json', 'x-wc-webhook-source': place.account, 'x-wc-webhook-topic': 'order.created',
    'x-wc-webhook-resource': 'order', 'x-wc-webhook-event': 'created', 'x-wc-webhook-id': '5',
    'x-wc-webhook-delivery-id': '0123456789abcdef0123456789abcdef', 'x-wc-webhook-signature': sign(place.secret, body),
    'content-length': String(Buffer.byteLength(body)), ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export async function deliver(stack, place, body, changes = {}) {
  return request(stack.url, 'POST', target(place), { headers: headers(place, body, changes), body });
}

export function createEndpoint(stack, tenantId, { secret = randomBytes(16).toString('hex'), account = 'https://shop.example.com/' } = {}) {
  const endpointId = stack.admin(['endpoint', 'create', '--tenant', tenantId, '--provider', 'woocommerce', '--account', account,
    '--secret-file', '-'], secret);
  return { tenantId, secret, account, endpointId };
}
