export type Call = {
  no: number;
  at: string;
  method: string;
  path: string;
  /** Null: what came could not be read, or was not signed. */
  generation: string | null;
  activity: string | null;
  fields: Record<string, unknown> | null;
  /** The switches that it met. */
  struck: string[];
  answer: string | null;
  ms: number | null;
};

/** What arrived, newest last; as many as one wants to look at. */
const most = 5_000;

export function createCalls() {
  const all: Call[] = [];
  let no = 0;

  function begin({ method, path }: Pick<Call, 'method' | 'path'>) {
    no += 1;
    const started = performance.now();
    const call: Call = { no, at: new Date().toISOString(), method, path, generation: null, activity: null, fields: null, struck: [], answer: null, ms: null };
    all.push(call);
    if (all.length > most) all.shift();
    return {
      is: ({ generation, activity, fields }: { generation: string; activity: string; fields: Record<string, unknown> }) => {
        Object.assign(call, { generation, activity, fields });
      },
      struck: (names: string[]) => {
        call.struck = names;
      },
      ended: (answer: string) => {
        call.answer = answer;
        call.ms = Math.round(performance.now() - started);
      },
    };
  }
  return { all, begin };
}
