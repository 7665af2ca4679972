import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { usageError } from '../../core/errors.js';
import { show } from '../../core/show.js';
import { didYouMean } from '../../core/suggest.js';
import { insideImage } from '../../node/shipped.js';
import { printJson, printLine } from '../../render/output.js';
import type { Perform } from '../command.js';

interface Schema {
  readonly $id: string;
  /** Begins with the command. */
  readonly title: string;
  readonly $defs?: Readonly<Record<string, unknown>>;
}

/** By the names of their files; `error` and `common` are of several commands. */
type Schemas = Readonly<Record<string, Schema>>;

function readSchemas(): Schemas {
  const dist = import.meta.url.endsWith('.ts') ? '../../../dist/' : './';
  const path = fileURLToPath(new URL(`${dist}schemas.json.br`, import.meta.url));
  return JSON.parse(brotliDecompressSync(insideImage(path) ?? readFileSync(path)).toString());
}

/** With all that it refers to among its definitions, each under its own `$id`. */
function whole(name: string, schemas: Schemas): Schema {
  const known = Object.entries(schemas);
  const taken = new Map<string, Schema>([[name, schemas[name] as Schema]]);
  for (const schema of taken.values()) {
    const text = JSON.stringify(schema);
    for (const [other, { $id }] of known) {
      if (text.includes(`"$ref":"${$id}`) && !taken.has(other)) {
        taken.set(other, schemas[other] as Schema);
      }
    }
  }
  const { $defs, ...schema } = taken.get(name) as Schema;
  taken.delete(name);
  return { ...schema, $defs: { ...$defs, ...Object.fromEntries(taken) } };
}

/** By what is typed. */
function namesOf({ common: _, error: __, ...schemas }: Schemas): Map<string, string> {
  const commandOf = ({ title }: Schema) => title.replace(/^kvx /, '').replace(/[,;].*/, '');
  const names = Object.entries(schemas).map(([name, schema]) => [commandOf(schema), name] as const);
  return new Map([...names, ['error', 'error']]);
}

const perform: Perform = async ({ words, flags }) => {
  const schemas = readSchemas();
  const names = namesOf(schemas);
  if (words.length === 0) {
    if (flags['json'] === true) printJson({ commands: [...names.keys()] });
    else printLine(...names.keys());
    return;
  }
  const command = words.join(' ');
  const name = names.get(command);
  if (name !== undefined) return printJson(whole(name, schemas));
  throw usageError(
    `there is no schema of ${show(command)}${didYouMean(command, names.keys())}`,
    '`kvx schema` lists those that there are.',
  );
};

export default { perform };
