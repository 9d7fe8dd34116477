import { parse, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Tokens in one document. */
export const maxTokens = 4_000;

type ParseOptions = Parameters<typeof parse>[1];

/** Long documents are not parsed to their end; in production, errors do not suggest names. Yoga's own options do neither. */
export function useLimits({ hideSuggestions }: { hideSuggestions: boolean }): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string, options: ParseOptions) => parse(source, { ...options, maxTokens }));
    },
    onValidate({ setValidationFn }) {
      setValidationFn(((schema, document, rules, options) => validate(schema, document, rules, { ...options, hideSuggestions })) as typeof validate);
    },
  };
}
