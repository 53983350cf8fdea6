// The answers that every operation can give, whatever it is for: each operation of the contracts is asked in each of these ways.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { operations } from './lib/contracts.mjs';
import { request, sendRaw } from './lib/http.mjs';
import { inParallel } from './lib/lives/random.mjs';
import { relaySignature } from './lib/paypal.mjs';
import { Stack } from './lib/stack.mjs';

const origin = 'https://shop.example';
const secret = 'relay_0123456789';
let stack;
let keys;
const endpoints = {};
before(async () => {
  stack = await Stack.start('answers', { serverArgs: ['--endpoint-cache', '0.05', '--header-timeout', '1'] });
  const { tenantId, apiKey } = await stack.createShop();
  // Reports by model take the tenant's one, when there is one.
  await stack.sql("SELECT attribution.define_model(tenant_id => $1, name => 'linear', rule => 'linear')", [tenantId]);
  keys = { secret: apiKey, publishable: stack.admin(['key', 'create', '--tenant', tenantId, '--publishable', '--origin', origin, '--rate-limit', '10000']) };
  for (const provider of ['paypal', 'shopify', 'stripe', 'woocommerce']) {
    endpoints[provider] = stack.admin(['endpoint', 'create', '--tenant', tenantId, '--provider', provider, '--account', `https://${provider}.example`,
      '--signature', 'hmac', '--secret-file', '-'], secret);
  }
});
after(() => stack.remove());

// Endpoints and keys are remembered by the server for a twentieth of a second.
const forgotten = () => new Promise((resolve) => setTimeout(resolve, 300));

const all = operations();
const documenting = (status) => all.filter(({ operation }) => operation.responses[status]);
const exampleOf = ({ example, examples, schema = {} }) => example ?? Object.values(examples ?? {})[0]?.value ?? schema.examples?.[0];

// A request that the operation takes, by the examples of its contract.
function good({ route, method, operation, security }) {
  const provider = /^\/webhooks\/(\w+)/.exec(route)?.[1];
  const parameters = operation.parameters ?? [];
  const given = (place) => parameters.filter((each) => each.in === place && (each.required || place === 'header')).map((each) => [each.name, exampleOf(each)]).filter(([, value]) => value);
  const query = new URLSearchParams(given('query'));
  if (provider) query.set('endpoint', endpoints[provider]);
  const content = operation.requestBody?.content['application/json'];
  const body = content && JSON.stringify(exampleOf(content)).replace('820982911946154500', '820982911946154508');
  const headers = { ...Object.fromEntries(given('header')), ...(body && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }) };
  delete headers['If-None-Match'];
  const schemes = Object.keys(security[0] ?? {});
  if (provider) headers['x-attribution-signature'] = relaySignature(secret, body);
  else if (schemes.includes('publishableKey')) { query.set('key', keys.publishable); headers.Origin = origin; } else if (schemes.length) headers['x-api-key'] = keys.secret;
  const path = parameters.filter((each) => each.in === 'path').reduce((text, each) => text.replace(`{${each.name}}`, exampleOf(each)), route);
  return { method: method.toUpperCase(), path, query, headers, body };
}

const send = ({ method, path, query, headers, body }) => request(stack.url, method, `${path}?${query}`, { headers, body });

