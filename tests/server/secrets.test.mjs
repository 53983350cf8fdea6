// Secrets while they change: a provider's (rotate, retire) and the server's own master key (reencrypt).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import * as shopify from './lib/shopify.mjs';
import { Stack, eventually } from './lib/stack.mjs';
import * as stripe from './lib/stripe.mjs';
import * as woocommerce from './lib/woocommerce.mjs';

let stack;
let tenantId;
before(async () => {
  stack = await Stack.start('secrets', { serverArgs: ['--endpoint-cache', '0.3'] });
  tenantId = await stack.createTenant('secrets');
});
after(() => stack?.remove());

const providers = {
  shopify: {
    create: (name) => stack.createShop(name),
    deliver: (place) => shopify.deliver(stack, place, shopify.order()),
  },
  stripe: {
    create: () => stripe.createEndpoint(stack, tenantId),
    deliver: (place) => stripe.deliver(stack, place, stripe.chargeSucceeded()),
  },
  woocommerce: {
    create: async (name) => woocommerce.createEndpoint(stack, await stack.createTenant(name)),
    deliver: (place) => woocommerce.deliver(stack, place, woocommerce.order()),
  },
};

// The message of a subcommand that has to fail.
function failure(args, input) {
  try {
    stack.admin(args, input);
  } catch (error) {
    assert.equal(error.status === 1 || error.status === 2, true, `exit code ${error.status}`);
    return `${error.stdout}${error.stderr}`;
  }
  throw new assert.AssertionError({ message: `${args.join(' ')} succeeded` });
}

const rotate = (place, secret) => stack.admin(['endpoint', 'rotate-secret', '--endpoint', place.endpointId], secret);
const retire = (place) => stack.admin(['endpoint', 'retire-secret', '--endpoint', place.endpointId]);

for (const [name, { create, deliver }] of Object.entries(providers)) {
  test(`${name}: two secrets at a time while one takes the place of the other`, async () => {
    const old = await create(`${name}-rolled`);
    const fresh = { ...old, secret: `${old.secret}_new` };
    const third = { ...old, secret: `${old.secret}_third` };
    const statuses = async () => Promise.all([old, fresh, third].map(async (place) => (await deliver(place)).status));
    assert.deepEqual(await statuses(), [200, 401, 401]);
    assert.match(rotate(old, fresh.secret), /accepted/);
    await eventually('both are accepted', async () => (await deliver(fresh)).status === 200);
    assert.deepEqual(await statuses(), [200, 200, 401]);

    // Given again, the new one does not push out the old one.
    assert.match(failure(['endpoint', 'rotate-secret', '--endpoint', old.endpointId], fresh.secret), /this secret already/);
    assert.match(retire(old), /no longer/);
    await eventually('the old one is refused', async () => (await deliver(old)).status === 401);
    assert.deepEqual(await statuses(), [401, 200, 401]);
    assert.match(retire(old), /no previous/);

    rotate(old, third.secret);
    rotate(old, old.secret);
    await eventually('the one before the previous is refused', async () => (await deliver(fresh)).status === 401);
    assert.deepEqual(await statuses(), [200, 401, 200]);
  });
}

test('Stripe rolls a secret: deliveries carry a signature with each', async () => {
  const place = stripe.createEndpoint(stack, tenantId);
  const body = stripe.chargeSucceeded();
  const both = `${stripe.sign(`${place.secret}_new`, body)},v1=${stripe.mac(place.secret, body)}`;
  assert.equal((await stripe.deliver(stack, place, body, { 'stripe-signature': both })).json.status, 'created');
  rotate(place, `${place.secret}_new`);
  retire(place);
  await eventually('only the new secret is left', async () => (await providers.stripe.deliver(place)).status === 401);
  assert.equal((await stripe.deliver(stack, place, body, { 'stripe-signature': both })).json.status, 'duplicate');
});

