import { z } from 'zod';
import { forms } from '../codes/fields.ts';
import { prose } from '../evidence.ts';
import { expectedField, type FieldProblem, oneOf, unwantedField } from '../problem.ts';
import type { Bilingual } from '../roles.ts';
import { minorUnits } from '../values.ts';

/** BIL-5: on what an invoice is issued. */
export const media = {
  paper: { zh: '纸质发票', en: 'Paper invoice' },
  electronic: { zh: '电子发票', en: 'Electronic invoice' },
  fullyDigital: { zh: '数电发票', en: 'Fully digital invoice' },
} as const satisfies Record<string, Bilingual>;
export type Medium = keyof typeof media;
export const medium = z.enum(['paper', 'electronic', 'fullyDigital']);

const short = (most: number) => prose.min(1).max(most);

/** Where a paper invoice is sent. */
export const postalAddress = z.object({
  recipient: short(100),
  phone: z
    .string()
    .regex(/^[+\d][\d -]{4,19}$/, forms.telephone.en)
    .meta({ examples: ['+86 755 0000 0000'] }),
  address: short(300),
});
export type PostalAddress = z.output<typeof postalAddress>;
export const mail = z.email().max(200);

/** Basis points: 1300 is 13 %. The rates of Chinese value-added tax, and what is exempt. */
export const taxRates = [0, 100, 150, 300, 500, 600, 900, 1_300] as const;

export const line = z.object({
  description: short(200),
  /** Minor units (分), without tax. */
  net: minorUnits.min(0),
  /** Basis points: 1300 is 13 %. */
  taxRate: z.number().int().min(0).max(10_000),
  tax: minorUnits.min(0),
  gross: minorUnits.min(0),
});
export type Line = z.output<typeof line>;

/** What identifies an invoice, what it says and, on paper, how it travels. */
export const invoiced = {
  /** Of paper and electronic invoices, 10 or 12 digits; a fully digital one has none. */
  invoiceCode: z
    .string()
    .regex(/^\d{10}(\d\d)?$/, forms.invoiceCode.en)
    .meta({ examples: ['044001900111'] })
    .optional(),
  /** 8 digits, or 20 of a fully digital one. */
  invoiceNumber: z
    .string()
    .regex(/^(\d{8}|\d{20})$/, forms.invoiceNumber.en)
    .meta({ examples: ['25442000000123456789', '12345678'] }),
  lines: z.array(line).min(1).max(20),
};
export const travel = { courier: short(100).optional(), trackingNumber: short(100).optional() };

type Invoiced = { invoiceCode?: string | undefined; invoiceNumber: string; lines: readonly Line[] };

/** BIL-5: a code and a number of the medium's form. */
export function numberProblems(kind: Medium, { invoiceCode, invoiceNumber }: Pick<Invoiced, 'invoiceCode' | 'invoiceNumber'>): FieldProblem[] {
  const isDigital = kind === 'fullyDigital';
  const digits = isDigital ? 20 : 8;
  const name = { zh: media[kind].zh, en: media[kind].en.toLowerCase() };
  return [
    ...(isDigital === (invoiceNumber.length === 20)
      ? []
      : [expectedField('invoiceNumber', { zh: `${name.zh}的 ${digits} 位号码`, en: `${digits} digits of a ${name.en}` }, invoiceNumber.length)]),
    ...(isDigital && invoiceCode !== undefined
      ? [unwantedField('invoiceCode', { zh: '数电发票只有号码', en: 'a fully digital invoice has a number only' }, invoiceCode)]
      : []),
    ...(!isDigital && invoiceCode === undefined ? [expectedField('invoiceCode', { zh: `${name.zh}的发票代码`, en: `the code of a ${name.en}` })] : []),
  ];
}

/** BIL-5, BIL-8: every line adds up by itself (a tax may be off by the one 分 of its rounding), and all of them to `total`. */
export function lineProblems(lines: readonly Line[], total: number): FieldProblem[] {
  const problems = lines.flatMap(({ net, taxRate, tax, gross }, index): FieldProblem[] => [
    ...((taxRates as readonly number[]).includes(taxRate)
      ? []
      : [expectedField(`lines.${index}.taxRate`, { zh: `${oneOf(taxRates).zh}（万分比）`, en: `${oneOf(taxRates).en} basis points` }, taxRate)]),
    ...(net + tax === gross ? [] : [expectedField(`lines.${index}.gross`, { zh: `不含税金额与税额之和 ${net + tax}`, en: `net + tax = ${net + tax}` }, gross)]),
    ...(Math.abs(tax * 10_000 - net * taxRate) <= 10_000
      ? []
      : [
          expectedField(
            `lines.${index}.tax`,
            {
              zh: `${net} 的万分之 ${taxRate}，即 ${Math.round((net * taxRate) / 10_000)}，误差不超过 1`,
              en: `${taxRate} basis points of ${net}, ${Math.round((net * taxRate) / 10_000)}, give or take 1`,
            },
            tax,
          ),
        ]),
  ]);
  const sum = lines.reduce((so, { gross }) => so + gross, 0);
  return sum === total
    ? problems
    : [...problems, expectedField('lines', { zh: `含税合计 ${total} 分的明细`, en: `lines of ${total} (minor units) in all, with tax` }, sum)];
}

/** BIL-5: paper travels by courier and is tracked; the others have nothing to track. */
export function travelProblems(kind: Medium, given: { courier?: string | undefined; trackingNumber?: string | undefined }): FieldProblem[] {
  const labels = { courier: { zh: '快递公司', en: 'courier' }, trackingNumber: { zh: '快递单号', en: 'tracking number' } };
  return (['courier', 'trackingNumber'] as const).flatMap((path): FieldProblem[] => {
    if (kind === 'paper' && given[path] === undefined)
      return [expectedField(path, { zh: `纸质发票的${labels[path].zh}`, en: `the ${labels[path].en} of a paper invoice` })];
    const got = given[path];
    return kind !== 'paper' && got !== undefined ? [unwantedField(path, { zh: '只有纸质发票需要邮寄', en: 'only paper travels by courier' }, got)] : [];
  });
}
