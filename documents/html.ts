const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML shows it. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

/** Minor units as people write money: 1234567 is 12,345.67. */
export function money(minorUnits: number): string {
  const whole = Math.floor(Math.abs(minorUnits) / 100).toLocaleString('en-US');
  return `${minorUnits < 0 ? '-' : ''}${whole}.${String(Math.abs(minorUnits) % 100).padStart(2, '0')}`;
}

const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short' });
/** An instant in Beijing time, 2026-11-03 09:30. */
export const beijing = (at: number): string => clock.format(at);
export const beijingDay = (at: number): string => beijing(at).slice(0, 10);

const style = `body{font:14px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:2em;color:#111}h1{font-size:20px;text-align:center}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:3px 6px;text-align:left}td.money{text-align:right;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 1em}dt{color:#555}dd{margin:0}.seal{border:2px solid #b00;color:#b00;padding:1em;margin-top:2em;word-break:break-all}
thead{display:table-header-group}tr{break-inside:avoid}@media print{body{margin:0}@page{margin:15mm}}`;

/** The beginning of a page that is printed; its end is `pageEnd`. Titles and labels are escaped already. */
export const pageStart = (title: string): string =>
  `<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>${title}</title><style>${style}</style></head><body>\n<h1>${title}</h1>\n`;
export const pageEnd = '</body></html>\n';

/** Facts by their labels; what is null is left out. */
export const factsOf = (facts: Record<string, string | null>): string =>
  `<dl>${Object.entries(facts)
    .filter((entry): entry is [string, string] => entry[1] !== null)
    .map(([label, text]) => `<dt>${escaped(label)}</dt><dd>${escaped(text)}</dd>`)
    .join('')}</dl>\n`;
