// What PayPal signs is accepted; every wrong variant is refused, one row each. The certificates are those of an authority
// made here, and the way to PayPal's hosts is a proxy that records every connection.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { capture, captureCompleted, crc32, crcSuffix, createEndpoint, deliver, event, headers, liveUrl, relaySignature, sandboxUrl, target } from './lib/paypal.mjs';
import { Authority, liveName, PayPalHosts, sandboxName } from './lib/paypal_certificates.mjs';
import { chargeSucceeded, sign } from './lib/stripe.mjs';
import { freePort, Stack } from './lib/stack.mjs';

let authority;
let stranger;
let hosts;
let stack;
let place;
let neighbour;
let relay;
const signers = {};

before(async () => {
  authority = new Authority();
  stranger = new Authority('Another root');
  hosts = await new PayPalHosts().start(authority);
  stack = await Stack.start('paypal-client', { settings: ['fsync=off'],
    serverEnv: { HTTPS_PROXY: hosts.url, NO_PROXY: '', SSL_CERT_FILE: authority.rootFile } });
  const tenantId = await stack.createTenant('paypal');
  place = createEndpoint(stack, tenantId);
  neighbour = createEndpoint(stack, tenantId);
  relay = createEndpoint(stack, tenantId, { secret: 'relay_0123456789', args: ['--signature', 'hmac'] });
  signers.live = authority.signer(liveName);
  signers.sandbox = authority.signer(sandboxName);
  signers.other = authority.signer('www.paypal.com');
  signers.longer = authority.signer(`${liveName}.example.com`);
  signers.expired = authority.signer(liveName, { until: new Date(Date.now() - 60_000) });
  signers.early = authority.signer(liveName, { from: new Date(Date.now() + 3600_000) });
  signers.weak = authority.signer(liveName, { bits: 1024 });
  signers.sha1 = authority.signer(liveName, { digest: 'sha1' });
  signers.client = authority.signer(liveName, { extension: 'extendedKeyUsage=clientAuth' });
  signers.stranger = stranger.signer(liveName);
  for (const [name, signer] of Object.entries(signers)) hosts.put(`CERT-${name}`, signer.chain);
  hosts.put('CERT-alone', signers.live.certificate);
});
after(async () => {
  await stack?.remove();
  hosts?.stop();
  authority?.remove();
  stranger?.remove();
});

const good = (changes = {}) => ({ key: signers.live.key, url: liveUrl('CERT-live'), ...changes });

async function storedRows() {
  return stack.value(`SELECT (SELECT count(*) FROM attribution.attribution_events) + (SELECT count(*) FROM attribution.dead_events)
      + (SELECT count(*) FROM attribution.revenue_ledger) + (SELECT count(*) FROM attribution.delivery_transmissions)`);
}

test('accepted: as PayPal signs, on every path; the signed type is the topic', async () => {
  for (const path of ['', '/payment/sale/completed', '/payment/capture/completed', '/customer/dispute/created', '/checkout/order/approved']) {
    const body = captureCompleted();
    const answer = await request(stack.url, 'POST', target(place, path), { body, headers: headers(place, body, good()) });
    assert.equal(answer.json.status, 'created', answer.body);
    assert.equal(await stack.value('SELECT topic FROM attribution.attribution_events WHERE event_id = $1', [answer.json.event_id]), 'payment.capture.completed');
  }
});

test('accepted: three days old, and sent again under the same and under a new transmission id', async () => {
  const body = captureCompleted();
  const time = new Date(Date.now() - 3 * 86_400_000).toISOString();
  const id = randomUUID();
  const first = await deliver(stack, place, body, good({ time, id }));
  assert.equal(first.json.status, 'created', first.body);
  for (const again of [await deliver(stack, place, body, good({ time, id })), await deliver(stack, place, body, good())]) {
    assert.equal(again.json.status, 'duplicate', again.body);
    assert.equal(again.json.event_id, first.json.event_id);
  }
});

