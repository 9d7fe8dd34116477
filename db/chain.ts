import { hash } from 'node:crypto';
import { canonical } from '../lifecycles/canonical.ts';

export const sha256 = (text: string): string => hash('sha256', text);

/** The next link of a chain: what came before and the row's own content (ACT-2). */
export const link = (previous: string, content: Record<string, unknown>): string => sha256(`${previous}\n${canonical(content)}`);
