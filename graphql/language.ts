import type { Bilingual } from '../lifecycles/roles.ts';
import type { Builder } from './builder.ts';
import type { Context, Language } from './context.ts';

export type Texts = ReturnType<typeof addLanguage>;

/** Labels and sentences in the language asked for, else in the request's (Accept-Language). */
export function addLanguage(builder: Builder) {
  const language = builder.enumType('Language', {
    description: 'The language of labels and sentences; without it, the one of Accept-Language.',
    values: { zh: { description: '简体中文' }, en: { description: 'English' } } as const,
  });
  const args = builder.args((t) => ({ language: t.field({ type: language, required: false }) }));
  return {
    language,
    /** The options of a text field. */
    text: <Parent>(pick: (parent: Parent) => Bilingual, description?: string) => ({
      args,
      ...(description ? { description } : {}),
      resolve: (parent: Parent, given: { language?: Language | null }, context: Context) => pick(parent)[given.language ?? context.language],
    }),
  };
}

/** The first language of an Accept-Language header that we speak; English when there is none. */
export function languageOf(header: string | undefined): Language {
  const wanted = (header ?? '').split(',').map((part) => part.trim().toLowerCase());
  const known = wanted.find((part) => part.startsWith('zh') || part.startsWith('en'));
  return known?.startsWith('zh') ? 'zh' : 'en';
}