test('one fetch of a certificate for many deliveries, one after the other and at once', async () => {
  hosts.put('CERT-many', { body: signers.live.chain, wait: 300 });
  hosts.forget();
  const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(stack, place, captureCompleted(), good({ url: liveUrl('CERT-many') }))));
  answers.push(await deliver(stack, place, captureCompleted(), good({ url: liveUrl('CERT-many') })));
  assert.deepEqual(answers.map(({ json }) => json.status), Array(21).fill('created'));
  assert.deepEqual(hosts.fetched, ['/v1/notifications/certs/CERT-many']);
  assert.deepEqual(hosts.asked, ['api.paypal.com:443']);
});

// name, (body) => what differs from a good delivery, what the answer's detail says
const refused = [
  ['one byte of the body changed', (b) => ({ signedBody: b.replace('49.99', '49.98') }), /belong/],
  ['another webhook id', () => ({ webhookId: neighbour.secret }), /belong/],
  ['the simulator\'s webhook id', () => ({ webhookId: 'WEBHOOK_ID' }), /belong/],
  ['no webhook id', () => ({ webhookId: '' }), /belong/],
  ['another key than the certificate\'s', () => ({ key: signers.sandbox.key }), /belong/],
  ['another transmission id than the signed one', () => ({ changes: { 'paypal-transmission-id': randomUUID() } }), /belong/],
  ['another time than the signed one', () => ({ changes: { 'paypal-transmission-time': '2026-11-20T10:00:00Z' } }), /belong/],
  ['another certificate of PayPal\'s', () => ({ url: sandboxUrl.replace(/[^/]+$/, 'CERT-sandbox') }), /belong/],
  ['an expired certificate', () => ({ key: signers.expired.key, url: liveUrl('CERT-expired') }), /trusted/],
  ['a certificate that is not valid yet', () => ({ key: signers.early.key, url: liveUrl('CERT-early') }), /trusted/],
  ['a certificate of another name', () => ({ key: signers.other.key, url: liveUrl('CERT-other') }), /trusted/],
  ['a certificate of a longer name', () => ({ key: signers.longer.key, url: liveUrl('CERT-longer') }), /trusted/],
  ['the sandbox\'s certificate at the live host', () => ({ key: signers.sandbox.key, url: liveUrl('CERT-sandbox') }), /trusted/],
  ['the live certificate at the sandbox\'s host', () => ({ url: sandboxUrl.replace(/[^/]+$/, 'CERT-live') }), /trusted/],
  ['a root that is not trusted', () => ({ key: signers.stranger.key, url: liveUrl('CERT-stranger') }), /trusted/],
  ['a chain without its intermediate', () => ({ url: liveUrl('CERT-alone') }), /trusted/],
  ['a weak key', () => ({ key: signers.weak.key, url: liveUrl('CERT-weak') }), /trusted/],
  ['a certificate signed with SHA-1', () => ({ key: signers.sha1.key, url: liveUrl('CERT-sha1') }), /trusted/],
  ['a certificate for clients', () => ({ key: signers.client.key, url: liveUrl('CERT-client') }), /trusted/],
  ['SHA1withRSA', () => ({ algorithm: 'SHA1' }), /AUTH-ALGO/],
  ['SHA512withRSA', () => ({ algorithm: 'SHA512' }), /AUTH-ALGO/],
  ['SHA1 under the name of SHA256', () => ({ algorithm: 'SHA1', changes: { 'paypal-auth-algo': 'SHA256withRSA' } }), /belong/],
  ['a transmission id with a bar', () => ({ id: `${randomUUID()}|x` }), /TRANSMISSION-ID/],
  ['a time that is none', () => ({ time: 'now' }), /TRANSMISSION-TIME/],
  ['a signature that is not base64', () => ({ changes: { 'paypal-transmission-sig': 'not base64!' } }), /base64/],
  ['hex in place of base64', () => ({ changes: { 'paypal-transmission-sig': 'ab'.repeat(256) } }), /belong/],
  ...['sig', 'id', 'time'].flatMap((name) => [undefined, ''].map((value) =>
    [`${value === '' ? 'an empty' : 'no'} paypal-transmission-${name}`, () => ({ changes: { [`paypal-transmission-${name}`]: value } }), /missing or empty/])),
  ['no paypal-cert-url', () => ({ changes: { 'paypal-cert-url': undefined } }), /missing or empty/],
  ['no paypal-auth-algo', () => ({ changes: { 'paypal-auth-algo': undefined } }), /missing or empty/],
  ['a relay\'s signature', (b) => ({ changes: { 'paypal-transmission-sig': undefined, 'x-attribution-signature': relaySignature(place.secret, b) } }), /missing or empty/],
  ['a relay\'s signature beside a wrong one', (b) => ({ webhookId: 'x', changes: { 'x-attribution-signature': relaySignature(place.secret, b) } }), /belong/],
];

