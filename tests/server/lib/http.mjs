// HTTP as the tests speak it: a plain client whose answers are all held to the contracts, and raw sockets for
// requests that no client library would send.
import http from 'node:http';
import net from 'node:net';
import { holdToContract } from './contracts.mjs';

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

// Resolves to {status, headers, body (text), json}; rejects when the connection breaks, or `signal` ends it.
export function request(base, method, target, { headers = {}, body, signal } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(base + target, { method, headers, agent, signal }, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const answer = { status: incoming.statusCode, headers: incoming.headers, body: Buffer.concat(chunks).toString() };
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
        resolve({ answers: splitAnswers(Buffer.concat(chunks).toString('latin1')), closed });
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
    const bodyEnd = end + 4 + Number(headers['content-length'] ?? 0);
    answers.push({ status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4, bodyEnd), statusLine });
    text = text.slice(bodyEnd);
  }
  return answers;
}
