// A private PostgreSQL cluster and a real attributiond on it, both on loopback, made for one test file.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { request } from './http.mjs';

export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const clusterScript = path.join(projectRoot, 'scripts/lib/cluster');
const builtServer = path.join(process.env.BUILD_DIR ?? path.join(projectRoot, 'build'), 'server/attributiond');

export async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export async function eventually(what, check, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      if (await check()) return;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

class Cluster {
  constructor(name, settings) {
    this.name = name;
    this.settings = settings;
  }

  async start() {
    this.port = await freePort();
    this.#describe(this.#run('start', String(this.port), ...this.settings));
  }

  #run(command, ...args) {
    // A file, not a pipe: the postmaster would inherit a pipe and keep it open.
    const file = path.join(fs.mkdtempSync('/tmp/pga-'), 'answer');
    const out = fs.openSync(file, 'w');
    try {
      execFileSync(clusterScript, [command, this.name, ...args], { stdio: ['ignore', out, 'inherit'] });
      return fs.readFileSync(file, 'utf8');
    } finally {
      fs.closeSync(out);
      fs.rmSync(path.dirname(file), { recursive: true });
    }
  }

  #describe(lines) {
    const facts = Object.fromEntries(lines.trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
    Object.assign(this, { bin: facts.BIN, data: facts.DATA, socket: facts.SOCKET, log: facts.LOG,
      pid: Number(facts.PID), user: facts.USER, dir: facts.DIR });
  }

  restart() { this.#describe(this.#run('restart', String(this.port), ...this.settings)); }
  stop(mode = 'fast') { this.#run('stop', mode); }
  kill() { execFileSync('kill', ['-KILL', String(this.pid)], { ...this.owner(), cwd: '/' }); }
  remove() { this.#run('remove'); }

  // Every process at once: after kill() the others still end what they were doing.
  crash() {
    const children = fs.readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim().split(' ');
    execFileSync('kill', ['-KILL', String(this.pid), ...children], { ...this.owner(), cwd: '/' });
  }

  // uid and gid under which PostgreSQL and the server run; nothing to change unless we are root.
  owner() {
    if (process.getuid() !== 0) return {};
    const id = (flag) => Number(execFileSync('id', [flag, this.user], { encoding: 'utf8' }));
    return { uid: id('-u'), gid: id('-g') };
  }

  conninfo(user, database = 'attribution') {
    return `host=${this.socket} port=${this.port} user=${user} dbname=${database}`;
  }
}

export class Stack {
  static async start(name, { settings = [], serverArgs = [], serverEnv = {} } = {}) {
    const stack = new Stack();
    stack.cluster = new Cluster(`test-${name}`, settings);
    stack.serverArgs = serverArgs;
    stack.serverEnv = serverEnv;
    await stack.cluster.start();
    try {
      await stack.#createDatabase();
      await stack.startServer();
    } catch (error) {
      await stack.remove();
      throw error;
    }
    return stack;
  }

  async #createDatabase() {
    const { cluster } = this;
    this.binary = path.join(cluster.dir, 'attributiond');
    fs.copyFileSync(builtServer, this.binary);
    fs.chmodSync(this.binary, 0o755);
    this.keyFile = path.join(cluster.dir, 'secret-key');
    const key = this.run(['keygen']);
    fs.writeFileSync(this.keyFile, key, { mode: 0o600 });
    if (process.getuid() === 0) fs.chownSync(this.keyFile, cluster.owner().uid, cluster.owner().gid);
    this.connect('postgres');
    await this.sql('CREATE DATABASE attribution');
    await this.pool.end();
    this.connect('attribution');
    await this.sql('CREATE EXTENSION pg_attribution');
    await this.sql('SELECT attribution.migrate()');
    await this.sql('CREATE ROLE attributiond LOGIN NOINHERIT');
    await this.sql('GRANT attribution_server TO attributiond');
  }

  connect(database) {
    this.pool = new pg.Pool({ host: this.cluster.socket, port: this.cluster.port, user: 'postgres', database, max: 2 });
    this.pool.on('error', () => {});  // idle connections break when a test stops the cluster
  }

  async sql(text, values) { return (await this.pool.query(text, values)).rows; }

  async value(text, values) {
    const [row] = await this.sql(text, values);
    return row && Object.values(row)[0];
  }

  // A subcommand of the server's own, as the database's superuser.
  run(args, input) {
    const { cluster } = this;
    return execFileSync(this.binary, args, { input, encoding: 'utf8', ...cluster.owner(), cwd: '/' }).trim();
  }

  admin(args, input) {
    return this.run([...args, '--secret-key-file', this.keyFile, '--database', this.cluster.conninfo('postgres')], input);
  }

  async createTenant(name, { timeZone = 'UTC' } = {}) {
    return this.value('SELECT attribution.create_tenant(name => $1, time_zone => $2)', [name, timeZone]);
  }

  // A tenant with a Shopify endpoint and an API key: what most tests need.
  async createShop(name = 'shop', options = {}) {
    const tenantId = await this.createTenant(name, options);
    const secret = `shpss_${name}_0123456789abcdef`;
    const account = `${name}.myshopify.com`;
    const endpointId = this.admin(['endpoint', 'create', '--tenant', tenantId, '--provider', 'shopify',
      '--account', account, '--secret-file', '-'], secret);
    const apiKey = this.admin(['key', 'create', '--tenant', tenantId, '--name', name]);
    return { tenantId, secret, account, endpointId, apiKey };
  }

  async startServer() {
    this.httpPort ??= await freePort();
    this.url = `http://127.0.0.1:${this.httpPort}`;
    this.serverLog = path.join(this.cluster.dir, 'server.log');
    const log = fs.openSync(this.serverLog, 'a');
    this.server = spawn(this.binary, ['serve', '--listen', '127.0.0.1', '--port', String(this.httpPort),
      '--secret-key-file', this.keyFile, '--database', this.cluster.conninfo('attributiond'), ...this.serverArgs],
    { stdio: ['ignore', log, log], cwd: '/', env: { ...process.env, ...this.serverEnv }, ...this.cluster.owner() });
    fs.closeSync(log);
    this.serverExit = new Promise((resolve) => this.server.once('exit', (code, signal) => resolve({ code, signal })));
    await eventually('the server answers', async () => {
      assert.equal(this.server.exitCode, null, `the server ended:\n${fs.readFileSync(this.serverLog, 'utf8').slice(-2000)}`);
      return (await request(this.url, 'GET', '/api/health')).status === 200;
    });
  }

  async stopServer(signal = 'SIGTERM') {
    if (this.server?.exitCode === null && this.server.signalCode === null) this.server.kill(signal);
    return this.serverExit;
  }

  async remove() {
    await this.stopServer('SIGKILL');
    await this.pool?.end();
    this.cluster.remove();
  }
}