for (const [name, spoil, detail] of refused) {
  test(`refused: ${name} → 401, nothing stored`, async () => {
    const before = await storedRows();
    const body = captureCompleted();
    const answer = await deliver(stack, place, body, good(spoil(body)));
    assert.equal(answer.status, 401, answer.body);
    assert.match(answer.json.detail, detail);
    assert.equal(answer.headers['www-authenticate'], 'PAYPAL-TRANSMISSION-SIG');
    assert.ok(answer.json.hint, 'there is no hint');
    assert.equal(await storedRows(), before, 'something was stored');
  });
}

for (const name of ['paypal-transmission-sig', 'paypal-transmission-id', 'paypal-transmission-time', 'paypal-cert-url', 'paypal-auth-algo']) {
  test(`refused: ${name} twice → 400`, async () => {
    const body = captureCompleted();
    const fields = headers(place, body, good());
    const answer = await request(stack.url, 'POST', target(place), { body, headers: { ...fields, [name]: [fields[name], fields[name]] } });
    assert.equal(answer.status, 400, answer.body);
    assert.match(answer.json.detail, /more than once/);
  });
}

const file = '/v1/notifications/certs/CERT-live';
const attacks = [
  `http://api.paypal.com${file}`, `HTTPS://api.paypal.com${file}`, `//api.paypal.com${file}`, `https:api.paypal.com${file}`,
  `https:///api.paypal.com${file}`, `ftp://api.paypal.com${file}`, 'file:///etc/passwd', 'data:text/plain,x', 'not a url',
  `https://evil.example${file}`, `https://api.paypal.com.evil.example${file}`, `https://api-paypal.com${file}`, `https://paypal.com${file}`,
  `https://x.api.paypal.com${file}`, `https://api.paypal.com.${file}`, `https://API.PAYPAL.COM${file}`, `https://api%2epaypal.com${file}`,
  `https://evil.example@api.paypal.com${file}`, `https://api.paypal.com@evil.example${file}`, `https://api.paypal.com:443${file}`,
  `https://api.paypal.com:${file}`, `https://api.paypal.com:8443${file}`, `https://api.paypal.com\\@evil.example${file}`, `https://127.0.0.1${file}`,
  `https://[::1]${file}`, `https://localhost${file}`, `https://api.paypal.com%00.evil.example${file}`, 'https://api.paypal.com', 'https://api.paypal.com/',
  'https://api.paypal.com/v1/notifications/certs/', 'https://api.paypal.com/v1/notifications/certs/../../../x', 'https://api.paypal.com/v1/notifications/certs/..',
  'https://api.paypal.com/v1/notifications/certs/%2e%2e/x', 'https://api.paypal.com/v1/notifications/certs/..%2f..%2fx', 'https://api.paypal.com/v1/notifications/certs/a/b',
  'https://api.paypal.com//v1/notifications/certs/a', 'https://api.paypal.com/v1/x/../notifications/certs/a', 'https://api.paypal.com/v1%2fnotifications/certs/a',
  'https://api.paypal.com/V1/Notifications/Certs/a', 'https://api.paypal.com/v1/notifications/certsx/a', `https://api.paypal.com${file}?x`, `https://api.paypal.com${file}#x`,
  `https://api.paypal.com${file}?url=https://evil.example/`, `https://api.paypal.com${file};x`, `https://api.paypal.com${file} `.concat('x'), `https://api.paypal.com${file}%0d%0a`,
  `https://api.paypal.com${file}${'a'.repeat(200)}`,
];

