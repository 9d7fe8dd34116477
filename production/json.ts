/** No answer of the interface is nested deeper than four; far more is an attack on whoever walks it. */
export const mostDepth = 20;

export type Read = { value: Record<string, unknown> } | { code: 'EMPTY_ANSWER' | 'NOT_UTF8' | 'TOO_DEEP' | 'NOT_JSON'; got: { zh: string; en: string } };

const nothing = { zh: '', en: '' };

/** An answer's body as a JSON object, or why it is none. */
export function readJson(body: Uint8Array): Read {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body).trim();
  } catch {
    return { code: 'NOT_UTF8', got: nothing };
  }
  if (text === '') return { code: 'EMPTY_ANSWER', got: nothing };
  if (text.startsWith('<')) return { code: 'NOT_JSON', got: { zh: ' HTML 或 XML 页面', en: 'a page of HTML or XML' } };
  if (depthOf(text) > mostDepth) return { code: 'TOO_DEEP', got: nothing };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value: value as Record<string, unknown> };
    return { code: 'NOT_JSON', got: { zh: '其他 JSON 值', en: 'another JSON value' } };
  } catch {
    return { code: 'NOT_JSON', got: { zh: '其他文本', en: 'other text' } };
  }
}

/** How deep brackets nest, those within strings left out. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (isString) {
      if (letter === '\\') at++;
      else if (letter === '"') isString = false;
    } else if (letter === '"') isString = true;
    else if (letter === '{' || letter === '[') deepest = Math.max(deepest, ++depth);
    else if (letter === '}' || letter === ']') depth--;
  }
  return deepest;
}
