import { z } from 'zod';
import type { Details } from '../codes.ts';
import { commandOf, type Given, type Posted } from '../declaration.ts';
import { administering, isAdmin } from '../organisation/admins.ts';
import { type Row, row } from '../organisation/rows.ts';
import { code, type Department, label, rootDepartment } from '../organisation/subjects.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();
const deepest = 20;

const what = { zh: '部门', en: 'department' };
const found = ({ facts }: Pick<Given, 'facts'>, named: string) => facts.organisation?.departments.find((one) => one.code === named);
const missing = (named: string) => ({ code: 'NOT_IN_ORGANISATION' as const, details: { what, missing: named } });
const levelOf = ({ ancestors }: Department) => ancestors.length + 1;

function tooDeep(got: number): { code: 'DEPARTMENT_TOO_DEEP'; details: Details } | null {
  return got > deepest ? { code: 'DEPARTMENT_TOO_DEEP', details: { expected: deepest, got } } : null;
}

const shared = { by: administering, reason: 'optional', facts: ['organisation'], requires: [isAdmin], rules: ['ORG-1', 'ORG-6'] } as const;

export const commands = {
  createDepartment: command({
    ...shared,
    label: { zh: '新建部门', en: 'Create a department' },
    description: { zh: '在上级部门下新建部门，同步到已绑定的应用。', en: 'Create a department below another; bound apps are told.' },
    input: z.object({ department: code, name: label, parent: code }),
    refuse: (given) => {
      const { department, parent } = given.input;
      if (!given.facts.organisation) return null;
      if (found(given, department)) return { code: 'IN_ORGANISATION_ALREADY', details: { what, existing: department } };
      const above = found(given, parent);
      return above ? tooDeep(levelOf(above) + 1) : missing(parent);
    },
  }),
  renameDepartment: command({
    ...shared,
    label: { zh: '修改部门名称', en: 'Rename a department' },
    description: { zh: '修改部门名称，编码不变，同步到已绑定的应用。', en: 'Change the name of a department, not its code; bound apps are told.' },
    input: z.object({ department: code, name: label }),
    refuse: (given) => (!given.facts.organisation || found(given, given.input.department) ? null : missing(given.input.department)),
  }),
  moveDepartment: command({
    ...shared,
    label: { zh: '移动部门', en: 'Move a department' },
    description: {
      zh: '把部门连同下级移到另一部门下；授权随之变化，差异同步到应用。',
      en: 'Put a department with all below it under another; who is authorised changes with it, and apps are told the difference.',
    },
    input: z.object({ department: code, parent: code }),
    refuse: (given) => {
      const { department, parent } = given.input;
      if (!given.facts.organisation) return null;
      if (department === rootDepartment) return { code: 'ROOT_DEPARTMENT' };
      const [moved, above] = [found(given, department), found(given, parent)];
      if (!moved) return missing(department);
      if (!above) return missing(parent);
      if (parent === department || above.ancestors.includes(department)) return { code: 'DEPARTMENT_CYCLE', details: { department, parent } };
      return tooDeep(levelOf(above) + moved.levels);
    },
  }),
  deleteDepartment: command({
    ...shared,
    label: { zh: '删除部门', en: 'Delete a department' },
    description: { zh: '删除没有下级和成员的部门，同步到已绑定的应用。', en: 'Delete a department that is empty; bound apps are told.' },
    input: z.object({ department: code }),
    destructive: true,
    refuse: (given) => {
      const { department } = given.input;
      if (!given.facts.organisation) return null;
      if (department === rootDepartment) return { code: 'ROOT_DEPARTMENT' };
      const known = found(given, department);
      if (!known) return missing(department);
      const { children, members } = known;
      return children + members > 0 ? { code: 'DEPARTMENT_NOT_EMPTY', details: { department, children, members } } : null;
    },
  }),
};

type Of<Name extends keyof typeof commands> = Posted<Context, z.output<(typeof commands)[Name]['input']>>;
const changed = (department: Pick<Department, 'code' | 'name' | 'parent'>, flag: 0 | 1 | 2): Row[] => {
  const { code: of, name, parent } = department;
  const told = row('departmentChanged', { code: of, name, parent, flag });
  return flag === 0 ? [row('departmentEnded', { code: of }), told] : [row('departmentKept', { code: of, name, parent }), told];
};
const known = (given: Pick<Given, 'facts'>, named: string): Department => {
  const department = found(given, named);
  if (!department) throw new Error(`expected department ${named} among the command's facts`);
  return department;
};

export const rows = {
  createDepartment: ({ input: { department, name, parent } }: Of<'createDepartment'>) => changed({ code: department, name, parent }, 1),
  renameDepartment: (given: Of<'renameDepartment'>) => changed({ ...known(given, given.input.department), name: given.input.name }, 2),
  moveDepartment: (given: Of<'moveDepartment'>) => changed({ ...known(given, given.input.department), parent: given.input.parent }, 2),
  deleteDepartment: (given: Of<'deleteDepartment'>) => [
    ...changed(known(given, given.input.department), 0),
    row('subjectEnded', { kind: 'department', subject: given.input.department }),
  ],
};