test(`${attacks.length} URLs of certificates that are not PayPal's: 401, and no connection is made`, async () => {
  const before = await storedRows();
  hosts.forget();
  for (const url of attacks) {
    const answer = await deliver(stack, place, captureCompleted(), good({ url }));
    assert.equal(answer.status, 401, `${url}: ${answer.body}`);
    assert.match(answer.json.detail, /CERT-URL/, url);
    assert.ok(!answer.body.includes('evil'), 'the answer quotes the URL');
  }
  assert.deepEqual(hosts.asked, []);
  assert.equal(await storedRows(), before, 'something was stored');
  // The recorder records: an unknown file of PayPal's own is asked for.
  assert.equal((await deliver(stack, place, captureCompleted(), good({ url: liveUrl('CERT-unknown') }))).status, 503);
  assert.deepEqual(hosts.asked, ['api.paypal.com:443']);
});

// name, what is at the URL
const missing = [
  ['there is none', { status: 404 }],
  ['the host fails', { status: 500, body: 'x' }],
  ['the answer is no certificate', { body: '<html>' }],
  ['the answer is too large', () => ({ body: signers.live.chain + 'x'.repeat(100_000) })],
  ['half a certificate', () => ({ body: signers.live.chain.slice(0, 500) })],
  ['a redirect, which is not followed', { status: 302, headers: { location: 'https://evil.example/cert' } }],
  ['a redirect to the right file', { status: 301, headers: { location: 'https://api.paypal.com/v1/notifications/certs/CERT-live' } }],
];

for (const [no, [name, answerOf]] of missing.entries()) {
  test(`503 while the certificate cannot be had (${name}), and success when it can`, async () => {
    const file = `CERT-missing-${no}`;
    hosts.put(file, typeof answerOf === 'function' ? answerOf() : answerOf);
    hosts.forget();
    const before = await storedRows();
    const body = captureCompleted();
    const answer = await deliver(stack, place, body, good({ url: liveUrl(file) }));
    assert.equal(answer.status, 503, answer.body);
    assert.match(answer.headers['retry-after'], /^\d+$/);
    assert.deepEqual(hosts.asked, ['api.paypal.com:443']);
    assert.equal(await storedRows(), before, 'something was stored');
    hosts.put(file, signers.live.chain);
    assert.equal((await deliver(stack, place, body, good({ url: liveUrl(file) }))).json.status, 'created');
  });
}

test('503 for all who wait for a certificate while PayPal is away; others are served meanwhile', async () => {
  hosts.down = true;
  const away = await Promise.all(Array.from({ length: 5 }, () => deliver(stack, place, captureCompleted(), good({ url: liveUrl('CERT-away') }))));
  assert.deepEqual(away.map(({ status }) => status), Array(5).fill(503));
  assert.equal((await deliver(stack, place, captureCompleted(), good())).json.status, 'created', 'a certificate that is known needs no fetch');
  hosts.down = false;
});

test('a server that is slow to answer blocks nobody, and is given up', async () => {
  hosts.put('CERT-slow', { body: signers.live.chain, wait: 60_000 });
  const slow = deliver(stack, place, captureCompleted(), good({ url: liveUrl('CERT-slow') }));
  const start = Date.now();
  assert.equal((await request(stack.url, 'GET', '/api/health')).status, 200);
  assert.equal((await deliver(stack, place, captureCompleted(), good())).json.status, 'created');
  const served = Date.now();
  assert.equal((await slow).status, 503);
  assert.ok(served - start < Date.now() - served, 'others waited for the slow one');
});

test('a certificate is judged at each delivery: it expires though it is remembered', async () => {
  const short = authority.signer(liveName, { until: new Date(Date.now() + 6000) });
  hosts.put('CERT-short', short.chain);
  const url = liveUrl('CERT-short');
  assert.equal((await deliver(stack, place, captureCompleted(), good({ key: short.key, url }))).json.status, 'created');
  await new Promise((resolve) => setTimeout(resolve, 7000));
  const answer = await deliver(stack, place, captureCompleted(), good({ key: short.key, url }));
  assert.equal(answer.status, 401, answer.body);
  assert.match(answer.json.detail, /trusted/);
  assert.match(fs.readFileSync(stack.serverLog, 'utf8'), /"certificate_refused".*expired/);
});

