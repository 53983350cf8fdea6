// A certificate authority in place of PayPal's, and a proxy in place of the way to PayPal's hosts: it records every
// connection that is asked for, and answers as the hosts would.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';

export const liveName = 'messageverificationcerts.paypal.com';
export const sandboxName = 'messageverificationcerts.sandbox.paypal.com';

const asn1Time = (time) => `${time.toISOString().replace(/[-:T]|\.\d+/g, '')}`;
const fromNow = (seconds) => new Date(Date.now() + seconds * 1000);

// Made by the openssl command, in a directory that the server's user can read.
export class Authority {
  #made = 0;

  constructor(name = 'Test root') {
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'pga-ca-'));
    fs.chmodSync(this.dir, 0o755);
    fs.writeFileSync(this.#file('index.txt'), '');
    fs.writeFileSync(this.#file('serial'), '1000\n');
    fs.writeFileSync(this.#file('ca.cnf'), `
[ca]
default_ca = d
[d]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
unique_subject = no
copy_extensions = copy
[p]
commonName = supplied
`);
    this.#openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'root.key', '-out', 'root.pem', '-days', '30',
      '-subj', `/CN=${name}`, '-addext', 'keyUsage=critical,keyCertSign');
    this.rootFile = this.#file('root.pem');
    fs.chmodSync(this.rootFile, 0o644);
    const intermediate = this.#issue('Test intermediate', { extension: 'basicConstraints=critical,CA:TRUE' });
    this.intermediate = intermediate.certificate;
    this.between = intermediate.name;
  }

  #file(name) { return path.join(this.dir, name); }
  #openssl(...args) { execFileSync('openssl', args, { cwd: this.dir, stdio: ['ignore', 'ignore', 'pipe'] }); }

  #issue(commonName, { by = 'root', from = fromNow(-3600), until = fromNow(86_400), extension, bits = 2048, digest = 'sha256' } = {}) {
    this.#made += 1;
    const name = `leaf${this.#made}`;
    this.#openssl('req', '-newkey', `rsa:${bits}`, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${commonName}`,
      ...(extension ? ['-addext', extension] : []));
    this.#openssl('ca', '-batch', '-config', 'ca.cnf', '-notext', '-md', digest, '-cert', `${by}.pem`, '-keyfile', `${by}.key`, '-in', `${name}.csr`,
      '-out', `${name}.pem`, '-startdate', asn1Time(from), '-enddate', asn1Time(until));
    return { name, certificate: fs.readFileSync(this.#file(`${name}.pem`), 'utf8'), key: fs.readFileSync(this.#file(`${name}.key`), 'utf8') };
  }

  // {chain: PEM as PayPal serves it, certificate, key}, signed by the intermediate.
  signer(commonName, options = {}) {
    const made = this.#issue(commonName, { by: this.between, ...options });
    return { ...made, chain: made.certificate + this.intermediate };
  }

  host(...names) {
    return this.#issue(names[0], { extension: `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}` });
  }

  remove() { fs.rmSync(this.dir, { recursive: true }); }
}

// HTTPS_PROXY points to it. asked: "host:port" of every connection; fetched: the paths of requests.
export class PayPalHosts {
  asked = [];
  fetched = [];
  files = new Map();  // name of a certificate → {status, body, headers, wait (ms)}
  down = false;

  async start(authority) {
    const { certificate, key } = authority.host('api.paypal.com', 'api.sandbox.paypal.com');
    const hosts = https.createServer({ cert: certificate, key }, (incoming, outgoing) => this.#serve(incoming, outgoing));
    this.proxy = http.createServer((incoming, outgoing) => {
      this.asked.push(incoming.url);
      outgoing.writeHead(403).end();
    });
    this.proxy.on('connect', (incoming, socket) => {
      this.asked.push(incoming.url);
      socket.on('error', () => {});
      if (this.down) {
        socket.destroy();
        return;
      }
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      hosts.emit('connection', socket);
    });
    hosts.on('tlsClientError', () => {});
    await new Promise((resolve) => this.proxy.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.proxy.address().port}`;
    return this;
  }

  async #serve(incoming, outgoing) {
    this.fetched.push(incoming.url);
    const { status = 200, body = '', headers = {}, wait = 0 } = this.files.get(incoming.url.split('/').pop()) ?? { status: 404 };
    if (wait) await new Promise((resolve) => { setTimeout(resolve, wait).unref(); });  // the tests may end before
    outgoing.writeHead(status, headers).end(body);
  }

  put(name, file) { this.files.set(name, typeof file === 'string' ? { body: file } : file); }
  forget() { this.asked = []; this.fetched = []; }
  stop() { this.proxy.close(); this.proxy.closeAllConnections?.(); }
}