// The head of the request in raw lines, without its body.
function head(each) {
  const { method, path, query, headers } = good(each);
  const lines = Object.entries(headers).filter(([name]) => name !== 'content-length').map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path}?${query} HTTP/1.1`, 'Host: localhost', ...lines];
}

async function ask(list, status, askOne) {
  assert.ok(list.length > 0);
  const others = [];
  await inParallel(list, 16, async (each) => {
    const answer = await askOne(each);
    if (answer?.status !== status) others.push(`${each.method.toUpperCase()} ${each.route}: ${answer?.status} ${answer?.body}`);
  });
  assert.deepEqual(others, [], `not ${status}`);
}
const raw = (change) => async (each) => (await sendRaw(stack.httpPort, [...change(head(each)), '', ''].join('\r\n'), { quiet: 3000 })).answers[0];

const isDelivery = ({ route }) => route.startsWith('/webhooks/');
test('the example of every webhook is taken, and no dead letter', () => ask(all.filter(isDelivery), 200, async (each) => {
  const answer = await send(good(each));
  assert.ok(['created', 'duplicate', 'conflict', 'ignored'].includes(answer.json.status), `${each.route}: ${answer.body}`);
  return answer;
}));
test('the examples of all other operations are taken', () => inParallel(all.filter((each) => !isDelivery(each)), 4, async (each) => {
  const answer = await send(good(each));
  // Examples name things that this tenant does not have.
  assert.ok([200, 204].includes(answer.status) || (each.route.includes('{') && answer.status === 404), `${each.route}: ${answer.status} ${answer.body}`);
}));

test('400: two Content-Length', () => ask(documenting(400), 400, raw((lines) => [...lines, 'Content-Length: 1', 'Content-Length: 1'])));
test('405: a method that nothing has', () => ask(documenting(405), 405, (each) => send({ ...good(each), method: 'DELETE' })));
test('408: a head that does not end', () => ask(documenting(408), 408, async (each) => (await sendRaw(stack.httpPort, `${head(each).join('\r\n')}\r\n`, { quiet: 5000 })).answers[0]));
test('413: a body over the limit', () => ask(documenting(413), 413, raw((lines) => [...lines, 'Content-Length: 1048577'])));
test('417: an expectation', () => ask(documenting(417), 417, raw((lines) => [...lines, 'Expect: a-miracle'])));
test('431: a header over the limit', () => ask(documenting(431), 431, raw((lines) => [...lines, `X-Long: ${'a'.repeat(8200)}`])));
test('505: HTTP/2.0', () => ask(documenting(505), 505, raw(([first, ...lines]) => [first.replace('1.1', '2.0'), ...lines])));

test('401: no credentials', () => ask(documenting(401), 401, (each) => {
  const { query, headers, ...rest } = good(each);
  query.delete('key');
  delete headers['x-api-key'];
  delete headers['x-attribution-signature'];
  return send({ ...rest, query, headers });
}));
test('403: a publishable key, or another origin', () => ask(documenting(403), 403, (each) => {
  const { headers, ...rest } = good(each);
  if (headers.Origin) headers.Origin = 'https://evil.example';
  else headers['x-api-key'] = keys.publishable;
  return send({ ...rest, headers });
}));
test('415: a body that is declared as something else', () => ask(documenting(415), 415, (each) => {
  const { headers, ...rest } = good(each);
  return send({ ...rest, headers: { ...headers, 'content-type': 'application/xml' } });
}));
test('404: an endpoint that is not there', () => ask(all.filter(isDelivery), 404, (each) => {
  const { query, ...rest } = good(each);
  query.set('endpoint', `whe_${'0'.repeat(32)}`);
  return send({ ...rest, query });
}));

// A defect cannot be asked for; a function that is missing is one.
test('500: a defect of the database', async (t) => {
  const functions = ['resolve_endpoint(text)', 'authenticate_api_key(text, bytea)', 'authenticate_publishable_key(text, bytea)'];
  const rename = (from, to) => Promise.all(functions.map((name) => stack.sql(`ALTER FUNCTION attribution.${from}${name} RENAME TO ${to}${name.split('(')[0]}`)));
  await rename('', 'missing_');
  t.after(() => Promise.all(functions.map((name) => stack.sql(`ALTER FUNCTION attribution.missing_${name} RENAME TO ${name.split('(')[0]}`))));
  await forgotten();
  const local = ['/api/health', '/tracker.js', '/openapi.json', '/docs'];
  await ask(documenting(500).filter(({ route }) => !local.includes(route)), 500, (each) => send(good(each)));
});
test('500: the master key is another one', async () => {
  const key = fs.readFileSync(stack.keyFile);
  await stack.stopServer();
  fs.writeFileSync(stack.keyFile, stack.run(['keygen']));
  try {
    await stack.startServer();
    await ask(all.filter(isDelivery), 500, (each) => send(good(each)));
  } finally {
    fs.writeFileSync(stack.keyFile, key);
  }
});
test('503: the database is away', async () => {
  stack.cluster.stop('fast');
  try {
    await forgotten();
    await ask(documenting(503), 503, (each) => send(good(each)));
  } finally {
    stack.cluster.restart();
  }
});
test('404: a process that does not run the service', async () => {
  await stack.stopServer();
  stack.serverArgs = ['--services', 'health'];
  await stack.startServer();
  await ask(documenting(404).filter(({ route }) => !['/api/health'].includes(route)), 404, (each) => send(good(each)));
  assert.equal((await request(stack.url, 'GET', '/api/nothing')).status, 404);
});
