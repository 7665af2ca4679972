/** What is said of Redis clients: `resp`, `resp-host` and `resp-password`, made into one thing or none. */
import { show } from '../core/show.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { Problem, Setting } from './problem.js';
import type { RespSpec } from './spec.js';

/** They mean nothing where there is no `resp`. */
export const respDetails = ['resp-host', 'resp-password'] as const;
export const respWords = ['resp', ...respDetails] as const;
/** What `--resp` says that names no port. */
export const respBare = 'on';

const portDefault = 7379;
export const portMax = 65_535;
/** As of Redis' own `requirepass`. */
const passwordBytesMax = 512;

/** As it is said so far; `null` for a port: no Redis clients. */
interface Draft {
  readonly port: unknown;
  readonly host: unknown;
  readonly password: unknown;
}

const none: Draft = { port: null, host: '127.0.0.1', password: null };

/** Of several settings the last counts; a port alone leaves host and password as they were, and a map says all three anew. */
export function respBy(
  settings: readonly Setting[],
  nodeCount: number,
  report: (problem: Problem) => void,
): RespSpec | null {
  const said = settings.filter(({ name }) => respWords.includes(name as never));
  let draft = none;
  for (const setting of said) draft = withSetting(draft, setting, report);
  if (draft.port === null) return null;
  for (const [part, message] of problemsWith(draft, nodeCount)) {
    const isIt = ({ name, value }: Setting): boolean =>
      name === `resp-${part}` || (name === 'resp' && (part === 'port' || isMap(value)));
    const setting = said.findLast(isIt) ?? said.at(-1);
    const path = isMap(setting?.value) && Object.hasOwn(setting.value, part) ? [part] : [];
    report({ ...(setting?.placeOf(path) ?? { source: 'resp' }), message });
  }
  const { port, host, password } = draft;
  return {
    host: String(host),
    password: password === null ? null : String(password),
    port: Number(port),
  };
}

const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withSetting(draft: Draft, setting: Setting, report: (problem: Problem) => void): Draft {
  const { name, value } = setting;
  if (name === 'resp-host') return { ...draft, host: value };
  if (name === 'resp-password') return { ...draft, password: value };
  if (isMap(value)) {
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(none, key)) continue;
      const message = `resp has no ${show(key)}; it has ${Object.keys(none).join(', ')}`;
      report({ ...setting.placeOf([key]), message });
    }
    return { ...none, port: portDefault, ...value };
  }
  if (value === 'off' || value === false) return none;
  const isBare = value === respBare || value === true;
  return { ...draft, port: isBare ? (draft.port ?? portDefault) : value };
}

type Part = keyof Draft;

function* problemsWith({ port, host, password }: Draft, nodeCount: number) {
  const portProblem = problemWithPort(port, nodeCount);
  if (portProblem !== null) yield ['port', portProblem] as [Part, string];
  if (typeof host !== 'string' || !/^[\w.:%-]{1,255}$/.test(host)) {
    const message = `the host of resp must be an address or a name of this machine, not ${show(host)}`;
    yield ['host', message] as [Part, string];
  } else if (password === null && !isLoopback(host)) {
    const message = `other machines can reach ${host}: clients need a password there, given with --resp-password or KVX_RESP_PASSWORD`;
    yield ['host', message] as [Part, string];
  }
  const passwordProblem = problemWithPassword(password);
  if (passwordProblem !== null) yield ['password', passwordProblem] as [Part, string];
}

function problemWithPort(port: unknown, nodeCount: number): string | null {
  if (typeof port === 'object' || !/^\d{1,6}$/.test(String(port))) {
    return `resp must be a port such as ${portDefault}, or on or off, not ${show(port)}`;
  }
  const first = Number(port);
  const last = first + nodeCount - 1;
  if (first >= 1 && last <= portMax) return null;
  const ports = nodeCount === 1 ? `${first}` : `${first} to ${last}, one a node`;
  return `resp takes ports from 1 to ${portMax}, not ${ports}`;
}

function problemWithPassword(password: unknown): string | null {
  if (password === null) return null;
  if (password === true) {
    return 'this says that there is a password, not which: give it with --resp-password or KVX_RESP_PASSWORD';
  }
  const { length } = typeof password === 'string' ? encodeUtf8(password) : [];
  if (length >= 1 && length <= passwordBytesMax) return null;
  return `the password of resp must be text of 1 to ${passwordBytesMax} bytes; what looks like a number needs quotes`;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
