// A sequence of what happens to the revenue of some tenants, at random: visits, sales, refunds, disputes, evidence, links,
// erasures, models, in any order. Times and amounts come from few values, so that equal ones are frequent.
import { createHash } from 'node:crypto';

const start = Date.UTC(2026, 10, 1);
const hours = (n) => new Date(start + n * 3_600_000).toISOString();
const signals = [
  { source: 'google', medium: 'cpc', campaign: 'autumn' }, { source: 'google', medium: 'cpc', campaign: 'winter' }, { source: 'google', medium: 'organic' },
  { source: 'newsletter', medium: 'email' }, { source: 'facebook', medium: 'paid_social', campaign: 'autumn' }, { source: 'bing', medium: 'cpc' },
  { source: '(direct)', medium: '(none)' }, {},
];
const rules = [
  ['linear', {}], ['first_touch', {}], ['last_touch', {}], ['last_non_direct', {}], ['position_based', { per: 'campaign' }], ['time_decay', { half_life_days: 1 }],
  ['w_shaped', {}], ['linear', { count: 'paid' }], ['linear', { lookback_days: 1 }], ['linear', { collapse_repeats: true }], ['custom', { first: 3, last: 2 }],
];
const currencies = ['USD', 'EUR', 'JPY'];
export const saleKeyOf = (order) => `order:${order}`;
export const orderOf = (saleKey) => saleKey.replace(/^order:/, '');

// What is fixed of a sale and of what goes back of it; the events tell it bit by bit.
function makeSale(random, n) {
  const total = random.pick([1, 100, 3333, 10_001, 5999, 1_234_567_890_123_457]);
  const at = 30 + random.below(20);
  return {
    order: `ord-${n}`, total, at, currency: random.pick(currencies), isFamily: n % 2 === 0,
    // Of a family the refunds are parts, and the sale tells their sum (docs/event_contract.md).
    refunds: [0, 1, 2].map((k) => ({ key: `refund:${n}-${k}`, at: random.chance(0.1) ? at - 1 : at + 1 + random.below(4), minor: random.pick([1, Math.ceil(total / 3), total, total + 7]) })),
  };
}

class Maker {
  constructor(random, tenants) {
    this.random = random;
    this.tenants = tenants;
    this.sales = Array.from({ length: tenants }, () => [1, 2, 3, 4, 5].map((n) => makeSale(random, n)));
    this.models = Array.from({ length: tenants }, () => new Map());
    this.count = 0;
  }

  journey() { return `journey-${this.random.below(6)}`; }
  version() { return hours(240 + this.random.below(40)); }

  event(content, { source = 'shopify', books = true } = {}) {
    this.count += 1;
    const key = `delivery-${this.count}`;
    return { version: 1, delivery: { source, key, digest: createHash('sha256').update(key).digest('hex'), books_revenue: books }, ...content };
  }

  visit() {
    const { random } = this;
    const touchpoints = Array.from({ length: 1 + random.below(3) }, () => ({ occurred_at: hours(random.below(55)), signals: random.pick(signals),
      journey_id: random.chance(0.9) ? this.journey() : null }));
    return this.event({ touchpoints });
  }

  // One event of a sale: with its journey or without, perhaps at another time than the others.
  conversion(sale, states) {
    const { random } = this;
    return this.event({ conversion: { external_id: sale.order, occurred_at: hours(sale.at + (random.chance(0.2) ? random.below(3) - 1 : 0)), payload: {},
      signals: random.chance(0.6) ? random.pick(signals) : null, journey_id: random.chance(0.5) ? this.journey() : null }, states });
  }

  state(sale, more) { return { currency: sale.currency, version_at: this.version(), occurred_at: hours(sale.at), ...more }; }

  // Pending, paid in part, paid, or paid and edited.
  paid(sale) {
    const { random } = this;
    const minor = random.pick([0, Math.floor(sale.total / 2), sale.total, sale.total, sale.total, sale.total + 250]);
    return this.conversion(sale, [this.state(sale, { money_key: saleKeyOf(sale.order), kind: 'capture', cumulative_minor: minor,
      occurred_at: hours(sale.at + (random.chance(0.2) ? 1 : 0)) })]);
  }

  notice(sale, states) {
    return this.event({ notice: { occurred_at: hours(sale.at + 5), external_id: this.random.chance(0.5) ? sale.order : null }, states });
  }

  // A refund by its own key, made or failed.
  refunded(sale) {
    const refund = this.random.pick(sale.refunds);
    const hasFailed = this.random.chance(0.25);
    return this.notice(sale, [this.state(sale, { money_key: refund.key, kind: 'refund', parent: saleKeyOf(sale.order), occurred_at: hours(refund.at),
      cumulative_minor: hasFailed ? 0 : refund.minor, ...(sale.isFamily ? { role: 'part', gross_minor: refund.minor } : {}) })]);
  }

  // What went back, told as a sum by the sale.
  refundedInTotal(sale) {
    if (!sale.isFamily) return this.refunded(sale);
    return this.conversion(sale, [this.state(sale, { money_key: saleKeyOf(sale.order), kind: 'refund', role: 'total', occurred_at: hours(sale.at + 2),
      cumulative_minor: this.random.pick([0, ...sale.refunds.map(({ minor }) => minor)]) })]);
  }

