// tracker.js in a real browser, on the pages of a small shop: from a visit to the revenue of its channel.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { deliver, order } from './lib/shopify.mjs';
import { Stack, eventually, projectRoot } from './lib/stack.mjs';

let stack;
let shop;
let pages;
let key;
before(async () => {
  stack = await Stack.start('tracker', { serverArgs: ['--endpoint-cache', '0.3'] });
  shop = await stack.createShop();
  pages = await new Pages().start();
  key = stack.admin(['key', 'create', '--tenant', shop.tenantId, '--publishable', '--origin', pages.origin('shop'), '--rate-limit', '1000']);
});
after(async () => {
  await pages?.stop();
  await stack.remove();
});

// Shops on *.localhost, which browsers take for this machine. A cart belongs to whoever has its cookie, as Shopify's does.
class Pages {
  carts = new Map();
  requests = [];
  attributes = '';  // of the script tag
  before = '';      // a script that runs before it
  shopify = true;

  async start() {
    this.server = http.createServer((incoming, reply) => this.answer(incoming, reply)).listen(0, '127.0.0.1');
    await new Promise((resolve) => this.server.once('listening', resolve));
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  origin(host) { return `http://${host}.localhost:${this.server.address().port}`; }

  async answer(incoming, reply) {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const cart = /cart=([0-9]+)/.exec(incoming.headers.cookie ?? '')?.[1] ?? String(this.carts.size + 1);
    if (!this.carts.has(cart)) this.carts.set(cart, {});
    this.requests.push(`${incoming.method} ${incoming.url.split('?')[0]}`);
    if (incoming.url === '/cart/update.js') Object.assign(this.carts.get(cart), JSON.parse(body).attributes);
    if (incoming.url.startsWith('/cart')) {
      reply.writeHead(200, { 'content-type': 'application/json', 'set-cookie': `cart=${cart};path=/` });
      reply.end(JSON.stringify({ token: cart, attributes: this.carts.get(cart) }));
      return;
    }
    reply.writeHead(200, { 'content-type': 'text/html' });
    reply.end(`<!doctype html><title>Lamps</title><a href="/lamp">a lamp</a><form><input type=hidden name=_attribution_journey_id></form>
      <script>${this.shopify ? "Shopify = { routes: { root: '/' } };" : ''}${this.before}</script>
      <script src="${stack.url}/tracker.js" data-key="${key}" ${this.attributes} defer></script>`);
  }
}

// A browser of its own for each test: nothing is left of another one.
async function withBrowser(run, { preferences, init, page: changes = {} } = {}) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'pga-chromium-'));
  if (preferences) {
    fs.mkdirSync(path.join(profile, 'Default'));
    fs.writeFileSync(path.join(profile, 'Default/Preferences'), JSON.stringify(preferences));
  }
  Object.assign(pages, { attributes: '', before: '', shopify: true, requests: [] }, changes);
  const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', headless: true,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'] });
  try {
    if (init) await context.addInitScript(init);
    const beacons = [];
    const isBeacon = (sent) => sent.url().includes('/api/ingest/touchpoints');
    context.on('request', (sent) => { if (isBeacon(sent)) beacons.push({ sent, body: JSON.parse(sent.postData()) }); });
    const settle = (sent, outcome) => Object.assign(beacons.find((beacon) => beacon.sent === sent) ?? {}, outcome);
    // The browser may be closed while it is asked for the headers of what nobody waits for.
    context.on('response', async (reply) => {
      if (!isBeacon(reply.request())) return;
      settle(reply.request(), { status: reply.status(), headers: await reply.request().allHeaders().catch(() => undefined) });
    });
    context.on('requestfailed', (sent) => settle(sent, { failed: sent.failure().errorText }));
    await run(await context.newPage(), beacons, context);
  } finally {
    await context.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

const journeyOf = (page) => page.evaluate(() => window.attribution.journeyId());
const cookiesOf = async (context) => (await context.cookies()).filter((cookie) => cookie.name.startsWith('_attribution'));
const touchpointsOf = (journey) => stack.sql(`SELECT e.channel, e.payload #>> '{signals,landing_path}' AS path FROM attribution.attribution_events AS e
   JOIN attribution.event_journeys AS j USING (tenant_id, event_id)
  WHERE e.tenant_id = $1 AND e.event_type = 'touchpoint' AND j.journey_id = $2 ORDER BY e.received_at`, [shop.tenantId, journey]);
const quiet = (page) => page.waitForTimeout(700);

// The query of docs/sql_api.md, as it stands there.
function documentedQuery() {
  const docs = fs.readFileSync(path.join(projectRoot, 'docs/sql_api.md'), 'utf8');
  return /### View `journeys`[\s\S]*?```sql\n([\s\S]*?)```/.exec(docs)[1];
}

async function revenueByVisit() {
  const client = await stack.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT attribution.set_tenant($1)', [shop.tenantId]);
    await client.query('SET LOCAL ROLE attribution_analyst');
    return (await client.query(documentedQuery())).rows;
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

test('a visit, an order, and the revenue under the channel of the visit', () => withBrowser(async (page, beacons, context) => {
  await page.goto(`${pages.origin('shop')}/lamps?utm_source=google&utm_medium=cpc&gclid=Cj0secret&token=secret#top`, { referer: 'https://www.google.com/search?q=lamps' });
  const journey = await journeyOf(page);
  assert.match(journey, /^j1-[a-p]{32}$/);
  await eventually('the visit is stored', async () => (await touchpointsOf(journey)).length === 1);
  await eventually('the page has the answer', () => beacons[0].headers);
  assert.equal(beacons.length, 1);
  assert.equal(beacons[0].status, 200);
  const { id, ...said } = beacons[0].body;
  assert.match(id, /^v1-[a-p]{32}$/);
  assert.deepEqual(said, { journey_id: journey, referrer: 'www.google.com', url: `${pages.origin('shop')}/lamps?utm_source=google&utm_medium=cpc&gclid=1` });
  assert.equal(beacons[0].headers.cookie, undefined);
  const [cookie] = await cookiesOf(context);
  assert.equal(cookie.value, journey);
  assert.ok(Math.abs(cookie.expires - Date.now() / 1000 - 90 * 86_400) < 60, 'ninety days');

  await eventually('the cart knows the journey', async () => (await page.evaluate(() => fetch('/cart.js').then((r) => r.json()))).attributes._attribution_journey_id === journey);
  const { attributes } = await page.evaluate(() => fetch('/cart.js').then((r) => r.json()));
  const now = new Date(Date.now() + 1000).toISOString();
  const answer = await deliver(stack, shop, order({ created_at: now, processed_at: now, updated_at: now, total_price: '99.00', currency: 'EUR',
    landing_site: null, referring_site: null, note_attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })) }));
  assert.equal(answer.json.status, 'created');
  assert.equal(await stack.value('SELECT journey_id FROM attribution.event_journeys WHERE tenant_id = $1 AND event_id = $2', [shop.tenantId, answer.json.event_id]), journey);
  const plain = await stack.value('SELECT channel FROM attribution.attribution_events WHERE event_id = $1', [answer.json.event_id]);
  assert.equal(plain, 'unknown', 'the order itself does not tell');
  assert.deepEqual(await revenueByVisit(), [{ channel: 'paid_search', currency: 'EUR', amount_minor: '9900' }]);
}));

