// Where deliveries go: a shop that books with its payment provider as evidence, and a merchant who has Stripe only.
import { randomUUID } from 'node:crypto';
import { request } from '../http.mjs';
import * as shopify from '../shopify.mjs';
import * as stripe from '../stripe.mjs';

export async function makePlaces(stack, name = '') {
  const shop = await stack.createTenant(`shop${name}`);
  const merchant = await stack.createTenant(`merchant${name}`);
  const endpoint = (tenantId, provider, secret, ...more) => ({ secret, id: stack.admin(['endpoint', 'create', '--tenant', tenantId,
    '--provider', provider, '--account', `${provider}.example.com`, '--secret-file', '-', ...more], secret) });
  return {
    shopify: endpoint(shop, 'shopify', 'shpss_0123456789abcdef'),
    evidence: endpoint(shop, 'stripe', 'whsec_evidence_0123456789', '--books-revenue', 'false'),
    stripe: endpoint(merchant, 'stripe', 'whsec_merchant_0123456789'),
    tenants: { shop, merchant },
  };
}

async function shopifyHeaders(secret, body, topic, deliveryKey) {
  return { 'x-shopify-hmac-sha256': await shopify.sign(secret, body), 'x-shopify-topic': topic, 'x-shopify-webhook-id': deliveryKey,
    'x-shopify-shop-domain': 'shopify.example.com' };
}

// One attempt. deliveryKey is Shopify's; Stripe's stands in the body. anyTopic: to the path that takes every topic.
// signedBody: what the signature is for, if not for body. signal: ends the attempt early.
export async function send(stack, places, delivery) {
  const { endpoint, provider, topic, body, deliveryKey = randomUUID(), anyTopic = false, signedBody = body, signal } = delivery;
  const { id, secret } = places[endpoint];
  const headers = provider === 'shopify' ? await shopifyHeaders(secret, signedBody, topic, deliveryKey) : { 'stripe-signature': stripe.sign(secret, signedBody) };
  const path = anyTopic ? provider : `${provider}/${topic.replaceAll('.', '/')}`;
  return request(stack.url, 'POST', `/webhooks/${path}?endpoint=${id}`,
    { headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers }, body, signal });
}
