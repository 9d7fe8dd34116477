import { shanghai } from '../calendar/calendar.ts';
import { explore } from '../lifecycles/explore.ts';
import { findingsOf } from '../lifecycles/findings.ts';
import { createRegistry } from '../lifecycles/registry.ts';

/** Every declared lifecycle is sound: no dead end, nobody waits for nothing, every name leads somewhere. */
const registry = createRegistry();
const findings = registry.all.flatMap((lifecycle) => findingsOf({ lifecycle, registry, calendar: shanghai }));
for (const { lifecycle, what, way } of findings) console.error(`${lifecycle}: ${what}${way === null ? '' : `\n    shortest way there: ${way}`}`);
if (findings.length === 0)
  for (const lifecycle of registry.all) {
    const { places, moves } = explore({ lifecycle, calendar: shanghai });
    console.log(`${lifecycle.name} v${lifecycle.version}: sound (${places.length} places, ${moves.length} moves)`);
  }
process.exit(findings.length === 0 ? 0 : 1);
