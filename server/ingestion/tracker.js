// See docs/tracker.md. Served as it stands: at most 3 kB.
(() => {
const script = document.currentScript, settings = script.dataset, name = '_attribution_journey_id';
const clickId = /^(gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|li_fat_id|twclid|epik|sccid|yclid|rdt_cid|srsltid|igshid|igsh|mc_cid|mc_eid|_kx|irclickid|awc|cjevent)$/;
let consent = settings.consent === undefined || window.attributionConsent === true, sent;

const allowed = () => consent && !navigator.globalPrivacyControl && navigator.doNotTrack !== '1';

// 128 bits in letters: digits could look like somebody's number.
const random = prefix => prefix + Array.from(crypto.getRandomValues(new Uint8Array(32)),
 byte => String.fromCharCode(97 + byte % 16)).join('');

const read = () => (document.cookie.match(name + '=(j1-[a-p]{32})\\b') || [])[1];
const write = (id, days) => document.cookie = `${name}=${id};path=/;samesite=lax;max-age=${days * 86400}` +
 (location.protocol === 'https:' ? ';secure' : '') + (settings.domain ? ';domain=' + settings.domain : '');

const page = () => {
 const query = [];
 new URLSearchParams(location.search).forEach((value, key) => {
  key = key.toLowerCase();
  if (/^utm_(source|medium|campaign|content|term)$/.test(key)) query.push(key + '=' + encodeURIComponent(value));
  if (clickId.test(key)) query.push(key + '=1');
 });
 return query.length ? '?' + query.join('&') : '';
};

const visit = id => {
 const query = page(), bare = host => host.replace(/^www\./, '');
 const referrer = document.referrer && new URL(document.referrer).host;
 const goesOn = referrer ? bare(referrer) === bare(location.host) : !query && sessionStorage[name];
 const load = performance.getEntriesByType('navigation')[0];
 sessionStorage[name] = 1;
 if (sent || goesOn || load && load.type !== 'navigate') return;
 sent = true;
 fetch(new URL('/api/ingest/touchpoints?key=' + settings.key, script.src), {
  method: 'POST', keepalive: true, credentials: 'omit', body: JSON.stringify({
   id: random('v1-'), journey_id: id, url: location.origin + location.pathname + query, referrer })
 }).catch(() => {});
};

const toOrder = async id => {
 document.querySelectorAll(`input[name=${name}]`).forEach(field => field.value = id);
 if (!window.Shopify) return;
 const cart = (Shopify.routes?.root || '/') + 'cart';
 const { attributes } = await (await fetch(cart + '.js')).json();
 if ((attributes[name] || '') !== id) await fetch(cart + '/update.js', { method: 'POST',
  headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ attributes: { [name]: id } }) });
};

const run = () => {
 let id = read();
 if (allowed()) {
  write(id || random('j1-'), 90);
  id = read();
  if (id) visit(id);
 } else if (id) {
  write(id = '', 0);
  delete sessionStorage[name];
  sent = false;
 }
 if (id !== undefined) toOrder(id).catch(() => {});
};

window.attribution = {
 journeyId: () => allowed() && read() || null,
 consent: given => { consent = given === true; run(); }
};
run();
})();
