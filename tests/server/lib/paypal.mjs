// PayPal as the tests play it. There is no client library of PayPal's that signs, so this follows the documented scheme:
// https://developer.paypal.com/api/rest/webhooks/rest/#link-selfverification
import { createHmac, randomBytes, randomUUID, sign as rsaSign } from 'node:crypto';
import { request } from './http.mjs';

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = (c & 1) ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

// A text of four bytes which, put behind `prefix`, gives it the CRC-32 `wanted`: how a body is forged.
export function crcSuffix(prefix, wanted) {
  const reversed = new Map(Array.from(crcTable, (value, n) => [value >>> 24, n]));
  let state = (wanted ^ 0xffffffff) >>> 0;
  const indexes = [];
  for (let i = 0; i < 4; i += 1) {
    const n = reversed.get(state >>> 24);
    indexes.unshift(n);
    state = ((state ^ crcTable[n]) << 8 | n) >>> 0;
  }
  let crc = (crc32(prefix) ^ 0xffffffff) >>> 0;
  return Buffer.from(indexes.map((n) => {
    const byte = (crc & 0xff) ^ n;
    crc = (crcTable[n] ^ (crc >>> 8)) >>> 0;
    return byte;
  }));
}

const capitals = () => randomBytes(9).toString('hex').toUpperCase().slice(0, 17);

export function capture(changes = {}) {
  return {
    id: capitals(), status: 'COMPLETED', amount: { currency_code: 'USD', value: '49.99' }, final_capture: true,
    create_time: '2026-11-20T10:00:00Z', update_time: '2026-11-20T10:00:01Z', links: [], ...changes,
  };
}

export function event(type, resource, { resourceType = 'capture', ...changes } = {}) {
  const id = `WH-${capitals()}-${capitals()}`;
  return JSON.stringify({
    id, event_version: '1.0', create_time: '2026-11-20T10:00:02.000Z', resource_type: resourceType, event_type: type,
    summary: 'Payment completed for $ 49.99 USD', resource,
    links: [{ href: `https://api.paypal.com/v1/notifications/webhooks-events/${id}`, rel: 'self', method: 'GET' }], ...changes,
  });
}

export const captureCompleted = (changes) => event('PAYMENT.CAPTURE.COMPLETED', capture(changes));

export const liveUrl = (name = 'CERT-360caa42-fca2a594-a5cafa77') => `https://api.paypal.com/v1/notifications/certs/${name}`;
export const sandboxUrl = liveUrl().replace('api.', 'api.sandbox.');

// The headers of a delivery. key: PEM of the signer's private key.
export function headers(place, body, { key, url = liveUrl(), id = randomUUID(), time = new Date().toISOString(), webhookId = place.secret,
  algorithm = 'SHA256', signedBody = body, changes = {} }) {
  const text = `${id}|${time}|${webhookId}|${crc32(Buffer.from(signedBody))}`;
  const all = {
    'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), 'paypal-transmission-id': id,
    'paypal-transmission-time': time, 'paypal-cert-url': url, 'paypal-auth-algo': `${algorithm}withRSA`,
    'paypal-transmission-sig': rsaSign(algorithm, Buffer.from(text), key).toString('base64'), ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export const target = (place, path = '') => `/webhooks/paypal${path}?endpoint=${place.endpointId}`;

export async function deliver(stack, place, body, options) {
  return request(stack.url, 'POST', target(place), { headers: headers(place, body, options), body });
}

export const relaySignature = (secret, body) => createHmac('sha256', secret).update(body).digest('hex');

// A PayPal endpoint of a tenant; the secret is PayPal's webhook id.
export function createEndpoint(stack, tenantId, { secret = capitals(), args = [] } = {}) {
  const endpointId = stack.admin(['endpoint', 'create', '--tenant', tenantId, '--provider', 'paypal', '--account', 'shop.example.com',
    '--secret-file', '-', ...args], secret);
  return { tenantId, secret, endpointId };
}
