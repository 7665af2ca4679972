/**
 * What ShiViz demands of a file before it draws it: the rules of its parser (js/model/parser.js, js/model/vectorTimestamp.js,
 * js/model/modelGraph.js and the file chooser of js/shiviz.js in github.com/DistributedClocks/shiviz). Throws for what it
 * would refuse.
 */
interface Parsed {
  readonly host: string;
  readonly clock: Readonly<Record<string, number>>;
  readonly event: string;
}

export function parsedByShiviz(file: string): Parsed[] {
  // The first line is the expression, the second what parts executions; both are put between ^ and $, flags g and m.
  const [expression = '', delimiter, ...lines] = file.split('\n');
  if (delimiter === undefined) throw new Error('there is no second line');
  if (delimiter.trim() !== '') throw new Error('several executions are not looked at here');
  for (const group of ['clock', 'host', 'event']) {
    if (!expression.includes(`(?<${group}>`)) throw new Error(`the expression has no ${group}`);
  }
  const log = lines.join('\n').trim();
  const events: Parsed[] = [];
  let end = 0;
  for (const match of log.matchAll(new RegExp(`^${expression}$`, 'gm'))) {
    // ShiViz goes over it in silence; nothing may get lost.
    if (log.slice(end, match.index).trim() !== '') throw new Error('a line is no event');
    end = match.index + match[0].length;
    const { clock = '', host = '', event = '' } = match.groups ?? {};
    events.push({ host, event, clock: clockOf(clock, host) });
  }
  if (log.slice(end).trim() !== '') throw new Error('a line is no event');
  if (events.length === 0) throw new Error('the expression captures no events');
  checkClocks(events);
  return events;
}

function clockOf(text: string, host: string): Record<string, number> {
  const clock = JSON.parse(text) as Record<string, number>;
  if (!Object.hasOwn(clock, host)) throw new Error(`local host ${host} is missing from ${text}`);
  return Object.fromEntries(Object.entries(clock).filter(([, time]) => time !== 0));
}

function checkClocks(events: readonly Parsed[]): void {
  const hosts = new Map<string, Parsed[]>();
  for (const event of events) {
    const own = hosts.get(event.host) ?? [];
    own.push(event);
    hosts.set(event.host, own);
  }
  for (const [host, own] of hosts) {
    own.sort((a, b) => (a.clock[host] as number) - (b.clock[host] as number));
    for (const [at, { clock }] of own.entries()) {
      if (clock[host] === at + 1) continue;
      throw new Error(`${host} counts ${clock[host]} in the place of ${at + 1}`);
    }
  }
  for (const { host, clock } of events) {
    const before = hosts.get(host)?.[(clock[host] as number) - 2];
    for (const [other, time] of Object.entries(clock)) {
      const known = hosts.get(other);
      if (known === undefined) throw new Error(`a clock names ${other}, which is no host`);
      const cause = other === host ? before : known[time - 1];
      if (other !== host && cause === undefined) throw new Error(`${other} has no event ${time}`);
      // Whoever knows of an event knows what it knows: else there is a cycle, or a clock that can't be.
      for (const [third, atLeast] of Object.entries(cause?.clock ?? {})) {
        if ((clock[third] ?? 0) >= atLeast) continue;
        throw new Error(
          `${host} ${clock[host]} knows of ${other} ${time}, but not what that knows`,
        );
      }
    }
  }
}
