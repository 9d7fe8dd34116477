import { z } from 'zod';
import { forms } from '../codes/fields.ts';

/** The department that every enterprise has from the start; all others are below it. */
export const rootDepartment = 'root';

/** A department as rules see it: the codes above it from its parent to the root, how many levels it has with all below it, and what is directly in it. */
export type Department = { code: string; name: string; parent: string | null; ancestors: string[]; levels: number; children: number; members: number };
export type Member = { userName: string; name: string; department: string };
export type Group = { code: string; name: string };

/** Of what an input names in an organisation, that which there is; read under the enterprise's lock. */
export type Organisation = { departments: Department[]; members: Member[]; groups: Group[] };

/** A department's or group's code 组织编码: the merchant knows it by this, so it never changes. */
export const code = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[\w.-]+$/, forms.subjectCode.en);
export const label = z.string().trim().min(1).max(100);
/** The name by which a member signs in to apps. */
export const userName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[\w.@+-]+$/, forms.userName.en);
export const userNames = z.array(userName).min(1).max(500);

const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');

/** Every department, member and group that a command's input names, whether or not there is such a one. */
export function subjectsIn(input: Record<string, unknown>): { departments: string[]; members: string[]; groups: string[] } {
  const added = Array.isArray(input.members) ? (input.members as Record<string, unknown>[]) : [];
  return {
    departments: [...new Set([input.department, input.parent, input.departments, added.map((one) => one.department)].flatMap(texts))],
    members: [...new Set([input.userNames, added.map((one) => one.userName)].flatMap(texts))],
    groups: [...new Set([input.group, input.groups].flatMap(texts))],
  };
}

/** The names of a list that are not among those there are. */
export const missingFrom = (named: readonly string[], there: readonly string[]): string[] => {
  const known = new Set(there);
  return named.filter((one) => !known.has(one));
};
