import { z } from 'zod';
import { CallRefused, codes } from './answer.ts';

/** Fields as the document writes them, shared by both generations. */
export const text = (most = 200) => z.string().min(1).max(most);
export const flag = z.enum(['0', '1']);
export const utcTime = z.string().regex(/^\d{14}(\d{3})?$/, 'expected UTC yyyyMMddHHmmss or yyyyMMddHHmmssSSS');
export const wholeNumber = z.string().regex(/^\d+$/, 'expected a whole number');
export const money = z.string().regex(/^-?\d+(\.\d{1,4})?$/, 'expected an amount');

/** The fields of a call as its activity wants them. @throws CallRefused 000002 that names every field which is wrong */
export function fieldsOf<Shape extends z.ZodType>(shape: Shape, given: unknown): z.output<Shape> {
  const { success, data, error } = shape.safeParse(given);
  if (success) return data;
  throw new CallRefused(codes.parameter, error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '));
}