  // Withdrawn, or given back under the key of the dispute or another one.
  disputed(sale) {
    const { random } = this;
    const parent = saleKeyOf(sale.order);
    const minor = random.pick([0, Math.ceil(sale.total / 3), sale.total]);
    return this.notice(sale, [random.chance(0.6)
      ? this.state(sale, { money_key: `dispute:${sale.order}`, kind: 'chargeback', parent, cumulative_minor: minor, occurred_at: hours(sale.at + 3) })
      : this.state(sale, { money_key: `${random.pick(['dispute', 'won'])}:${sale.order}`, kind: 'chargeback_reversal', parent, cumulative_minor: minor,
        occurred_at: hours(sale.at + 3 + random.below(2)) })]);
  }

  corrected(sale) {
    return this.conversion(sale, [this.state(sale, { money_key: `correction:${sale.order}`, kind: 'adjustment', parent: saleKeyOf(sale.order),
      cumulative_minor: this.random.pick([-50, 0, 70]), occurred_at: hours(sale.at + 2) })]);
  }

  // Money in a currency that the sale is not in, and back.
  foreign(sale) {
    const { random } = this;
    const currency = random.pick(currencies);
    const key = `${sale.order}:${currency}`;
    const parent = saleKeyOf(sale.order);
    return this.conversion(sale, [random.chance(0.6)
      ? this.state(sale, { money_key: `more:${key}`, kind: 'capture', parent, currency, cumulative_minor: random.pick([101, 205]), occurred_at: hours(sale.at + 1) })
      : this.state(sale, { money_key: `less:${key}`, kind: 'refund', parent, currency, cumulative_minor: random.pick([33, 101]), occurred_at: hours(sale.at + 4) })]);
  }

  evidence(sale) {
    const { random } = this;
    return this.event({ conversion: { external_id: `pi-${sale.order}`, order_ref: sale.order, occurred_at: hours(sale.at + random.below(4) - 2), payload: {},
      signals: random.chance(0.5) ? random.pick(signals) : null, journey_id: random.chance(0.6) ? this.journey() : null } }, { source: 'stripe', books: false });
  }

  // Of an order that nobody sells.
  orphan() {
    return this.refunded({ ...this.sales[0][0], order: 'ord-99', isFamily: false, currency: 'USD', refunds: [{ key: 'refund:orphan', at: 20, minor: 500 }] });
  }

  ingest() {
    const { random } = this;
    const items = Array.from({ length: 1 + (random.chance(0.4) ? random.below(6) : 0) }, () => {
      const tenant = random.below(this.tenants);
      const sale = random.pick(this.sales[tenant]);
      const make = random.pick(['visit', 'visit', 'visit', 'paid', 'paid', 'paid', 'refunded', 'refunded', 'refundedInTotal', 'disputed', 'corrected', 'foreign', 'evidence', 'told']);
      if (make === 'visit') return { tenant, event: this.visit() };
      if (make === 'told') return { tenant, event: this.conversion(sale) };
      return { tenant, event: random.chance(0.02) ? this.orphan() : this[make](sale) };
    });
    if (random.chance(0.1)) items.push(random.pick(items));
    return { what: 'ingest', items };
  }

  // A new one, or one that is there made active or inactive.
  model() {
    const { random } = this;
    const tenant = random.below(this.tenants);
    const number = random.below(rules.length);
    const [rule, params] = rules[number];
    const name = `${rule}-${number}`;
    const active = !this.models[tenant].get(name);
    this.models[tenant].set(name, active);
    return { what: 'model', tenant, name, rule, params, active };
  }

  link() {
    const { random } = this;
    return { what: 'link', tenant: random.below(this.tenants), ids: Array.from({ length: 2 + random.below(2) }, () => this.journey()) };
  }

  erase() { return { what: 'erase', tenant: this.random.below(this.tenants), id: this.journey() }; }

  step() {
    const { random } = this;
    const dice = random.below(100);
    if (dice < 68) return this.ingest();
    if (dice < 75) return this.link();
    if (dice < 79) return this.erase();
    if (dice < 84) return this.model();
    if (dice < 92) return { what: 'divide', items: 1 + random.below(4) };
    if (dice < 95) return { what: 'prune', tenant: random.below(this.tenants) };
    return { what: 'refit', tenant: random.below(this.tenants), model: random.below(100) };
  }
}

// After a step that is `drained` all that waits is divided.
export function makeSequence(base, tenants) {
  const random = { ...base, pick: (items) => items[base.below(items.length)] };
  const maker = new Maker(random, tenants);
  const steps = Array.from({ length: tenants }, (_, tenant) => ({ what: 'model', tenant, name: 'first', rule: 'linear', params: {}, active: true }));
  for (let n = 15 + random.below(26); n > 0; n -= 1) steps.push({ ...maker.step(), drained: random.chance(0.5) });
  return steps;
}

// The same events in another order, one a step. What changes journeys keeps its order: whom an erasure erases depends on the links by then.
export function reorder(steps, random) {
  const events = random.shuffle(steps.flatMap(({ items, what }) => (what === 'ingest' ? items : [])));
  const others = steps.filter(({ what }) => ['link', 'erase', 'model'].includes(what));
  const places = random.shuffle([...events.map(() => true), ...others.map(() => false)]);
  return places.map((isEvent) => (isEvent ? { what: 'ingest', items: [events.pop()] } : others.shift())).map((step) => ({ ...step, drained: random.chance(0.2) }));
}
