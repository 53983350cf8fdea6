// A cursor with other parts than the server wrote, as somebody who has read its source can make one.
import { createHash } from 'node:crypto';

// change: parts (list of texts) → parts; list: what server/http/cursor calls so.
export function forgeCursor(cursor, list, change) {
  const key = change(Buffer.from(cursor, 'base64url').toString().slice(16).split('\0')).join('\0');
  return Buffer.from(createHash('sha256').update(`${list}\0${key}`).digest('hex').slice(0, 16) + key).toString('base64url');
}
