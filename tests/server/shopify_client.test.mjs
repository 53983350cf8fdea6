// Shopify's own client library agrees with us about signatures: it accepts what our sample generator signs.
import '@shopify/shopify-api/adapters/node';
import { ApiVersion, shopifyApi } from '@shopify/shopify-api';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { deliver, headers, order, target } from './lib/shopify.mjs';
import { request } from './lib/http.mjs';
import { Stack, projectRoot } from './lib/stack.mjs';

const secret = 'shpss_0123456789abcdef';
const shopify = shopifyApi({ apiKey: 'key', apiSecretKey: secret, hostName: 'shop.example.com', isEmbeddedApp: false,
  apiVersion: ApiVersion.January25, logger: { level: 0 } });

function validate(rawBody, fields) {
  const all = { 'X-Shopify-Api-Version': '2025-01', 'X-Shopify-Event-Id': 'e', 'X-Shopify-Triggered-At': 'now', ...fields };
  return shopify.webhooks.validate({ rawBody, rawRequest: { headers: all } });
}

let stack;
let directory;
before(async () => {
  stack = await Stack.start('shopify-client');
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'pga-orders-'));
});
after(async () => {
  await stack.remove();
  fs.rmSync(directory, { recursive: true });
});

test('the client accepts the sample deliveries, and not one changed byte', async () => {
  fs.writeFileSync(path.join(directory, 'endpoints'), `whe_${'0'.repeat(32)} ${secret} demo.myshopify.com\n`);
  execFileSync(path.join(projectRoot, 'scripts/samples/make-shopify-orders'),
    ['--endpoints', path.join(directory, 'endpoints'), '--count', '50', '--out', directory]);
  const config = fs.readFileSync(path.join(directory, 'curl.config'), 'utf8').split('next\n');
  assert.ok(config.length >= 50);
  for (const part of config) {
    const fields = Object.fromEntries([...part.matchAll(/^header = "([^:]+): (.*)"$/gm)].map(([, name, value]) => [name, value]));
    const body = fs.readFileSync(part.match(/^data-binary = "@(.*)"$/m)[1], 'utf8');
    assert.equal((await validate(body, fields)).valid, true);
    assert.equal((await validate(body.replace('Espresso', 'espresso'), fields)).valid, false);
  }
});

test('client and server give the same verdict on the same delivery', async () => {
  const shop = await stack.createShop('verdict');
  shop.secret = secret;  // not the endpoint's
  const body = order();
  assert.equal((await validate(body, await headers(shop, body))).valid, true);
  assert.equal((await deliver(stack, shop, body)).status, 401);
  const again = await stack.admin(['endpoint', 'create', '--tenant', shop.tenantId, '--provider', 'shopify',
    '--account', shop.account, '--secret-file', '-'], secret);
  const answer = await request(stack.url, 'POST', target({ endpointId: again }), { body, headers: await headers(shop, body) });
  assert.equal(answer.json.status, 'created');
});
