// Shopify as the tests play it: orders, deliveries, and signatures by Shopify's own client library.
import '@shopify/shopify-api/adapters/node';
import { createSHA256HMAC, HashFormat } from '@shopify/shopify-api/runtime';
import { createHmac, randomUUID } from 'node:crypto';
import { request } from './http.mjs';

let lastOrder = 820982911946154000n;

// The text of an order; ids exceed what a JavaScript number holds, so it is made as text.
export function order(changes = {}) {
  const id = changes.id ?? (lastOrder += 1n);
  const members = {
    created_at: '2026-11-20T10:00:00-05:00', processed_at: '2026-11-20T10:00:00-05:00',
    updated_at: '2026-11-20T10:00:01-05:00', currency: 'USD', total_price: '388.00', total_outstanding: '0.00',
    total_tax: '0.00', financial_status: 'paid', landing_site: '/?utm_source=google&utm_medium=cpc',
    referring_site: 'https://www.google.com/', source_name: 'web', test: false,
    total_shipping_price_set: { shop_money: { amount: '10.00', currency_code: 'USD' } }, note_attributes: [],
    ...changes,
  };
  delete members.id;
  return `{"id":${id},${JSON.stringify(members).slice(1)}`;
}

// The client signs text; a body that is no valid text has to be signed as bytes.
export async function sign(secret, body) {
  if (Buffer.isBuffer(body)) return createHmac('sha256', secret).update(body).digest('base64');
  return createSHA256HMAC(secret, body, HashFormat.Base64);
}

export function target(shop) {
  return `/webhooks/shopify/orders/create?endpoint=${shop.endpointId}`;
}

export async function headers(shop, body, { deliveryKey = randomUUID(), ...changes } = {}) {
  const all = {
    'content-type': 'application/json', 'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': shop.account,
    'x-shopify-webhook-id': deliveryKey, 'x-shopify-hmac-sha256': await sign(shop.secret, body),
    'content-length': String(Buffer.byteLength(body)), ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export async function deliver(stack, shop, body, options = {}) {
  return request(stack.url, 'POST', target(shop), { headers: await headers(shop, body, options), body });
}
