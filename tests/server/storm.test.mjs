// Ten thousand deliveries of all providers, one in twenty of them garbage, over many connections, while the database is
// restarted or killed three times, or server and database are killed in turn (KILLS times each). The client sends again
// what was not answered with 2xx, as each provider does: Shopify the same, Stripe signed anew, PayPal under the same
// transmission id and time, WooCommerce never, so that the merchant does at the end. Sometimes it does not wait for the answer.
// What was acknowledged is then there, exactly once, and the money is what the states say. DELIVERIES says how many, SEED
// repeats them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { garbage } from './lib/lives/garbage.mjs';
import { makePlaces, send } from './lib/lives/places.mjs';
import { inParallel, randomOf, seed } from './lib/lives/random.mjs';
import { bookedTotals, differences, totalsOf, wholePaypal, wholeShopify, wholeStripe, wholeWoo } from './lib/lives/whole.mjs';
import { Authority, liveName } from './lib/paypal_certificates.mjs';
import { Stack, eventually } from './lib/stack.mjs';

const wanted = Number(process.env.DELIVERIES ?? 10_000);
const kills = Number(process.env.KILLS ?? 2);
const connections = 48;
const mostRefusals = 2;  // of one delivery, until the client gives up
const impatient = 0.02;  // the share of deliveries whose first attempt ends after a moment
let stack;
let authority;
let signer;
before(async () => {
  authority = new Authority();
  signer = authority.signer(liveName);
  const pinned = path.join(authority.dir, 'pinned.pem');
  fs.writeFileSync(pinned, signer.chain, { mode: 0o644 });
  // With fsync on, as by default.
  stack = await Stack.start('storm', { serverArgs: ['--paypal-certificates', pinned, '--trusted-certificates', authority.rootFile] });
});
after(async () => {
  await stack?.remove();
  authority?.remove();
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Lives of all providers until nineteen in twenty deliveries are theirs; the rest is garbage. All in random order.
function makeStorm(random, firstId) {
  const lives = { shop: [], merchant: [], seller: [], store: [] };
  const kinds = [['shop', wholeShopify], ['merchant', wholeStripe], ['seller', wholePaypal], ['store', wholeWoo]];
  const deliveries = [];
  for (let n = firstId; deliveries.length < wanted * 0.95; n += 1n) {
    const [tenant, whole] = kinds[Number((n / 12n) % 4n)];
    const life = whole(n);
    lives[tenant].push(life);
    for (const [i, delivery] of life.deliveries.entries()) deliveries.push({ ...delivery, deliveryKey: `s${n}-${i}`, outcome: 'created' });
  }
  for (let i = 0; deliveries.length < wanted; i += 1) deliveries.push(garbage(firstId + 1_000_000n + BigInt(i)));
  return { lives, deliveries: random.shuffle(deliveries) };
}

// Sends until it is answered with 2xx, or refused for good. Remembers how often it stays unknown what became of it. Resolves to what
// is not sent again, and whose end stays unknown.
async function insist(places, delivery, answers, random, isLast = false) {
  const result = { delivery, unknown: isLast ? 1 : 0, refusals: 0 };
  // What is only counted would be counted again: there the client waits, so that the count is exact but for the outage.
  const isImpatient = !isLast && delivery.outcome !== 'ignored' && random.chance(impatient);
  for (let signal = isImpatient ? AbortSignal.timeout(random.below(8)) : undefined; ; signal = undefined) {
    const answer = await send(stack, places, { ...delivery, signal }).catch((error) => {
      if (error.code === undefined || error.code === 'ERR_ASSERTION') throw error;
      return { status: 0 };  // the connection broke
    });
    if (answer.status === 200) {
      answers.push({ ...result, status: answer.json.status, id: answer.json.event_id });
      return undefined;
    }
    if (answer.status === 0 || answer.status === 503) result.unknown += 1;
    else result.refusals += 1;
    if (result.refusals > mostRefusals) {
      answers.push({ ...result, status: `refused ${answer.status}` });
      return undefined;
    }
    if (delivery.provider === 'woocommerce' && !isLast && result.unknown > 0) return delivery;
    await pause(100);
  }
}

// Each answer is of the kind that the delivery is due: a repeat after an unknown end may be a duplicate.
function checkAnswers(answers) {
  const wrong = answers.filter(({ delivery, status, unknown }) => {
    const { outcome } = delivery;
    return status !== outcome && !(outcome === 'created' && status === 'duplicate' && unknown > 0);
  });
  assert.deepEqual(wrong.slice(0, 5).map(({ delivery, status }) => [delivery.outcome, delivery.topic, status]), [], `${wrong.length} answers`);
}

function assertSameSet(what, stored, acknowledged) {
  assert.equal(new Set(stored).size, stored.length, `${what}: stored twice`);
  const there = new Set(stored);
  const named = new Set(acknowledged);
  assert.deepEqual([...named].filter((id) => !there.has(id)).slice(0, 5), [], `${what}: acknowledged, but not stored`);
  assert.deepEqual([...there].filter((id) => !named.has(id)).slice(0, 5), [], `${what}: stored, but never acknowledged`);
}

async function checkStored(places, answers) {
  const tenants = [Object.values(places.tenants)];
  const idsOf = (...statuses) => answers.filter(({ status }) => statuses.includes(status)).map(({ id }) => id);
  const events = await stack.sql(`SELECT event_id AS id, source || ' ' || delivery_key AS key FROM attribution.attribution_events
      WHERE tenant_id = ANY ($1)`, tenants);
  assertSameSet('events', events.map(({ id }) => id), idsOf('created', 'duplicate'));
  assert.equal(new Set(events.map(({ key }) => key)).size, events.length, 'a delivery is stored under two events');
  assert.equal(new Set(idsOf('created', 'duplicate')).size, idsOf('created', 'duplicate').length, 'two deliveries were told the same event');
  const dead = await stack.sql('SELECT dead_id AS id FROM attribution.dead_events WHERE tenant_id = ANY ($1)', tenants);
  assertSameSet('dead letters', dead.map(({ id }) => id), idsOf('dead_lettered'));
  await checkIgnored(tenants, answers);
}

// What is only counted has no identity: when its answer is lost in the outage, it is counted again.
async function checkIgnored(tenants, answers) {
  const ignored = answers.filter(({ status }) => status === 'ignored');
  const counted = await stack.value('SELECT coalesce(sum(deliveries), 0)::int FROM attribution.ignored_deliveries WHERE tenant_id = ANY ($1)', tenants);
  const unknown = ignored.reduce((sum, answer) => sum + answer.unknown, 0);
  assert.ok(counted >= ignored.length && counted <= ignored.length + unknown, `${counted} counted, ${ignored.length} acknowledged, ${unknown} unknown`);
}

// The outages happen one after the other while the storm lasts.
async function underStorm(firstId, t, outages) {
  const random = randomOf(seed + Number(firstId));
  const places = await makePlaces(stack, `${firstId}`, { paypalKey: signer.key });
  const { lives, deliveries } = makeStorm(random, firstId);
  const answers = [];
  const notAgain = [];
  const storm = inParallel(deliveries, connections, async (delivery) => {
    const lost = await insist(places, delivery, answers, random);
    if (lost) notAgain.push(lost);
  });
  for (const [i, outage] of outages.entries()) {
    const share = (i + 1) / (outages.length + 1);
    await Promise.race([storm, eventually('so much of it is answered', () => answers.length > wanted * share, 120)]);
    assert.ok(answers.length < deliveries.length, 'the storm was over before the outage');
    await outage();
  }
  await storm;
  assert.ok(notAgain.length > 0, 'nothing was lost that is not sent again');
  for (const delivery of notAgain) await insist(places, delivery, answers, random, true);
  await eventually('the pool of the test heals', () => stack.value('SELECT true'));

  const retried = answers.filter(({ unknown }) => unknown > 0);
  t.diagnostic(`SEED=${seed}: ${deliveries.length} deliveries, ${retried.length} of them sent again, ${
    retried.filter(({ status }) => status === 'duplicate').length} stored without an answer`);
  assert.equal(answers.length, deliveries.length);
  assert.ok(retried.some(({ status }) => status === 'duplicate'), 'nothing was stored without an answer');
  checkAnswers(answers);
  await checkStored(places, answers);
  for (const [tenant, itsLives] of Object.entries(lives)) {
    assert.deepEqual(differences(totalsOf(itsLives), await bookedTotals(stack, places.tenants[tenant])), [], `SEED=${seed}: ${tenant}`);
  }
}

async function restartDatabase() {
  stack.cluster.stop('fast');
  await pause(500);
  stack.cluster.restart();
}

async function killDatabase() {
  stack.cluster.crash();
  await pause(500);
  await eventually('PostgreSQL starts again', () => { stack.cluster.restart(); return true; });
}

async function killServer() {
  stack.server.kill('SIGKILL');
  assert.deepEqual(await stack.serverExit, { code: null, signal: 'SIGKILL' });
  await pause(200);
  await stack.startServer();
}

test(`${wanted} deliveries, the database is restarted`,
  (t) => underStorm(90_071_992_547_409_921n, t, Array(3).fill(restartDatabase)));

test(`${wanted} deliveries, the database is killed`,
  (t) => underStorm(90_171_992_547_409_921n, t, Array(3).fill(killDatabase)));

test(`${wanted} deliveries, server and database are killed ${2 * kills} times`,
  (t) => underStorm(90_271_992_547_409_921n, t, Array(kills).fill([killServer, killDatabase]).flat()));
