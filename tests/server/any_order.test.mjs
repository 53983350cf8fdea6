// A sale's whole life arrives in any order, with repeats under the same delivery key and under new ones, and with losses that
// are sent again later: the totals, and the channel, are those of the life in order. ORDERS random orders for each provider
// (1,000), each with ids of its own; SEED repeats them.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { makePlaces, send } from './lib/lives/places.mjs';
import { inParallel, randomOf, seed } from './lib/lives/random.mjs';
import { bookedChannels, bookedTotals, differences, linkedEvidence, totalsOf, wholePaypal, wholeShopify, wholeShopifyWithPaypal, wholeStripe, wholeWoo, wholeWooWithStripe } from './lib/lives/whole.mjs';
import { Stack } from './lib/stack.mjs';

const orders = Number(process.env.ORDERS ?? 1000);
const atATime = 48;
let stack;
let places;
before(async () => {
  stack = await Stack.start('any-order', { settings: ['fsync=off'] });
  places = await makePlaces(stack);
});
after(() => stack?.remove());

// The same content told again under another delivery key: Stripe's and PayPal's is the event's id, WooCommerce's the digest.
function retold(delivery, deliveryKey) {
  if (delivery.provider === 'shopify') return { ...delivery, deliveryKey };
  if (delivery.provider === 'woocommerce') return { ...delivery, body: `${delivery.body} ` };
  const event = JSON.parse(delivery.body);
  const id = delivery.provider === 'paypal' ? `${event.id}-${deliveryKey.toUpperCase()}` : `${event.id}_${deliveryKey}`;
  return { ...delivery, body: JSON.stringify({ ...event, id }) };
}

// Where an item goes in the order of arrival: what is lost comes after everything else, what is repeated anywhere.
function arrivals(life, n, random) {
  const first = [];
  const late = [];
  for (const [i, told] of life.deliveries.entries()) {
    const delivery = { ...told, deliveryKey: `d${n}-${i}` };
    (random.chance(0.1) ? late : first).push(delivery);
    if (random.chance(0.2)) first.push(delivery);
    if (random.chance(0.2)) first.push(retold(delivery, `r${n}x${i}`));
  }
  return [...random.shuffle(first), ...random.shuffle(late)];
}

async function deliverAll(deliveries, where) {
  const known = new Set();
  for (const delivery of deliveries) {
    const answer = await send(stack, places, delivery);
    assert.equal(answer.status, 200, `${where}: ${answer.body}`);
    assert.equal(answer.json.status, known.has(delivery) ? 'duplicate' : 'created', `${where}: ${delivery.topic}: ${answer.body}`);
    known.add(delivery);
  }
}

async function bookedSince(before, tenant) {
  const booked = await bookedTotals(stack, places.tenants[tenant]);
  for (const key of before.keys()) booked.delete(key);
  return booked;
}

// Ids above what a double holds, as Shopify's are.
const firstId = 90_071_992_547_409_921n;

for (const [name, whole, tenant, first] of [
  ['shopify', wholeShopify, 'shop', firstId],
  ['stripe', wholeStripe, 'merchant', firstId],
  ['paypal', wholePaypal, 'seller', firstId],
  ['woocommerce', wholeWoo, 'store', firstId],
  ['woocommerce, with stripe as evidence', wholeWooWithStripe, 'store', firstId + 1_000_000n],
  ['shopify, with paypal as evidence', wholeShopifyWithPaypal, 'shop', firstId + 1_000_000n],
]) {
  test(`${name}: the lives in order end in the totals that an accountant writes`, async () => {
    const lives = Array.from({ length: 12 }, (_, i) => whole(first + BigInt(i)));
    const before = await bookedTotals(stack, places.tenants[tenant]);
    for (const [i, life] of lives.entries()) {
      await deliverAll(life.deliveries.map((delivery, j) => ({ ...delivery, deliveryKey: `i${first + BigInt(i)}-${j}` })), `life ${i} in order`);
    }
    assert.deepEqual(differences(totalsOf(lives), await bookedSince(before, tenant)), []);
  });

  test(`${name}: ${orders} random orders of arrival end in the same totals`, async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const lives = Array.from({ length: orders }, (_, i) => ({ n: first + 1000n + BigInt(i), i, ...whole(first + 1000n + BigInt(i)) }));
    const before = await bookedTotals(stack, places.tenants[tenant]);
    let sent = 0;
    await inParallel(lives, atATime, async (life) => {
      const arriving = arrivals(life, life.n, randomOf(seed + life.i));
      await deliverAll(arriving, `SEED=${seed}, order ${life.i}`);
      sent += arriving.length;
    });
    t.diagnostic(`${sent} deliveries of ${lives.length} lives`);
    assert.deepEqual(differences(totalsOf(lives), await bookedSince(before, tenant)), [], `SEED=${seed}`);
    // Also of sales that a notice told first.
    assert.deepEqual(await bookedChannels(stack, places.tenants[tenant]), ['paid_search'], `SEED=${seed}`);
    const links = await linkedEvidence(stack, places.tenants[tenant]);
    const wanted = lives.filter(({ link }) => link).map(({ link }) => link.join(' '));
    assert.deepEqual(wanted.filter((link) => !links.has(link)), [], `not linked, SEED=${seed}`);
    assert.deepEqual([...links].filter((link) => !link.includes(' ')), [], `linked with nothing, SEED=${seed}`);
  });
}