test('another body under a transmission id: the first stays, the other is a dead letter', async () => {
  const id = randomUUID();
  const body = captureCompleted();
  const first = await deliver(stack, place, body, good({ id }));
  assert.equal(first.json.status, 'created', first.body);
  // As an attacker would: the signature holds, since the CRC-32 is the same. JSON has room for any bytes but few.
  const other = captureCompleted({ amount: { currency_code: 'USD', value: '999999.00' } });
  const forged = forge(other, crc32(Buffer.from(body)));
  const fields = headers(place, body, good({ id }));
  const answer = await request(stack.url, 'POST', target(place), { body: forged, headers: { ...fields, 'content-length': String(forged.length) } });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.json.status, 'dead_lettered');
  assert.deepEqual(await stack.sql('SELECT code, detail, replayable FROM attribution.dead_events WHERE dead_id = $1', [answer.json.event_id]),
    [{ code: 'RA004', detail: 'Another body came under this transmission id; the first one stays.', replayable: false }]);
  assert.equal(await stack.value('SELECT count(*)::int FROM attribution.revenue_ledger WHERE amount_minor = 99999900'), 0);
  assert.equal((await deliver(stack, place, body, good({ id }))).json.status, 'duplicate');
});

// Another body with that CRC-32, good JSON: four letters, digits and so on are looked for that lead to it.
function forge(other, wanted) {
  for (let i = 0; ; i += 1) {
    const prefix = Buffer.from(other.replace(/}$/, `,"n":${i},"x":"`));
    const end = Buffer.from('"}');
    // The CRC-32 runs backwards over the end.
    const suffix = crcSuffix(prefix, backwards(wanted, end));
    if (/^[\x20\x21\x23-\x5b\x5d-\x7e]{4}$/.test(suffix.toString('latin1'))) return Buffer.concat([prefix, suffix, end]);
  }
}

// The CRC-32 of a text before `end` was added, if it is `wanted` afterwards.
function backwards(wanted, end) {
  const table = new Map(Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let bit = 0; bit < 8; bit += 1) c = (c & 1) ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return [c >>> 24, [n, c >>> 0]];
  }));
  let state = (wanted ^ 0xffffffff) >>> 0;
  for (const byte of [...end].reverse()) {
    const [n, value] = table.get(state >>> 24);
    state = (((state ^ value) << 8) | (n ^ byte)) >>> 0;
  }
  return (state ^ 0xffffffff) >>> 0;
}

test('sandbox: verified, counted as test mode, nothing stored', async () => {
  const before = await stack.value('SELECT count(*) FROM attribution.attribution_events');
  const url = sandboxUrl.replace(/[^/]+$/, 'CERT-sandbox');
  const answer = await deliver(stack, place, captureCompleted(), { key: signers.sandbox.key, url });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.json.status, 'ignored');
  assert.equal(await stack.value('SELECT count(*) FROM attribution.attribution_events'), before);
  assert.equal(await stack.value(`SELECT deliveries::int FROM attribution.ignored_deliveries WHERE tenant_id = $1 AND reason = 'test_mode'`, [place.tenantId]), 1);
});

test('an event that is not booked is counted; what is signed but no event is a dead letter', async () => {
  const unknown = await deliver(stack, place, event('BILLING.SUBSCRIPTION.CREATED', { id: 'I-1' }, { resourceType: 'subscription' }), good());
  assert.equal(unknown.json.status, 'ignored', unknown.body);
  for (const body of ['not json', '{"id":"WH-1"}', event('PAYMENT.CAPTURE.COMPLETED', { id: 'A1' }), event('PAYMENT.SALE.COMPLETED', capture())]) {
    const answer = await deliver(stack, place, body, good());
    assert.equal(answer.json.status, 'dead_lettered', answer.body);
  }
});

test('the simulator\'s webhook id is never accepted, even when an endpoint has it', async () => {
  const simulated = createEndpoint(stack, place.tenantId, { secret: 'WEBHOOK_ID' });
  const answer = await deliver(stack, simulated, captureCompleted(), good());
  assert.equal(answer.status, 401, answer.body);
});

