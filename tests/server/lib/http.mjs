// HTTP as the tests speak it: a plain client whose answers are all held to the contracts, and raw sockets for
// requests that no client library would send.
import http from 'node:http';
import net from 'node:net';
import { gunzipSync } from 'node:zlib';
import { holdToContract } from './contracts.mjs';

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

const plain = (headers, bytes) => (headers['content-encoding'] === 'gzip' && bytes.length > 0 ? gunzipSync(bytes) : bytes);

// Resolves to {status, headers, body (text), json}; rejects when the connection breaks, or `signal` ends it.
export function request(base, method, target, { headers = {}, body, signal } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(base + target, { method, headers, agent, signal }, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const answer = { status: incoming.statusCode, headers: incoming.headers, body: plain(incoming.headers, Buffer.concat(chunks)).toString() };
        try {
          answer.json = holdToContract(method, target, answer);
          resolve(answer);
        } catch (error) {
          reject(error);
        }
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

// What the first line of a request asks for; a broken one asks for nothing that is known.
function askedFor(bytes) {
  const [, method, target] = /^([A-Z]+) (\S+) HTTP\//.exec(Buffer.from(bytes).toString('latin1', 0, 8192)) ?? [undefined, 'GET', '/'];
  return [method, target];
}

// Sends bytes as they are and resolves to {answers, closed}: the answers that came until the server closed the
// connection or was silent for `quiet` ms.
export function sendRaw(port, bytes, { quiet = 400 } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    const chunks = [];
    let timer;
    const finish = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      try {
        const answers = splitAnswers(Buffer.concat(chunks).toString());
        for (const answer of answers) holdToContract(...askedFor(bytes), answer);
        resolve({ answers, closed });
      } catch (error) {
        reject(error);
      }
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => finish(false), quiet);
    };
    socket.on('connect', () => { socket.write(bytes); wait(); });
    socket.on('data', (chunk) => { chunks.push(chunk); wait(); });
    socket.on('end', () => finish(true));
    socket.on('error', (error) => (['ECONNRESET', 'EPIPE'].includes(error.code) ? finish(true) : reject(error)));
  });
}

function splitAnswers(text) {
  const answers = [];
  while (text) {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) throw new Error(`a broken answer: ${text}`);
    const [statusLine, ...lines] = text.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => {
      const [name, value] = line.split(/:\s*(.*)/s);
      return [name.toLowerCase(), value];
    }));
    const rest = Buffer.from(text.slice(end + 4));
    const length = Number(headers['content-length'] ?? 0);
    answers.push({ status: Number(statusLine.split(' ')[1]), headers, body: rest.toString('utf8', 0, length), statusLine });
    text = rest.toString('utf8', length);
  }
  return answers;
}