test('two visits are one journey; going on in the shop and loading again is no visit', () => withBrowser(async (page, beacons) => {
  await page.goto(`${pages.origin('shop')}/?utm_source=newsletter&utm_medium=email`);
  const journey = await journeyOf(page);
  await eventually('the first visit', async () => (await touchpointsOf(journey)).length === 1);
  await page.click('a');
  await page.waitForURL('**/lamp');
  assert.equal(await journeyOf(page), journey);
  await page.reload();
  await page.goto(`${pages.origin('shop')}/cheap`);  // no referrer, in the same tab
  await quiet(page);
  assert.equal(beacons.length, 1);
  await page.goto(`${pages.origin('shop')}/lamp`, { referer: 'https://www.facebook.com/' });
  assert.equal(await journeyOf(page), journey);
  await eventually('the second visit', async () => (await touchpointsOf(journey)).length === 2);
  assert.deepEqual((await touchpointsOf(journey)).map((t) => t.channel), ['email', 'organic_social']);
  assert.equal(beacons.length, 2);
  assert.equal(pages.requests.filter((r) => r === 'POST /cart/update.js').length, 1, 'the cart is told once');
}));

test('forms of a shop get the journey; where there is no Shopify no cart is asked', () => withBrowser(async (page) => {
  await page.goto(pages.origin('shop'));
  const journey = await journeyOf(page);
  assert.equal(await page.inputValue('input[name=_attribution_journey_id]'), journey);
  await quiet(page);
  assert.ok(!pages.requests.some((r) => r.includes('/cart')), pages.requests.join());
}, { page: { shopify: false } }));

