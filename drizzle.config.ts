import { defineConfig } from 'drizzle-kit';

/** MIGRATIONS: where `npm run check:generated` looks whether another migration would be written. */
export default defineConfig({ dialect: 'postgresql', schema: './db/schema/*.ts', out: process.env.MIGRATIONS ?? './db/migrations' });
