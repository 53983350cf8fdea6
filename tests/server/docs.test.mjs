// GET /openapi.json and GET /docs of a running server; the page as a browser shows it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { request } from './lib/http.mjs';
import { Stack, projectRoot } from './lib/stack.mjs';

const bundle = JSON.parse(fs.readFileSync(path.join(projectRoot, 'server/docs/openapi.json'), 'utf8'));
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let stack;
let browser;
before(async () => {
  stack = await Stack.start('docs');
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
});
after(async () => {
  await browser?.close();
  await stack.remove();
});

test('the document is the bundle of all services', async () => {
  const answer = await request(stack.url, 'GET', '/openapi.json');
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, bundle);
});

for (const target of ['/openapi.json', '/docs']) {
  test(`${target} is sent again only when it has changed`, async () => {
    const { headers: { etag } } = await request(stack.url, 'GET', target);
    for (const known of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
      const again = await request(stack.url, 'GET', target, { headers: { 'if-none-match': known } });
      assert.equal(again.status, 304, known);
      assert.equal(again.headers.etag, etag);
    }
    assert.equal((await request(stack.url, 'GET', target, { headers: { 'if-none-match': '"other"' } })).status, 200);
    assert.equal((await request(stack.url, 'HEAD', target)).body, '');
    assert.equal((await request(stack.url, 'POST', target)).status, 405);
  });
}

// Opens the page; whatever it asks for or complains of is noted.
async function open(run, { target = '/docs', ...options } = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const noted = { requests: [], complaints: [] };
  page.on('request', (sent) => noted.requests.push(sent.url()));
  page.on('console', (message) => noted.complaints.push(message.text()));
  page.on('pageerror', (error) => noted.complaints.push(String(error)));
  try {
    await page.goto(stack.url + target, { waitUntil: 'networkidle' });
    await run(page, noted);
  } finally {
    await context.close();
  }
}

const pathsOf = (page) => page.locator('article h3 code').allTextContents();
const allPaths = Object.values(bundle.paths).flatMap((item, i) => Object.keys(item).filter((key) => key !== 'x-service').map(() => Object.keys(bundle.paths)[i]));

test('the page shows every path, asks for nothing else and complains of nothing', () => open(async (page, noted) => {
  assert.deepEqual((await pathsOf(page)).sort(), allPaths.sort());
  assert.equal(await page.locator('h1').textContent(), 'The HTTP interface of attributiond');
  assert.notEqual(await page.locator('nav').evaluate((nav) => getComputedStyle(nav).borderRightStyle), 'none', 'the style is not applied');
  assert.deepEqual(noted, { requests: [`${stack.url}/docs`], complaints: [] });
}));

test('the policy of the page lets nothing be loaded or run', () => open(async (page, noted) => {
  const outcome = await page.evaluate(async () => {
    const failed = (what) => new Promise((resolve) => { what.onerror = () => resolve('refused'); what.onload = () => resolve('loaded'); });
    const image = Object.assign(new Image(), { src: '/api/health' });
    const script = Object.assign(document.createElement('script'), { src: '/tracker.js' });
    const waiting = [failed(image), failed(script)];
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<p id="p" style="color: red">');
    return [...await Promise.all(waiting), await fetch('/api/health').catch(() => 'refused'), document.getElementById('p').style.color];
  });
  assert.deepEqual(outcome, ['refused', 'refused', 'refused', '']);
  assert.ok(noted.complaints.every((complaint) => complaint.includes('Content Security Policy')), noted.complaints.join('\n'));
}));

test('without JavaScript the page is the same', () => open(async (page) => {
  assert.equal((await pathsOf(page)).length, allPaths.length);
  await page.click('nav a[href="#recordSpend"]');
  await page.locator('#recordSpend').waitFor();
  assert.ok(page.url().endsWith('#recordSpend'));
}, { javaScriptEnabled: false }));

const views = [
  ['wide', { viewport: { width: 1400, height: 900 } }],
  ['narrow', { viewport: { width: 360, height: 740 } }],
  ['dark', { viewport: { width: 1400, height: 900 }, colorScheme: 'dark' }],
];
for (const [name, options] of views) {
  test(`${name}: nothing sticks out`, () => open(async (page) => {
    const { clientWidth, scrollWidth } = await page.evaluate(() => ({ clientWidth: document.documentElement.clientWidth, scrollWidth: document.documentElement.scrollWidth }));
    assert.ok(scrollWidth <= clientWidth, `${scrollWidth} wide in a window of ${clientWidth}`);
  }, options));
}

test('a process that runs some services shows those only', async () => {
  await stack.stopServer();
  stack.serverArgs = ['--services', 'health,attribution'];
  await stack.startServer();
  const { json } = await request(stack.url, 'GET', '/openapi.json');
  const runs = (part) => ['health', 'attribution', 'docs'].includes(part['x-service']);
  const expected = Object.keys(bundle.paths).filter((route) => runs(bundle.paths[route]));
  assert.ok(expected.includes('/api/attribution/revenue/realtime') && expected.includes('/docs'));
  assert.deepEqual(Object.keys(json.paths), expected);
  assert.deepEqual(json['x-tagGroups'].map((group) => group.name), ['attribution', 'contracts', 'health']);
  assert.deepEqual(json.tags.map((tag) => tag.name), bundle['x-tagGroups'].filter(runs).flatMap((group) => group.tags));
  assert.deepEqual(Object.keys(json.components.securitySchemes), ['bearer', 'apiKey']);
  // What is there is used, and what is used is there.
  const references = (part) => (part === null || typeof part !== 'object' ? []
    : [...(part.$ref ? [part.$ref] : []), ...Object.values(part).flatMap(references)]);
  const used = new Set(references(json));
  const there = Object.entries(json.components).flatMap(([kind, components]) => Object.keys(components).map((name) => `#/components/${kind}/${name}`));
  assert.deepEqual([...used].sort(), there.filter((place) => !place.includes('/securitySchemes/')).sort());
  await open(async (page) => {
    assert.deepEqual([...new Set(await pathsOf(page))].sort(), expected.sort());
    const text = await page.locator('body').textContent();
    for (const word of ['Stripe', 'PayPal', 'IngestionEvent', 'publishable key: pgp_']) assert.ok(!text.includes(word), `the page speaks of ${word}`);
    const dead = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')].map((link) => link.hash.slice(1)).filter((id) => !document.getElementById(id)));
    assert.deepEqual(dead, []);
  });
});

// Of two services, which have everything that a page has: axe takes long for a long one.
for (const [name, options] of views) {
  test(`${name}: axe finds no barrier`, () => open(async (page) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0].html.slice(0, 200)}`), []);
  }, { ...options, bypassCSP: true }));
}