test('while the webhook id changes both are accepted', async () => {
  const changing = createEndpoint(stack, place.tenantId);
  stack.admin(['endpoint', 'rotate-secret', '--endpoint', changing.endpointId, '--secret-file', '-'], 'WH2NEW');
  for (const webhookId of [changing.secret, 'WH2NEW']) {
    const answer = await deliver(stack, changing, captureCompleted(), good({ webhookId }));
    assert.equal(answer.json.status, 'created', answer.body);
  }
});

const relayed = (body, signature, more = {}) => request(stack.url, 'POST', target(relay), { body,
  headers: { 'content-length': String(Buffer.byteLength(body)), 'x-attribution-signature': signature, ...more } });

test('a relay\'s signature: only at an endpoint that was made for it, and there no other', async () => {
  const body = captureCompleted();
  const answer = await relayed(body, relaySignature(relay.secret, body));
  assert.equal(answer.json.status, 'created', answer.body);
  for (const [signature, detail] of [[relaySignature('other', body), /belong/], [relaySignature(relay.secret, `${body} `), /belong/],
    [relaySignature(relay.secret, body).toUpperCase(), /belong/], ['', /missing or empty/]]) {
    const wrong = await relayed(body, signature);
    assert.equal(wrong.status, 401, wrong.body);
    assert.match(wrong.json.detail, detail);
  }
  const twice = await relayed(body, [relaySignature(relay.secret, body), 'x']);
  assert.equal(twice.status, 400, twice.body);
  const direct = await deliver(stack, relay, body, good());
  assert.equal(direct.status, 401, direct.body);
  assert.equal(direct.headers['www-authenticate'], 'X-Attribution-Signature');
});

test('a relay may pass on deliveries of any provider', async () => {
  const args = ['endpoint', 'create', '--tenant', place.tenantId, '--provider', 'stripe', '--account', 'acct_1', '--secret-file', '-', '--signature', 'hmac'];
  const id = stack.admin(args, 'relay_0123456789');
  const body = chargeSucceeded();
  const post = (fields) => request(stack.url, 'POST', `/webhooks/stripe?endpoint=${id}`, { body, headers: { 'content-length': String(Buffer.byteLength(body)), ...fields } });
  assert.equal((await post({ 'x-attribution-signature': relaySignature('relay_0123456789', body) })).json.status, 'created');
  assert.equal((await post({ 'stripe-signature': sign('relay_0123456789', body) })).status, 401);
});

test('a relay passes on what the sandbox sends: it is told by its links', async () => {
  const body = captureCompleted().replaceAll('api.paypal.com', 'api.sandbox.paypal.com');
  assert.equal((await relayed(body, relaySignature(relay.secret, body))).json.status, 'ignored');
});

test('pinned certificates: nothing is fetched, and no others are taken', async () => {
  const pinned = path.join(authority.dir, 'pinned.pem');
  const next = authority.signer(liveName);
  fs.writeFileSync(pinned, next.chain + signers.live.chain + signers.expired.certificate);
  await stack.stopServer();
  stack.httpPort = await freePort();
  stack.serverArgs = ['--paypal-certificates', pinned, '--trusted-certificates', authority.rootFile];
  stack.serverEnv = { HTTPS_PROXY: hosts.url, NO_PROXY: '' };
  await stack.startServer();
  hosts.forget();
  for (const key of [signers.live.key, next.key]) {
    const answer = await deliver(stack, place, captureCompleted(), good({ key, url: liveUrl('CERT-anything') }));
    assert.equal(answer.json.status, 'created', answer.body);
  }
  for (const key of [signers.stranger.key, signers.expired.key]) assert.equal((await deliver(stack, place, captureCompleted(), good({ key }))).status, 401);
  assert.deepEqual(hosts.asked, []);
});

test('files of certificates that cannot be read are told at the start', () => {
  for (const option of ['--paypal-certificates', '--trusted-certificates']) {
    assert.throws(() => stack.admin(['serve', '--port', '0', option, '/nowhere.pem']), /certificates cannot be read/);
  }
});
