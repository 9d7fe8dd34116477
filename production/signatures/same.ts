import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether two signatures are the same, in a time that does not tell how much of them is. */
export const isSame = (got: string, expected: string): boolean => timingSafeEqual(digest(got), digest(expected));
