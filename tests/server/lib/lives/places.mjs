// Where deliveries go: two shops that book with their payment provider as evidence, one of each platform, and a merchant
// who has Stripe only, and one who has PayPal only. PayPal's come by a relay, but with `paypalKey` (PEM) it signs the seller's itself.
import { randomUUID } from 'node:crypto';
import { request } from '../http.mjs';
import * as paypal from '../paypal.mjs';
import * as shopify from '../shopify.mjs';
import * as stripe from '../stripe.mjs';
import * as woocommerce from '../woocommerce.mjs';
import { relayHeaders } from './paypal_bodies.mjs';

export async function makePlaces(stack, name = '', { paypalKey } = {}) {
  const shop = await stack.createTenant(`shop${name}`);
  const merchant = await stack.createTenant(`merchant${name}`);
  const seller = await stack.createTenant(`seller${name}`);
  const store = await stack.createTenant(`store${name}`);
  const endpoint = (tenantId, provider, secret, ...more) => ({ secret, id: stack.admin(['endpoint', 'create', '--tenant', tenantId,
    '--provider', provider, '--account', `${provider}.example.com`, '--secret-file', '-', ...more], secret) });
  return {
    shopify: endpoint(shop, 'shopify', 'shpss_0123456789abcdef'),
    evidence: endpoint(shop, 'stripe', 'whsec_evidence_0123456789', '--books-revenue', 'false'),
    stripe: endpoint(merchant, 'stripe', 'whsec_merchant_0123456789'),
    woocommerce: endpoint(store, 'woocommerce', 'woo_0123456789'),
    storeEvidence: endpoint(store, 'stripe', 'whsec_store_0123456789', '--books-revenue', 'false'),
    paypal: paypalKey ? { ...endpoint(seller, 'paypal', '8PT597110X687430LKGECATA'), key: paypalKey }
      : endpoint(seller, 'paypal', 'relay_seller_0123456789', '--signature', 'hmac'),
    paypalEvidence: endpoint(shop, 'paypal', 'relay_evidence_0123456789', '--signature', 'hmac', '--books-revenue', 'false'),
    tenants: { shop, merchant, store, seller },
  };
}

// How each provider signs: headers for the body that is sent. deliveryKey is Shopify's, and the id and time of PayPal's transmission, which its
// retries keep; the others have theirs in the body, or none.
const signed = {
  shopify: async ({ secret }, body, topic, deliveryKey) => ({ 'x-shopify-hmac-sha256': await shopify.sign(secret, body), 'x-shopify-topic': topic,
    'x-shopify-webhook-id': deliveryKey, 'x-shopify-shop-domain': 'shopify.example.com' }),
  stripe: ({ secret }, body) => ({ 'stripe-signature': stripe.sign(secret, body) }),
  paypal: ({ secret, key }, body, topic, deliveryKey) => (key
    ? paypal.headers({ secret }, body, { key, id: deliveryKey, time: '2026-11-20T10:00:03Z' }) : relayHeaders(secret, body)),
  woocommerce: ({ secret }, body, topic) => ({ 'x-wc-webhook-signature': woocommerce.sign(secret, body), 'x-wc-webhook-topic': topic,
    'x-wc-webhook-source': 'https://woocommerce.example.com/', 'x-wc-webhook-delivery-id': '0123456789abcdef0123456789abcdef' }),
};

// One attempt. anyTopic: to the path that takes every topic. signedBody: what the signature is for, if not for body.
// signal: ends the attempt early.
export async function send(stack, places, delivery) {
  const { endpoint, provider, topic, body, deliveryKey = randomUUID(), anyTopic = false, signedBody = body, signal } = delivery;
  const { id } = places[endpoint];
  const headers = await signed[provider](places[endpoint], signedBody, topic, deliveryKey);
  const path = anyTopic ? provider : `${provider}/${topic.replaceAll('.', '/')}`;
  return request(stack.url, 'POST', `/webhooks/${path}?endpoint=${id}`,
    { headers: { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }, body, signal });
}
