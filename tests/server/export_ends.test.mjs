// How exports end that do not end well, over TLS and without: whoever has a part of one can see that it is a part, and whoever has gone
// away holds nothing.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import test, { after, before } from 'node:test';
import tls from 'node:tls';
import { fill, ingest, makeOrders, path as target } from './lib/export.mjs';
import { Stack, eventually, freePort } from './lib/stack.mjs';

const rows = 200_000;
let stack;
let large;
let certificate;
before(async () => {
  stack = await Stack.start('export-ends', { settings: ['fsync=off', 'max_wal_size=8GB'] });
  large = await stack.createShop('large');
  await ingest(stack, large.tenantId, makeOrders(3));
  await fill(stack, large.tenantId, rows);
  await stack.sql('VACUUM ANALYZE attribution.revenue_ledger, attribution.attribution_events');
  // A restrictive policy: rows are looked for, one in 10 ms, and the source nobody has none.
  await stack.sql(`CREATE FUNCTION public.slowly() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.01); RETURN true; END'`);
  certificate = path.join(stack.cluster.dir, 'tls.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', certificate, '-out', certificate, '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
  fs.chmodSync(certificate, 0o644);
});
after(() => stack?.remove());

const running = () => stack.value("SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'attributiond' AND state <> 'idle'");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const head = (query = '', version = '1.1') => `GET ${target}${query} HTTP/${version}\r\nHost: x\r\nX-API-Key: ${large.apiKey}\r\n\r\n`;

// A server of its own, which a test may end; `scheme` of its URL says whether it speaks TLS.
async function startServer(t, scheme, ...more) {
  const port = await freePort();
  const options = scheme === 'https' ? ['--tls-certificate', certificate, '--tls-key', certificate] : [];
  const child = spawn(stack.binary, ['serve', '--services', 'export', '--listen', '127.0.0.1', '--port', String(port), '--database', stack.cluster.conninfo('attributiond'),
    ...options, ...more], { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...stack.cluster.owner() });
  let log = '';
  child.stderr.on('data', (text) => { log += text; });
  t.after(() => child.kill('SIGKILL'));
  await eventually('it listens', () => log.includes('"listening"'));
  return { child, port, scheme, url: `${scheme}://127.0.0.1:${port}`, logged: () => log };
}

const connect = ({ scheme, port }) => (scheme === 'https'
  ? tls.connect({ port, host: '127.0.0.1', ca: fs.readFileSync(certificate) }) : net.connect(port, '127.0.0.1'));

// curl, since Node takes some resets for ends. Resolves to {code, body}.
function curl({ url }, query, ...options) {
  return new Promise((resolve) => {
    const child = spawn('curl', ['-s', '--cacert', certificate, '-H', `X-API-Key: ${large.apiKey}`, ...options, `${url}${target}${query}`]);
    const pieces = [];
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.on('close', (code) => resolve({ code, body: Buffer.concat(pieces) }));
  });
}

for (const scheme of ['http', 'https']) {
  test(`${scheme}: the same rows by HTTP/1.1 and 1.0, compressed or not, and the connection goes on`, async (t) => {
    const server = await startServer(t, scheme);
    const plain = await curl(server, '');
    assert.equal(plain.code, 0);
    assert.ok(plain.body.toString().split('\n').length > rows);
    for (const options of [['--http1.0'], ['--compressed'], ['--http1.0', '--compressed'], ['--limit-rate', '20M']]) {
      const other = await curl(server, '', ...options);
      assert.equal(other.code, 0, options.join());
      assert.ok(other.body.equals(plain.body), options.join());
    }
    const twice = await curl(server, '?limit=20000', `${server.url}${target}?limit=20000`, '-o', '/dev/null', '-o', '/dev/null', '-w', '%{http_code} by %{num_connects}, ');
    assert.equal(twice.body.toString(), '200 by 1, 200 by 0, ', 'new connections');
    assert.equal(await running(), 0);
  });

  for (const version of ['1.1', '1.0']) {
    for (const signal of ['SIGKILL', 'SIGTERM']) {
      test(`${scheme}, HTTP/${version}: the server ends by ${signal}, and what was sent is seen to be a part`, async (t) => {
        const server = await startServer(t, scheme, '--drain-timeout', '0.2');
        const answer = curl(server, '', `--http${version}`, '--limit-rate', '2M');
        await eventually('it runs', async () => await running() === 1);
        await pause(300);
        server.child.kill(signal);
        const { code, body } = await answer;
        assert.ok(body.length > 10_000 && body.toString().split('\n').length < rows, `${body.length} bytes`);
        assert.notEqual(code, 0);
        await eventually('nothing runs any more', async () => await running() === 0);
      });
    }
  }

  test(`${scheme}: a client that closes while no rows come frees its transaction, behind a second request too`, async (t) => {
    const server = await startServer(t, scheme);
    await stack.sql('CREATE POLICY slowly ON attribution.revenue_ledger AS RESTRICTIVE TO attribution_svc_export USING (public.slowly())');
    try {
      const clients = ['', 'GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n'].map((more) => ({ more, socket: connect(server).on('error', () => {}) }));
      await Promise.all(clients.map(({ socket }) => new Promise((resolve) => {
        socket.once('data', resolve);  // the head comes after a second
        socket.write(head('?source=nobody'));
      })));
      assert.equal(await running(), 2);
      for (const { more, socket } of clients) socket.end(more);
      await eventually('their transactions end', async () => await running() === 0, 10);
      await eventually('they are in the log', () => server.logged().split('"end":"client_gone"').length === 3, 5);
      for (const { socket } of clients) socket.destroy();
    } finally {
      await stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'attributiond' AND state <> 'idle'");
      await stack.sql('DROP POLICY slowly ON attribution.revenue_ledger');
    }
  });

  test(`${scheme}: a client that stalls is cut off`, async (t) => {
    const server = await startServer(t, scheme, '--write-timeout', '1');
    const client = connect(server).on('error', () => {});
    client.write(head());
    await new Promise((resolve) => { client.once('data', resolve); });
    client.pause();
    await eventually('its transaction ends', async () => await running() === 0, 10);
    await eventually('it is in the log', () => server.logged().includes('"end":"client_stalled"'), 5);
    client.destroy();
  });

  test(`${scheme}: an export that takes longer than it may is cut off, however the client reads`, async (t) => {
    const server = await startServer(t, scheme, '--export-timeout', '1');
    const began = Date.now();
    const { code, body } = await curl(server, '', '--limit-rate', '2M');
    assert.notEqual(code, 0);
    assert.ok(body.toString().split('\n').length < rows);
    assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
    await eventually('nothing runs any more', async () => await running() === 0, 5);
  });

  test(`${scheme}: the backend ends midway, and so does the answer, as a part`, async (t) => {
    const server = await startServer(t, scheme);
    for (const version of ['1.1', '1.0']) {
      const answer = curl(server, '', `--http${version}`, '--limit-rate', '2M');
      await eventually('it runs', async () => await running() === 1);
      await pause(300);
      await stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'attributiond' AND state <> 'idle'");
      assert.notEqual((await answer).code, 0, version);
    }
    assert.equal((await curl(server, '?limit=1')).code, 0);
  });
}

test('many clients that read slowly cost a piece each, and nobody is kept', async (t) => {
  const server = await startServer(t, 'https', '--exports', '40');
  const resident = () => Number(fs.readFileSync(`/proc/${server.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
  const open = (count) => Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const request = https.get(`${server.url}${target}`, { agent: false, ca: fs.readFileSync(certificate), headers: { 'x-api-key': large.apiKey, 'accept-encoding': 'gzip' } }, (incoming) => {
      incoming.on('error', () => {}).pause();
      resolve(request);
    });
    request.on('error', () => {});
  })));
  const first = await open(1);
  const before = resident();
  const more = await open(30);
  await pause(2000);
  const each = (resident() - before) / 30;
  t.diagnostic(`${each} kB for each export`);
  assert.ok(each < 2048, `${each} kB`);
  for (const request of [...first, ...more]) request.destroy();
  await eventually('nothing runs any more', async () => await running() === 0, 20);
});
