// Texts of the contracts as HTML: of Markdown they use paragraphs, `code` and **strong**.
const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escape = (text) => String(text).replace(/[&<>"]/g, (character) => entities[character]);
export const code = (text) => `<code>${escape(text)}</code>`;
export const inline = (text = '') => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>').replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
export const prose = (text = '') => text.trim().split(/\n\s*\n/).filter(Boolean).map((paragraph) => `<p>${inline(paragraph)}</p>\n`).join('');

// Lines of cells that are HTML already; the first names its line.
export const rows = (lines) => lines.map(([first, ...others]) => `<tr><th scope="row">${first}</th>${others.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
export const table = (label, heads, lines) => `<div class="wide" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${
  heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>
${typeof lines === 'string' ? lines : rows(lines)}</tbody></table></div>`;