async function expectNothing(page, beacons, context) {
  await page.goto(`${pages.origin('shop')}/?utm_source=google&utm_medium=cpc`);
  await quiet(page);
  assert.equal(await journeyOf(page), null);
  assert.deepEqual(beacons, []);
  assert.deepEqual(await cookiesOf(context), []);
  assert.deepEqual(await page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }]), [{}, {}]);
  assert.ok(!pages.requests.some((r) => r.includes('/cart')), pages.requests.join());
  assert.equal(await page.inputValue('input[name=_attribution_journey_id]'), '');
}

test('Do Not Track, as the browser is set: nothing is stored or sent', () => withBrowser(async (page, beacons, context) => {
  await expectNothing(page, beacons, context);
  assert.equal(await page.evaluate(() => navigator.doNotTrack), '1');
}, { preferences: { enable_do_not_track: true } }));

test('Global Privacy Control: nothing is stored or sent', () => withBrowser(expectNothing,
  { init: () => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true }) }));

test('the consent hook: nothing until consent, and its withdrawal erases the id', () => withBrowser(async (page, beacons, context) => {
  await expectNothing(page, beacons, context);
  await page.evaluate(() => window.attribution.consent(true));
  const journey = await journeyOf(page);
  assert.match(journey, /^j1-/);
  await eventually('the visit', async () => (await touchpointsOf(journey)).length === 1);
  await page.evaluate(() => window.attribution.consent(true));
  const cart = () => page.evaluate(() => fetch('/cart.js').then((r) => r.json()).then((c) => c.attributes._attribution_journey_id));
  await eventually('the cart knows it', async () => (await cart()) === journey);
  assert.equal(beacons.length, 1, 'one visit, however often it is told');

  await page.evaluate(() => window.attribution.consent(false));
  assert.equal(await journeyOf(page), null);
  assert.deepEqual(await cookiesOf(context), []);
  assert.deepEqual(await page.evaluate(() => ({ ...sessionStorage })), {});
  await eventually('the cart forgets it', async () => (await cart()) === '');
  assert.equal(await page.inputValue('input[name=_attribution_journey_id]'), '');
  await page.evaluate(() => window.attribution.consent(true));
  assert.notEqual(await journeyOf(page), journey, 'a new one');
}, { page: { attributes: 'data-consent' } }));

test('consent that was given before the script runs', () => withBrowser(async (page, beacons) => {
  await page.goto(pages.origin('shop'));
  assert.match(await journeyOf(page), /^j1-/);
  await eventually('the visit', () => beacons[0]?.status === 200);
}, { page: { attributes: 'data-consent', before: 'attributionConsent = true;' } }));

test('a page of another origin is refused', () => withBrowser(async (page, beacons) => {
  await page.goto(`${pages.origin('evil')}/?utm_source=google&utm_medium=cpc`);
  const journey = await journeyOf(page);
  await eventually('the page is not answered', () => beacons[0]?.failed);
  await eventually('the server has refused it', () => fs.readFileSync(stack.serverLog, 'utf8').includes('"path":"/api/ingest/touchpoints","status":403'));
  assert.deepEqual(await touchpointsOf(journey), []);
}));