test('an old genuine signature is told to be old under the previous secret too', async () => {
  const place = stripe.createEndpoint(stack, tenantId);
  rotate(place, `${place.secret}_new`);
  const body = stripe.chargeSucceeded();
  const answer = await stripe.deliver(stack, place, body, { 'stripe-signature': stripe.sign(place.secret, body, { timestamp: stripe.now() - 400 }) });
  assert.equal(answer.status, 401);
  assert.match(answer.json.detail, /genuine, but/);
});

for (const [name, args] of [
  ['rotate-secret of an unknown endpoint', ['endpoint', 'rotate-secret', '--endpoint', `whe_${'0'.repeat(32)}`]],
  ['retire-secret of an unknown endpoint', ['endpoint', 'retire-secret', '--endpoint', `whe_${'0'.repeat(32)}`]],
]) {
  test(`${name} fails`, () => assert.match(failure(args, 'secret'), /no endpoint with this id/));
}

for (const provider of ['nobody']) {
  test(`an endpoint of ${provider}, whose deliveries are not taken, cannot be made`, async () => {
    const before = await stack.value('SELECT count(*)::int FROM attribution.webhook_endpoints');
    assert.match(failure(['endpoint', 'create', '--tenant', tenantId, '--provider', provider, '--account', 'a', '--secret-file', '-'], 'secret'), /provider/);
    assert.equal(await stack.value('SELECT count(*)::int FROM attribution.webhook_endpoints'), before);
  });
}

test('endpoint list shows what there is, and no secret', async () => {
  const place = stripe.createEndpoint(stack, tenantId);
  rotate(place, `${place.secret}_new`);
  const lines = stack.admin(['endpoint', 'list']).split('\n');
  assert.equal(lines.length, await stack.value('SELECT count(*)::int FROM attribution.webhook_endpoints'));
  const line = lines.find((l) => l.startsWith(place.endpointId));
  assert.deepEqual(line.split('\t'), [place.endpointId, tenantId, 'stripe', 'acct_1demo', 'active', 'books', '2 secrets', 'signed by the provider']);
  assert.ok(!lines.join().includes('whsec_'));
});

test('neither the database nor the log has a secret in clear', async () => {
  const place = await providers.shopify.create('clear');
  await providers.shopify.deliver(place);
  const [row] = await stack.sql('SELECT w::text, secret_ciphertext FROM attribution.webhook_endpoints AS w WHERE endpoint_id = $1', [place.endpointId]);
  assert.ok(!row.secret_ciphertext.includes(place.secret) && !row.w.includes(place.secret));
  assert.ok(!row.w.includes(Buffer.from(place.secret).toString('hex')));
  assert.ok(!fs.readFileSync(stack.serverLog, 'utf8').includes(place.secret));
  assert.ok(!fs.readFileSync(stack.cluster.log, 'utf8').includes(place.secret));
});

// From here on the master key changes.
const writeKeys = (...keys) => fs.writeFileSync(stack.keyFile, `${keys.join('\n')}\n`);
async function restartWith(...keys) {
  await stack.stopServer();
  writeKeys(...keys);
  await stack.startServer();
}
const reencrypt = () => stack.admin(['endpoint', 'reencrypt']);
const secretCount = () => stack.value('SELECT count(secret_ciphertext)::int + count(previous_secret_ciphertext)::int FROM attribution.webhook_endpoints');
const keyIds = async () => (await stack.sql(`SELECT DISTINCT encode(substr(secret_ciphertext, 2, 8), 'hex') AS id
    FROM attribution.list_webhook_secrets()`)).map(({ id }) => id);

