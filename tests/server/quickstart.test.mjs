// scripts/quickstart as a user runs it, twice in one directory: what it prints adds up, and the second run changes nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { freePort, projectRoot } from './lib/stack.mjs';

const script = path.join(projectRoot, 'scripts/quickstart');
const columns = ['own channel', 'first_touch', 'linear', 'position_based', 'time_decay', 'last_touch'];
let directory;
let screen;
before(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'pga-quickstart-'));
  fs.chmodSync(directory, 0o755);
  screen = await run();
});
after(() => {
  execFileSync(script, ['--stop', '--dir', directory], { stdio: 'ignore' });
  fs.rmSync(directory, { recursive: true });
});

async function run() {
  return execFileSync(script, ['--once', '--dir', directory, '--port', String(await freePort())], { encoding: 'utf8' });
}

// The rows of the table under a heading: { channel: { column: text } }.
function table(heading) {
  const lines = screen.slice(screen.indexOf(heading)).split('\n').slice(1);
  const cells = (line) => line.split('|').map((cell) => cell.trim());
  const names = cells(lines[0]);
  const rows = lines.slice(2, lines.indexOf('')).map(cells);
  return Object.fromEntries(rows.map((row) => [row[0], Object.fromEntries(row.map((cell, i) => [names[i], cell]))]));
}
const cents = (text) => BigInt((text || '0.00').replace('.', ''));

test('every model divides the same total, to the cent, and the models differ', () => {
  const { total, ...channels } = table('Revenue in USD by channel and model');
  assert.deepEqual(Object.keys(total), ['channel', ...columns]);
  assert.match(screen, new RegExp(`^ +total USD +${total.linear} `, 'm'));  // by REST
  for (const column of columns) {
    assert.equal(total[column], total['own channel']);
    assert.equal(Object.values(channels).reduce((sum, row) => sum + cents(row[column]), 0n), cents(total[column]), column);
  }
  const models = columns.slice(1).map((column) => Object.values(channels).map((row) => row[column]).join());
  assert.equal(new Set(models).size, models.length);
});

test('advertising that cost something has a return', () => {
  const returns = table('What advertising brought back');
  const divided = table('Revenue in USD by channel and model');
  assert.ok(Object.keys(returns).length >= 4);
  for (const [channel, row] of Object.entries(returns)) {
    assert.equal(row.revenue, divided[channel].position_based);
    assert.equal(row.roas, (Number(row.revenue) / Number(row.spend)).toFixed(4));
  }
});

test('a second run prints the same', async () => {
  const told = (text) => text.slice(text.indexOf('Revenue in USD'), text.indexOf('Look next'));
  assert.equal(told(await run()), told(screen));
});

test('a directory of an older version is refused with what to do', async () => {
  const facts = /logs: (.*)\/server\.log/.exec(screen)[1] + '/facts';
  const text = fs.readFileSync(facts, 'utf8');
  fs.writeFileSync(facts, text.replace(/^DEMO_VERSION=.*\n/, ''));
  await assert.rejects(run, ({ stderr }) => {
    assert.match(stderr, /^error: .* was made by an older version\nhint: remove .*\n$/m);
    return true;
  });
});
