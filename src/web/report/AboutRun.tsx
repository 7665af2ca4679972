/** Which run it was and how to see it again; what its script said; further tables and remarks. */
import { useState } from 'preact/hooks';
import type { About, Report, ReportTable } from '../../report/report.js';
import { Button } from '../parts/Button.js';

export function CopyButton({ text }: { readonly text: string }) {
  const [wasCopied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(text);
    setCopied(true);
  };
  return (
    <Button look="no-print" onClick={copy}>
      {wasCopied ? 'Copied' : 'Copy'}
    </Button>
  );
}

/** Where pages from files may not reach the clipboard, as of old. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
}

function Command({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div class="command">
      <h3>{title}</h3>
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

export function AboutRun({ about }: { readonly about: About }) {
  const { command, replay, seed, atMs, versions, cluster } = about;
  const facts: readonly (readonly [string, string])[] = [
    ...(seed === null ? [] : [['seed', String(seed)] as const]),
    ...cluster,
    ['when', new Date(atMs).toISOString().replace('T', ' ').slice(0, 19).concat(' UTC')],
    ['with', versions.join(' · ')],
  ];
  return (
    <section id="about" class="panel" aria-label="How it was made">
      <header>
        <h2>How it was made</h2>
      </header>
      <div class="padded">
        <Command title="Command" text={command} />
        {replay !== null && replay !== command && (
          <Command title="To see the same again" text={replay} />
        )}
        <dl class="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}

export function Script({ script }: { readonly script: NonNullable<Report['script']> }) {
  return (
    <section id="script" class="panel" aria-label="Script and output">
      <header>
        <h2>Script and output</h2>
      </header>
      <div class="script-columns">
        <div>
          <h3>Script</h3>
          <ol class="script">
            {script.text
              .trimEnd()
              .split('\n')
              .map((line, at) => (
                <li key={at} class={line.trim().startsWith('#') ? 'is-comment' : ''}>
                  {line === '' ? ' ' : line}
                </li>
              ))}
          </ol>
        </div>
        <div>
          <h3>Output</h3>
          <pre>{script.output}</pre>
        </div>
      </div>
    </section>
  );
}

const isNumber = (text: string): boolean =>
  /^([\d.,]+( ?(%|ms|s|µs|ns|\/s|kB|MB))?|[-–]?)$/.test(text);

/** Columns of nothing but numbers stand on the right. */
function numbersIn({ columns, rows }: ReportTable): readonly boolean[] {
  return columns.map((_, at) => rows.every((row) => isNumber(row[at] ?? '')));
}

export function Tables({ tables }: { readonly tables: readonly ReportTable[] }) {
  return (
    <section id="tables" class="panel" aria-label="Tables">
      {tables.map((table) => (
        <div key={table.title}>
          <header>
            <h2>{table.title}</h2>
          </header>
          <div class="scrolled padded">
            <OneTable table={table} />
          </div>
        </div>
      ))}
    </section>
  );
}

function OneTable({ table }: { readonly table: ReportTable }) {
  const numbers = numbersIn(table);
  const align = (at: number): string => (numbers[at] === true ? 'number' : '');
  return (
    <table>
      <thead>
        <tr>
          {table.columns.map((column, at) => (
            <th key={column} scope="col" class={align(at)}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row) => (
          <tr key={row.join('\t')}>
            {row.map((cell, at) => (
              <td key={table.columns[at]} class={align(at)}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
