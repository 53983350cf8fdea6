// docs/booking.md shows every life as a table. `node tests/server/lib/lives/page.mjs` writes the tables into the page
// anew; the test of the lives checks that they stand there as they are.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decimal } from './shopify_bodies.mjs';
import { paypalEvidenceLives, paypalLives } from './paypal_lives.mjs';
import { shopifyLives } from './shopify_lives.mjs';
import { evidenceLives, stripeLives } from './stripe_lives.mjs';
import { wooEvidenceLives, wooLives } from './woocommerce_lives.mjs';

// Number n of a life is the id of its order; those of a page and of its tests are the same.
const numbered = (lives, first) => lives.map((life, i) => ({ ...life, deliveries: told(life, first + i) }));

// What the life tells of number n, each delivery with its outcome: created, evidence or ignored; and its entries.
function told(life, n) {
  return life.tell(n).map(([delivery, ...outcome]) => {
    const [word] = outcome;
    const status = typeof word === 'string' ? word : 'created';
    const entries = (status === 'created' ? outcome : []).map(([key, kind, step, minor, facts]) => ({ key, kind, step, minor, ...facts }));
    return { ...delivery, status, entries };
  });
}

export const sections = {
  Shopify: numbered(shopifyLives, 1001),
  Stripe: numbered(stripeLives, 2001),
  WooCommerce: numbered(wooLives, 4001),
  PayPal: numbered(paypalLives, 5001),
  'A shop and its payment provider': numbered([...evidenceLives, ...wooEvidenceLives, ...paypalEvidenceLives], 3001),
};

export const page = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../../docs/booking.md');

const isYen = (life) => life.currency === 'JPY';
const money = (life, minor) => (isYen(life) ? String(minor) : decimal(minor));

function rows(life, withFacts) {
  return life.deliveries.flatMap(({ topic, says, status, entries }, i) => {
    const head = [i + 1, `\`${topic}\``, says];
    const none = [status === 'created' ? '–' : status, '', '', '', '', ...(withFacts ? ['', ''] : [])];
    if (entries.length === 0) return [[...head, ...none]];
    return entries.map((entry, j) => [...(j === 0 ? head : ['', '', '']), `\`${entry.key}\``, entry.kind, entry.step,
      money(life, entry.minor), life.currency, ...(withFacts ? [money(life, entry.tax), money(life, entry.shipping)] : [])]);
  });
}

export function table(life) {
  const withFacts = life.deliveries.some(({ entries }) => entries.some((entry) => 'tax' in entry));
  const header = ['', 'delivery', 'it says', 'money key', 'kind', 'step', 'amount', 'currency', ...(withFacts ? ['tax', 'shipping'] : [])];
  const rules = header.map((name) => (['', 'step', 'amount', 'tax', 'shipping'].includes(name) ? '--:' : '---'));
  return [header, rules, ...rows(life, withFacts)].map((cells) => `| ${cells.join(' | ')} |`.replace(/ {2,}/g, ' ')).join('\n');
}

export function sectionText(name) {
  return sections[name].map((life) => [`### ${life.title}`, ...(life.note ? [life.note] : []), table(life)].join('\n\n')).join('\n\n');
}

export const lifeTables = /<!-- lives -->\n[^]*<!-- \/lives -->/;
export function livesText() {
  const parts = Object.keys(sections).map((name) => `## ${name}\n\n${sectionText(name)}`);
  return `<!-- lives -->\n${parts.join('\n\n')}\n<!-- /lives -->`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fs.writeFileSync(page, fs.readFileSync(page, 'utf8').replace(lifeTables, () => livesText()));
}
