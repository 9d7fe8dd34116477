/** Control characters, and those of formatting: invisible ones, and those that turn the direction of writing. */
const unseen = /(?!\n)[\p{Cc}\p{Cf}]/gu;

/**
 * Text of a person, harmless: no control characters, nothing invisible, nothing that turns the direction of writing; at
 * most `most` characters. Line ends become \n and stay.
 */
export function plain(text: string, most: number): string {
  const lines = text
    .toWellFormed()
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(unseen, ' ')
    .split('\n')
    .map((line) => line.trimEnd());
  return shortened(
    lines
      .join('\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim(),
    most,
  );
}

/** The same on one line, fit for a subject: a header never gets a second line from it. */
export const oneLine = (text: string, most: number): string => shortened(plain(text, Number.POSITIVE_INFINITY).replaceAll(/\s+/g, ' '), most);

/** Cut between whole characters, not inside one. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const whole = [...new Intl.Segmenter('zh', { granularity: 'grapheme' }).segment(text.slice(0, most * 2))].map(({ segment }) => segment);
  let kept = '';
  for (const segment of whole) {
    if (kept.length + segment.length > most - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);

/** HTML of which only the template is markup; every value in it is text. Parts made by `html` stay what they are. */
export class Html {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

export function html(parts: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html {
  const shown = (value: string | Html | readonly Html[]): string =>
    typeof value === 'string' ? escaped(value) : value instanceof Html ? value.source : value.map((one) => one.source).join('');
  return new Html(parts.map((part, index) => part + (index < values.length ? shown(values[index] as string) : '')).join(''));
}