test('a new master key takes the place of the old one, while deliveries go on', async () => {
  const place = stripe.createEndpoint(stack, tenantId);
  const rolled = stripe.createEndpoint(stack, tenantId);
  rotate(rolled, `${rolled.secret}_new`);
  const accepted = async () => [(await providers.stripe.deliver(place)).status, (await providers.stripe.deliver(rolled)).status];
  const [first, second] = [fs.readFileSync(stack.keyFile, 'utf8').trim(), stack.run(['keygen'])];
  const total = await secretCount();
  const [firstId] = await keyIds();

  await restartWith(second, first);
  assert.deepEqual(await accepted(), [200, 200]);
  assert.match(reencrypt(), new RegExp(`: ${total} of ${total} secrets`));
  assert.deepEqual(await accepted(), [200, 200]);
  const [secondId, ...others] = await keyIds();
  assert.notEqual(secondId, firstId);
  assert.deepEqual(others, []);
  const before = await stack.sql('SELECT * FROM attribution.list_webhook_secrets()');
  assert.match(reencrypt(), new RegExp(`: 0 of ${total} secrets`));
  assert.deepEqual(await stack.sql('SELECT * FROM attribution.list_webhook_secrets()'), before);

  await restartWith(second);
  assert.deepEqual(await accepted(), [200, 200]);

  // The old key alone opens nothing any more; nothing is lost by it.
  await restartWith(first);
  const [a, b] = [await providers.stripe.deliver(place), await providers.stripe.deliver(rolled)];
  assert.deepEqual([a.status, b.status], [500, 500]);
  assert.match(a.json.hint, /master key/);
  await eventually('the reason is in the log', () => fs.readFileSync(stack.serverLog, 'utf8').includes('secret_unreadable'));
  await restartWith(second);
  assert.deepEqual(await accepted(), [200, 200]);
});

test('reencrypt goes on after a secret that it cannot read, and says so', async () => {
  const second = fs.readFileSync(stack.keyFile, 'utf8').trim();
  const foreign = stack.run(['keygen']);
  writeKeys(foreign);
  const lost = stripe.createEndpoint(stack, tenantId);
  const third = stack.run(['keygen']);
  writeKeys(third, second);
  const total = await secretCount();
  const said = failure(['endpoint', 'reencrypt']);
  assert.match(said, new RegExp(`: ${total - 1} of ${total} secrets`));
  assert.match(said, new RegExp(`${lost.endpointId}: .*master key`));
  // Nor is it replaced by hand: who has another key than the server would lock out the provider.
  assert.match(failure(['endpoint', 'rotate-secret', '--endpoint', lost.endpointId], 'whsec_newer'), /not under this master key.*--key-lost/s);
  writeKeys(third, foreign);
  assert.match(reencrypt(), new RegExp(`: 1 of ${total} secrets`));
  await restartWith(third);
  assert.equal((await providers.stripe.deliver(lost)).status, 200);
});

test('two at once do all of it once', async () => {
  const old = fs.readFileSync(stack.keyFile, 'utf8').trim();
  writeKeys(stack.run(['keygen']), old);
  const total = await secretCount();
  const args = ['endpoint', 'reencrypt', '--secret-key-file', stack.keyFile, '--database', stack.cluster.conninfo('postgres')];
  const run = () => promisify(execFile)(stack.binary, args, { ...stack.cluster.owner(), cwd: '/' })
    .then(({ stdout }) => stdout, ({ stdout }) => stdout);
  const done = (await Promise.all([run(), run()])).map((said) => Number(said.match(/again: (\d+)/)[1]));
  assert.equal(done[0] + done[1], total);
  assert.equal((await keyIds()).length, 1);
});

test('the keys may stand in the environment, and a broken one is refused', async () => {
  const key = fs.readFileSync(stack.keyFile, 'utf8').split('\n')[0];
  const run = (keys) => promisify(execFile)(stack.binary, ['endpoint', 'reencrypt', '--database', stack.cluster.conninfo('postgres')],
    { ...stack.cluster.owner(), cwd: '/', env: { ...process.env, ATTRIBUTION_SECRET_KEY: keys } });
  assert.match((await run(`${stack.run(['keygen'])} ${key}`)).stdout, /again: [1-9]/);
  await assert.rejects(run(`${key} abc`), /64 hex digits/);
  await assert.rejects(run(''), /master key is missing/);
});
